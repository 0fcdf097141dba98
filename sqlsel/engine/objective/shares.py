"""The objective of BALANCE: U = 1 / H(t, p), H(t, p) = −Σ t_k ln max(p_k, 1e-10), p the shares of the selection.

Rows are summed as they are: a sample with five cars weighs five. ``values`` are class rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from sqlsel.engine.kernels.class_input import Classes
from sqlsel.engine.kernels.exact import ExactSum, Vector, tree_sum
from sqlsel.engine.objective.base import BaseObjective
from sqlsel.engine.objective.class_rows import ClassRowField
from sqlsel.engine.objective.class_shares import share_lines
from sqlsel.engine.objective.fulfilment import Fulfilment, Review
from sqlsel.engine.objective.protocol import FLOOR, Mask, Span, Values
from sqlsel.engine.objective.sums import SLACK

SHARE_FLOOR = 1e-10


def cross_entropy(mass: Values, target: Vector) -> Vector:
    """H(target, shares) of each row of masses; a row without mass has shares of 0."""
    mass = np.asarray(mass, np.float64)
    everything = tree_sum(mass.copy())
    shares = mass / np.where(everything > 0, everything, 1.0)[:, None]
    np.maximum(shares, SHARE_FLOOR, out=shares)
    np.log(shares, out=shares)
    shares *= target
    result: Vector = -tree_sum(shares)
    return result


class ClassRowMembers:
    """The class rows of a shortlist."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def update(self, member: int, waiting: Mask) -> None:
        """A class row does not depend on the picks."""

    def feasible(self) -> Mask | None:
        return None


class ShareTerms(BaseObjective):
    """Base of BALANCE's objectives: the target, and the term of a cross-entropy. ``lowest``: H(t, t) ≤ H."""

    def __init__(self, strength: float, target: Vector, names: tuple[str, ...]) -> None:
        super().__init__(strength)
        self.names = names
        self.target: Vector = target / target.sum()
        positive = self.target[self.target > 0]
        self.lowest = float(
            -(positive * np.log(np.maximum(positive, SHARE_FLOOR))).sum()
        )  # H ≥ H(t, t)

    def members(self, column: Values, bounds: Values) -> ClassRowMembers:
        return ClassRowMembers(column)

    def upper_bounds(self, values: Values, total: Any) -> Vector:
        """The terms themselves, in blocks that stay in the cache."""
        parts = [self.terms(values[at : at + 2048], total) for at in range(0, len(values), 2048)]
        return np.concatenate([*parts, np.empty(0)])

    def terms(self, values: Values, total: Any) -> Vector:
        raise NotImplementedError

    def term_of(self, entropy: Vector) -> Vector:
        """strength · ln U = −strength · ln H; alone ∓H, which has the same order and needs no logarithm."""
        if self.alone:
            signed: Vector = -np.sign(self.strength) * entropy
            return signed
        result: Vector = -self.strength * np.log(np.maximum(entropy, FLOOR))
        return result

    def exact_term(self, entropy: Decimal) -> Decimal:
        """The same in Decimal."""
        if self.alone:
            return -entropy if self.strength > 0 else entropy
        floored: Decimal = max(entropy, Decimal("1e-8")).ln()
        return -Decimal(self.strength) * floored

    def slack_of(self, term: float, largest: float = 0.0) -> float:
        """The slack of a term whose entropy is a difference of numbers of up to ``largest``."""
        strength = abs(self.strength)
        entropy = abs(term) if self.alone else math.exp(min(-term / self.strength, 700.0))
        unit = 2 * (len(self.names) + 16) * 2.0**-53 * (1 + max(entropy, largest))
        return (
            unit
            if self.alone
            else unit * strength * (1 + 1 / max(entropy, FLOOR)) + SLACK * abs(term)
        )

    def fulfilment(self, review: Review) -> list[Fulfilment]:
        """The share of each class, or of the classes that are farthest from their target."""
        return share_lines(review, self.names, self.target)


class Shares(ShareTerms):
    """The objective of BALANCE for rows of several classes; its total is the mass per class."""

    short_lists = True

    def __init__(self, strength: float, target: Vector, names: tuple[str, ...]) -> None:
        super().__init__(strength, target, names)
        self._sums = [ExactSum() for _ in names]
        self.total: Vector = np.zeros(len(names))

    def field(self, column: Classes) -> ClassRowField:
        return ClassRowField(column, self.target)

    def terms(self, values: Values, total: Vector) -> Vector:
        return self.term_of(cross_entropy(total + values, self.target))

    def slack(self, term: float) -> float:
        return self.slack_of(term)

    def max_increases(self, span: Span, then: Vector) -> Vector:
        """ln H falls at most by ln(1 + Δ / H(t, t)), Δ the largest fall of H between the corners of the span."""
        if np.array_equal(then, self.total):
            return np.zeros(len(span.least))
        if self.alone or self.lowest <= 0:
            return np.full(len(span.least), np.inf)
        down = self.strength > 0
        near, far = (span.least, span.most) if down else (span.most, span.least)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log((self.total + near) / (then + near))
            logs = np.where(self.target > 0, logs * self.target, 0.0).sum(axis=1)
            spread = np.log((self.total + far).sum(axis=1) / (then + far).sum(axis=1))
            change = logs - spread if down else spread - logs
            max_increases = abs(self.strength) * np.log1p(np.maximum(change, 0) / self.lowest)
        return np.where(np.isfinite(max_increases), max_increases, np.inf)

    def tie_mark(self, value: Vector) -> bytes:
        """The entropy depends on the pairs of target and mass only, not on their order."""
        places = np.flatnonzero(value)
        if len(places) == 1:  # what tells rows of one class apart, without a look at all classes
            k = int(places[0])
            return np.array([self.target[k], self.total[k], value[k]]).tobytes()
        mass = self.total + value
        by_pair = np.lexsort((mass, self.target))
        return bytes(self.target[by_pair].tobytes() + mass[by_pair].tobytes())

    def tie_key(self, value: Vector) -> Decimal:
        mass = [
            Decimal(float(m)) + Decimal(float(r)) for m, r in zip(self.total, value, strict=True)
        ]
        everything = sum(mass)
        floor = Decimal("1e-10")
        entropy = Decimal(0)
        for share, m in zip(self.target.tolist(), mass, strict=True):
            part = m / everything if everything else Decimal(0)
            entropy -= Decimal(share) * max(part, floor).ln()
        return self.exact_term(entropy)

    def add(self, column: Any, value: Vector) -> None:
        for place in np.flatnonzero(value).tolist():
            self._sums[place].add(float(value[place]))
        self.total = np.array([s.value for s in self._sums])

    def add_all(self, column: Values) -> None:
        for row in column:
            for place in np.flatnonzero(row).tolist():
                self._sums[place].add(float(row[place]))
        self.total = np.array([s.value for s in self._sums])

    def result_values(self, values: Sequence[Vector], totals: Sequence[Vector]) -> Vector:
        return cross_entropy(np.stack(totals) + np.stack(values), self.target)

    def gains(self, values: Sequence[Vector], totals: Sequence[Vector]) -> Vector:
        if not len(values):
            return np.empty(0)
        before, rows = np.stack(totals), np.stack(values)
        after = np.maximum(cross_entropy(before + rows, self.target), FLOOR)
        start = np.where(
            before.sum(axis=1) > 0, np.maximum(cross_entropy(before, self.target), FLOOR), 1.0
        )
        gains: Vector = self.strength * (np.log(start) - np.log(after))
        return gains
