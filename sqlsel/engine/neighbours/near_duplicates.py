"""Near-duplicates: rows that are nearer than a distance to a row kept before them.

In the order of the rows, a row is kept unless it is nearer than the distance to one kept before. A row that is not
kept is a duplicate of the nearest of all kept rows; of equally near ones, of the first. So kept rows are at least
the distance apart, and each duplicate is nearer than it to its own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index, Matrix, Vector, half_squared
from sqlsel.engine.kernels.nearest import Points, Single, choose_geometry
from sqlsel.engine.neighbours.copies import Poll, distinct
from sqlsel.engine.neighbours.exact_neighbours import half_squared_of
from sqlsel.engine.neighbours.graphs import IN_MEMORY, Graphs
from sqlsel.engine.neighbours.pairs import NearPairs, pairs_of_all, pairs_of_graph

EXACT_ROWS = (
    100_000  # up to here building a graph takes longer than comparing all, unless told otherwise
)

Mask = NDArray[np.bool_]

_BLOCK = 1024  # rows that are decided together
_POINTS = 1 << 10  # kept rows that they are compared with at once


class Duplicates(NamedTuple):
    """``duplicate_of``: the row that a row is a duplicate of, −1 where it is kept; ``distance``: to it, else 0.

    ``recall``: the share of near pairs of some rows that a graph found; None: all pairs were compared.
    """

    duplicate_of: Index
    distance: Vector
    recall: float | None


def near_duplicates(
    rows: Matrix,
    distance: float,
    *,
    approximate: bool | None = None,
    poll: Poll,
    graphs: Graphs = IN_MEMORY,
) -> Duplicates:
    """The near-duplicates among finite rows; ``distance`` must be above 0 (else ValueError).

    ``approximate``: find near rows through a graph, or by comparing all; None: all up to 100,000 rows.
    Rows are a duplicate when d < distance, decided in float64.
    """
    if not 0 < distance < np.inf:
        raise ValueError(f"the distance must be a number above 0, got {distance}")
    if approximate is None:
        approximate = len(rows) > EXACT_ROWS
    copy, first = distinct(rows, poll)
    unique = rows if len(first) == len(rows) else rows[first]
    limit = 0.5 * distance * distance
    if approximate and len(unique) > 1:
        pairs = pairs_of_graph(graphs.get(unique, len(rows), poll), limit, poll)
    else:
        pairs = pairs_of_all(len(unique))
    search = _Search(unique, limit, pairs)
    kept = search.kept(poll)
    nearest, halves = search.nearest(kept, poll)
    duplicate_of, halves = first[nearest][copy], halves[copy]
    of_itself = duplicate_of == np.arange(len(rows))
    duplicate_of[of_itself] = -1
    return Duplicates(duplicate_of, np.sqrt(2 * halves), pairs.recall)


class _Search:
    """Distinct rows: known near pairs for some, and comparison with all kept rows for the others (``open``)."""

    def __init__(self, rows: Matrix, limit: float, pairs: NearPairs) -> None:
        self._rows, self._limit, self._pairs = rows, limit, pairs
        self._geometry = choose_geometry(rows)

    def kept(self, poll: Poll) -> Index:
        """The numbers of the rows that are kept, ascending."""
        rows, pairs = self._rows, self._pairs
        closed = np.zeros(len(rows), np.bool_)
        kept: list[int] = []
        for at in range(0, len(rows), _BLOCK):
            poll()
            block = np.arange(at, min(at + _BLOCK, len(rows)))
            wanted = block[pairs.open[block] & ~closed[block]]
            closed[wanted] = self._near_any(wanted, np.array(kept, np.int64))
            left = block[~closed[block]]
            wanted = left[pairs.open[left]]
            maybe = self._maybe(left, wanted)
            for i, row in enumerate(left.tolist()):
                if closed[row]:
                    continue
                kept.append(row)
                closed[pairs.of(row)] = True
                later = wanted[maybe[i] & (wanted > row)]
                if len(later):
                    closed[later] |= half_squared(rows[later], rows[row]) < self._limit
        return np.array(kept, np.int64)

    def _near_any(self, wanted: Index, kept: Index) -> Mask:
        """Which rows are nearer than the limit to any of the kept ones."""
        near = np.zeros(len(wanted), np.bool_)
        for at in range(0, len(kept), _POINTS):
            left = np.flatnonzero(~near)
            if not len(left):
                break
            part = kept[at : at + _POINTS]
            squared, error = self._squared(wanted[left], part)
            some = squared.min(axis=1) <= self._outer(error)[:, 0]
            near[left[some]] = self._decided(wanted[left[some]], part, squared[some], error[some])
        return near

    def _decided(self, wanted: Index, kept: Index, squared: Single, error: Vector) -> Mask:
        """Which rows are nearer than the limit to any of the kept ones, of those that may be."""
        inner = np.nextafter((2 * self._limit - error).astype(np.float32), np.float32(-np.inf))
        near: Mask = np.any(squared < inner[:, None], axis=1)
        row, point = np.nonzero((squared <= self._outer(error)) & ~near[:, None])
        exact = half_squared_of(self._rows, wanted[row], kept[point])
        near[row[exact < self._limit]] = True
        return near

    def _maybe(self, one: Index, other: Index) -> Mask:
        """Which pairs of two lists of rows may be near."""
        squared, error = self._squared(one, other)
        return squared <= self._outer(error)

    def _outer(self, error: Vector) -> Single:
        """What d² of a near pair does not exceed, for each row."""
        outer = (2 * self._limit + error).astype(np.float32)
        return np.nextafter(outer, np.float32(np.inf))[:, None]

    def _squared(self, wanted: Index, kept: Index) -> tuple[Single, Vector]:
        """(d², how wrong it may be for each row), of rows and kept rows."""
        points = Points(self._rows[kept], self._geometry)
        seen = self._geometry.centred(self._rows[wanted])
        norms = np.einsum("ij,ij->i", seen, seen)
        squared = seen @ points.scaled.T
        squared += points.norms
        squared += norms[:, None]
        reach = np.sqrt(norms, dtype=np.float64) + points.reach
        return squared, self._geometry.relative_error * reach**2

    def nearest(self, kept: Index, poll: Poll) -> tuple[Index, Vector]:
        """(its nearest kept row, ½ d²) of each row; a kept row is its own."""
        result = np.arange(len(self._rows))
        halves = np.zeros(len(self._rows))
        is_kept = np.zeros(len(self._rows), np.bool_)
        is_kept[kept] = True
        left = np.flatnonzero(~is_kept & ~self._pairs.open)
        for row in left.tolist():
            near, exact = self._pairs.at(row)
            best = np.lexsort((near, np.where(is_kept[near], exact, np.inf)))[0]
            result[row], halves[row] = near[best], exact[best]
        left = np.flatnonzero(~is_kept & self._pairs.open)
        for at in range(0, len(left), _BLOCK):
            poll()
            part = left[at : at + _BLOCK]
            result[part], halves[part] = self._nearest_of(part, kept)
        return result, halves

    def _nearest_of(self, wanted: Index, kept: Index) -> tuple[Index, Vector]:
        """The nearest kept row of each of some rows, the first of equally near ones."""
        best, halves = np.full(len(wanted), -1), np.full(len(wanted), np.inf)
        for at in range(0, len(kept), _POINTS):
            part = kept[at : at + _POINTS]
            squared, error = self._squared(wanted, part)
            least = np.minimum(squared.min(axis=1) + error, 2 * halves) + error
            limit = np.nextafter(least.astype(np.float32), np.float32(np.inf))
            row, point = np.nonzero(squared <= limit[:, None])
            exact = half_squared_of(self._rows, wanted[row], part[point])
            order = np.lexsort((part[point], exact, row))
            rows, starts = np.unique(row[order], return_index=True)
            first = order[starts]
            nearer = exact[first] < halves[rows]
            halves[rows[nearer]] = exact[first][nearer]
            best[rows[nearer]] = part[point[first]][nearer]
        return best, halves
