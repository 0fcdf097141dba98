"""The macros: those of the attached database ``sqlsel``, and the TEMP macros that need no ``sqlsel.`` in front."""

from __future__ import annotations

from typing import Any

import duckdb

from sqlsel.duckdb.execution import in_transaction
from sqlsel.feed.statements import signatures
from sqlsel.sqltext.quoting import literal
from sqlsel.sqltext.sql_files import macros, query


def attach(cursor: duckdb.DuckDBPyConnection) -> bool:
    """Attach the database ``sqlsel`` with its macros where it is missing; False where another has its name."""
    if _is_attached(cursor):
        text = "SELECT count(*) FROM duckdb_functions() WHERE (database_name, function_name) = ('sqlsel', 'sql')"
        if cursor.execute(text).fetchall()[0][0]:
            return True
    try:
        cursor.execute("ATTACH ':memory:' AS sqlsel (READ_WRITE)")
    except duckdb.Error:
        return False
    texts = [text for _, text in [*macros("namespace"), *_strategy_macros()]]
    texts += [_qualified(name, text) for name, text in unqualified_macros()]
    try:
        _execute_all(cursor, texts)
    except BaseException:  # a Ctrl-C too: the next call makes them anew
        cursor.execute("DETACH sqlsel")
        raise
    return True


def make_temporary(con: duckdb.DuckDBPyConnection) -> None:
    """Make the TEMP macros that ``con`` lacks; a macro of the user's with such a name stays the one that is called."""
    existing = _existing_macros(con)
    texts = [
        text
        for name, text in unqualified_macros()
        if name not in existing and ("temp", name) not in existing
    ]
    if in_transaction(con):
        for text in texts:
            con.execute(text)
    elif texts:
        _execute_all(con, texts)


def _execute_all(con: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    """Execute all in one transaction, which takes half the time of one for each."""
    con.execute("BEGIN")
    try:
        for text in texts:
            con.execute(text)
    except BaseException:
        con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")


def _is_attached(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether a database has the name ``sqlsel``: asked first, since a list of all functions takes 20 ms."""
    text = "SELECT count(*) FROM duckdb_databases() WHERE database_name = 'sqlsel'"
    return bool(con.execute(text).fetchall()[0][0])


def _strategy_macros() -> list[tuple[str, str]]:
    """(name, CREATE MACRO text) for each strategy without a file in sql/namespace: those from outside."""
    with_file = {name for name, _ in macros("namespace")}
    generated = []
    for name, signature in signatures().items():
        if name.lower() in with_file:
            continue
        options = {option: option for option in signature.options}
        inputs = {"input": "input"} if signature.input else {}
        fields = {"strategy": literal(name), **inputs, **options}
        parameters = ["input VARCHAR"] * signature.input + [f"{o} := NULL" for o in options]
        text = query("clause/strategy_macro").format(
            name=name.lower(),
            parameters=", ".join(parameters),
            fields=", ".join(f"{literal(key)}: {value}" for key, value in fields.items()),
            comment=literal(f"Strategy {name} for sqlsel.select_samples: {signature.purpose}"),
        )
        generated.append((name.lower(), text))
    return generated


def _existing_macros(con: duckdb.DuckDBPyConnection) -> set[Any]:
    """Of the macros of our names: (database, name) of each, and the bare names of the user's own."""
    text = (
        "SELECT database_name, function_name FROM duckdb_functions() "
        "WHERE function_name IN (SELECT unnest($1)) "
        "AND (database_name IN ('sqlsel', 'temp') OR schema_name IN ('main', current_schema()))"
    )
    rows = con.execute(text, [unqualified_names()]).fetchall()
    return {*rows, *(name for database, name in rows if database not in ("sqlsel", "temp"))}


def _qualified(name: str, text: str) -> str:
    """The same macro with ``sqlsel.`` in front."""
    text = text.replace(f"TEMP MACRO {name}", f"MACRO sqlsel.{name}")
    for kind in ("MACRO", "MACRO TABLE"):
        text = text.replace(f"COMMENT ON {kind} {name}", f"COMMENT ON {kind} sqlsel.{name}")
    return text


def unqualified_macros() -> list[tuple[str, str]]:
    """(name, text) of all macros that are called by their bare names."""
    return [*macros("scores"), *macros("macros"), *macros("session")]


def unqualified_names() -> list[str]:
    """The names of the macros that can be called without ``sqlsel.``."""
    return [name for name, _ in unqualified_macros()]
