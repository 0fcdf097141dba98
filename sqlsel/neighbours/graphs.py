"""Where graphs come from: built in memory, unless someone keeps them."""

from __future__ import annotations

from typing import Protocol

from sqlsel.kernels.exact import Matrix
from sqlsel.neighbours.copies import Poll
from sqlsel.neighbours.graph import Graph


class Graphs(Protocol):
    """Gives the graph of any rows; the same graph, wherever it comes from."""

    def get(self, rows: Matrix, of: int, poll: Poll) -> Graph:
        """The graph of ``rows``, the distinct ones ``of`` so many vectors."""
        ...


class InMemory:
    """Builds each graph when it is asked for, and keeps none."""

    def get(self, rows: Matrix, of: int, poll: Poll) -> Graph:
        """The graph of ``rows``, built."""
        return Graph.build(rows, poll)


IN_MEMORY: Graphs = InMemory()
