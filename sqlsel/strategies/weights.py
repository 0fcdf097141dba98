"""WEIGHTS: samples with a high number, such as an active-learning score or a metadata value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sqlsel.kernels.numbers import ingest_numbers
from sqlsel.objective import Prepared, Sums
from sqlsel.objective.options import check_strength, named
from sqlsel.objective.protocol import Mask, Poll, never


@dataclass(frozen=True, eq=False)
class Weights:
    """Prefer samples with a high value: U = Σ w. Negative weights: all are shifted so that the smallest is 0.

    ``strength``: exponent of the objective; negative prefers low values.
    """

    kind: ClassVar[str] = "weights"
    accepts: ClassVar[frozenset[str]] = frozenset({"SCORES", "METADATA", "RANDOM"})

    input: Any
    strength: float = 1.0

    def __post_init__(self) -> None:
        check_strength(self.strength)

    def prepare(
        self, values: Any, present: Mask, pool: Mask, on_invalid: str, poll: Poll = never
    ) -> Prepared:
        """The weights, shifted by the smallest one of ``pool`` where that is negative."""
        numbers, present = ingest_numbers(
            values, present, pool, on_invalid=on_invalid, name=named(self.input, "weights")
        )
        used = numbers[present & pool]
        shift = float(min(used.min(initial=0.0), 0.0))
        notes = (f"weights are shifted by {-shift:g}, so that the smallest is 0",) if shift else ()
        column = np.where(present, numbers - shift, 0.0)
        return Prepared(column, present, Sums(self.strength, shift), notes)
