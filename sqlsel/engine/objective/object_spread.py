"""The objective of DIVERSITY over samples with objects: U = Σ ½ d² of all selected objects, a candidate's mean added.

d is the distance of an object to the nearest other object of the selection. U = 1e-8 for a sample without objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from sqlsel.engine.kernels.exact import Matrix, Vector
from sqlsel.engine.kernels.nearest import exact_nearest
from sqlsel.engine.kernels.object_lists import together
from sqlsel.engine.objective.object_values import (
    ObjectField,
    ObjectMembers,
    as_worth,
    true_span,
    with_unmoved,
)
from sqlsel.engine.objective.protocol import Span, Values
from sqlsel.engine.objective.spread import Spread
from sqlsel.engine.objective.sums import decimal_term, log_gains


class ObjectSpread(Spread):
    """Its columns hold one matrix per sample; a pick adds all its objects."""

    def field(self, column: Any) -> Any:
        objects = super().field(column.vectors)
        return ObjectField(column, objects, self.lowest, from_above=self.strength >= 0)

    def members(self, column: Any, bounds: Values) -> Any:
        given = together(column, self._geometry.dimension)
        # no object's value is above the sum, which is below the bound of the mean times their number
        counts = given.counts
        most = np.repeat(bounds.astype(np.float64) * np.maximum(counts, 1), counts)
        return ObjectMembers(given, super().members(given.vectors, most), self.lowest)

    def _known(self, values: Values, total: float) -> Values:
        known = np.where(values < 0, values, super()._known(values, total))
        return as_worth(known, alone=self.alone)

    def max_increases(self, span: Span, then: float) -> Vector:
        return with_unmoved(super().max_increases(true_span(span), then), span)

    def tie_key(self, value: float) -> Decimal:
        return decimal_term(0.0, self.strength) if value < 0 else super().tie_key(value)

    def add(self, column: Matrix, value: float) -> None:
        for vector in column:
            nearest = exact_nearest(vector[None], self._selected())[0]
            self._bring_neighbours_down(vector, float(nearest))
            self._append(vector)

    def add_all(self, column: Any) -> None:
        if len(column.vectors):
            super().add_all(column.vectors)

    def readable(self, values: Sequence[float], totals: Sequence[float]) -> Vector:
        """The root mean square of the distances of the sample's objects; NaN without objects."""
        known = np.asarray(values, np.float64)
        return np.where(known < 0, np.nan, np.sqrt(2 * np.maximum(known, 0)))

    def gains(self, values: Sequence[float], totals: Sequence[float]) -> Vector:
        known = np.asarray(values, np.float64)
        first = np.isinf(known)
        worth = as_worth(np.where(first, 0.0, known), alone=False)
        return np.where(first, 0.0, log_gains(worth, totals, self.strength))
