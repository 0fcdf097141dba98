"""The objective of SIMILARITY and TYPICALITY over samples with objects.

A candidate has one number, the maximum or mean over its objects; a pick adds the numbers of all its objects to the
total. U = 1e-8 for a candidate without objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from sqlsel.engine.kernels.exact import Index, Vector
from sqlsel.engine.kernels.object_lists import sums
from sqlsel.engine.objective.object_values import PairField, as_worth, true_span, with_unmoved
from sqlsel.engine.objective.protocol import Span, Values
from sqlsel.engine.objective.sums import NumberMembers, Sums, decimal_term, log_gains


def object_column(folded: Vector, numbers: Vector, offsets: Index) -> Vector:
    """Two columns per sample: its number as a candidate, and the sum over its objects."""
    return np.column_stack([folded, sums(numbers, offsets)])


class ObjectSums(Sums):
    """Its columns are those of ``object_column``."""

    def field(self, column: Vector) -> PairField:
        return PairField(column)

    def members(self, column: Vector, bounds: Values) -> NumberMembers:
        return NumberMembers(column[:, 0])

    def terms(self, values: Values, total: float) -> Vector:
        return super().terms(as_worth(values, alone=self.alone), total)

    upper_bounds = terms

    def max_increases(self, span: Span, then: float) -> Vector:
        return with_unmoved(super().max_increases(true_span(span), then), span)

    def tie_key(self, value: float) -> Decimal:
        return decimal_term(0.0, self.strength) if value < 0 else super().tie_key(value)

    def add(self, column: Any, value: float) -> None:
        super().add(column, float(column[1]))

    def add_all(self, column: Vector) -> None:
        super().add_all(column[:, 1])

    def result_values(self, values: Sequence[float], totals: Sequence[float]) -> Vector:
        numbers = np.asarray(values, np.float64)
        return np.where(numbers < 0, np.nan, numbers)

    def gains(self, values: Sequence[float], totals: Sequence[float]) -> Vector:
        numbers = np.asarray(values, np.float64)
        return log_gains(as_worth(numbers, alone=False), totals, self.strength)
