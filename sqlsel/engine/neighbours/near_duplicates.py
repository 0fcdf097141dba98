"""Near-duplicates by the leader algorithm (Hartigan 1975): each row represents itself or is a duplicate.

In the order of the rows, a row becomes a representative unless it is nearer than the distance to an earlier
representative. Every other row is a duplicate of the nearest of all representatives; of equally near ones, of the
first. So representatives are at least the distance apart, and a duplicate is nearer than it to its own.
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
    100_000  # up to here, by default, all pairs are compared: building a graph takes longer
)

Mask = NDArray[np.bool_]

_BLOCK = 1024  # rows per block
_POINTS = 1 << 10  # representatives per block


class Duplicates(NamedTuple):
    """``duplicate_of``: each row's representative, −1 for a representative; ``distance``: to it, else 0.

    ``recall``: the share of near pairs, of a sample of rows, that the graph found; None: all were compared.
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
    half_squared_limit = 0.5 * distance * distance
    if approximate and len(unique) > 1:
        pairs = pairs_of_graph(graphs.get(unique, len(rows), poll), half_squared_limit, poll)
    else:
        pairs = pairs_of_all(len(unique))
    search = _Search(unique, half_squared_limit, pairs)
    representatives = search.representatives(poll)
    nearest, halves = search.nearest(representatives, poll)
    duplicate_of, halves = first[nearest][copy], halves[copy]
    of_itself = duplicate_of == np.arange(len(rows))
    duplicate_of[of_itself] = -1
    return Duplicates(duplicate_of, np.sqrt(2 * halves), pairs.recall)


class _Search:
    """Search over distinct rows: near pairs from the graph, and comparison with all representatives.

    ``pairs.open`` marks the rows whose list of near pairs is incomplete; only these are compared.
    """

    def __init__(self, rows: Matrix, half_squared_limit: float, pairs: NearPairs) -> None:
        self._rows, self._half_squared_limit, self._pairs = rows, half_squared_limit, pairs
        self._geometry = choose_geometry(rows)

    def representatives(self, poll: Poll) -> Index:
        """The numbers of the representatives, ascending."""
        rows, pairs = self._rows, self._pairs
        decided = np.zeros(len(rows), np.bool_)
        representatives: list[int] = []
        for at in range(0, len(rows), _BLOCK):
            poll()
            block = np.arange(at, min(at + _BLOCK, len(rows)))
            # First against all representatives of earlier blocks, then within the block, row by row.
            candidates = block[pairs.open[block] & ~decided[block]]
            decided[candidates] = self._near_any(candidates, np.array(representatives, np.int64))
            left = block[~decided[block]]
            candidates = left[pairs.open[left]]
            near_pairs = self._may_be_near(left, candidates)
            for i, row in enumerate(left.tolist()):
                if decided[row]:
                    continue
                representatives.append(row)
                decided[pairs.near(row)] = True
                later = candidates[near_pairs[i] & (candidates > row)]
                if len(later):
                    decided[later] |= (
                        half_squared(rows[later], rows[row]) < self._half_squared_limit
                    )
        return np.array(representatives, np.int64)

    def _near_any(self, candidates: Index, representatives: Index) -> Mask:
        """Which candidates are nearer than the limit to any representative."""
        near = np.zeros(len(candidates), np.bool_)
        for at in range(0, len(representatives), _POINTS):
            left = np.flatnonzero(~near)
            if not len(left):
                break
            part = representatives[at : at + _POINTS]
            squared, error = self._squared(candidates[left], part)
            some = squared.min(axis=1) <= self._upper_limit(error)[:, 0]
            near[left[some]] = self._decided(
                candidates[left[some]], part, squared[some], error[some]
            )
        return near

    def _decided(
        self, candidates: Index, representatives: Index, squared: Single, error: Vector
    ) -> Mask:
        """The same, exact, for candidates that may be near: by d² outside of its error bound, else in float64."""
        inner = np.nextafter(
            (2 * self._half_squared_limit - error).astype(np.float32), np.float32(-np.inf)
        )
        near: Mask = np.any(squared < inner[:, None], axis=1)
        row, point = np.nonzero((squared <= self._upper_limit(error)) & ~near[:, None])
        exact = half_squared_of(self._rows, candidates[row], representatives[point])
        near[row[exact < self._half_squared_limit]] = True
        return near

    def _may_be_near(self, one: Index, other: Index) -> Mask:
        """Mask (one × other) of the pairs of two lists of rows that may be near."""
        squared, error = self._squared(one, other)
        return squared <= self._upper_limit(error)

    def _upper_limit(self, error: Vector) -> Single:
        """The largest d̂² that a near pair can have, for each row."""
        outer = (2 * self._half_squared_limit + error).astype(np.float32)
        return np.nextafter(outer, np.float32(np.inf))[:, None]

    def _squared(self, candidates: Index, representatives: Index) -> tuple[Single, Vector]:
        """(d² of candidates × representatives in float32, error bound per candidate)."""
        points = Points(self._rows[representatives], self._geometry)
        seen = self._geometry.centred(self._rows[candidates])
        norms = np.einsum("ij,ij->i", seen, seen)
        squared = seen @ points.scaled.T
        squared += points.norms
        squared += norms[:, None]
        reach = np.sqrt(norms, dtype=np.float64) + points.reach
        return squared, self._geometry.relative_error * reach**2

    def nearest(self, representatives: Index, poll: Poll) -> tuple[Index, Vector]:
        """(nearest representative, ½ d²) of each row; a representative is its own."""
        result = np.arange(len(self._rows))
        halves = np.zeros(len(self._rows))
        is_kept = np.zeros(len(self._rows), np.bool_)
        is_kept[representatives] = True
        left = np.flatnonzero(~is_kept & ~self._pairs.open)
        for row in left.tolist():
            near, exact = self._pairs.near_with_halves(row)
            best = np.lexsort((near, np.where(is_kept[near], exact, np.inf)))[0]
            result[row], halves[row] = near[best], exact[best]
        left = np.flatnonzero(~is_kept & self._pairs.open)
        for at in range(0, len(left), _BLOCK):
            poll()
            part = left[at : at + _BLOCK]
            result[part], halves[part] = self._nearest_of(part, representatives)
        return result, halves

    def _nearest_of(self, duplicates: Index, representatives: Index) -> tuple[Index, Vector]:
        """(nearest representative, ½ d²) of each of some rows; of equally near ones the first."""
        best, halves = np.full(len(duplicates), -1), np.full(len(duplicates), np.inf)
        for at in range(0, len(representatives), _POINTS):
            part = representatives[at : at + _POINTS]
            squared, error = self._squared(duplicates, part)
            least = np.minimum(squared.min(axis=1) + error, 2 * halves) + error
            limit = np.nextafter(least.astype(np.float32), np.float32(np.inf))
            row, point = np.nonzero(squared <= limit[:, None])
            exact = half_squared_of(self._rows, duplicates[row], part[point])
            order = np.lexsort((part[point], exact, row))
            rows, starts = np.unique(row[order], return_index=True)
            first = order[starts]
            nearer = exact[first] < halves[rows]
            halves[rows[nearer]] = exact[first][nearer]
            best[rows[nearer]] = part[point[first]][nearer]
        return best, halves
