"""The three SQL functions that a rewritten statement calls, on Arrow columns.

``sqlsel_begin`` opens a run, ``sqlsel_feed`` stores the inputs of each row, ``sqlsel_finish``
selects and returns the picks. DuckDB calls them from its own threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pyarrow as pa

from sqlsel.errors import InvalidInput, SqlselError
from sqlsel.feed.fed_run import Run
from sqlsel.feed.registry import REGISTRY
from sqlsel.process.interrupts import interruptible


def begin(catalog: int, specs: pa.ChunkedArray) -> pa.Array:
    """Open a run for each spec, in the database numbered ``catalog``; the tokens by which the others name it."""
    return pa.array([REGISTRY.begin(catalog, s) for s in specs.to_pylist()], pa.int64())


def feed(
    tokens: pa.ChunkedArray, slots: pa.ChunkedArray, rows: pa.ChunkedArray, values: pa.ChunkedArray
) -> pa.ChunkedArray:
    """The SQL function ``sqlsel_feed(token, slot, row, struct)``: stores the struct, and returns ``row``."""
    if len(rows) == 0:
        return rows
    token = _only_token(tokens)
    run = REGISTRY.run(token)
    with _recording_errors(token, run):
        at = 0
        for chunk in values.chunks:
            places = np.asarray(rows.slice(at, len(chunk)).combine_chunks()).astype(np.int64) - 1
            run.feed(int(slots[0].as_py()), places, chunk)
            at += len(chunk)
    return rows


def finish(
    tokens: pa.ChunkedArray,
    counts: pa.ChunkedArray,
    limits: pa.ChunkedArray,
    percents: pa.ChunkedArray,
    offsets: pa.ChunkedArray,
    totals: pa.ChunkedArray,
) -> pa.Array:
    """The SQL function ``sqlsel_finish(token, n, limit, percent, offset, total)``: the picks."""
    token = _only_token(tokens)
    run = REGISTRY.run(token)
    try:
        with _recording_errors(token, run), _interruptible_if_alone(run):
            picks = run.finish(
                counts[0].as_py(),
                limits[0].as_py(),
                percent=percents[0].as_py(),
                offset=offsets[0].as_py(),
                total=totals[0].as_py(),
            )
            REGISTRY.record(run)
            return picks
    finally:
        REGISTRY.end(token)


@contextmanager
def _interruptible_if_alone(run: Run) -> Iterator[None]:
    """Let Ctrl-C stop a run without a front end, whose thread is DuckDB's."""
    if not run.watch.alone:
        yield
        return
    with interruptible() as check:
        run.watch.check = check
        yield


def _only_token(tokens: pa.ChunkedArray) -> int:
    values = set(tokens.unique().to_pylist())
    if len(values) == 1:
        return int(values.pop())
    error = SqlselError("USING STRATEGY cannot depend on a row of the outer query")
    for token in values:
        REGISTRY.run(token).watch.error = error
    raise error


@contextmanager
def _recording_errors(token: int, run: Run) -> Iterator[None]:
    """On an error, end the run and record it for the front end: DuckDB passes on its text only."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, InvalidInput):
            error.statement, error.clause = run.statement, run.clause
        if run.watch.error is None:
            run.watch.error = error
        if isinstance(error, SqlselError):
            REGISTRY.raised(error)
        REGISTRY.fail(token, error)
        raise
