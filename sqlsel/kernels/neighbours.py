"""The nearest other rows of each row: exact, or found in a graph (hnswlib; Malkov and Yashunin 2018).

Whichever finds the neighbours, their distances are exact. Copies of a row are told once and counted.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.kernels.exact import Index, Matrix, Vector, half_squared
from sqlsel.kernels.nearest import Points, choose_geometry

Poll = Callable[[], None]

EXACT_ROWS = 20_000  # up to here all pairs are compared, unless told otherwise

_BLOCK = 1 << 22  # products per block
_PAIRS = 4096
_INSERTED = 256  # rows that go into the graph between two looks at whether to stop
_MOST_HITS = (
    8  # pairs per neighbour that float64 decides one by one, before a float64 product helps
)
_SEED = 100
_LINKS, _BUILD_WIDTH, _SEARCH_WIDTH = 16, 200, 128  # of the graph


def neighbour_distances(
    rows: Matrix, count: int, *, approximate: bool, poll: Poll
) -> tuple[Vector, Index]:
    """(distances, copy): row i has the ``count`` least distances to other rows, ascending, at ``distances[copy[i]]``.

    ``count`` must be below the number of rows; ``approximate`` searches a graph that is built in the
    order of the rows.
    """
    copy, first = _copies(rows, poll)
    unique = rows if len(first) == len(rows) else rows[first]
    wanted = min(count, len(first) - 1)
    if wanted == 0:
        return np.zeros((len(first), count)), copy
    find = _from_graph if approximate else _from_all
    halves, numbers = find(unique, wanted, poll)
    distances = np.sqrt(2 * halves)
    if len(first) == len(rows):
        return distances, copy
    return _with_copies(distances, np.bincount(copy), numbers, count), copy


def _copies(rows: Matrix, poll: Poll) -> tuple[Index, Index]:
    """(number of each row among the distinct ones, first row of each distinct one), by first appearance."""
    seen: dict[bytes, int] = {}
    first: list[int] = []
    number = np.empty(len(rows), np.int64)
    for i, row in enumerate(np.ascontiguousarray(rows)):
        if i % _PAIRS == 0:
            poll()
        mark = blake2b(row, digest_size=16).digest()
        number[i] = seen.setdefault(mark, len(seen))
        if len(first) < len(seen):
            first.append(i)
    return number, np.array(first, np.int64)


def _with_copies(distances: Vector, copies: Index, numbers: Index, count: int) -> Vector:
    """The ``count`` least distances where each neighbour counts as often as it occurs."""
    own = np.zeros((len(distances), 1))
    known = np.concatenate([own, distances], axis=1)
    often = np.concatenate([copies[:, None] - 1, copies[numbers]], axis=1)
    ends = np.cumsum(often, axis=1)
    every = np.arange(len(distances))
    result = np.empty((len(distances), count))
    for place in range(count):
        result[:, place] = known[every, (ends <= place).sum(axis=1)]
    return result


# ---- exact


def _from_all(rows: Matrix, count: int, poll: Poll) -> tuple[Vector, Index]:
    """(½ d², numbers) of the ``count`` nearest other rows of each row, nearest first."""
    points = Points(rows, choose_geometry(rows))
    halves, numbers = np.empty((len(rows), count)), np.empty((len(rows), count), np.int64)
    size = max(16, _BLOCK // len(rows))
    for at in range(0, len(rows), size):
        poll()
        own = np.arange(at, min(at + size, len(rows)))
        halves[own], numbers[own] = _nearest_of_all(points, own, count)
    return halves, numbers


def _nearest_of_all(points: Points, own: Index, count: int) -> tuple[Vector, Index]:
    """The nearest other points of the points ``own``."""
    vectors = points.vectors
    distance = points.geometry.centred(vectors[own]) @ points.scaled.T
    distance += points.norms
    distance += points.norms[own, None]
    reach = np.sqrt(points.norms[own], dtype=np.float64) + points.reach
    hits = _hits(distance, own, points.geometry.relative_error * reach**2, count)
    if np.count_nonzero(hits) > _MOST_HITS * count * len(own):
        hits &= _hits_of_float64(vectors, own, count)
    row, point = np.nonzero(hits)
    exact = np.empty(len(row))
    for at in range(0, len(row), _PAIRS):
        part = slice(at, at + _PAIRS)
        exact[part] = half_squared(vectors[own[row[part]]], vectors[point[part]])
    by_row = np.lexsort((point, exact, row))
    starts = np.searchsorted(row, np.arange(len(own)))
    best = by_row[starts[:, None] + np.arange(count)]
    return exact[best], point[best]


def _hits(distance: NDArray[Any], own: Index, error: Vector, count: int) -> NDArray[np.bool_]:
    """Which points may be among the ``count`` nearest, where each d² is wrong by at most ``error``."""
    distance[np.arange(len(own)), own] = np.inf
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


# ---- approximate


def _from_graph(rows: Matrix, count: int, poll: Poll) -> tuple[Vector, Index]:
    """Like ``_from_all``, of the neighbours that a graph search finds."""
    index = _graph(rows, poll)
    index.set_ef(max(_SEARCH_WIDTH, 4 * (count + 1)))
    halves, numbers = np.empty((len(rows), count)), np.empty((len(rows), count), np.int64)
    size = max(1, _PAIRS // count)
    for at in range(0, len(rows), size):
        poll()
        own = np.arange(at, min(at + size, len(rows)))
        found = _search(index, rows, own, count)
        if found is None:  # the graph has parts without a link between them
            halves[own], numbers[own] = _nearest_of_all(
                Points(rows, choose_geometry(rows)), own, count
            )
            continue
        exact = half_squared(rows[own][:, None], rows[found])
        nearest = np.lexsort((found, exact), axis=1)
        halves[own] = np.take_along_axis(exact, nearest, axis=1)
        numbers[own] = np.take_along_axis(found, nearest, axis=1)
    return halves, numbers


def _graph(rows: Matrix, poll: Poll) -> Any:
    """The rows as a graph of neighbours, the same whenever it is built on this kind of processor."""
    import hnswlib

    index = hnswlib.Index(space="l2", dim=rows.shape[1])
    index.init_index(len(rows), M=_LINKS, ef_construction=_BUILD_WIDTH, random_seed=_SEED)
    for at in range(0, len(rows), _INSERTED):
        poll()
        part = rows[at : at + _INSERTED]
        index.add_items(part, np.arange(at, at + len(part)), num_threads=1)
    return index


def _search(index: Any, rows: Matrix, own: Index, count: int) -> Index | None:
    """The numbers of ``count`` near rows other than each row itself; None where so many are not found."""
    try:
        labels, _ = index.knn_query(rows[own], k=count + 1, num_threads=1)
    except RuntimeError:
        return None
    found = labels.astype(np.int64)
    own_last = np.argsort(found == own[:, None], axis=1, kind="stable")
    return np.take_along_axis(found, own_last, axis=1)[:, :count]
