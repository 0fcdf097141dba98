"""The rows nearest to each query vector: exact, or found by a graph over the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sqlsel.engine.kernels.exact import Index, Matrix, Vector, half_squared
from sqlsel.engine.kernels.nearest import Points, choose_geometry
from sqlsel.engine.neighbours.copies import Poll, distinct
from sqlsel.engine.neighbours.graph import Graph
from sqlsel.engine.neighbours.graphs import IN_MEMORY, Graphs
from sqlsel.engine.neighbours.recall import Recall, spread

_BLOCK = 1 << 22  # products per block
_PAIRS = 4096
_MOST = 1024  # rows of the widest search of a graph; if they do not suffice, all are compared

Near = tuple[Index, Vector]  # numbers of rows, and their distances, nearest first


@dataclass(frozen=True)
class Search:
    """What to search: ``count`` rows per query, at least ``least`` away; ``own``: per query its own row, or −1."""

    count: int
    own: Index
    least: float = 0.0


def most_similar(
    rows: Matrix,
    queries: Matrix,
    search: Search,
    *,
    approximate: bool,
    poll: Poll,
    graphs: Graphs = IN_MEMORY,
) -> tuple[list[Near], Recall | None]:
    """(nearest rows of each query, sorted by (distance, number); recall of the graph, None where exact).

    A query has fewer rows where no more are far enough. Distances are exact.
    """
    if len(rows) == 0:
        nothing = (np.empty(0, np.int64), np.empty(0))
        return [nothing] * len(queries), None
    if not approximate:
        return _from_all(rows, queries, search, poll), None
    copy, first = distinct(rows, poll)
    unique = rows if len(first) == len(rows) else rows[first]
    members = np.split(np.argsort(copy, kind="stable"), np.cumsum(np.bincount(copy))[:-1])
    graph = graphs.get(unique, len(rows), poll)
    results: list[Near] = []
    for i, query in enumerate(queries):
        near = _from_graph(graph, members, query, _for_query(search, i), poll)
        results.append(near or _from_all(rows, query[None], _for_query(search, i), poll)[0])
    return results, _recall(rows, queries, search, results, poll)


def _for_query(search: Search, query: int) -> Search:
    return Search(search.count, search.own[query : query + 1], search.least)


def _recall(
    rows: Matrix, queries: Matrix, search: Search, results: list[Near], poll: Poll
) -> Recall | None:
    some = spread(len(queries))
    sampled = Search(search.count, search.own[some], search.least)
    true = _from_all(rows, queries[some], sampled, poll)
    hits = total = 0
    for number, (_, exact) in zip(some.tolist(), true, strict=True):
        total += len(exact)
        hits += int((results[number][1] <= exact[-1:]).sum()) if len(exact) else 0
    return Recall(hits / total, search.count, len(some)) if total else None


# ---- exact


def _from_all(rows: Matrix, queries: Matrix, search: Search, poll: Poll) -> list[Near]:
    """The nearest rows of each query, exact, by comparison with all rows."""
    points = Points(rows, choose_geometry(rows))
    results: list[Near] = []
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
            one = _for_query(search, at + i)
            results.append(_decided(rows, query, distance[i].astype(np.float64), error[i], one))
    return results


def _decided(rows: Matrix, query: Matrix, squared: Vector, error: float, search: Search) -> Near:
    """The nearest rows of one query; ``squared``: d² of all rows, each wrong by at most ``error``."""
    least = 0.5 * search.least * search.least
    if search.own[0] >= 0:
        squared[search.own[0]] = np.inf
    sure = squared[(squared - error >= 2 * least) & np.isfinite(squared)]
    limit = float(np.finfo(np.float64).max)
    if len(sure) >= search.count:
        limit = float(np.partition(sure, search.count - 1)[search.count - 1]) + 2 * error
    maybe = np.flatnonzero((squared <= limit) & (squared + error >= 2 * least))
    exact = np.empty(len(maybe))
    for at in range(0, len(maybe), _PAIRS):
        exact[at : at + _PAIRS] = half_squared(rows[maybe[at : at + _PAIRS]], query)
    return _first(maybe, exact, least, search.count)


def _first(numbers: Index, halves: Vector, least: float, count: int) -> Near:
    """The first ``count`` rows by (distance, number) whose ½ d² is at least ``least``."""
    far = halves >= least
    numbers, halves = numbers[far], halves[far]
    order = np.lexsort((numbers, halves))[:count]
    return numbers[order], np.sqrt(2 * halves[order])


# ---- approximate


def _from_graph(
    graph: Graph, members: list[Index], query: Matrix, search: Search, poll: Poll
) -> Near | None:
    """The nearest rows found by the graph; None where it finds too few, or too many at one distance.

    The search is repeated with four times the rows until the last one found is farther than the ``count``-th, so
    that all rows at that distance are seen, and ties go to the lowest number.
    """
    least, width = 0.5 * search.least * search.least, search.count + 1
    while width <= max(_MOST, 4 * search.count):
        width = min(width, len(graph.rows))
        neighbours = graph.nearest(query[None], width, poll)
        if neighbours is None:
            return None
        nodes = [members[number] for number in neighbours[1][0].tolist()]
        halves = np.repeat(neighbours[0][0], [len(rows) for rows in nodes])
        numbers = np.concatenate(nodes)
        other = numbers != search.own[0]
        near = _first(numbers[other], halves[other], least, search.count)
        if width == len(graph.rows):
            return near
        last = neighbours[0][0, -1] / (1 + graph.relative_error)
        if len(near[0]) == search.count and 0.5 * near[1][-1] ** 2 < last:
            return near
        width *= 4
    return None
