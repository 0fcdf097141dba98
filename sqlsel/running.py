"""Runs a rewritten text on a connection: its statements, its parameters, and Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb

from sqlsel import selection
from sqlsel.clause import find_clauses
from sqlsel.clause.carets import pointed
from sqlsel.errors import Interrupted

Parameters = Sequence[Any] | Mapping[str, Any] | None


def execute(con: duckdb.DuckDBPyConnection, sql: str, params: Parameters) -> Any:
    """Run all statements, and fetch the rows of the last one."""
    import pyarrow as pa

    statements = con.extract_statements(sql)
    if not statements:
        return pa.table({})
    for statement in statements[:-1]:
        con.execute(statement, wanted(statement, params)).fetchall()
    last = statements[-1]
    if last.type == duckdb.StatementType.SELECT:
        relation = con.sql(last, params=wanted(last, params))
        return pa.table({}) if relation is None else relation.to_arrow_table()
    cursor = con.execute(last, wanted(last, params))
    if cursor.description is None:
        return pa.table({})
    rows, names = cursor.fetchall(), [d[0] for d in cursor.description or ()]
    return pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)})


def wanted(statement: Any, params: Parameters) -> Any:
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


@contextlib.contextmanager
def caller_frames(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
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
def interruptible(con: duckdb.DuckDBPyConnection, watch: selection.Watch) -> Iterator[None]:
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
