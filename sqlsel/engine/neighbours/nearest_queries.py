"""The distance of each row to the nearest of many query vectors: exact, or through a graph over the queries."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sqlsel.engine.kernels.exact import Index, Matrix, Vector
from sqlsel.engine.kernels.nearest import Points, choose_geometry, exact_nearest
from sqlsel.engine.neighbours.copies import Poll
from sqlsel.engine.neighbours.graph import Graph
from sqlsel.engine.neighbours.recall import spread

EXACT_PAIRS = 40_000_000_000  # rows × queries up to which, by default, all pairs are compared

_FOUND = 4  # near queries from the graph per row, of which float64 takes the nearest
_ROWS = 4096


class ToQueries(NamedTuple):
    """½ d² of each row to its nearest query.

    ``recall``: the share of ``measured`` rows whose nearest query the graph found; None where all were compared.
    """

    halves: Vector
    recall: float | None
    measured: int

    def notes(self, what: str) -> tuple[str, ...]:
        """The note of a result, empty where it is exact; the recall is rounded down, so 1.0000 means 1."""
        if self.recall is None:
            return ()
        share = math.floor(self.recall * 10_000) / 10_000
        recall = f"recall of the nearest query {share:.4f} on {self.measured:,} rows"
        return (f"{what} is approximate (hnswlib), {recall}",)


def nearest_queries(
    matrix: Matrix, used: Index, queries: Matrix, *, approximate: bool, poll: Poll
) -> ToQueries:
    """The distance of the rows ``used`` of ``matrix`` to their nearest query; there must be a query.

    ``approximate``: by a graph over the distinct queries, which are sorted, so it does not depend on their order.
    """
    if not approximate:
        return ToQueries(_exact(matrix, used, queries, poll), None, 0)
    graph = Graph.build(np.unique(queries, axis=0), poll)
    halves = np.empty(len(used))
    for at in range(0, len(used), _ROWS):
        part = slice(at, at + _ROWS)
        neighbours = graph.nearest(matrix[used[part]], min(_FOUND, len(graph.rows)), poll)
        if neighbours is None:  # the graph is not connected, and too few queries can be reached
            halves[part] = _exact(matrix, used[part], queries, poll)
        else:
            halves[part] = neighbours[0][:, 0]
    sample = spread(len(used))
    true = _exact(matrix, used[sample], queries, poll)
    share = float((halves[sample] <= true).mean()) if len(sample) else 1.0
    return ToQueries(halves, share, len(sample))


def _exact(matrix: Matrix, used: Index, queries: Matrix, poll: Poll) -> Vector:
    some = matrix[used[:_ROWS]].reshape(-1, queries.shape[1])
    points = Points(queries, choose_geometry(np.concatenate([queries, some])))
    halves = np.empty(len(used))
    step = max(64, min(_ROWS, (1 << 24) // len(queries)))
    for at in range(0, len(used), step):
        poll()
        halves[at : at + step] = exact_nearest(matrix[used[at : at + step]], points)
    return halves
