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

EXACT_PAIRS = (
    40_000_000_000  # rows × queries up to which all pairs are compared, unless told otherwise
)

_FOUND = 4  # queries that the graph gives for each row, of which float64 takes the nearest
_ROWS = 4096


class ToQueries(NamedTuple):
    """½ d² of each row to its nearest query; ``recall``: the share of rows whose nearest one a graph found."""

    halves: Vector
    recall: float | None
    measured: int

    def notes(self, what: str) -> tuple[str, ...]:
        """What a result says of it; nothing where it is exact. A recall below 1 never reads 1.0000."""
        if self.recall is None:
            return ()
        share = math.floor(self.recall * 10_000) / 10_000
        found = f"recall of the nearest query {share:.4f} on {self.measured:,} rows"
        return (f"{what} is approximate (hnswlib), {found}",)


def nearest_queries(
    matrix: Matrix, used: Index, queries: Matrix, *, approximate: bool, poll: Poll
) -> ToQueries:
    """The distance of each row of ``matrix`` that is ``used`` to its nearest query; there must be a query.

    ``approximate`` searches a graph over the distinct queries, in an order that depends on them alone.
    """
    if not approximate:
        return ToQueries(_exact(matrix, used, queries, poll), None, 0)
    graph = Graph.build(np.unique(queries, axis=0), poll)
    halves = np.empty(len(used))
    for at in range(0, len(used), _ROWS):
        part = slice(at, at + _ROWS)
        found = graph.nearest(matrix[used[part]], min(_FOUND, len(graph.rows)), poll)
        if found is None:  # no way leads from the graph's entry to so many queries
            halves[part] = _exact(matrix, used[part], queries, poll)
        else:
            halves[part] = found[0][:, 0]
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
