"""USING STRATEGY on a DuckDB connection: ``load``, ``sql`` and ``connect``."""

from __future__ import annotations

import atexit
import contextlib
import signal
import threading
import uuid
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import duckdb
from duckdb.sqltypes import BIGINT, BOOLEAN, VARCHAR

from sqlsel import selection
from sqlsel.clause import ClauseError, Rewritten, find_clauses, rewrite
from sqlsel.clause.carets import pointed, translated
from sqlsel.errors import Interrupted, InvalidInput, SqlselError
from sqlsel.result import Result
from sqlsel.scan.memory import parse_size

_PICKS = "STRUCT(i BIGINT, rank BIGINT, gain DOUBLE, vals DOUBLE[])[]"
_LOADED: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()

Parameters = Sequence[Any] | Mapping[str, Any] | None


def load(con: duckdb.DuckDBPyConnection | Connection) -> None:
    """Register the functions that a rewritten statement calls; doing it twice does nothing."""
    con = _plain(con)
    if con in _LOADED:
        return
    if not _is_loaded(con):
        try:
            _register(con)
        except duckdb.NotImplementedException:  # a transaction with an earlier load was rolled back
            _register(con.cursor())
            if not _is_loaded(con):
                message = (
                    "sqlsel was first used in a transaction that was rolled back, and this is "
                    "another transaction; call sqlsel.load(con) before BEGIN"
                )
                raise SqlselError(message) from None
    _LOADED.add(con)


def _plain(con: duckdb.DuckDBPyConnection | Connection) -> duckdb.DuckDBPyConnection:
    """DuckDB's own connection."""
    return con.plain if isinstance(con, Connection) else con


def _is_loaded(con: duckdb.DuckDBPyConnection) -> bool:
    text = "SELECT count(*) FROM duckdb_functions() WHERE function_name = 'sqlsel_finish'"
    return bool(con.execute(text).fetchall()[0][0])


def _register(con: duckdb.DuckDBPyConnection) -> None:
    any_type: Any = None
    make: Any = con.create_function
    special = {"type": "arrow", "side_effects": True, "null_handling": "special"}
    make("sqlsel_begin", selection.begin, [VARCHAR], BIGINT, **special)
    make("sqlsel_feed", selection.feed, any_type, BIGINT, **special)
    types = [BIGINT, BIGINT, VARCHAR, BOOLEAN, VARCHAR, BIGINT]
    make("sqlsel_finish", selection.finish, types, duckdb.sqltype(_PICKS), **special)


@atexit.register
def _close_loaded() -> None:
    """A connection with Python functions that stays open prints lines on stderr at exit."""
    for con in list(_LOADED):
        with contextlib.suppress(duckdb.Error):
            con.close()


