"""WEIGHTS: samples with a high number, such as an active-learning score or a metadata value."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from sqlsel.engine.kernels.number_input import ingest_numbers
from sqlsel.engine.objective import Prepared, scaled_sums
from sqlsel.engine.objective.limited_sums import LimitedSums
from sqlsel.engine.objective.option_checks import at_least_zero, check_strength, named, number
from sqlsel.engine.objective.protocol import Mask
from sqlsel.engine.objective.strategy import Pool, Strategy, Takes
from sqlsel.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Weights(Strategy):
    """Prefer samples with a high value: U = Σ w. Negative weights: all are shifted so that the smallest is 0.

    Only ratios of weights matter: where some above 0 lie below 1e-8, which U is at least, all are multiplied by a power
    of 2 until the least is 1 to 2.
    ``strength``: exponent of the objective; negative prefers low values.
    ``max_sum``: the run ends with the pick by which the sum over the selection reaches this.
    ``target_range``: two numbers. A candidate that would bring the sum above the second is not picked; a sum below
    the first is reported. Sums are of the weights as given, not shifted; preselected samples count.
    """

    kind: ClassVar[str] = "weights"
    takes: ClassVar[Takes] = "numbers"
    selects: ClassVar[str] = "rows with a high number."

    input: Any
    _: KW_ONLY
    strength: float = 1.0
    max_sum: float | None = None
    target_range: Sequence[float] | None = None

    def __post_init__(self) -> None:
        check_strength(self.strength)
        at_least_zero("max_sum", self.max_sum)
        if self.target_range is not None:
            check_range(self.target_range)

    def prepare(self, values: Any, present: Mask, pool: Pool) -> Prepared:
        """The weights, shifted by the smallest one of the pool where that is negative."""
        numbers, present = ingest_numbers(
            values,
            present,
            pool.rows,
            on_invalid=pool.on_invalid,
            name=named(self.input, "weights"),
        )
        mask = present & pool.rows
        used = numbers[mask]
        shift = float(min(used.min(initial=0.0), 0.0))
        if not math.isfinite(float(used.max(initial=0.0)) - shift):
            raise InvalidInput(
                f"{named(self.input, 'weights')}: from {shift:g} to {used.max():g} is too wide for float64; scale them"
            )
        notes = (f"weights are shifted by {-shift:g}, so that the smallest is 0",) if shift else ()
        column, objective = scaled_sums(numbers, mask, self.strength, shift=shift)
        if self.max_sum is None and self.target_range is None:
            return Prepared(column, present, objective, notes)
        unshifted = np.where(present, numbers, 0.0)
        limited = self._limited(shift, objective.exponent)
        return Prepared(np.column_stack([column, unshifted]), present, limited, notes)

    @classmethod
    def explained(cls, options: Mapping[str, str], graphs: Any) -> Iterator[str]:
        yield from super().explained(options, graphs)
        if "max_sum" in options:
            yield f"WEIGHTS: ends with the pick that brings the sum to {options['max_sum']}"
        if "target_range" in options:
            yield f"WEIGHTS: the sum does not exceed the upper end of {options['target_range']}"

    def _limited(self, shift: float, exponent: int) -> LimitedSums:
        low_high = None
        if self.target_range is not None:
            low_high = (float(self.target_range[0]), float(self.target_range[1]))
        return LimitedSums(
            self.strength,
            shift,
            exponent,
            max_sum=None if self.max_sum is None else float(self.max_sum),
            target_range=low_high,
            reopens=shift < 0,
        )


def check_range(target_range: Any) -> None:
    """TypeError or ValueError unless they are two numbers of at least 0, the second not below the first."""
    expected = "target_range must be two numbers, such as [10, 20]"
    if not isinstance(target_range, (list, tuple, np.ndarray)) or len(target_range) != 2:
        raise TypeError(f"{expected}, got {target_range!r}")
    low, high = (number("each end of target_range", end) for end in target_range)
    if low < 0 or high < low:
        raise ValueError(f"{expected}: at least 0 and ascending, got {list(target_range)!r}")
