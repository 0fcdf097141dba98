"""Picks as SQL gets them, and the picks of a statement without strategies."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sqlsel.optimizer.run import Selection


def first_by_key(
    order: NDArray[np.int64], waiting: NDArray[np.bool_], count: int, strategies: int
) -> Selection:
    """The first ``count`` candidates by key; their gain is 0."""
    place = np.argsort(order, kind="stable")
    rows = place[waiting[place]][:count]
    nothing = np.full((len(rows), strategies), np.nan)
    stopped = "budget" if len(rows) == count else "nobody feasible"
    return Selection(rows, np.zeros(len(rows)), nothing, int(waiting.sum()), stopped, 0, 0.0)


def as_structs(selection: Selection, skip: int) -> pa.Array:
    """One list of structs (row, rank, gain, values), without the first ``skip`` picks."""
    count = max(len(selection.rows) - skip, 0)
    width = selection.values.shape[1]
    values = selection.values[skip:].reshape(-1)
    vals = pa.ListArray.from_arrays(
        pa.array(np.arange(count + 1) * width, pa.int32()),
        pa.array(values, pa.float64(), mask=~np.isfinite(values)),
    )
    struct = pa.StructArray.from_arrays(
        [
            pa.array(selection.rows[skip:] + 1, pa.int64()),
            pa.array(np.arange(skip + 1, skip + count + 1), pa.int64()),
            pa.array(selection.gain[skip:], pa.float64()),
            vals,
        ],
        ["i", "rank", "gain", "vals"],
    )
    return pa.ListArray.from_arrays(pa.array([0, count], pa.int32()), struct)
