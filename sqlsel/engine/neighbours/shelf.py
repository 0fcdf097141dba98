"""The stored graphs of a catalogue: one per embedding model and metric, in a folder beside its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from sqlsel.engine.kernels.exact import Matrix
from sqlsel.engine.neighbours.copies import Poll
from sqlsel.engine.neighbours.graph import Graph
from sqlsel.engine.neighbours.graph_store import StoredGraphs
from sqlsel.engine.neighbours.neighbour_distances import graph_neighbours
from sqlsel.engine.neighbours.recall import Recall, measured, spread
from sqlsel.engine.neighbours.sidecar import METRICS, described

LEAST_ROWS = 1000  # smaller graphs are not stored: building one is faster than reading it

_NEIGHBORS = 20  # for the stored recall
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Place:
    """Where the graph of a table of ``count`` vectors of ``dimension`` numbers is stored.

    ``folder`` may be missing: it is made with the first graph. ``name``: as ``place_name`` gives it; the files are
    ``<name>.<metric>.hnsw`` and ``.json``.
    """

    folder: Path
    name: str
    count: int
    dimension: int


@dataclass(frozen=True)
class Shelf:
    """Loads stored graphs, and stores those that it builds of a whole table of embeddings.

    The table is guessed from the number and length of the vectors; a stored graph is used only if the hash of its
    vectors is that of the rows. ``places``: of all tables; ``least``: fewer distinct rows than that are not stored.
    """

    places: tuple[Place, ...]
    least: int = LEAST_ROWS

    def get(self, rows: Matrix, of: int, poll: Poll) -> Graph:
        """The graph of ``rows``, a float32 matrix of the distinct ones of ``of`` vectors: loaded, or built.

        A graph that is built is stored where a place has as many vectors of this length, and there are at least
        ``least`` rows: under the first such name that holds no graph, else in place of the first. A stored graph that
        is damaged, or of other vectors, is treated as missing, and a failure to store it is no error. ``poll``: called
        often without arguments; an exception that it raises ends the work.
        """
        fitting = [p for p in self.places if (p.count, p.dimension) == (of, rows.shape[1])]
        if not fitting or len(rows) < self.least:
            return Graph.build(rows, poll)
        about = described(rows, poll)
        stores = [(StoredGraphs(p.folder), f"{p.name}.{about['metric']}") for p in fitting]
        for store, name in stores:
            loaded = store.load(name, rows, about, poll)
            if loaded is not None:
                return loaded
        graph = Graph.build(rows, poll)
        store, name = next((s for s in stores if s[0].facts(s[1]) is None), stores[0])
        store.save(name, graph, about, _recall(graph, poll))
        return graph

    def stored(self) -> Iterator[tuple[str, Recall]]:
        """Yields ("<dataset>.<model> (<metric>)", the recall measured when it was built) of each stored graph.

        The metric is "unit" or "raw", the names are as in the file name. Graphs without a recall, and those whose
        sidecar this user did not sign, are left out. Reads the sidecars only.
        """
        for place in self.places:
            for metric in METRICS:
                facts = StoredGraphs(place.folder).facts(f"{place.name}.{metric}") or {}
                if "recall" in facts:
                    yield f"{place.name} ({metric})", Recall(*facts["recall"])


def _recall(graph: Graph, poll: Poll) -> Recall | None:
    """The recall of the 20 nearest neighbours, measured on up to 200 rows; None for a graph of fewer than two rows."""
    sample, count = spread(len(graph.rows)), min(_NEIGHBORS, len(graph.rows) - 1)
    if count < 1:
        return None
    return measured(graph.rows, sample, graph_neighbours(graph, count, poll, sample)[0], poll)


def place_name(dataset: str, model: str) -> str:
    """``<dataset>.<model>``, from which the file names of a model's graph are made; different for different models."""
    return f"{_file_name(dataset)}.{_file_name(model)}"


def _file_name(name: str) -> str:
    """The name with all but ASCII letters, digits and _-~ percent-encoded, so without ``/`` and ``.``.

    At most 100 characters: a longer one is cut, and ends with ``~`` and 16 digits of the sha256 of the whole name.
    """
    safe = quote(name, safe="").replace(".", "%2E")
    if len(safe) <= _LONGEST_NAME:
        return safe
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{safe[: _LONGEST_NAME - 17]}~{digest}"
