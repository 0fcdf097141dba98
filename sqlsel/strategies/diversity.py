"""DIVERSITY: samples that differ from each other as much as possible.

Alone it is farthest-first traversal, the greedy algorithm for k-center (Gonzalez 1985).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np

from sqlsel.kernels.exact import ExactSum, Index, Matrix, Vector, half_squared
from sqlsel.kernels.nearest import (
    Geometry,
    Points,
    Single,
    choose_geometry,
    exact_nearest,
    lower_to_points,
)
from sqlsel.kernels.vectors import ingest_vectors
from sqlsel.objective import Prepared, Span, log_rise, log_terms
from sqlsel.objective.options import check_flag, check_min_distance, check_strength, named
from sqlsel.objective.protocol import Mask, Values
from sqlsel.objective.sums import decimal_term, log_gains, spans_of

_SHORT = 4096  # rows of a shortlist of which all products are made at once


@dataclass(frozen=True, eq=False)
class Diversity:
    """Prefer samples far from those already selected: U = Σ ½ d², d the distance to the nearest other selected sample.

    ``min_distance``: no two picks closer than this (allowed at exactly this distance).
    ``strength``: exponent of the objective. ``normalize``: bring vectors to unit length first.
    ``start``: the id of the first pick, when nothing is preselected (default: the lowest id).
    """

    kind: ClassVar[str] = "diversity"
    accepts: ClassVar[frozenset[str]] = frozenset({"EMBEDDINGS"})

    input: Any
    min_distance: float | None = None
    strength: float = 1.0
    normalize: bool = True
    start: Any = None

    def __post_init__(self) -> None:
        check_strength(self.strength)
        check_flag("normalize", self.normalize)
        check_min_distance(self.min_distance)

    def prepare(self, values: Any, present: Mask, pool: Mask, on_invalid: str) -> Prepared:
        """The vectors as float32 rows, and the objective over the rows of ``pool``."""
        matrix, present = ingest_vectors(
            values,
            present,
            pool,
            normalize=self.normalize,
            on_invalid=on_invalid,
            name=named(self.input, "embedding"),
        )
        geometry = choose_geometry(matrix, None if present.all() else present)
        notes = ()
        if self.normalize and (self.min_distance or 0) > 2:
            notes = (
                f"min_distance {self.min_distance:g} is above 2, the largest distance of unit vectors: one pick",
            )
        return Prepared(
            matrix, present, Spread(self.strength, self.min_distance or 0.0, geometry), notes
        )


class Spread:
    """The objective of DIVERSITY; its total is Σ ½ d² to the nearest other selected sample."""

    def __init__(self, strength: float, min_distance: float, geometry: Geometry) -> None:
        self.strength = strength
        self.alone = False
        self.stale_is_bound = strength >= 0
        self.lowest = min_distance * min_distance / 2
        self._geometry = geometry
        self._picks = np.empty((0, geometry.dimension), np.float32)
        self._count = 0
        self._told = 0  # picks that the fields know of
        self._nearest = np.empty(0)  # of each selected sample to the others; kept in company only
        self._sum = ExactSum()

    @property
    def total(self) -> float:
        return self._sum.value

    @property
    def exact_bounds(self) -> bool:
        return self._empty

    @property
    def _empty(self) -> bool:
        return self._count == 0

    def field(self, column: Matrix) -> DistanceField:
        return DistanceField(column, self._geometry, self.lowest, from_above=self.strength >= 0)

    def members(self, column: Matrix, bounds: Values) -> DistanceMembers:
        points = Points(self._picks[: self._count], self._geometry)
        upper = bounds.astype(np.float64) if self.strength >= 0 else None
        return DistanceMembers(
            column, exact_nearest(column, points, upper), self._geometry, self.lowest
        )

    def terms(self, values: Values, total: float) -> Vector:
        known = np.ones(len(values)) - total if self._empty else values  # nothing selected: U = 1
        if self.alone:
            return np.multiply(np.sign(self.strength), known, dtype=np.float64)
        return log_terms(known, total, self.strength)

    hopes = terms

    def rises(self, span: Span, then: float) -> Vector:
        if self._count == self._told:
            return np.zeros(len(span.most))
        if self.strength < 0:  # values shrink and scores rise: every pick needs a fresh look
            return np.full(len(span.most), np.inf)
        if self.alone:
            return np.where(np.isinf(span.most), np.inf, 0.0)
        known = Span(np.minimum(span.least, 1e300), np.minimum(span.most, 1e300))
        return np.where(
            np.isinf(span.most), np.inf, log_rise(known, then, self.total, self.strength)
        )

    def tie_key(self, value: float) -> Decimal:
        return decimal_term(1.0 if self._empty else self.total + float(value), self.strength)

    def add(self, column: Matrix, value: float) -> None:
        if not self.alone:
            self._bring_neighbours_down(column, float(value))
        if self._count == len(self._picks):
            grown = np.empty((max(64, 2 * self._count), self._geometry.dimension), np.float32)
            grown[: self._count] = self._picks
            self._picks = grown
        self._picks[self._count] = column
        self._count += 1

    def _bring_neighbours_down(self, vector: Matrix, value: float) -> None:
        """Count the pick's own distance, and shrink those of the samples to which it is now the nearest."""
        selected = self._picks[: self._count]
        seen, pick = self._geometry.centred(selected), self._geometry.centred(vector[None])[0]
        own, norms = pick @ pick, self._norms[: self._count]
        error = self._geometry.relative_error * (np.sqrt(norms) + np.sqrt(own)) ** 2
        lower = norms + own - 2 * (seen @ pick) - error
        near = np.flatnonzero(lower * 0.5 < self._nearest[: self._count])
        exact = half_squared(selected[near], vector)
        for i, found in zip(near.tolist(), exact.tolist(), strict=True):
            if found < self._nearest[i]:
                self._sum.replace(
                    float(self._nearest[i]) if np.isfinite(self._nearest[i]) else 0.0, found
                )
                self._nearest[i] = found
        if np.isfinite(value):
            self._sum.add(value)
        self._remember(value, float(own))

    def _remember(self, value: float, norm: float) -> None:
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

    def gains(self, values: Sequence[float], totals: Sequence[float]) -> Vector:
        before = self._totals_before(len(values)) if self.alone else np.asarray(totals)
        first = np.isinf(np.asarray(values))
        return np.where(first, 0.0, log_gains(np.where(first, 0.0, values), before, self.strength))

    def _totals_before(self, picked: int) -> Vector:
        """The total before each of the last ``picked`` picks, from float32 distances (a printed figure)."""
        return totals_of_growing_set(Points(self._picks[: self._count], self._geometry), picked)

    def news(self, since: int) -> Matrix:
        self._told = self._count
        return self._picks[since : self._count].copy()


