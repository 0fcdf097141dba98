"""Exact nearest neighbours by comparing all pairs: float32 products find candidates, float64 decides."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index, Matrix, Vector, half_squared
from sqlsel.engine.kernels.nearest import Points, choose_geometry
from sqlsel.engine.neighbours.copies import Poll

_BLOCK = 1 << 22  # products per block
_PAIRS = 4096
_MOST_HITS = 8  # pairs per neighbour that float64 decides one by one, before its product helps


def nearest_others(
    rows: Matrix, count: int, poll: Poll, own: Index | None = None
) -> tuple[Vector, Index]:
    """(½ d², numbers) of the ``count`` nearest other rows of the rows ``own`` (None: all), nearest first.

    ``count`` must be below the number of rows. Of equally near rows the first comes first.
    """
    points = Points(rows, choose_geometry(rows))
    row_numbers = np.arange(len(rows)) if own is None else own
    halves, numbers = (
        np.empty((len(row_numbers), count)),
        np.empty((len(row_numbers), count), np.int64),
    )
    size = max(16, _BLOCK // len(rows))
    for at in range(0, len(row_numbers), size):
        poll()
        part = slice(at, at + size)
        halves[part], numbers[part] = _nearest(points, row_numbers[part], count)
    return halves, numbers


def _nearest(points: Points, own: Index, count: int) -> tuple[Vector, Index]:
    """The nearest other points of the points ``own``."""
    vectors = points.vectors
    distance = points.geometry.centred(vectors[own]) @ points.scaled.T
    distance += points.norms
    distance += points.norms[own, None]
    reach = np.sqrt(points.norms[own], dtype=np.float64) + points.reach
    hits = _hits(distance, own, points.geometry.relative_error * reach**2, count)
    # Many hits: a dense cloud far from the centre. A float64 product costs less than so many single distances.
    if np.count_nonzero(hits) > _MOST_HITS * count * len(own):
        hits &= _hits_of_float64(vectors, own, count)
    row, point = np.nonzero(hits)
    exact = half_squared_of(vectors, own[row], point)
    by_row = np.lexsort((point, exact, row))
    starts = np.searchsorted(row, np.arange(len(own)))
    best = by_row[starts[:, None] + np.arange(count)]
    return exact[best], point[best]


def half_squared_of(rows: Matrix, one: Index, other: Index) -> Vector:
    """½ d² of pairs of rows, in float64."""
    exact = np.empty(len(one))
    for at in range(0, len(one), _PAIRS):
        part = slice(at, at + _PAIRS)
        exact[part] = half_squared(rows[one[part]], rows[other[part]])
    return exact


def _hits(distance: NDArray[Any], own: Index, error: Vector, count: int) -> NDArray[np.bool_]:
    """Mask of the points that may be among the ``count`` nearest, if each d² is wrong by at most ``error``."""
    distance[np.arange(len(own)), own] = np.inf
    # Twice the error: the count-th may be nearer than it seems, and another one farther, by as much each.
    last = np.partition(distance, count - 1, axis=1)[:, count - 1]
    limit = np.nextafter((last + 2 * error).astype(distance.dtype), distance.dtype.type(np.inf))
    hits: NDArray[np.bool_] = distance <= np.minimum(limit, np.finfo(distance.dtype).max)[:, None]
    return hits


def _hits_of_float64(vectors: Matrix, own: Index, count: int) -> NDArray[np.bool_]:
    """The same from a float64 product: for clouds so dense that float32 cannot tell neighbours apart."""
    wide = vectors.astype(np.float64)
    norms = np.einsum("ij,ij->i", wide, wide)
    distance = norms[own, None] + norms - 2 * (wide[own] @ wide.T)
    reach = np.sqrt(norms[own]) + np.sqrt(norms.max())
    error = (vectors.shape[1] + 8) * 2.0**-53 * 1.01 * reach**2
    return _hits(distance, own, error, count)
