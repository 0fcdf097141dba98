"""A whole strategy of vectors, as short as one can be; the tests register it from outside."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from sqlsel.engine.kernels.object_lists import ingest_embeddings, sums
from sqlsel.engine.objective import Pool, Prepared, Strategy, scaled_sums
from sqlsel.engine.objective.option_checks import above_zero, check_strength, named
from sqlsel.engine.objective.protocol import Mask
from sqlsel.engine.objective.strategy import Takes


@dataclass(frozen=True, eq=False)
class NearZero(Strategy):
    """Prefer samples whose vector is short: U = Σ exp(−norm / scale); of a sample with a list of vectors, their sum.

    ``strength``: exponent of the objective. ``scale``: what norms are divided by.
    """

    kind: ClassVar[str] = "near_zero"
    takes: ClassVar[Takes] = "vectors"
    selects: ClassVar[str] = "rows whose vector is short."

    input: Any
    _: KW_ONLY
    strength: float = 1.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        check_strength(self.strength)
        above_zero("scale", self.scale)

    def prepare(self, values: Any, present: Mask, pool: Pool) -> Prepared:
        """exp(−norm / scale) of each sample of the pool."""
        vectors = ingest_embeddings(
            values,
            present,
            pool.rows,
            normalize=False,
            on_invalid=pool.on_invalid,
            name=named(self.input, "embedding"),
        )
        near = np.exp(-np.linalg.norm(vectors.matrix.astype(np.float64), axis=1) / self.scale)
        if vectors.objects is not None:
            near = sums(near, vectors.objects.offsets)
        column, objective = scaled_sums(near, vectors.present & pool.rows, self.strength)
        return Prepared(column, vectors.present, objective)
