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
    """One entry per row each: its representative's number from 0, and the Euclidean distance to it.

    ``duplicate_of`` is −1, and ``distance`` 0, for a representative. ``recall``: the share from 0 to 1 of the near
    pairs of up to 200 rows that were found through the graph; None: without a graph, all were compared.
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
    """The near-duplicates among ``rows``, a float32 matrix (rows × dimension) of finite numbers, which are not checked.

    ``distance``: Euclidean; two rows are near when d < distance, decided in float64. ValueError unless it is a number
    above 0 and finite. ``approximate``: find near rows through a graph, so that some may be missed, or by comparing
    all; None: all up to 100,000 rows. ``graphs`` gives the graph, and may store it. ``poll``: a function without
    arguments that is called often; an exception that it raises ends the search. Without rows the arrays are empty.
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

    ``half_squared_limit``: ½ distance²; rows are near when their ½ d² is below it. ``pairs.open`` marks the rows whose
    list of near pairs is incomplete; only these are compared. All numbers of rows are those of distinct rows, from 0.
    In the methods d̂² is d² computed in float32, and its error bound is absolute: |d̂² − d²| is at most that.
    """

    def __init__(self, rows: Matrix, half_squared_limit: float, pairs: NearPairs) -> None:
        """Keep the arguments, and choose the centre of the float32 products; no distance is computed yet."""
        self._rows, self._half_squared_limit, self._pairs = rows, half_squared_limit, pairs
        self._geometry = choose_geometry(rows)

    def representatives(self, poll: Poll) -> Index:
        """The numbers of the representatives, ascending; ``poll`` is called once per 1,024 rows."""
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
        """Mask over ``candidates``: nearer than the limit to any of ``representatives``; all False without any."""
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
        """Mask over ``candidates``: truly nearer than the limit to any of ``representatives``.

        ``squared``: their d̂² (candidates × representatives); ``error``: its bound per candidate. Pairs within the bound
        of the limit are computed again in float64.
        """
        inner = np.nextafter(
            (2 * self._half_squared_limit - error).astype(np.float32), np.float32(-np.inf)
        )
        near: Mask = np.any(squared < inner[:, None], axis=1)
        row, point = np.nonzero((squared <= self._upper_limit(error)) & ~near[:, None])
        exact = half_squared_of(self._rows, candidates[row], representatives[point])
        near[row[exact < self._half_squared_limit]] = True
        return near

    def _may_be_near(self, one: Index, other: Index) -> Mask:
        """Mask (one × other) of the pairs that may be near: all that are, and few others."""
        squared, error = self._squared(one, other)
        return squared <= self._upper_limit(error)

    def _upper_limit(self, error: Vector) -> Single:
        """The largest d̂² that a near pair can have, a column (candidates × 1); ``error``: the bound per candidate."""
        outer = (2 * self._half_squared_limit + error).astype(np.float32)
        return np.nextafter(outer, np.float32(np.inf))[:, None]

    def _squared(self, candidates: Index, representatives: Index) -> tuple[Single, Vector]:
        """(d̂², a float32 matrix candidates × representatives; its absolute error bound, one per candidate).

        d̂² may be below 0 by rounding. Both arguments are numbers of rows.
        """
        points = Points(self._rows[representatives], self._geometry)
        seen = self._geometry.centred(self._rows[candidates])
        norms = np.einsum("ij,ij->i", seen, seen)
        squared = seen @ points.scaled.T
        squared += points.norms
        squared += norms[:, None]
        reach = np.sqrt(norms, dtype=np.float64) + points.reach
        return squared, self._geometry.relative_error * reach**2

    def nearest(self, representatives: Index, poll: Poll) -> tuple[Index, Vector]:
        """(number of the nearest representative, ½ d² to it in float64) of each row; of equally near ones the first.

        A representative is its own, at 0. ``representatives``: as the method of that name gave them, ascending.
        ``poll`` is called once per 1,024 open rows.
        """
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
        """(number of the nearest representative, ½ d² to it in float64) of each of ``duplicates``, by comparing all.

        Of equally near ones the one of the lowest number. (−1, ∞) without representatives.
        """
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