def sql(
    con: duckdb.DuckDBPyConnection | Connection,
    text: str,
    params: Parameters = None,
    *,
    memory_limit: str | int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Run ``text``, which may hold USING STRATEGY; give the rows of its last statement.

    ``memory_limit``: what the fed columns may take (default 70 % of the free memory).
    ``progress(done, budget)`` is called after each pick. Raises ClauseError for a mistake in the
    clause, InvalidInput for unfit data, and DuckDB's own errors, their carets in ``text``.
    """
    con = _plain(con)
    name = uuid.uuid4().hex
    rewritten = rewrite(text, name)
    watch = selection.Watch(_bytes(memory_limit), progress)
    if rewritten.clauses:
        check_outside(con, text)
        load(con)
        selection.REGISTRY.watch(name, watch)
    try:
        with _caller_frames(con), _interruptible(con, watch):
            table = _execute(con, rewritten, params)
    except (duckdb.Error, RuntimeError) as error:
        if _lost(con, error):
            return sql(con, text, params, memory_limit=memory_limit, progress=progress)
        raise _told(con, rewritten, watch, error) from None
    finally:
        selection.REGISTRY.forget(name)
    return Result(table, watch.facts, text)


def _lost(con: duckdb.DuckDBPyConnection, error: Exception) -> bool:
    """Whether the functions went away with a transaction, and can be had again."""
    missing = isinstance(error, duckdb.CatalogException) and "name sqlsel_" in str(error)
    if not missing or con not in _LOADED:
        return False
    _LOADED.discard(con)
    return True


def _told(
    con: duckdb.DuckDBPyConnection, rewritten: Rewritten, watch: selection.Watch, error: Exception
) -> BaseException:
    """The error as the user should see it."""
    if watch.error is not None:
        return watch.error
    if watch.stop.is_set() or "query interrupted" in str(error).lower():
        return Interrupted("interrupted")
    return translated(con, rewritten, error) if isinstance(error, duckdb.Error) else error


def _execute(con: duckdb.DuckDBPyConnection, rewritten: Rewritten, params: Parameters) -> Any:
    """Run all statements, and fetch the rows of the last one."""
    import pyarrow as pa

    statements = con.extract_statements(rewritten.sql)
    if not statements:
        return pa.table({})
    for statement in statements[:-1]:
        con.execute(statement, _wanted(statement, params)).fetchall()
    last = statements[-1]
    if last.type == duckdb.StatementType.SELECT:
        relation = con.sql(last, params=_wanted(last, params))
        return pa.table({}) if relation is None else relation.to_arrow_table()
    cursor = con.execute(last, _wanted(last, params))
    if cursor.description is None:
        return pa.table({})
    rows, names = cursor.fetchall(), [d[0] for d in cursor.description or ()]
    return pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)})


def _wanted(statement: Any, params: Parameters) -> Any:
    """The parameters that this statement names."""
    if params is None:
        return None
    if isinstance(params, Mapping):
        return {k: v for k, v in params.items() if k in statement.named_parameters}
    return list(params) if statement.named_parameters else None


def check_outside(con: duckdb.DuckDBPyConnection, text: str) -> None:
    """Let DuckDB find syntax errors outside the clauses; its carets are put on the user's text."""
    blanked = text
    for clause in reversed(find_clauses(text)):
        start, end = clause.start, clause.parsed.end
        hidden = "".join(c if c in "\r\n" else " " for c in blanked[start:end])
        blanked = blanked[:start] + hidden + blanked[end:]
    try:
        con.extract_statements(blanked)
    except duckdb.ParserException as error:
        raise pointed(con, blanked, text, error) from None


def _bytes(limit: str | int | None) -> int | None:
    if limit is None or isinstance(limit, int):
        return limit
    try:
        return parse_size(limit)
    except ValueError as error:
        raise InvalidInput(str(error)) from None


@contextlib.contextmanager
def _caller_frames(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let DuckDB find Python variables of the caller, who is further up than the next frame."""
    before = con.execute("SELECT current_setting('python_scan_all_frames')").fetchall()[0][0]
    try:
        con.execute("SET python_scan_all_frames = true")
    except duckdb.Error:  # the configuration is locked
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(duckdb.Error):
            con.execute(f"SET python_scan_all_frames = {'true' if before else 'false'}")


@contextlib.contextmanager
def _interruptible(con: duckdb.DuckDBPyConnection, watch: selection.Watch) -> Iterator[None]:
    """Let Ctrl-C stop a selection, which DuckDB's own interrupt does not reach."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: Any) -> None:
        watch.stop.set()
        con.interrupt()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if watch.stop.is_set():
        raise Interrupted("interrupted")


class Connection:
    """A DuckDB connection whose ``sql`` and ``execute`` take USING STRATEGY; all else is DuckDB's."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.plain = con
        load(con)

    def sql(self, text: str, params: Parameters = None, **options: Any) -> Result:
        """As ``sqlsel.sql`` on this connection."""
        return sql(self.plain, text, params, **options)

    execute = sql

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *error: object) -> None:
        self.plain.close()


def connect(
    database: str = ":memory:", *, read_only: bool = False, config: Mapping[str, Any] | None = None
) -> Connection:
    """Open a database whose ``sql`` and ``execute`` take USING STRATEGY; use it with ``with``."""
    return Connection(duckdb.connect(database, read_only=read_only, config=dict(config or {})))


__all__ = ["ClauseError", "Connection", "connect", "load", "sql"]
