"""Σ ½ d² to the nearest other point, of a set of points after each point that is added."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Vector
from sqlsel.engine.kernels.nearest import Points

_NEW = 256  # points that are added together
_BEFORE = 2048  # points before them that are compared at once: 4 MB of float64


def totals_of_growing_set(points: Points, last: int) -> Vector:
    """The ``last`` totals, before each of the last points: Σ ½ d² to the nearest other one of the first n points."""
    # Points arrive in blocks. Of each block the distances to the points before it, some at a time, and then those in
    # it are computed; a running minimum over the arrivals gives each point's nearest one after every arrival.
    count = len(points)
    nearest, totals = np.full(count, np.inf), np.zeros(count + 1)
    for at in range(0, count, _NEW):
        new = slice(at, min(at + _NEW, count))
        sums = totals[new.start + 1 : new.stop + 1]
        first = np.full(new.stop - new.start, np.inf)
        for start in range(0, new.start, _BEFORE):
            before = slice(start, min(start + _BEFORE, new.start))
            half = _half_squares(points, before, new)
            np.minimum(first, half.min(axis=0), out=first)
            np.minimum(half, nearest[before, None], out=half)
            np.minimum.accumulate(half, axis=1, out=half)
            nearest[before] = half[:, -1]
            half[np.isinf(half)] = 0.0
            sums += half.sum(axis=0)
        among = _among_themselves(_half_squares(points, new, new), first)
        nearest[new] = among[:, -1]
        among[np.isinf(among)] = 0.0
        sums += among.sum(axis=0)
    return totals[count - last : count]


def _half_squares(points: Points, rows: slice, columns: slice) -> NDArray[np.float64]:
    """½ d² of all pairs, from products in float32."""
    seen = points.geometry.centred(points.vectors[rows])
    half = seen @ points.scaled[columns].T
    half += points.norms[rows, None]
    half += points.norms[None, columns]
    half *= np.float32(0.5)
    np.maximum(half, 0, out=half)
    return half.astype(np.float64)


def _among_themselves(half: NDArray[np.float64], first: Vector) -> NDArray[np.float64]:
    """[i, t]: ½ d² of new point i to its nearest one after the arrival of t; 0 before its own.

    ``first``: the ½ d² of each to the nearest of the points before all of them.
    """
    own = np.arange(len(half))
    half[own, own] = np.inf
    came_before = np.tril(np.ones_like(half, np.bool_), -1).T  # [i, t]: i came before t
    # A new point first has its nearest one among those that came before it.
    np.minimum(first, np.where(came_before, half, np.inf).min(axis=0), out=first)
    half[~came_before & ~np.eye(len(own), dtype=np.bool_)] = np.inf
    half[own, own] = first
    running = np.minimum.accumulate(half, axis=1)
    running[np.tril(np.ones_like(came_before), -1)] = 0.0  # not there yet
    return running
