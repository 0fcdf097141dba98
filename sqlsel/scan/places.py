"""How the rows of a relation can be looked up again: by rowid, or by their number in a file."""

from __future__ import annotations

import duckdb

from sqlsel.clause.scanner import scan


def places_of(con: duckdb.DuckDBPyConnection, relation: str) -> tuple[str, ...]:
    """The columns that tell a row's place in ``relation``, a name or a Parquet file as written.

    None for views, variables of Python, other files, and tables with a column of such a name.
    """
    tokens = scan(relation)
    file = next((t.text[1:-1] for t in tokens if t.kind == "string"), None)
    if file is not None:
        is_parquet = len(tokens) > 1 or file.lower().endswith(".parquet")
        columns = _columns(con, f"FROM {relation} LIMIT 0") if is_parquet else None
        wanted: tuple[str, ...] = ("file_index", "file_row_number")
    else:
        names = [t.text[1:-1].replace('""', '"') if t.kind == "quoted" else t.text for t in tokens]
        known = _is_table(con, [name for name in names if name != "."])
        columns = _columns(con, f"FROM {relation} LIMIT 0") if known else None
        wanted = ("rowid",)
    taken = columns is None or bool({c.lower() for c in columns} & set(wanted))
    return () if taken else wanted


def _columns(con: duckdb.DuckDBPyConnection, text: str) -> list[str] | None:
    try:
        return [str(d[0]) for d in con.execute(text).description or ()]
    except duckdb.Error:
        return None


def _is_table(con: duckdb.DuckDBPyConnection, names: list[str]) -> bool:
    """Whether only tables of DuckDB's own have this name."""
    text = (
        "SELECT coalesce(bool_and(type = 'duckdb' AND is_table), false) FROM ("
        "SELECT database_name, true AS is_table FROM duckdb_tables() "
        "WHERE lower(table_name) = lower($1) "
        "UNION ALL SELECT database_name, false FROM duckdb_views() "
        "WHERE lower(view_name) = lower($1)) JOIN duckdb_databases() USING (database_name)"
    )
    return bool(con.execute(text, [names[-1]]).fetchall()[0][0])
