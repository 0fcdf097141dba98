"""``load(con)``: registers sqlsel's functions and macros on a connection and its database.

Python functions are visible to all connections of the database. Macros are made in an attached
database in memory named ``sqlsel``, so that nothing is written to the user's; those of ``sql/scores``,
``sql/macros`` and ``sql/session`` also as TEMP macros, so each loaded connection calls them without ``sqlsel.``.
"""

from __future__ import annotations

import itertools
import re
import threading
import warnings
import weakref
from typing import Any

import duckdb
from duckdb.sqltypes import BIGINT, BOOLEAN, VARCHAR

from sqlsel import feed
from sqlsel.duckdb.execution import in_transaction
from sqlsel.duckdb.macro_databases import attach, make_temporary, unqualified_names
from sqlsel.duckdb.macros import Catalog
from sqlsel.errors import SqlselError

_PICKS = "STRUCT(i BIGINT, rank BIGINT, gain DOUBLE, vals DOUBLE[], place BIGINT)[]"
_READY: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()  # have the functions
_LOADED: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()  # have the macros too
_CATALOGS: dict[int, Catalog] = {}  # one per loaded database; they keep its functions alive
_NUMBERS = itertools.count(1)
_LOCK = threading.Lock()


def load(con: Any) -> None:
    """Register functions and macros; doing it twice does nothing.

    Every connection of the database may then use ``FROM sqlsel.sql($$ … $$)``,
    ``FROM sqlsel.select_samples(…)``, ``FROM sqlsel.config(…)`` and the score functions with
    ``sqlsel.`` in front; this one may leave that out for scores and ``sqlsel_runs()``.
    """
    _load(plain(con), warn=True)


def _load(con: duckdb.DuckDBPyConnection, *, warn: bool) -> None:
    """``warn``: whether to warn where the database ``sqlsel`` of macros cannot be made."""
    ready(con)
    with _LOCK:
        missing = _namespace_missing(con)
        if missing and warn:
            warnings.warn(missing, stacklevel=4)
        make_temporary(con)
        if not missing:
            _LOADED.add(con)


def ready(con: duckdb.DuckDBPyConnection) -> None:
    """Register the functions that a rewritten statement calls; twice does nothing.

    SqlselError where an unread result of the connection keeps DuckDB from it.
    """
    with _LOCK:
        if con in _READY:
            return
        number = _number(con)
        if number is None:
            try:
                number = _register_in_any_transaction(con)
            except duckdb.ResourceInUseException:
                message = (
                    "an earlier result of this connection was not read to its end, so sqlsel cannot "
                    "be loaded: fetchall() it first"
                )
                raise SqlselError(message) from None
        _CATALOGS[number].see(con)
        _READY.add(con)


def load_if_macros_are_called(con: duckdb.DuckDBPyConnection, text: str) -> None:
    """Load ``con`` where ``text`` calls a macro; most statements do not."""
    if con not in _LOADED and any(
        name in text.lower() for name in ("sqlsel", *unqualified_names())
    ):
        words = set(re.findall(r"\w+", text.lower()))
        if words & {"sqlsel", *unqualified_names()} and "macro" not in words:
            _load(con, warn=False)


def plain(con: Any) -> duckdb.DuckDBPyConnection:
    """The DuckDB connection inside of sqlsel's, or of another library's wrapper; TypeError without one."""
    if isinstance(con, duckdb.DuckDBPyConnection):
        return con
    for candidate in (
        getattr(con, "plain", None),
        getattr(getattr(con, "execute", 0), "__self__", 0),
    ):
        if isinstance(candidate, duckdb.DuckDBPyConnection):
            return candidate
    raise TypeError(
        f"sqlsel needs a connection of DuckDB, got {type(con).__name__}; ibis: backend.con, "
        "SQLAlchemy: the connection that its event 'connect' gives"
    )


def registration_was_rolled_back(con: duckdb.DuckDBPyConnection, error: Exception) -> bool:
    """Whether ``error`` names a function or macro of ours: a ROLLBACK removed it. The next call makes them anew."""
    names = ["sqlsel_begin", "sqlsel_feed", "sqlsel_finish", *unqualified_names()]
    missing = isinstance(error, duckdb.CatalogException) and any(
        f"name {name} does not exist" in str(error) for name in names
    )
    if not missing or con not in _READY:
        return False
    _READY.discard(con)
    _LOADED.discard(con)
    return True


def _number(con: duckdb.DuckDBPyConnection) -> int | None:
    """The number of the database's catalog; None where it has none."""
    # On a cursor, since an unknown function would abort the user's transaction.
    try:
        return int(con.cursor().execute("SELECT sqlsel_catalog()").fetchall()[0][0])
    except duckdb.CatalogException:
        return None


def _namespace_missing(con: duckdb.DuckDBPyConnection) -> str:
    """Make the database ``sqlsel`` of macros if it is missing; why that failed, or an empty text."""
    if _number(con) is None:
        if in_transaction(con):
            return (
                "sqlsel was loaded in a transaction, so FROM sqlsel.sql(…) is not available in it; "
                "call sqlsel.load(con) before BEGIN"
            )
        _CATALOGS[_register_in_any_transaction(con)].see(con)  # they went with a transaction
    # On a cursor, a transaction of its own: the user's may have written elsewhere.
    if not attach(con.cursor()):
        return (
            "a database with the name sqlsel is attached, so FROM sqlsel.sql(…) is not available; "
            "attach it under another name"
        )
    return ""


def _register_in_any_transaction(con: duckdb.DuckDBPyConnection) -> int:
    try:
        return _register(con)
    except duckdb.NotImplementedException:  # a transaction with an earlier load was rolled back
        number = _register(con.cursor())
    text = "SELECT count(*) FROM duckdb_functions() WHERE function_name = 'sqlsel_finish'"
    if not con.execute(text).fetchall()[0][0]:
        message = (
            "sqlsel was first used in a transaction that was rolled back, and this is "
            "another transaction; call sqlsel.load(con) before BEGIN"
        )
        raise SqlselError(message)
    return number


def _register(con: duckdb.DuckDBPyConnection) -> int:
    """Register the Python functions; the number of the new catalogue."""
    any_type: Any = None
    catalog = Catalog(next(_NUMBERS))
    _CATALOGS[catalog.number] = catalog
    special = {"type": "arrow", "side_effects": True, "null_handling": "special"}
    finish = [BIGINT, BIGINT, VARCHAR, BOOLEAN, VARCHAR, BIGINT]
    log = duckdb.sqltype(feed.LOG_TYPE)

    def make(function: Any, arguments: Any, result: Any, **how: Any) -> None:
        catalog.functions.append(function)  # DuckDB does not keep it alive
        con.create_function(f"sqlsel_{function.__name__}", function, arguments, result, **how)

    make(catalog.begin, [VARCHAR], BIGINT, **special)
    make(feed.feed, any_type, BIGINT, **special)
    make(feed.finish, finish, duckdb.sqltype(_PICKS), **special)
    make(catalog.catalog, [], BIGINT)
    make(catalog.rewrite, [VARCHAR], VARCHAR)
    make(catalog.statement, [VARCHAR] * 3, VARCHAR)
    make(catalog.compiled, [VARCHAR] * 3, VARCHAR)
    make(catalog.run_log, [BIGINT], log, side_effects=True)
    return catalog.number
