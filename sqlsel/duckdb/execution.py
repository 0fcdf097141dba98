"""Runs a rewritten text on a connection: its statements, its parameters, and Ctrl-C."""

from __future__ import annotations

import contextlib
import inspect
import re
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType, FunctionType
from typing import Any

import duckdb

from sqlsel import feed
from sqlsel.clause import Rewritten
from sqlsel.clause.carets import syntax_error_at
from sqlsel.columns.foreign_tables import as_arrow, is_foreign
from sqlsel.errors import Interrupted, InvalidInput
from sqlsel.sqltext.values import is_lossy

Parameters = Sequence[Any] | Mapping[str, Any] | None


def execute(con: duckdb.DuckDBPyConnection, sql: str, params: Parameters) -> tuple[Any, list[Any]]:
    """Run all statements; give the rows of the last one as an Arrow table, and DuckDB's types."""
    import pyarrow as pa

    statements = con.extract_statements(sql)
    relation: Any = None
    for i, statement in enumerate(statements):
        own_params = params if len(statements) == 1 else parameters_of(statement, params)
        relation = _run_for_caller(con, statement, own_params)
        if relation is not None and i < len(statements) - 1:
            relation.fetchall()  # a relation is lazy: without this the statement would not run
    if relation is None:
        return pa.table({}), []
    return _arrow_table(con, relation), list(relation.types)


def _arrow_table(con: duckdb.DuckDBPyConnection, relation: Any) -> Any:
    """The rows as an Arrow table, with lossless conversion for UHUGEINT (from 2^127) and TIMETZ (offsets).

    The setting is changed for this one result only, since it changes other types as well.
    """
    setting = "arrow_lossless_conversion"
    if not any(map(is_lossy, relation.types)):
        return relation.to_arrow_table()
    if con.sql(f"SELECT current_setting('{setting}')").fetchall()[0][0]:
        return relation.to_arrow_table()
    try:
        con.execute(f"SET {setting} = true")
    except duckdb.Error:  # the configuration is locked
        return _checked_for_loss(relation.to_arrow_table(), relation.types)
    try:
        return relation.to_arrow_table()
    finally:
        con.execute(f"SET {setting} = false")


def _checked_for_loss(table: Any, types: Sequence[Any]) -> Any:
    """``table``; InvalidInput where a value may have been changed by lossy conversion."""
    import pyarrow.compute as pc

    for column, kind in zip(table.columns, types, strict=True):
        # A UHUGEINT from 2^127 on arrives as a negative HUGEINT; a lost offset leaves no trace.
        least = pc.min(column).as_py() if kind.id == "uhugeint" else -1
        if is_lossy(kind) and least is not None and least < 0:
            raise InvalidInput(
                f"the result has a {kind}, whose values can be read with arrow_lossless_conversion only, "
                "and the configuration is locked; cast it, as in x::VARCHAR"
            )
    return table


def _run_for_caller(con: duckdb.DuckDBPyConnection, statement: Any, params: Parameters) -> Any:
    """``con.sql(statement)`` with the variables of the first frame outside of sqlsel.

    DuckDB looks for data frames among the variables of the frame that calls it. So the call is run as
    a function whose globals are that frame's names.
    """
    frame = inspect.currentframe()
    assert frame is not None  # noqa: S101 - CPython has frames
    while frame.f_back is not None and _is_ours(frame):
        frame = frame.f_back
    own = {"_sqlsel_con": con, "_sqlsel_statement": statement, "_sqlsel_params": params}
    names = {**frame.f_globals, **frame.f_locals, **own}
    words = set(re.findall(r"\w+", statement.query))
    names |= {n: as_arrow(names[n]) for n in words & names.keys() if is_foreign(names[n])}
    try:
        return FunctionType(_sql.__code__, names)()
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        # con.sql() gives no place of such an error; con.execute() fails alike, and gives it.
        if "\nLINE " not in str(error):
            FunctionType(_execute.__code__, names)()
        raise


_sqlsel_con: Any = None  # declared for mypy: the two functions below get them as globals
_sqlsel_statement: Any = None
_sqlsel_params: Any = None


def _sql() -> Any:
    return _sqlsel_con.sql(_sqlsel_statement, params=_sqlsel_params)


def _execute() -> Any:
    return _sqlsel_con.execute(_sqlsel_statement, _sqlsel_params)


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).split(".")[0] == "sqlsel"


def parameters_of(statement: Any, params: Parameters) -> Any:
    """Those of ``params`` that ``statement`` names; DuckDB refuses any others. None without any."""
    if params is None:
        return None
    named = statement.named_parameters
    by_name = params if isinstance(params, Mapping) else dict(enumerate(params, 1))
    return {str(k): v for k, v in by_name.items() if str(k) in named} if named else None


def in_transaction(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether BEGIN was called: only then two statements run in one transaction, and have one id."""
    first, second = (con.execute("SELECT txid_current()").fetchall() for _ in range(2))
    return bool(first == second)


def check_outside(con: duckdb.DuckDBPyConnection, rewritten: Rewritten) -> None:
    """Parse the statement with its clauses blanked; a syntax error names its place in the user's text."""
    text = blanked = rewritten.original
    for clause in reversed(rewritten.clauses):
        start, end = clause.start, clause.parsed.end
        hidden = "".join(c if c in "\r\n" else " " for c in blanked[start:end])
        blanked = blanked[:start] + hidden + blanked[end:]
    try:
        con.extract_statements(blanked)
    except duckdb.ParserException as error:
        raise syntax_error_at(con, blanked, text, error) from None


@contextlib.contextmanager
def interruptible(con: duckdb.DuckDBPyConnection, watch: feed.Watch) -> Iterator[None]:
    """Let Ctrl-C stop a selection too: DuckDB's interrupt does not end a running Python function."""
    # A shell starts background jobs with SIGINT ignored; that is left as it is.
    ignored = signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, None)
    if ignored or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: Any) -> None:
        watch.stop.set()
        con.interrupt()

    previous = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
    if watch.stop.is_set():
        raise Interrupted("interrupted")