def totals_of_growing_set(points: Points, last: int) -> Vector:
    """Σ ½ d² to the nearest other point, of the first n points, for the ``last`` values of n below all."""
    count = len(points)
    nearest, totals = np.full(count, np.inf), np.zeros(count + 1)
    for at in range(0, count, 256):
        new = slice(at, min(at + 256, count))
        seen = points.geometry.centred(points.vectors[: new.stop])
        half = 0.5 * (
            seen @ points.scaled[new].T + points.norms[: new.stop, None] + points.norms[None, new]
        )
        np.maximum(half, 0, out=half)
        wide = half.astype(np.float64)
        own = np.arange(new.start, new.stop)
        wide[own, own - at] = np.inf
        arrivals = np.tril(np.ones((len(own), len(own)), np.bool_), -1).T  # [i, t]: i came before t
        among = wide[new.start :]
        first = np.minimum(
            wide[: new.start].min(axis=0, initial=np.inf),
            np.where(arrivals, among, np.inf).min(axis=0),
        )
        among[~arrivals & ~np.eye(len(own), dtype=np.bool_)] = np.inf
        among[own - at, own - at] = first
        wide[: new.start] = np.minimum(wide[: new.start], nearest[: new.start, None])
        running = np.minimum.accumulate(wide, axis=1)
        running[new.start :][np.tril(np.ones_like(arrivals), -1)] = 0.0  # not there yet
        nearest[: new.stop] = running[:, -1]
        totals[new.start + 1 : new.stop + 1] = np.where(np.isinf(running), 0.0, running).sum(axis=0)
    return totals[count - last : count]


