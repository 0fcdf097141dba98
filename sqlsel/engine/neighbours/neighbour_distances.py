"""The distances of each row to its k nearest other rows, found exactly or by a graph."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sqlsel.engine.kernels.exact import Index, Matrix, Vector
from sqlsel.engine.neighbours.copies import Poll, distinct, with_copies
from sqlsel.engine.neighbours.exact_neighbours import nearest_others
from sqlsel.engine.neighbours.graph import Graph
from sqlsel.engine.neighbours.graphs import IN_MEMORY, Graphs
from sqlsel.engine.neighbours.recall import Recall, measured, spread

EXACT_ROWS = 20_000  # up to here, by default, all pairs are compared

_AT_ONCE = 1024  # rows per search: where the graph fails for one of them, all are compared exactly


class Neighbours(NamedTuple):
    """``distances[copy[i]]``: those of row i, ascending; ``recall``: of the graph, None where all were compared."""

    distances: Vector
    copy: Index
    recall: Recall | None


def neighbour_distances(
    rows: Matrix, count: int, *, approximate: bool, poll: Poll, graphs: Graphs = IN_MEMORY
) -> Neighbours:
    """The ``count`` least distances of each row to other rows; equal rows count as often as they occur.

    ``count`` must be below the number of rows. ``approximate``: neighbours are those that a graph finds, which is
    built in the order of the rows; their distances are exact in any case.
    """
    copy, first = distinct(rows, poll)
    unique = rows if len(first) == len(rows) else rows[first]
    n_neighbours = min(count, len(first) - 1)
    if n_neighbours == 0:
        return Neighbours(np.zeros((len(first), count)), copy, None)
    recall = None
    if approximate:
        halves, numbers = graph_neighbours(graphs.get(unique, len(rows), poll), n_neighbours, poll)
        sample = spread(len(unique))
        recall = measured(unique, sample, halves[sample], poll)
    else:
        halves, numbers = nearest_others(unique, n_neighbours, poll)
    distances = np.sqrt(2 * halves)
    if len(first) < len(rows):
        distances = with_copies(distances, np.bincount(copy), numbers, count)
    return Neighbours(distances, copy, recall)


def graph_neighbours(
    graph: Graph, count: int, poll: Poll, own: Index | None = None
) -> tuple[Vector, Index]:
    """As ``nearest_others``, by the graph; exact for blocks of rows for which it finds too few."""
    row_numbers = np.arange(len(graph.rows)) if own is None else own
    halves, numbers = (
        np.empty((len(row_numbers), count)),
        np.empty((len(row_numbers), count), np.int64),
    )
    for at in range(0, len(row_numbers), _AT_ONCE):
        part = slice(at, at + _AT_ONCE)
        neighbours = graph.nearest_others(row_numbers[part], count, poll)
        if neighbours is None:
            neighbours = nearest_others(graph.rows, count, poll, row_numbers[part])
        halves[part], numbers[part] = neighbours
    return halves, numbers
