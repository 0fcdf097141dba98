"""A lazy frame in slices, which are read one after the other: what Polars reads ahead is then a part of it only."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

_SLICES, _LEAST = 4, 50_000  # rows of a slice
_KNOWN = re.compile(
    r" *(SELECT \[|simple π|WITH_COLUMNS:|\[|Parquet SCAN|PROJECT|SLICE: Positive|ROW_INDEX|ESTIMATED ROWS)"
)


def in_slices(frame: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    """The frame in slices of rows where Polars cuts them out of Parquet on this machine; else itself.

    Without slices several row groups are read ahead, and freed memory stays with the process while
    others arrive: together up to half of 1,000,000 × 128 in 20 row groups, as measured. Over a
    network each slice would ask for the ends of all files again.
    """
    if not _cut_by_scan(frame):
        yield frame
        return
    rows = frame.select(pl.len()).collect().item()
    step = max(_LEAST, -(-rows // _SLICES))
    for at in range(0, max(rows, 1), step):
        yield frame.slice(at, step)


def _cut_by_scan(frame: pl.LazyFrame) -> bool:
    """Whether the plan is a scan of Parquet and columns made of each row alone, so that the scan cuts a slice out."""
    plan = frame.slice(1, 1).explain(engine="streaming")
    known = all(_KNOWN.match(line) for line in plan.splitlines())
    return known and plan.count("SLICE") == 1 and "://" not in plan
