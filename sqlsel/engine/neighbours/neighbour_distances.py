"""The distances of each row to its nearest other rows: exact, or of those that a graph finds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sqlsel.engine.kernels.exact import Index, Matrix, Vector
from sqlsel.engine.neighbours.copies import Poll, distinct, with_copies
from sqlsel.engine.neighbours.exact_neighbours import nearest_others
from sqlsel.engine.neighbours.graph import Graph
from sqlsel.engine.neighbours.graphs import IN_MEMORY, Graphs
from sqlsel.engine.neighbours.recall import Recall, measured, spread

EXACT_ROWS = 20_000  # up to here all pairs are compared, unless told otherwise

_AT_ONCE = 1024  # rows that are searched between two looks at whether the search fails


class Neighbours(NamedTuple):
    """Row i has its least distances, ascending, at ``distances[copy[i]]``; ``recall`` where a graph found them."""

    distances: Vector
    copy: Index
    recall: Recall | None


def neighbour_distances(
    rows: Matrix, count: int, *, approximate: bool, poll: Poll, graphs: Graphs = IN_MEMORY
) -> Neighbours:
    """The ``count`` least distances of each row to other rows; equal rows are searched once, and counted.

    ``count`` must be below the number of rows; ``approximate`` searches a graph that is built in the
    order of the rows. Whichever finds the neighbours, their distances are exact.
    """
    copy, first = distinct(rows, poll)
    unique = rows if len(first) == len(rows) else rows[first]
    wanted = min(count, len(first) - 1)
    if wanted == 0:
        return Neighbours(np.zeros((len(first), count)), copy, None)
    recall = None
    if approximate:
        halves, numbers = found_others(graphs.get(unique, len(rows), poll), wanted, poll)
        sample = spread(len(unique))
        recall = measured(unique, sample, halves[sample], poll)
    else:
        halves, numbers = nearest_others(unique, wanted, poll)
    distances = np.sqrt(2 * halves)
    if len(first) < len(rows):
        distances = with_copies(distances, np.bincount(copy), numbers, count)
    return Neighbours(distances, copy, recall)


def found_others(
    graph: Graph, count: int, poll: Poll, own: Index | None = None
) -> tuple[Vector, Index]:
    """Like ``nearest_others``, as the graph finds them; exact where it finds too few."""
    wanted = np.arange(len(graph.rows)) if own is None else own
    halves, numbers = np.empty((len(wanted), count)), np.empty((len(wanted), count), np.int64)
    for at in range(0, len(wanted), _AT_ONCE):
        part = slice(at, at + _AT_ONCE)
        found = graph.nearest_others(wanted[part], count, poll)
        if found is None:
            found = nearest_others(graph.rows, count, poll, wanted[part])
        halves[part], numbers[part] = found
    return halves, numbers
