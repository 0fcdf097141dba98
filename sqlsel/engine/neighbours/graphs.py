"""Sources of neighbour graphs: built in memory here, or stored on disk (shelf.py)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from sqlsel.engine.kernels.exact import Matrix
from sqlsel.engine.neighbours.copies import Poll
from sqlsel.engine.neighbours.graph import Graph
from sqlsel.engine.neighbours.recall import Recall


class Graphs(Protocol):
    """Gives the graph of any rows: built, or loaded; both are equal."""

    def get(self, rows: Matrix, of: int, poll: Poll) -> Graph:
        """The graph of ``rows``, which are the distinct ones of ``of`` vectors."""
        ...

    def stored(self) -> Iterable[tuple[str, Recall]]:
        """(name, measured recall) of each stored graph."""
        ...


class InMemory:
    """Builds each graph anew, and stores none."""

    def get(self, rows: Matrix, of: int, poll: Poll) -> Graph:
        """The graph of ``rows``, built."""
        return Graph.build(rows, poll)

    def stored(self) -> tuple[()]:
        """An empty tuple: no graph is stored."""
        return ()


IN_MEMORY: Graphs = InMemory()
