"""Where graphs come from: built in memory, unless someone keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from sqlsel.engine.kernels.exact import Matrix
from sqlsel.engine.neighbours.copies import Poll
from sqlsel.engine.neighbours.graph import Graph
from sqlsel.engine.neighbours.recall import Recall


class Graphs(Protocol):
    """Gives the graph of any rows; the same graph, wherever it comes from."""

    def get(self, rows: Matrix, of: int, poll: Poll) -> Graph:
        """The graph of ``rows``, the distinct ones ``of`` so many vectors."""
        ...

    def kept(self) -> Iterable[tuple[str, Recall]]:
        """The graphs that are kept, and the recall that was measured of each."""
        ...


class InMemory:
    """Builds each graph when it is asked for, and keeps none."""

    def get(self, rows: Matrix, of: int, poll: Poll) -> Graph:
        """The graph of ``rows``, built."""
        return Graph.build(rows, poll)

    def kept(self) -> tuple[()]:
        """None."""
        return ()


IN_MEMORY: Graphs = InMemory()
