"""Pairs of rows that are nearer than a limit, found by a graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index, Matrix, Vector
from sqlsel.engine.kernels.nearest import Points, choose_geometry
from sqlsel.engine.neighbours.copies import Poll
from sqlsel.engine.neighbours.exact_neighbours import half_squared_of
from sqlsel.engine.neighbours.graph import Graph
from sqlsel.engine.neighbours.neighbour_distances import graph_neighbours
from sqlsel.engine.neighbours.recall import spread

_STEPS = (
    16,
    64,
)  # neighbours per search, first and second try; a row with more near ones stays open


@dataclass(frozen=True)
class NearPairs:
    """The near rows of row i are ``others[starts[i]:starts[i + 1]]``, at ``halves`` (½ d²).

    ``open``: mask of rows whose list is incomplete. ``recall``: the share of near pairs found, of a sample of rows.
    """

    open: NDArray[np.bool_]
    starts: Index
    others: Index
    halves: Vector
    recall: float | None

    def near(self, row: int) -> Index:
        """The listed near rows of a row."""
        return self.others[self.starts[row] : self.starts[row + 1]]

    def near_with_halves(self, row: int) -> tuple[Index, Vector]:
        """(near rows, their ½ d²) of a row."""
        part = slice(self.starts[row], self.starts[row + 1])
        return self.others[part], self.halves[part]


def pairs_of_all(rows: int) -> NearPairs:
    """No pairs, and every row open: for a search that compares all."""
    nothing = np.empty(0, np.int64)
    starts = np.zeros(rows + 1, np.int64)
    return NearPairs(np.ones(rows, np.bool_), starts, nothing, np.empty(0), None)


def pairs_of_graph(graph: Graph, limit: float, poll: Poll) -> NearPairs:
    """The pairs with ½ d² < ``limit`` that the graph finds from either of their rows.

    A row's search is repeated with more neighbours until the last one is not near, so its list is complete; a row
    with 64 near ones or more stays open.
    """
    rows = len(graph.rows)
    left, beyond = np.arange(rows), limit * (1 + graph.relative_error)
    lists = []
    for count in dict.fromkeys(min(step, rows - 1) for step in _STEPS):
        halves, numbers = graph_neighbours(graph, count, poll, left)
        near = halves < limit
        done = halves[:, -1] > beyond if count < rows - 1 else np.ones(len(left), np.bool_)
        last = count == min(_STEPS[-1], rows - 1)
        keep = near & (done | last)[:, None]
        lists.append((np.repeat(left, keep.sum(axis=1)), numbers[keep]))
        left = left[~done]
    is_open = np.zeros(rows, np.bool_)
    is_open[left] = True
    one = np.concatenate([a for a, _ in lists])
    other = np.concatenate([b for _, b in lists])
    return _both_ways(graph.rows, one, other, limit, is_open, poll)


def _both_ways(
    rows: Matrix, one: Index, other: Index, limit: float, is_open: NDArray[np.bool_], poll: Poll
) -> NearPairs:
    """Lists of near rows for both rows of each pair (one, other), duplicates removed."""
    codes = np.unique(np.minimum(one, other) * len(rows) + np.maximum(one, other))
    low, high = codes // len(rows), codes % len(rows)
    exact = half_squared_of(rows, low, high)
    row, near = np.concatenate([low, high]), np.concatenate([high, low])
    order = np.argsort(row, kind="stable")
    starts = np.searchsorted(row[order], np.arange(len(rows) + 1))
    halves = np.concatenate([exact, exact])[order]
    pairs = NearPairs(is_open, starts, near[order], halves, None)
    return NearPairs(is_open, starts, near[order], halves, _recall(rows, pairs, limit, poll))


def _recall(rows: Matrix, pairs: NearPairs, limit: float, poll: Poll) -> float:
    """The share of a sample's near pairs that were found; those of open rows count as found.

    Open rows are compared with all representatives later.
    """
    points = Points(rows, choose_geometry(rows))
    hits = total = 0
    for row in spread(len(rows)).tolist():
        poll()
        listed = len(pairs.near(row))
        seen = points.geometry.centred(rows[row : row + 1])
        squared = (points.norms + (points.scaled @ seen[0])).astype(np.float64)
        norm = float(np.einsum("ij,ij->i", seen, seen)[0])
        error = points.geometry.relative_error * (norm**0.5 + points.reach) ** 2
        maybe = np.flatnonzero(squared + norm - error <= 2 * limit)
        exact = half_squared_of(rows, np.full(len(maybe), row), maybe)
        true = int((exact < limit).sum()) - 1
        total += true
        hits += true if pairs.open[row] else listed
    return hits / total if total else 1.0
