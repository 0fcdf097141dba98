"""Lists of numbers that must have one length."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index
from sqlsel.engine.objective.protocol import Mask
from sqlsel.errors import InvalidInput
from sqlsel.polars.columns.masking import only

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
    common = _common(looked_at)
    odd = pool & (lengths != common) & (lengths != _NULL)
    if odd.any() and not skip:
        raise _different(name, np.where(pool, lengths, _NULL), odd, common, owners)
    if common == 0 and len(looked_at) and not skip:
        row = int(np.flatnonzero(pool & (lengths == 0))[0])
        message = f"{name}: the vectors are empty (first at row {{row}})"
        raise InvalidInput(message, int(owners[row]) if owners is not None else row)
    if common == 0:
        return pl.repeat(None, len(column), dtype=pl.Array(pl.Float32, 1), eager=True)
    return only(column, lengths == common).cast(pl.Array(kind.inner, common))


def _common(lengths: NDArray[np.int64]) -> int:
    """The most frequent length above 0; of equally frequent ones that which comes first. 0 where there is none."""
    found, first, counts = np.unique(lengths[lengths > 0], return_index=True, return_counts=True)
    if not len(found):
        return 0
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