class DistanceField:
    """A bound of ½ d² to the nearest pick for every row of a partition: from above, or from below."""

    def __init__(
        self, column: Matrix, geometry: Geometry, lowest: float, *, from_above: bool
    ) -> None:
        self.values: Single = np.full(len(column), np.inf, np.float32)
        self._column, self._geometry, self._lowest, self._from_above = (
            column,
            geometry,
            lowest,
            from_above,
        )
        self._norms = geometry.norms(column)
        self._picks = np.empty((0, geometry.dimension), np.float32)

    def learn(self, picks: Matrix) -> None:
        self._picks = np.concatenate([self._picks, picks])

    def bring_up_to_date(self, rows: Index | slice, since: int) -> None:
        points = Points(self._picks[since:], self._geometry)
        above = self._from_above
        if isinstance(rows, slice):
            lower_to_points(
                self.values[rows], self._column[rows], self._norms[rows], points, from_above=above
            )
            return
        for at in range(0, len(rows), 4096):
            part = rows[at : at + 4096]
            values = self.values[part]
            lower_to_points(values, self._column[part], self._norms[part], points, from_above=above)
            self.values[part] = values

    def barred(self, rows: Index | slice) -> Mask | None:
        if self._lowest == 0:
            return None
        upper = self.values[rows].astype(np.float64)
        if not self._from_above:
            reach = (
                np.sqrt(self._norms[rows].max(initial=0.0))
                + Points(self._picks, self._geometry).reach
            )
            upper += self._geometry.relative_error * reach * reach * 1.01
        barred: Mask = upper < self._lowest
        return barred

    def spans(self, rows: Index, starts: Index) -> Span:
        return spans_of(self.values[rows], starts)

    def take(self, rows: Index) -> Matrix:
        return self._column[rows]


class DistanceMembers:
    """½ d² to the nearest pick, exact, for the rows of a shortlist."""

    def __init__(self, column: Matrix, values: Vector, geometry: Geometry, lowest: float) -> None:
        self.values = values
        self._column, self._lowest = column, lowest
        self._seen = geometry.centred(column)
        self._norms = np.einsum("ij,ij->i", self._seen, self._seen)
        reach = np.sqrt(self._norms.max(initial=0.0))
        self._offset = geometry.relative_error * (np.sqrt(self._norms) + reach) ** 2 - self._norms
        self._limits = self._limits_of(slice(None))
        self._products: Single | None = None

    def _limits_of(self, rows: Index | slice) -> Single:
        """A row needs a look when −2 x·z + ‖z‖² is below this."""
        wide = 2 * self.values[rows] + self._offset[rows]
        return np.nextafter(wide.astype(np.float32), np.float32(np.inf))

    def meet(self, member: int, waiting: Mask) -> None:
        closer = self._products_with(member) < self._limits - self._norms[member]
        near = np.flatnonzero(closer & waiting & (self.values > 0))
        if len(near):
            exact = half_squared(self._column[near], self._column[member])
            self.values[near] = np.minimum(self.values[near], exact)
            self._limits[near] = self._limits_of(near)

    def _products_with(self, member: int) -> Single:
        """−2 x·z of all rows x with row z; of a short list all products are made at once."""
        if len(self._seen) > _SHORT:
            return self._seen @ (self._seen[member] * np.float32(-2))
        if self._products is None:
            self._products = self._seen @ (self._seen * np.float32(-2)).T
        return self._products[member]

    def feasible(self) -> Mask | None:
        return None if self._lowest == 0 else self.values >= self._lowest

    def readable(self, member: int) -> float:
        return float(np.sqrt(2 * self.values[member]))
