"""The objective of WEIGHTS with ``max_sum`` or ``target_range``: its sum ends the run, or stays within a range.

Sums are of the user's weights, before shift and scaling, over picks and preselected samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from sqlsel.engine.kernels.exact import ExactSum, Vector
from sqlsel.engine.objective.fulfilment import Fulfilment, Reason, Review
from sqlsel.engine.objective.object_values import PairField
from sqlsel.engine.objective.protocol import Mask, Span, Values
from sqlsel.engine.objective.sums import NumberMembers, Sums, decimal_term, log_gains, log_increase


class TwoSums(NamedTuple):
    """The sums over the selection: of the shifted and scaled weights, and of the user's own."""

    shifted: float
    unshifted: float


class LimitedSums(Sums):
    """Its columns have two numbers per row: the shifted and scaled weight, and the user's own.

    ``reopens``: weights may be negative, so a pick can lower the sum and make candidates feasible again.
    """

    def __init__(
        self,
        strength: float,
        shift: float,
        exponent: int = 0,
        *,
        max_sum: float | None,
        target_range: tuple[float, float] | None,
        reopens: bool,
    ) -> None:
        super().__init__(strength, shift, exponent)
        self.max_sum, self.target_range = max_sum, target_range
        self.reopens = reopens and target_range is not None
        self._unshifted = ExactSum()
        self.constraint = self

    @property
    def total(self) -> Any:
        return TwoSums(self._sum.value, self._unshifted.value)

    def field(self, column: Vector) -> PairField:
        return PairField(column)

    def members(self, column: Vector, bounds: Values) -> NumberMembers:
        return NumberMembers(column[:, 0])

    def terms(self, values: Values, total: Any) -> Vector:
        return super().terms(values, total.shifted)

    upper_bounds = terms

    def max_increases(self, span: Span, then: Any) -> Vector:
        if self.alone:
            return np.zeros(len(span.least))
        return log_increase(span, then.shifted, self._sum.value, self.strength)

    def tie_key(self, value: float) -> Decimal:
        return decimal_term(self._sum.value + float(value), self.strength)

    def add(self, column: Any, value: float) -> None:
        super().add(column, value)
        self._unshifted.add(float(column[1]))

    def add_all(self, column: Vector) -> None:
        super().add_all(column[:, 0])
        for weight in column[:, 1].tolist():
            self._unshifted.add(weight)

    def gains(self, values: Sequence[float], totals: Sequence[Any]) -> Vector:
        return log_gains(values, [total.shifted for total in totals], self.strength)

    def infeasible(self, column: Vector, total: Any) -> Mask:
        """Mask of the rows that would bring the sum above the range if they were picked now."""
        if self.target_range is None:
            return np.zeros(len(column), np.bool_)
        above: Mask = column[:, 1] + total.unshifted > self.target_range[1]
        return above

    def ended(self) -> str | None:
        """'max_sum' once the sum has reached it, else None."""
        reached = self.max_sum is not None and self._unshifted.value >= self.max_sum
        return "max_sum" if reached else None

    def limit_lines(self, review: Review) -> list[Fulfilment]:
        """One line per limit: the sum of the user's weights, preselected samples included, beside it."""
        lines = []
        total = self._unshifted.value
        if self.max_sum is not None:
            reason: Reason = "met" if self.ended() else _reason_of_short_sum(review)
            name, asked = f"{review.name} max_sum", (self.max_sum, self.max_sum)
            lines.append(Fulfilment(name, "sum", "at least", total, asked=asked, reason=reason))
        if self.target_range is not None:
            low, high = self.target_range
            inside = low <= total <= high
            reason = "met" if inside else "preselected" if total > high else ""
            name, asked = f"{review.name} target_range", (low, high)
            reason = reason or _reason_of_short_sum(review)
            lines.append(Fulfilment(name, "sum", "within", total, asked=asked, reason=reason))
        return lines


def _reason_of_short_sum(review: Review) -> Reason:
    """Why the sum over the picks is not larger."""
    stopped = review.selection.stopped_by
    everyone = len(review.selection.rows) >= review.selection.n_candidates
    if everyone or stopped == "nobody feasible":
        return "limited by the pool"
    return "max_sum" if stopped == "max_sum" else "too few samples"
