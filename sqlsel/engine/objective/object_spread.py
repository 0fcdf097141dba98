"""The objective of DIVERSITY over samples with objects.

U = Σ ½ d² over all selected objects, d to the nearest other selected object, plus the mean of ½ d² over the
candidate's objects. U = 1e-8 for a candidate without objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from sqlsel.engine.kernels.exact import Matrix, Vector
from sqlsel.engine.kernels.nearest import exact_nearest
from sqlsel.engine.kernels.object_lists import concatenated
from sqlsel.engine.objective.object_values import (
    ObjectField,
    ObjectMembers,
    as_worth,
    true_span,
    with_unmoved,
)
from sqlsel.engine.objective.protocol import Span, Values
from sqlsel.engine.objective.spread import Spread, SpreadTotal
from sqlsel.engine.objective.sums import decimal_term, log_gains


class ObjectSpread(Spread):
    """Its columns hold one matrix per sample; a pick adds all its objects."""

    def field(self, column: Any) -> Any:
        objects = super().field(column.vectors)
        return ObjectField(column, objects, self.lowest, from_above=self.strength >= 0)

    def members(self, column: Any, bounds: Values) -> Any:
        objects = concatenated(column, self._geometry.dimension)
        # No object's value is above the sum over its sample, which is at most the bound of the mean × their number.
        counts = objects.counts
        most = np.repeat(bounds.astype(np.float64) * np.maximum(counts, 1), counts)
        return ObjectMembers(objects, super().members(objects.vectors, most), self.lowest)

    def _worth(self, values: Values, total: SpreadTotal) -> Values:
        worth = np.where(values < 0, values, super()._worth(values, total))
        return as_worth(worth, alone=self.alone)

    def max_increases(self, span: Span, then: SpreadTotal) -> Vector:
        return with_unmoved(super().max_increases(true_span(span), then), span)

    def tie_key(self, value: float) -> Decimal:
        return decimal_term(0.0, self.strength) if value < 0 else super().tie_key(value)

    def add(self, column: Matrix, value: float) -> None:
        for vector in column:
            nearest = exact_nearest(vector[None], self._selected())[0]
            self._lower_neighbours(vector, float(nearest))
            self._append(vector)

    def add_all(self, column: Any) -> None:
        if len(column.vectors):
            super().add_all(column.vectors)

    def result_values(self, values: Sequence[float], totals: Sequence[SpreadTotal]) -> Vector:
        """The root mean square of the distances of the sample's objects; NaN without objects."""
        half_squares = np.asarray(values, np.float64)
        return np.where(half_squares < 0, np.nan, np.sqrt(2 * np.maximum(half_squares, 0)))

    def gains(self, values: Sequence[float], totals: Sequence[SpreadTotal]) -> Vector:
        half_squares = np.asarray(values, np.float64)
        first = np.isinf(half_squares)
        worth = as_worth(np.where(first, 0.0, half_squares), alone=False)
        before = [total.half_squares for total in totals]
        return np.where(first, 0.0, log_gains(worth, before, self.strength))
