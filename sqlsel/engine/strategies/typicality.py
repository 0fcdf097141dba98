"""TYPICALITY: samples in the dense parts of the data, by the distances to their nearest neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np

from sqlsel.engine.kernels.exact import Index, Matrix, Vector, exact_total, exp_portable, tree_sum
from sqlsel.engine.kernels.object_lists import Embeddings, ingest_embeddings, means
from sqlsel.engine.neighbours.graphs import IN_MEMORY, Graphs
from sqlsel.engine.neighbours.neighbour_distances import EXACT_ROWS, neighbour_distances
from sqlsel.engine.neighbours.recall import Recall
from sqlsel.engine.objective import Prepared, Sums
from sqlsel.engine.objective.object_sums import ObjectSums, object_column
from sqlsel.engine.objective.option_checks import (
    at_least_zero,
    check_flag,
    check_strength,
    flattened,
    named,
    whole,
)
from sqlsel.engine.objective.protocol import Mask, Poll, no_poll
from sqlsel.engine.objective.strategy import Pool, Strategy, Takes

_CHUNK = 1 << 14


@dataclass(frozen=True, eq=False)
class Typicality(Strategy):
    """Prefer typical samples: U = Σ w, w the mean of exp(−d / D) over the distances d to the nearest other samples.

    D is the mean of all those distances. The input has a vector per sample, or a list of vectors: the sample's
    objects. Then a candidate counts with the mean over its objects, whose neighbours are among all other objects,
    a pick adds all of them, and a sample without objects has U = 1e-8.
    ``neighbors``: how many, at least 2; all others where there are fewer. ``strength``: exponent; negative prefers
    outliers. ``min_typicality``: samples with less are not picked (those without objects are not barred).
    ``normalize``: bring vectors to unit length first. ``approximate``: find neighbours through a graph, or exactly;
    default: exactly up to 20,000 vectors.
    """

    kind: ClassVar[str] = "typicality"
    takes: ClassVar[Takes] = "vectors"
    unit_distance: ClassVar[bool] = True
    selects: ClassVar[str] = "rows in the dense parts of the data."
    keeps_graphs: ClassVar[bool] = True

    input: Any
    _: KW_ONLY
    neighbors: int = 20
    strength: float = 1.0
    min_typicality: float | None = None
    normalize: bool = True
    approximate: bool | None = None

    def __post_init__(self) -> None:
        whole("neighbors", self.neighbors, 2)
        check_strength(self.strength)
        at_least_zero("min_typicality", self.min_typicality)
        check_flag("normalize", self.normalize)
        if self.approximate is not None:
            check_flag("approximate", self.approximate)

    @classmethod
    def explained(cls, options: Mapping[str, str], graphs: Any) -> Iterator[str]:
        approximate = options.get("approximate", "NULL").strip().upper()
        exact = "TYPICALITY: exact, every vector compared with every other"
        if approximate == "FALSE":
            yield exact
            return
        if approximate == "TRUE":
            yield "TYPICALITY: approximate, neighbours from a graph (hnswlib)"
        else:
            yield f"{exact}; above {EXACT_ROWS:,} from a graph (hnswlib)"
        yield from (f"graph kept of {name}: {recall}" for name, recall in graphs.stored())

    def prepare(self, values: Any, present: Mask, pool: Pool) -> Prepared:
        """The typicality of each row of the pool; neighbours are searched in the order of the ids.

        So the result does not depend on the order of the rows.
        """
        embeddings = ingest_embeddings(
            values,
            present,
            pool.rows,
            normalize=self.normalize,
            on_invalid=pool.on_invalid,
            name=named(self.input, "embedding"),
        )
        rows = embeddings.rows(_by_id(np.flatnonzero(embeddings.present & pool.rows), pool.order))
        approximate = self.approximate
        if approximate is None:
            approximate = len(rows) > EXACT_ROWS
        result = typicality(
            _some(embeddings.matrix, rows),
            int(self.neighbors),
            approximate=approximate,
            poll=pool.poll,
            graphs=pool.graphs or IN_MEMORY,
        )
        typical = np.zeros(len(embeddings.matrix))
        typical[rows] = result.values
        what = f"{len(rows):,} {'rows' if embeddings.objects is None else 'objects'}"
        notes = flattened(len(rows), embeddings.matrix.shape[1], normalize=self.normalize)
        input_warnings = () if approximate else notes
        if approximate:
            notes += (_note(what, result.recall),)
        prepared = self._prepared(embeddings, typical)
        return replace(prepared, notes=notes, input_warnings=input_warnings, exact=not approximate)

    def _prepared(self, embeddings: Embeddings, typical: Vector) -> Prepared:
        column, folded, objective = typical, typical, Sums(self.strength)
        if embeddings.objects is not None:
            offsets = embeddings.objects.offsets
            folded, objective = means(typical, offsets), ObjectSums(self.strength)
            column = object_column(folded, typical, offsets)
        least = self.min_typicality
        feasible = None if least is None else folded >= least
        rule = "" if least is None else f"min_typicality {least:g}"
        return Prepared(column, embeddings.present, objective, feasible=feasible, rule=rule)


def _by_id(used: Index, order: Index | None) -> Index:
    """The row numbers ``used``, sorted by their ids' rank."""
    return used if order is None else used[np.argsort(order[used], kind="stable")]


def _note(what: str, recall: Recall | None) -> str:
    measured = "" if recall is None else f", {recall}"
    return f"typicality of {what} is approximate (hnswlib){measured}"


class Typical(NamedTuple):
    """The typicality of each row; ``recall``: of the graph, None where neighbours are exact."""

    values: Vector
    recall: Recall | None


def typicality(
    rows: Matrix,
    neighbors: int,
    *,
    approximate: bool,
    poll: Poll = no_poll,
    graphs: Graphs = IN_MEMORY,
) -> Typical:
    """The typicality of each row: 0 far from all others, 1 for a single row and for rows that are all equal."""
    count = min(neighbors, len(rows) - 1)
    if count < 1:
        return Typical(np.ones(len(rows)), None)
    distances, copy, recall = neighbour_distances(
        rows, count, approximate=approximate, poll=poll, graphs=graphs
    )
    parts = [copy[at : at + _CHUNK] for at in range(0, len(rows), _CHUNK)]
    total = exact_total(d for part in parts for d in distances[part].ravel().tolist())
    mean = total / (len(rows) * count)
    if mean == 0:
        return Typical(np.ones(len(rows)), recall)
    result = np.empty(len(distances))
    for at in range(0, len(distances), _CHUNK):
        near = exp_portable(-distances[at : at + _CHUNK] / mean)
        result[at : at + _CHUNK] = tree_sum(near) / count
    return Typical(result[copy], recall)


def _some(matrix: Matrix, numbers: Index) -> Matrix:
    """The rows of these numbers; the matrix itself, uncopied, where they are all rows in order."""
    every = len(numbers) == len(matrix) and (numbers == np.arange(len(matrix))).all()
    return matrix if every else matrix[numbers]
