"""The objective of DIVERSITY: U = Σ ½ d², d the distance of each selected sample to its nearest other one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from sqlsel.engine.kernels.exact import ExactSum, Matrix, Vector, half_squared
from sqlsel.engine.kernels.growing import totals_of_growing_set
from sqlsel.engine.kernels.nearest import Geometry, Points, exact_nearest
from sqlsel.engine.objective.base import BaseObjective
from sqlsel.engine.objective.distances import DistanceField, DistanceMembers
from sqlsel.engine.objective.fulfilment import Fulfilment, Reason, Review
from sqlsel.engine.objective.protocol import Span, Values
from sqlsel.engine.objective.sums import SLACK, decimal_term, log_gains, log_increase, log_terms


class SpreadTotal(NamedTuple):
    """U of the selection; while it is ``empty``, every candidate has U = 1."""

    half_squares: float  # Σ ½ d²
    empty: bool


class Spread(BaseObjective):
    """The objective of DIVERSITY; ``lowest``: ½ min_distance², below which a row may not be picked."""

    def __init__(self, strength: float, min_distance: float, geometry: Geometry) -> None:
        super().__init__(strength)
        self.stale_is_bound = strength >= 0
        self.needs_refresh = strength < 0
        self.lowest = min_distance * min_distance / 2
        self._geometry = geometry
        self._picks = np.empty((0, geometry.dimension), np.float32)
        self._count = 0
        self._n_sent = 0  # picks that were handed to the fields
        self._nearest = np.empty(
            0
        )  # ½ d² of each selected sample; maintained beside other objectives only
        self._sum = ExactSum()

    @property
    def total(self) -> SpreadTotal:
        return SpreadTotal(self._sum.value, self._count == 0)

    def exact_bounds(self, total: SpreadTotal) -> bool:
        return total.empty

    def field(self, column: Matrix) -> DistanceField:
        return DistanceField(column, self._geometry, self.lowest, from_above=self.strength >= 0)

    def members(self, column: Matrix, bounds: Values) -> DistanceMembers:
        points = self._selected()
        upper = bounds.astype(np.float64) if self.strength >= 0 else None
        return DistanceMembers(
            column, exact_nearest(column, points, upper), self._geometry, self.lowest
        )

    def terms(self, values: Values, total: SpreadTotal) -> Vector:
        worth = self._worth(values, total)
        if self.alone:
            return np.multiply(np.sign(self.strength), worth, dtype=np.float64)
        return log_terms(worth, total.half_squares, self.strength)

    upper_bounds = terms

    def _worth(self, values: Values, total: SpreadTotal) -> Values:
        """The values; while nothing is selected, those for which total + value = 1, so that U = 1."""
        return np.ones(len(values)) - total.half_squares if total.empty else values

    def max_increases(self, span: Span, then: SpreadTotal) -> Vector:
        if self._count == self._n_sent:
            return np.zeros(len(span.most))
        if (
            self.strength < 0
        ):  # values shrink, so scores rise without a bound: refresh after every pick
            return np.full(len(span.most), np.inf)
        if self.alone:
            return np.where(np.isinf(span.most), np.inf, 0.0)
        finite = Span(np.minimum(span.least, 1e300), np.minimum(span.most, 1e300))
        increases = log_increase(finite, then.half_squares, self._sum.value, self.strength)
        return np.where(np.isinf(span.most), np.inf, increases)

    def slack(self, term: float) -> float:
        return 0.0 if self.alone else SLACK * (abs(self.strength) + abs(term))

    def tie_mark(self, value: float) -> float:
        return float(value)

    def tie_key(self, value: float) -> Decimal:
        total = self.total
        return decimal_term(
            1.0 if total.empty else total.half_squares + float(value), self.strength
        )

    def add(self, column: Matrix, value: float) -> None:
        if not self.alone:
            self._lower_neighbours(column, float(value))
        self._append(column)

    def _append(self, vector: Matrix) -> None:
        if self._count == len(self._picks):
            grown = np.empty((max(64, 2 * self._count), self._geometry.dimension), np.float32)
            grown[: self._count] = self._picks
            self._picks = grown
        self._picks[self._count] = vector
        self._count += 1

    def _selected(self) -> Points:
        return Points(self._picks[: self._count], self._geometry)

    def _lower_neighbours(self, vector: Matrix, value: float) -> None:
        """Add the pick's own ½ d² to the total, and lower that of the samples to which it is now the nearest."""
        selected = self._picks[: self._count]
        seen, pick = self._geometry.centred(selected), self._geometry.centred(vector[None])[0]
        own, norms = pick @ pick, self._norms[: self._count]
        error = self._geometry.relative_error * (np.sqrt(norms) + np.sqrt(own)) ** 2
        # A lower bound of d² in float32: where even it is not below the present value, the pick is no nearer.
        lower = norms + own - 2 * (seen @ pick) - error
        near = np.flatnonzero(lower * 0.5 < self._nearest[: self._count])
        exact = half_squared(selected[near], vector)
        for i, half in zip(near.tolist(), exact.tolist(), strict=True):
            if half < self._nearest[i]:
                self._sum.replace(
                    float(self._nearest[i]) if np.isfinite(self._nearest[i]) else 0.0, half
                )
                self._nearest[i] = half
        if np.isfinite(value):
            self._sum.add(value)
        self._append_nearest(value, float(own))

    def _append_nearest(self, value: float, norm: float) -> None:
        if self._count == len(self._nearest):
            room = max(64, 2 * self._count)
            self._nearest = np.concatenate([self._nearest, np.full(room - self._count, np.inf)])
            self._norms = np.concatenate(
                [self._norms, np.zeros(room - len(self._norms), np.float32)]
            )
        self._nearest[self._count] = value
        self._norms[self._count] = norm

    _norms = np.empty(0, np.float32)

    def add_all(self, column: Matrix) -> None:
        points = Points(column, self._geometry)
        self._picks, self._count = column.copy(), len(column)
        self._nearest, self._norms = exact_nearest(column, points, others=True), points.norms
        for value in self._nearest[np.isfinite(self._nearest)].tolist():
            self._sum.add(value)

    def result_values(self, values: Sequence[float], totals: Sequence[SpreadTotal]) -> Vector:
        distances: Vector = np.sqrt(2 * np.asarray(values, np.float64))
        return distances

    def gains(self, values: Sequence[float], totals: Sequence[SpreadTotal]) -> Vector:
        before = (
            self._totals_before(len(values))
            if self.alone
            else np.array([total.half_squares for total in totals])
        )
        first = np.isinf(np.asarray(values))
        return np.where(first, 0.0, log_gains(np.where(first, 0.0, values), before, self.strength))

    def _totals_before(self, picked: int) -> Vector:
        """The total before each of the last ``picked`` picks, from float32 distances (a printed figure)."""
        return totals_of_growing_set(self._selected(), picked)

    def picks_since(self, since: int) -> Matrix:
        self._n_sent = self._count
        return self._picks[since : self._count].copy()

    def fulfilment(self, review: Review) -> list[Fulfilment]:
        """The smallest distance among the picks and from them to what was selected before."""
        finite = review.values[np.isfinite(review.values)]
        smallest = float(finite.min()) if len(finite) else None
        lowest = float(np.sqrt(2 * self.lowest))
        barred = review.selection.stopped_by == "nobody feasible" and lowest > 0
        reason: Reason = "minimum distance" if barred else "met" if lowest else ""
        because = f"no other candidate is {lowest:g} or more from all picks" if barred else ""
        return [
            Fulfilment(
                review.name,
                "smallest distance",
                "at least" if lowest else "high",
                smallest,
                asked=(lowest, np.inf) if lowest else None,
                reason=reason,
                because=because or ("" if len(finite) else "a single sample"),
                goal="far apart",
            )
        ]
