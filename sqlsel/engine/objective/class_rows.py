"""The class masses of a partition whose rows differ, with a fast lower bound of their cross-entropy.

With R the masses so far, x = r_k / R_k and m = Σ r: −H(R + r) = Σ t_k ln(R_k + r_k) − ln(ΣR + m), where
ln(R_k + r_k) = ln R_k + ln(1 + x) is bounded from above by a parabola that touches it at the usual
x. So −H is bounded by one product of (r, r², m) with a vector, many times faster than logarithms.
Of a class with little mass so far x can be large, and the parabola far off: there the logarithm is taken.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlsel.engine.kernels.class_input import Classes
from sqlsel.engine.kernels.exact import Index, Vector
from sqlsel.engine.objective.protocol import Mask, Span, Values

_POWERS_LIMIT = 1 << 28  # bytes of memory for the matrix of (r, r², m)
_CLOSED = -1e30
_SHARE_FLOOR = 1e-10
CLOSED_BOUND = -1e15  # quick bounds below this belong to closed rows
_UNIT = 2.0**-23  # rounding of float32
_FAR = 0.25  # largest x up to which a parabola is near enough to ln(1 + x)


def parabolas(middles: Vector, ends: Vector) -> tuple[Vector, Vector, Vector]:
    """(a, b, c) with ln(1 + x) ≤ a + b x + c x² for 0 ≤ x ≤ end, touching at the middle.

    (tangent(x) − ln(1 + x)) / (x − middle)² falls with x, so its value at the end serves the whole range.
    """
    ends = np.maximum(ends, 1.5 * middles + 1e-12)
    slope = 1 / (1 + middles)
    height = np.log1p(middles)
    bend = (height + slope * (ends - middles) - np.log1p(ends)) / (ends - middles) ** 2
    bend = np.maximum(bend, 0.0)
    rounding = 1e-15
    return (
        height - slope * middles - bend * middles**2 + rounding,
        slope + 2 * bend * middles,
        -bend,
    )


class ClassRowField:
    """The class rows of a partition."""

    quick_bounds = True

    def __init__(self, column: Classes, target: Vector) -> None:
        self.values: Values = np.asarray(column.table)  # never Singles
        self._target = target
        self._targeted = np.flatnonzero(target > 0)
        self._most = self.values.max(axis=0, initial=0.0)
        self._powers: Values | None = None
        self._closed: Index = np.empty(0, np.int64)

    def add_picks(self, picks: Any) -> None:
        """A class row does not depend on the picks."""

    def refresh(self, rows: Index | slice, since: int) -> None:
        """It is up to date."""

    def infeasible(self, rows: Index | slice) -> Mask | None:
        return None

    def spans(self, rows: Index, starts: Index) -> Span:
        """The minimum and maximum over all rows, for every run: those of each run would cost more than they save."""
        values = self.values[rows]
        count = len(starts)
        return Span(np.stack([values.min(axis=0)] * count), np.stack([values.max(axis=0)] * count))

    def take(self, rows: Index | slice) -> Values:
        return self.values[rows]

    def quick(self, total: Vector) -> bool:
        """Whether the bound holds at this total: each class of the target has mass far above the floor of shares.

        And whether its matrix fits the limit of memory.
        """
        targeted = self._targeted
        size = len(self.values) * 8 * len(targeted)
        least = 2 * _SHARE_FLOOR * (total.sum() + self._most.sum())
        return (
            bool((total[targeted] > least).all()) and size <= _POWERS_LIMIT and len(self.values) > 0
        )

    def bound(self, total: Vector) -> tuple[Values, float]:
        """(bound, base) with −H(row) ≤ bound[row] + base; closed rows lie below CLOSED_BOUND."""
        powers, targeted = self._ready_powers(), self._targeted
        mass, t = total[targeted], self._target[targeted]
        ends = self._most[targeted] / mass
        a, b, c = parabolas(self._usual / mass, ends)
        far = np.flatnonzero(ends > _FAR)
        a[far] = b[far] = c[far] = 0.0
        light, heavy = np.log(total.sum() + self._lightest), np.log(total.sum() + self._heaviest)
        # The chord of the convex −ln(ΣR + m).
        slope = (light - heavy) / max(self._heaviest - self._lightest, 1e-300)
        factors = np.concatenate([t * b / mass, t * c / mass**2, [slope]])[: powers.shape[1]]
        bounds: Values = powers @ factors.astype(np.float32)
        largest = float(np.abs(factors) @ self._largest)
        error = (2 * len(targeted) + 12) * _UNIT * largest
        for k in far.tolist():
            bounds += self._logarithms(k, mass[k]) * np.float32(t[k])
            error += 8 * _UNIT * float(t[k] * (1 + np.log1p(ends[k])))
        error += len(far) * _UNIT * (float(np.abs(bounds).max(initial=0.0)) + largest)
        bounds[self._closed] = _CLOSED
        return bounds, float((t * (np.log(mass) + a)).sum() - light) + error

    def _logarithms(self, k: int, mass: float) -> Values:
        """ln(1 + x) of each row for class ``k`` of those with a share in the target."""
        x: Values = self._by_class[k] * np.float32(1 / mass)
        x += 1
        return np.log(x, out=x)

    def close(self, rows: Index) -> None:
        """Exclude rows: their bound is below CLOSED_BOUND from now on."""
        self._closed = np.concatenate([self._closed, rows])

    def _ready_powers(self) -> Values:
        """The matrix of (r, r², m − least m), made on first use; without m where all rows have one mass."""
        if self._powers is None:
            rows = self.values[:, self._targeted]
            mass = self.values.sum(axis=1)
            self._usual = rows.mean(axis=0)
            self._lightest, self._heaviest = float(mass.min()), float(mass.max())
            one_mass = self._heaviest - self._lightest <= 1e-6 * self._heaviest
            heavier = [] if one_mass else [mass[:, None] - self._lightest]
            self._powers = np.concatenate([rows, rows**2, *heavier], axis=1).astype(np.float32)
            self._largest = np.abs(self._powers).max(axis=0, initial=0.0).astype(np.float64)
            self._by_class = np.ascontiguousarray(rows.T, np.float32)
        return self._powers
