"""Lists of numbers that must have one length."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sqlsel.errors import InvalidInput
from sqlsel.kernels.exact import Index
from sqlsel.objective.protocol import Mask

_NULL = -1


def of_one_length(
    column: pl.Series, name: str, pool: Mask, *, skip: bool, owners: Index | None = None
) -> pl.Series:
    """The List column as an Array column of the length of most rows in ``pool``; other rows are null.

    InvalidInput where some of ``pool`` have another length, unless ``skip``. ``owners``: the row of each list, where
    lists are objects.
    """
    kind = column.dtype
    assert isinstance(kind, pl.List)  # noqa: S101 - for the type checker
    lengths = column.list.len().cast(pl.Int64).fill_null(_NULL).to_numpy()
    looked_at = lengths[pool & (lengths != _NULL)]
    if not len(looked_at):
        return pl.repeat(None, len(column), dtype=pl.Array(pl.Float32, 1), eager=True)
    common = _common(looked_at)
    odd = pool & (lengths != common) & (lengths != _NULL)
    if odd.any() and not skip:
        raise _different(name, lengths, odd, common, owners)
    if common == 0:
        row = int(np.flatnonzero(pool & (lengths == 0))[0])
        message = f"{name}: the vectors are empty (first at row {{row}})"
        raise InvalidInput(message, int(owners[row]) if owners is not None else row)
    fits = lengths == common
    if not fits.all():
        column = _without(column, fits)
    return column.cast(pl.Array(kind.inner, common))


def _without(column: pl.Series, kept: Mask) -> pl.Series:
    """The column with nulls where it is not kept."""
    frame = pl.DataFrame({"column": column, "kept": kept})
    return frame.select(pl.when("kept").then("column")).to_series()


def _common(lengths: NDArray[np.int64]) -> int:
    """The most frequent length; of equally frequent ones that which comes first."""
    found, first, counts = np.unique(lengths, return_index=True, return_counts=True)
    best = np.lexsort((first, -counts))[0]
    return int(found[best])


def _different(
    name: str, lengths: NDArray[np.int64], odd: Mask, common: int, owners: Index | None
) -> InvalidInput:
    at = int(np.flatnonzero(odd)[0])
    seen = sorted(set(lengths[lengths != _NULL].tolist()))
    listed = f"{seen[:8]}" if len(seen) <= 8 else f"{seen[:8]} and {len(seen) - 8} more"
    what, row = ("rows", at) if owners is None else ("objects", int(owners[at]))
    message = (
        f"{name}: {int(odd.sum())} of {len(lengths)} {what} do not have the common length {common} "
        f"(lengths seen: {listed}; first at row {{row}}: length {lengths[at]}); pad, truncate or filter them"
    )
    return InvalidInput(message, row)
