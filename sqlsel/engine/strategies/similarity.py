"""SIMILARITY: samples near to any of the query vectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from sqlsel.engine.kernels.exact import exact_total, exp_portable
from sqlsel.engine.kernels.object_lists import greatest, ingest_embeddings
from sqlsel.engine.kernels.vector_input import as_matrix, ingest_vectors
from sqlsel.engine.neighbours.nearest_queries import EXACT_PAIRS, nearest_queries
from sqlsel.engine.objective import Prepared, Sums
from sqlsel.engine.objective.object_sums import ObjectSums, object_column
from sqlsel.engine.objective.option_checks import check_flag, check_strength, flattened, named
from sqlsel.engine.objective.protocol import Mask
from sqlsel.engine.objective.strategy import Pool, Strategy, Takes
from sqlsel.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Similarity(Strategy):
    """Prefer samples near a query: U = Σ exp(−d / mean d), d the distance to the nearest query vector.

    The input has a vector per sample, or a list of vectors: the sample's objects. Then a candidate counts with the
    most similar one, a pick adds all of them, and a sample without objects has U = 1e-8.
    ``query``: one row per query vector. ``strength``: exponent; negative prefers samples unlike the queries.
    ``normalize``: bring vectors and queries to unit length first. ``approximate``: find the nearest query through
    a graph, or exactly; default: exactly up to 40,000,000,000 pairs of vector and query.
    """

    kind: ClassVar[str] = "similarity"
    takes: ClassVar[Takes] = "vectors"
    unit_distance: ClassVar[bool] = True
    selects: ClassVar[str] = "rows near to any of the query vectors."
    second: ClassVar[str | None] = "query"
    example: ClassVar[str] = "(SELECT embedding FROM wanted)"

    input: Any
    query: Any
    _: KW_ONLY
    strength: float = 1.0
    normalize: bool = True
    approximate: bool | None = None

    def __post_init__(self) -> None:
        check_strength(self.strength)
        check_flag("normalize", self.normalize)
        if self.approximate is not None:
            check_flag("approximate", self.approximate)
        if self.query is None or isinstance(self.query, Mapping):
            kind = type(self.query).__name__
            raise TypeError(f"query must be a vector or a list of vectors, got {kind}")

    def prepare(self, values: Any, present: Mask, pool: Pool) -> Prepared:
        """The similarity of each row, exp(−d / mean d); the mean is over the rows of the pool."""
        embeddings = ingest_embeddings(
            values,
            present,
            pool.rows,
            normalize=self.normalize,
            on_invalid=pool.on_invalid,
            name=named(self.input, "embedding"),
        )
        matrix, present, objects = embeddings.matrix, embeddings.present, embeddings.objects
        used = embeddings.rows(np.flatnonzero(present & pool.rows))
        queries = self._queries(matrix.shape[1] if len(used) else None)
        distance = np.zeros(len(matrix))
        approximate = self.approximate
        if approximate is None:
            approximate = len(used) * len(queries) > EXACT_PAIRS
        nearest = nearest_queries(matrix, used, queries, approximate=approximate, poll=pool.poll)
        distance[used] = np.sqrt(2 * nearest.halves)
        mean = exact_total(distance[used].tolist()) / max(len(used), 1)
        near = exp_portable(-distance / mean) if mean > 0 else np.ones(len(matrix))
        flat = flattened(len(used), matrix.shape[1], normalize=self.normalize)
        what = "rows" if objects is None else "objects"
        notes = nearest.notes(f"similarity of {len(used):,} {what} to {len(queries):,} queries")
        input_warnings = () if notes else flat
        if objects is not None:
            column = object_column(greatest(near, objects.offsets), near, objects.offsets)
            kind = ObjectSums(self.strength)
            return Prepared(column, present, kind, notes + flat, input_warnings, exact=not notes)
        column = np.where(present, near, 0.0)
        return Prepared(
            column, present, Sums(self.strength), notes + flat, input_warnings, exact=not notes
        )

    @classmethod
    def explained(cls, options: Mapping[str, str], graphs: Any) -> Iterator[str]:
        approximate = options.get("approximate", "NULL").strip().upper()
        exact = "SIMILARITY: exact distance to the nearest query, once per row"
        if approximate == "TRUE":
            yield "SIMILARITY: approximate, the nearest query from a graph (hnswlib)"
        elif approximate == "FALSE":
            yield exact
        else:
            yield f"{exact}; above {EXACT_PAIRS:,} pairs of row and query from a graph (hnswlib)"

    def _queries(self, dimension: int | None) -> Any:
        """The query vectors, one per row; InvalidInput if they are none, or not of this dimension."""
        rows = self.query
        if isinstance(rows, (str, int, float)) or not hasattr(rows, "__getitem__"):
            message = f"query must be a vector or a list of vectors, got {rows!r}"
            raise InvalidInput(message, option="query")
        if hasattr(rows, "__array__"):
            rows = np.asarray(rows)  # the labels of a Series need not begin at 0
        if len(rows) == 0:
            message = "query: no query vector; SIMILARITY needs at least one"
            raise InvalidInput(message, option="query")
        if np.ndim(rows[0]) == 0:  # a single vector
            rows = [rows]
        rows = as_matrix(rows, "query")
        every = np.ones(len(rows), np.bool_)
        queries, _ = ingest_vectors(
            rows, every, every, normalize=self.normalize, on_invalid="error", name="query"
        )
        if dimension is not None and queries.shape[1] != dimension:
            raise InvalidInput(
                f"query embeddings have {queries.shape[1]} dimensions, the column has {dimension}",
                option="query",
            )
        return queries
