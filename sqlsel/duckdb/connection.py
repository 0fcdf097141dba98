"""USING STRATEGY on a DuckDB connection: ``load``, ``sql`` and ``connect``."""

from __future__ import annotations

import atexit
import contextlib
import functools
import re
import uuid
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import duckdb

from sqlsel import feed
from sqlsel.clause import ClauseError, Rewritten
from sqlsel.clause.carets import at_value, with_user_carets
from sqlsel.columns.memory import parse_size
from sqlsel.duckdb.execution import Parameters, check_outside, execute, interruptible
from sqlsel.duckdb.explain_keyword import explained, with_plans
from sqlsel.duckdb.macro_errors import of_macro
from sqlsel.duckdb.registration import (
    load,
    load_if_macros_are_called,
    plain,
    ready,
    registration_was_rolled_back,
)
from sqlsel.duckdb.result import Result
from sqlsel.duckdb.row_places import places_of
from sqlsel.engine.strategies import STRATEGIES
from sqlsel.errors import Interrupted, InvalidInput, ShortSelection, warn
from sqlsel.feed.shelves import graphs_of
from sqlsel.feed.statements import rewrite
from sqlsel.sqltext.sql_files import query


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
    watch = feed.Watch(_bytes(memory_limit), progress)
    return _sql(plain(con), text, params, watch)


def _sql(
    con: duckdb.DuckDBPyConnection,
    text: str,
    params: Parameters,
    watch: feed.Watch,
    *,
    again: bool = True,
) -> Result:
    """``again``: retry once if a rollback removed the functions that sqlsel had registered."""
    name = uuid.uuid4().hex
    rewritten = Rewritten(text, text, 0)
    feed.REGISTRY.watch(name, watch)
    try:
        with interruptible(con, watch):
            rewritten = rewrite(text, name, functools.partial(places_of, con))
            load_if_macros_are_called(con, text)
            if rewritten.n_clauses:
                _make_ready(con, rewritten, watch)
            plans = explained(con, rewritten, params)
            table, types = execute(con, rewritten.sql, params)
    except ClauseError:
        raise
    except (duckdb.Error, RuntimeError) as error:
        if again and registration_was_rolled_back(con, error):
            return _sql(con, text, params, watch, again=False)
        raise _for_user(con, rewritten, watch, error) from None
    finally:
        feed.REGISTRY.forget(name)
    for facts in watch.facts:
        _warn(facts)
    if plans is not None:
        table = with_plans(table, plans, watch.facts)
    return Result(table, watch.facts, text, types)


def _warn(facts: feed.Facts) -> None:
    """Warn of a short selection, and of input that is probably not as intended; arrays warn alike."""
    for warning in facts.input_warnings:
        warn(warning)
    if facts.short:
        text = f"{facts.n_selected} samples selected of {facts.n_asked} asked: {facts.why_fewer}"
        warn(text, ShortSelection)


def _make_ready(con: duckdb.DuckDBPyConnection, rewritten: Rewritten, watch: feed.Watch) -> None:
    """Check the SQL around the clauses, register the functions they call, and open stored graphs."""
    check_outside(con, rewritten)
    ready(con)
    calls = [call for clause in rewritten.clauses for call in clause.parsed.calls]
    if any(STRATEGIES[call.name].keeps_graphs for call in calls):
        watch.graphs = graphs_of(con)


def _for_user(
    con: duckdb.DuckDBPyConnection, rewritten: Rewritten, watch: feed.Watch, error: Exception
) -> BaseException:
    """The error to raise for ``error``: ours where sqlsel's function failed, else DuckDB's with its caret."""
    if isinstance(watch.error, InvalidInput):
        watch.error = at_value(rewritten.original, rewritten.clauses, watch.error)
    if watch.error is not None:
        return watch.error
    if watch.stop.is_set() or "query interrupted" in str(error).lower():
        return Interrupted("interrupted")
    from_macro = feed.REGISTRY.raised_as(str(error))
    if from_macro is not None:
        return of_macro(from_macro, rewritten.original)
    unsupported = _unsupported_type(str(error))
    if unsupported is not None:
        return unsupported
    if not rewritten.n_clauses or not isinstance(error, duckdb.Error):
        return error
    return with_user_carets(con, rewritten, error)


_UNSUPPORTED = {
    r"Unsupported Internal Arrow Type e": ("floats of 16 bits", "32 bits"),
    r"Unsupported Internal Arrow Type for Decimal": (
        "decimals of more than 38 digits",
        "38 digits",
    ),
    r"Unsupported Internal Arrow Type: .* Union": ("a dense union", "one of its types"),
    r"holds Python objects": ("a column of Python objects", "text or numbers"),
    r"format string: '_pl[iu]128'": ("Polars' integers of 128 bits", "64 bits, or to text"),
}


def _unsupported_type(message: str) -> InvalidInput | None:
    """An error that names the Arrow type which DuckDB refuses by a letter; None for other messages."""
    for pattern, (what, cast) in _UNSUPPORTED.items():
        if re.search(pattern, message):
            return InvalidInput(
                f"a table has {what}, which DuckDB does not read; cast it to {cast}"
            )
    return None


def _bytes(limit: str | int | None) -> int | None:
    """A memory limit in bytes; a text is one such as '4GB'."""
    if limit is None or isinstance(limit, int):
        return limit
    try:
        return parse_size(limit)
    except ValueError as error:
        raise InvalidInput(str(error)) from None


# Weak, so that a connection that nobody uses any more is closed and not held open until exit.
_OPENED: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()


@atexit.register
def _close_opened() -> None:
    """Close all at exit: DuckDB prints lines on stderr for Python functions that outlive Python."""
    for con in list(_OPENED):
        with contextlib.suppress(duckdb.Error):
            con.close()


class Connection:
    """A DuckDB connection whose ``sql`` and ``execute`` take USING STRATEGY; all else is DuckDB's."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.plain = con
        load(con)
        _OPENED.add(con)

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
    con = duckdb.connect(database, read_only=read_only, config=dict(config or {}))
    if "allocator_bulk_deallocation_flush_threshold" not in (config or {}):
        with contextlib.suppress(duckdb.Error):  # the configuration may be locked
            con.execute(query("catalog/return_memory"))
    return Connection(con)


__all__ = ["ClauseError", "Connection", "connect", "load", "sql"]
