"""SIMILARITY: samples near to any of the query vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sqlsel.errors import InvalidInput
from sqlsel.kernels.exact import exact_total, exp_portable
from sqlsel.kernels.nearest import Points, choose_geometry, exact_nearest
from sqlsel.kernels.objects import greatest, ingest_embeddings
from sqlsel.kernels.vectors import as_matrix, ingest_vectors
from sqlsel.objective import Prepared, Sums
from sqlsel.objective.object_sums import ObjectSums, object_column
from sqlsel.objective.options import check_flag, check_strength, named
from sqlsel.objective.protocol import Mask, Poll, never


@dataclass(frozen=True, eq=False)
class Similarity:
    """Prefer samples near a query: U = Σ exp(−d / mean d), d the distance to the nearest query vector.

    The input has a vector per sample, or a list of vectors: the sample's objects. Then a candidate counts with the
    most similar one, a pick adds all of them, and a sample without objects has U = 1e-8.
    ``query``: one row per query vector. ``strength``: exponent; negative prefers samples unlike the queries.
    ``normalize``: bring vectors and queries to unit length first.
    """

    kind: ClassVar[str] = "similarity"
    accepts: ClassVar[frozenset[str]] = frozenset({"EMBEDDINGS"})

    input: Any
    query: Any
    strength: float = 1.0
    normalize: bool = True

    def __post_init__(self) -> None:
        check_strength(self.strength)
        check_flag("normalize", self.normalize)

    def prepare(
        self, values: Any, present: Mask, pool: Mask, on_invalid: str, poll: Poll = never
    ) -> Prepared:
        """The similarity of each row; the mean distance is that of the rows of ``pool``."""
        given = ingest_embeddings(
            values,
            present,
            pool,
            normalize=self.normalize,
            on_invalid=on_invalid,
            name=named(self.input, "embedding"),
        )
        matrix, present, objects = given.matrix, given.present, given.objects
        queries = self._queries(matrix.shape[1] if len(matrix) else None)
        used = given.rows(np.flatnonzero(present & pool))
        distance = np.zeros(len(matrix))
        some = matrix[used[:4096]].reshape(-1, queries.shape[1])
        points = Points(queries, choose_geometry(np.concatenate([queries, some])))
        step = max(64, min(4096, (1 << 24) // max(len(queries), 1)))
        for at in range(0, len(used), step):
            poll()
            rows = used[at : at + step]
            distance[rows] = np.sqrt(2 * exact_nearest(matrix[rows], points))
        mean = exact_total(distance[used].tolist()) / max(len(used), 1)
        near = exp_portable(-distance / mean) if mean > 0 else np.ones(len(matrix))
        if objects is not None:
            column = object_column(greatest(near, objects.offsets), near, objects.offsets)
            return Prepared(column, present, ObjectSums(self.strength))
        return Prepared(np.where(present, near, 0.0), present, Sums(self.strength))

    def _queries(self, dimension: int | None) -> Any:
        given = self.query
        if isinstance(given, (str, int, float)):
            raise InvalidInput(f"query must be a vector or a list of vectors, got {given!r}")
        if len(given) == 0:
            raise InvalidInput("query: no query vector; SIMILARITY needs at least one")
        if np.ndim(given[0]) == 0:  # a single vector
            given = [given]
        given = as_matrix(given, "query")
        every = np.ones(len(given), np.bool_)
        queries, _ = ingest_vectors(
            given, every, every, normalize=self.normalize, on_invalid="error", name="query"
        )
        if dimension is not None and queries.shape[1] != dimension:
            raise InvalidInput(
                f"query embeddings have {queries.shape[1]} dimensions, the column has {dimension}"
            )
        return queries
