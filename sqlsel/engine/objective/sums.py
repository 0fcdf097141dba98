"""Objectives whose U is a sum over the selection: WEIGHTS, SIMILARITY and RANDOM with a number per row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sqlsel.engine.kernels.exact import ExactSum, Index, Vector
from sqlsel.engine.objective.base import BaseObjective
from sqlsel.engine.objective.fulfilment import Fulfilment, Review, of_numbers
from sqlsel.engine.objective.protocol import FLOOR, Mask, Span, Values

_MOST = float(np.finfo(np.float64).max)
SLACK = 16 * 2.0**-53  # several roundings of a term


def log_terms(values: Values, total: float, strength: float) -> Vector:
    """strength · ln max(total + value, 1e-8)."""
    with np.errstate(over="ignore"):
        result: Vector = np.add(values, total, dtype=np.float64)
    np.maximum(result, FLOOR, out=result)
    np.minimum(result, _MOST, out=result)
    np.log(result, out=result)
    result *= strength
    return result


def log_increase(span: Span, then: float, now: float, strength: float) -> Vector:
    """The largest increase of strength · ln U in each span, as the total goes from ``then`` to ``now``.

    It is reached at an end of the span, or where U leaves the floor of 1e-8.
    """
    # ln(now + x) − ln(then + x) is monotonic in x, but where one of them is at the floor.
    points = [span.least, span.most]
    if min(then, now) < FLOOR:
        points += [
            np.clip(FLOOR - then, span.least, span.most),
            np.clip(FLOOR - now, span.least, span.most),
        ]
    ends = np.stack(points)
    max_increases: Vector = (log_terms(ends, now, strength) - log_terms(ends, then, strength)).max(
        axis=0
    )
    return max_increases


def spans_of(values: Values, starts: Index) -> Span:
    """The minimum and maximum of each run of values; runs begin at ``starts``."""
    least, most = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    return Span(least.astype(np.float64), most.astype(np.float64))


def log_gains(values: ArrayLike, totals: ArrayLike, strength: float) -> Vector:
    """strength · (ln(total + value) − ln total), a total of 0 counting from 0."""
    before = np.asarray(totals, np.float64)
    with np.errstate(over="ignore"):
        after = np.minimum(before + np.asarray(values, np.float64), _MOST)
    floor = np.where(before == 0, 1.0, np.maximum(before, FLOOR))
    gains: Vector = strength * (np.log(np.maximum(after, FLOOR)) - np.log(floor))
    return gains


def decimal_term(u: float, strength: float) -> Decimal:
    """strength · ln max(u, 1e-8) in the digits of the current context (decimal's ln is correctly rounded)."""
    floored: Decimal = max(Decimal(u), Decimal("1e-8")).ln()
    return Decimal(strength) * floored


def exponent_of(weights: Vector) -> int:
    """The exponent of the power of 2 that scales the least weight above 0 to 1 … 2; 0 where scaling is not needed.

    It is needed where a weight is below the floor of U, since such weights would all count alike. A power of 2 is
    exact: no digit changes. The largest weight stays below 2^900, so that no sum overflows.
    """
    least = float(weights.min(where=weights > 0, initial=math.inf))
    if least >= FLOOR:
        return 0
    most = float(weights.max())
    return max(0, min(1 - math.frexp(least)[1], 900 - math.frexp(most)[1]))


def scaled_sums(
    numbers: Vector, mask: Mask, strength: float, *, shift: float = 0.0
) -> tuple[Vector, Sums]:
    """The column (numbers − ``shift``) · 2^e, 0 outside of ``mask``, and the objective of its sum; e: ``exponent_of``.

    The numbers less ``shift`` are at least 0 and finite where the mask, of the pool's rows with a number, is True.
    """
    column = np.where(mask, numbers - shift, 0.0)
    exponent = exponent_of(column)
    return np.ldexp(column, exponent), Sums(strength, shift, exponent)


class NumberField:
    """Numbers that do not depend on the picks."""

    quick_bounds = False

    def __init__(self, values: Vector) -> None:
        self.values = values

    def add_picks(self, picks: Any) -> None:
        """A number does not depend on the picks."""

    def refresh(self, rows: Index | slice, since: int) -> None:
        """It is up to date."""

    def infeasible(self, rows: Index | slice) -> Mask | None:
        return None

    def spans(self, rows: Index, starts: Index) -> Span:
        return spans_of(self.values[rows], starts)

    def take(self, rows: Index | slice) -> Vector:
        return self.values[rows]


class NumberMembers:
    """The numbers of a shortlist."""

    def __init__(self, values: Vector) -> None:
        self.values = values

    def update(self, member: int, waiting: Mask) -> None:
        """A number does not depend on the picks."""

    def feasible(self) -> Mask | None:
        return None


class Sums(BaseObjective):
    """U = Σ of the numbers of the selection and the candidate.

    The numbers are (the user's − ``shift``) · 2^``exponent``.
    """

    def __init__(self, strength: float, shift: float = 0.0, exponent: int = 0) -> None:
        super().__init__(strength)
        self.shift, self.exponent = shift, exponent
        self._sum = ExactSum()

    @property
    def total(self) -> float:
        return self._sum.value

    def field(self, column: Vector) -> NumberField:
        return NumberField(column)

    def members(self, column: Vector, bounds: Values) -> NumberMembers:
        return NumberMembers(column)

    def terms(self, values: Values, total: float) -> Vector:
        if self.alone:
            signed: Vector = np.sign(self.strength) * values
            return signed
        return log_terms(values, total, self.strength)

    upper_bounds = terms

    def max_increases(self, span: Span, then: float) -> Vector:
        if self.alone:
            return np.zeros(len(span.least))
        return log_increase(span, then, self.total, self.strength)

    def slack(self, term: float) -> float:
        return 0.0 if self.alone else SLACK * (abs(self.strength) + abs(term))

    def tie_mark(self, value: float) -> float:
        return float(value)

    def tie_key(self, value: float) -> Decimal:
        return decimal_term(self.total + float(value), self.strength)

    def add(self, column: Any, value: float) -> None:
        self._sum.add(float(value))

    def add_all(self, column: Vector) -> None:
        for value in column.tolist():
            self._sum.add(value)

    def result_values(self, values: Sequence[float], totals: Sequence[float]) -> Vector:
        return self.as_written(np.asarray(values, np.float64))

    def as_written(self, values: Vector) -> Vector:
        """The user's numbers, before shift and scaling."""
        written: Vector = np.ldexp(values, -self.exponent) + self.shift
        return written

    def gains(self, values: Sequence[float], totals: Sequence[float]) -> Vector:
        gains = log_gains(values, totals, self.strength)
        # The first pick's gain counts from 1 in the unit in which the weights were written.
        gains[np.asarray(totals) == 0] -= self.strength * self.exponent * math.log(2)
        return gains

    def fulfilment(self, review: Review) -> list[Fulfilment]:
        high = self.strength >= 0
        return [of_numbers(review, high=high, shift=self.shift, as_written=self.as_written)]
