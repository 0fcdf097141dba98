"""The rows that are nearest to each of some queries: exact, or as a graph over the rows finds them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sqlsel.engine.kernels.exact import Index, Matrix, Vector, half_squared
from sqlsel.engine.kernels.nearest import Points, choose_geometry
from sqlsel.engine.neighbours.copies import Poll, distinct
from sqlsel.engine.neighbours.graph import Graph
from sqlsel.engine.neighbours.graphs import IN_MEMORY, Graphs
from sqlsel.engine.neighbours.recall import Recall, spread

_BLOCK = 1 << 22  # products at once
_PAIRS = 4096
_MOST = 1024  # rows that a graph is asked for; then all are compared

Near = tuple[Index, Vector]  # numbers of rows, and their distances, nearest first


@dataclass(frozen=True)
class Wanted:
    """``count`` rows per query that are at least ``least`` away; ``own``: the query's own row, or −1."""

    count: int
    own: Index
    least: float = 0.0


def most_similar(
    rows: Matrix,
    queries: Matrix,
    wanted: Wanted,
    *,
    approximate: bool,
    poll: Poll,
    graphs: Graphs = IN_MEMORY,
) -> tuple[list[Near], Recall | None]:
    """The nearest rows of each query, by (distance, number of the row), and the recall of a graph.

    There are fewer where there are no more rows. Distances are exact.
    """
    if len(rows) == 0:
        nothing = (np.empty(0, np.int64), np.empty(0))
        return [nothing] * len(queries), None
    if not approximate:
        return _from_all(rows, queries, wanted, poll), None
    copy, first = distinct(rows, poll)
    unique = rows if len(first) == len(rows) else rows[first]
    members = np.split(np.argsort(copy, kind="stable"), np.cumsum(np.bincount(copy))[:-1])
    graph = graphs.get(unique, len(rows), poll)
    found: list[Near] = []
    for i, query in enumerate(queries):
        near = _from_graph(graph, members, query, _of(wanted, i), poll)
        found.append(near or _from_all(rows, query[None], _of(wanted, i), poll)[0])
    return found, _recall(rows, queries, wanted, found, poll)


def _of(wanted: Wanted, query: int) -> Wanted:
    return Wanted(wanted.count, wanted.own[query : query + 1], wanted.least)


def _recall(
    rows: Matrix, queries: Matrix, wanted: Wanted, found: list[Near], poll: Poll
) -> Recall | None:
    some = spread(len(queries))
    asked = Wanted(wanted.count, wanted.own[some], wanted.least)
    true = _from_all(rows, queries[some], asked, poll)
    hits = total = 0
    for number, (_, exact) in zip(some.tolist(), true, strict=True):
        total += len(exact)
        hits += int((found[number][1] <= exact[-1:]).sum()) if len(exact) else 0
    return Recall(hits / total, wanted.count, len(some)) if total else None


# ---- exact


def _from_all(rows: Matrix, queries: Matrix, wanted: Wanted, poll: Poll) -> list[Near]:
    """The nearest rows of each query by comparing it with all."""
    points = Points(rows, choose_geometry(rows))
    found: list[Near] = []
    size = max(1, _BLOCK // len(rows))
    for at in range(0, len(queries), size):
        poll()
        part = queries[at : at + size]
        seen = points.geometry.centred(part)
        norms = np.einsum("ij,ij->i", seen, seen)
        distance = seen @ points.scaled.T
        distance += points.norms
        distance += norms[:, None]
        reach = np.sqrt(norms, dtype=np.float64) + points.reach
        error = points.geometry.relative_error * reach**2
        for i, query in enumerate(part):
            one = _of(wanted, at + i)
            found.append(_decided(rows, query, distance[i].astype(np.float64), error[i], one))
    return found


def _decided(rows: Matrix, query: Matrix, squared: Vector, error: float, wanted: Wanted) -> Near:
    """The nearest rows, where each d² is known to within ``error``."""
    least = 0.5 * wanted.least * wanted.least
    if wanted.own[0] >= 0:
        squared[wanted.own[0]] = np.inf
    sure = squared[(squared - error >= 2 * least) & np.isfinite(squared)]
    limit = float(np.finfo(np.float64).max)
    if len(sure) >= wanted.count:
        limit = float(np.partition(sure, wanted.count - 1)[wanted.count - 1]) + 2 * error
    maybe = np.flatnonzero((squared <= limit) & (squared + error >= 2 * least))
    exact = np.empty(len(maybe))
    for at in range(0, len(maybe), _PAIRS):
        exact[at : at + _PAIRS] = half_squared(rows[maybe[at : at + _PAIRS]], query)
    return _first(maybe, exact, least, wanted.count)


def _first(numbers: Index, halves: Vector, least: float, count: int) -> Near:
    """The first ``count`` by (distance, number) of those that are far enough."""
    far = halves >= least
    numbers, halves = numbers[far], halves[far]
    order = np.lexsort((numbers, halves))[:count]
    return numbers[order], np.sqrt(2 * halves[order])


# ---- approximate


def _from_graph(
    graph: Graph, members: list[Index], query: Matrix, wanted: Wanted, poll: Poll
) -> Near | None:
    """The nearest rows that the graph finds; None where it finds too few, or too many that are equally near.

    The search is widened until the last one found is farther than those that are wanted, so that ties go to the
    first of all.
    """
    least, asked = 0.5 * wanted.least * wanted.least, wanted.count + 1
    while asked <= max(_MOST, 4 * wanted.count):
        asked = min(asked, len(graph.rows))
        found = graph.nearest(query[None], asked, poll)
        if found is None:
            return None
        nodes = [members[number] for number in found[1][0].tolist()]
        halves = np.repeat(found[0][0], [len(rows) for rows in nodes])
        numbers = np.concatenate(nodes)
        other = numbers != wanted.own[0]
        near = _first(numbers[other], halves[other], least, wanted.count)
        if asked == len(graph.rows):
            return near
        last = found[0][0, -1] / (1 + graph.relative_error)
        if len(near[0]) == wanted.count and 0.5 * near[1][-1] ** 2 < last:
            return near
        asked *= 4
    return None
