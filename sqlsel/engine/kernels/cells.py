"""Bins rows by their values (quantiles), so that the extremes of a bin bound all of its rows closely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index, Vector

_FINEST = 4096  # half of the edges are made for this many best rows


def cells(values: Sequence[NDArray[Any]], scores: Vector) -> tuple[Index, Index]:
    """(positions sorted by cell, first index of each cell): a grid of at most 256 cells over one or two ``values``.

    Half of the edges are quantiles of the rows with the highest ``scores``, so cells are finest there.
    """
    if not values or len(scores) < 64:  # so few rows that one cell is as good
        return np.arange(len(scores)), np.zeros(1, np.int64)
    top = np.argpartition(scores, -_FINEST)[-_FINEST:] if len(scores) > _FINEST else slice(None)
    side = 64 if len(values) == 1 else 16
    cell = np.zeros(len(scores), np.int64)
    for value in values:
        cell = cell * side + np.searchsorted(_edges(value, value[top], side), value)
    by_cell = np.argsort(
        cell.astype(np.uint16), kind="stable"
    )  # NumPy sorts 16 bits by radix, in O(n)
    return by_cell, np.flatnonzero(np.diff(cell[by_cell], prepend=-1))


def _edges(every: NDArray[Any], finest: NDArray[Any], count: int) -> NDArray[Any]:
    """``count`` bin edges: half are quantiles of a sample of all values, half of the ``finest``."""
    sorted_values = (np.sort(every[:: max(1, len(every) // _FINEST)]), np.sort(finest))
    half = count // 2
    return np.sort(np.concatenate([v[np.arange(1, half) * len(v) // half] for v in sorted_values]))
