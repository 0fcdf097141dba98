"""The picks as an Arrow array, for SQL."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sqlsel.engine.optimizer.selection import Selection


def as_structs(parts: Sequence[tuple[NDArray[np.int64], Selection]], skip: int) -> pa.Array:
    """One list of structs (row, rank, gain, values, place), without the first ``skip`` picks of each part.

    A part is the numbers of its rows, and the selection among them.
    """
    picked = [(rows[s.rows[skip:]], s) for rows, s in parts]
    count = sum(len(rows) for rows, _ in picked)
    width = picked[0][1].values.shape[1] if picked else 0
    values = np.concatenate([s.values[skip:].reshape(-1) for _, s in picked] or [np.empty(0)])
    ranks = [np.arange(skip + 1, skip + 1 + len(rows)) for rows, _ in picked]
    vals = pa.ListArray.from_arrays(
        pa.array(np.arange(count + 1) * width, pa.int32()),
        pa.array(values, pa.float64(), mask=~np.isfinite(values)),
    )
    struct = pa.StructArray.from_arrays(
        [
            pa.array(_concatenated([rows + 1 for rows, _ in picked]), pa.int64()),
            pa.array(_concatenated(ranks), pa.int64()),
            pa.array(np.concatenate([s.gain[skip:] for _, s in picked] or [np.empty(0)])),
            vals,
            pa.array(np.arange(count), pa.int64()),
        ],
        ["i", "rank", "gain", "vals", "place"],
    )
    return pa.ListArray.from_arrays(pa.array([0, count], pa.int32()), struct)


def _concatenated(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate([*parts, np.empty(0, np.int64)])
