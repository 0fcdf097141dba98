"""The three SQL functions that a rewritten statement calls, over Arrow columns.

``sqlsel_begin`` opens a run, ``sqlsel_feed`` stores the inputs of each row, ``sqlsel_finish``
selects and gives the picks.
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
    """Open a run in the database of this number for each spec; give the tokens."""
    return pa.array([REGISTRY.begin(catalog, s) for s in specs.to_pylist()], pa.int64())


def feed(
    tokens: pa.ChunkedArray, slots: pa.ChunkedArray, rows: pa.ChunkedArray, values: pa.ChunkedArray
) -> pa.ChunkedArray:
    """The SQL function ``sqlsel_feed(token, slot, row, struct)``: gives the row back."""
    if len(rows) == 0:
        return rows
    token = _only(tokens)
    run = REGISTRY.run(token)
    with _error_kept(token, run):
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
    token = _only(tokens)
    run = REGISTRY.run(token)
    try:
        with _error_kept(token, run), _heard(run):
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
def _heard(run: Run) -> Iterator[None]:
    """Ctrl-C stops a run that no front end watches, in whatever thread DuckDB has it."""
    if not run.watch.alone:
        yield
        return
    with interruptible() as check:
        run.watch.check = check
        yield


def _only(tokens: pa.ChunkedArray) -> int:
    found = set(tokens.unique().to_pylist())
    if len(found) == 1:
        return int(found.pop())
    error = SqlselError("USING STRATEGY cannot depend on a row of the outer query")
    for token in found:
        REGISTRY.run(token).watch.error = error
    raise error


@contextmanager
def _error_kept(token: int, run: Run) -> Iterator[None]:
    """Keeps an error for the front end, since DuckDB passes on its text only, and ends the run."""
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
