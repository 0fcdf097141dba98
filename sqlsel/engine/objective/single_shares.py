"""The objective of BALANCE for rows with mass in one class each, in time and memory linear in the classes.

The shares after a row of mass r in class k differ from those of the selection, over the same total, in class k only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from sqlsel.engine.kernels.exact import ExactSum, Index, Vector, tree_sum
from sqlsel.engine.kernels.singles import Singles
from sqlsel.engine.objective.protocol import FLOOR, Values
from sqlsel.engine.objective.shares import SHARE_FLOOR, ShareTerms, cross_entropy

_LEAST_SHARE = Decimal("1e-10")
_LOG_FLOOR = math.log(SHARE_FLOOR)


class SingleShares(ShareTerms):
    """The objective of BALANCE; ``values`` are numbers of class groups, and the total is the number of rows added.

    The masses per class change in place: with many classes, a copy of them per pick would need most of the memory.
    """

    by_form = True

    def __init__(self, strength: float, target: Vector, names: tuple[str, ...]) -> None:
        super().__init__(strength, target, names)
        self.total = 0
        self._sums: dict[int, ExactSum] = {}
        self._mass: Vector = np.zeros(len(names))
        self._places_picked: Index = np.empty(len(names), np.int64)  # classes that have mass, first
        self._everything = ExactSum()  # all masses
        self._share_picked = ExactSum()  # of the target
        self._steps: list[tuple[float, float]] = []  # H before and after each pick; inf of nothing
        self._entropy = math.inf
        self._known_at = -1
        self._decimal: dict[float, tuple[Decimal, Decimal]] = {}

    def group_values(self, table: Singles) -> Index:
        """The value of each class group, its number; ``table``: one class row per group, which is kept."""
        self._places, self._masses = table.places, table.masses
        self._targets = np.where(table.places >= 0, self.target[table.places], 0.0)
        self._different, self._number = np.unique(table.masses, return_inverse=True)
        self._by_place = np.argsort(table.places, kind="stable")
        self._sorted = table.places[self._by_place]
        return np.arange(len(table))

    def terms(self, values: Values, total: int) -> Vector:
        """strength · ln(1/H) of each class group in ``values``, H with a row of it added; ±H where it is alone.

        ``total`` is not used: the masses held here are.
        """
        return self.term_of(self._entropies(np.asarray(values, np.int64)))

    def _entropies(self, groups: Index) -> Vector:
        """H(target, shares) of the selection together with a row of each of ``groups``."""
        logs, without = self._over_each_mass()
        number, old = self._number[groups], self._mass[self._places[groups]]
        some = old > 0
        log = np.full(len(groups), -np.inf)
        np.log(old, out=log, where=some)
        before = np.maximum(log - logs[number], _LOG_FLOOR)
        with np.errstate(divide="ignore"):  # the logarithm of no mass
            added = np.log(self._different)[number]
        np.log(old + self._masses[groups], out=added, where=some)
        after = np.maximum(added - logs[number], _LOG_FLOOR)
        result: Vector = without[number] - self._targets[groups] * (after - before)
        return result

    def _over_each_mass(self) -> tuple[Vector, Vector]:
        """Per distinct mass r of a row: (ln(ΣR + r), H of the masses R so far as shares of ΣR + r)."""
        if self._known_at != self.total:
            before = self._everything.value
            sums = [before + mass or 1.0 for mass in self._different.tolist()]
            self._logs = np.array([math.log(everything) for everything in sums])
            self._without = np.array([self._entropy_over(everything) for everything in sums])
            self._known_at = self.total
            self._largest = 2 * (abs(_LOG_FLOOR) + abs(math.log(before or 1.0)))
        return self._logs, self._without

    def _entropy_over(self, everything: float) -> float:
        """H of the masses so far as shares of ``everything``; classes without mass have the floor."""
        picked = self._places_picked[: len(self._sums)]
        logs = np.log(self._mass[picked]) - math.log(everything)
        np.maximum(logs, _LOG_FLOOR, out=logs)
        logs *= self.target[picked]
        others = max(1.0 - self._share_picked.value, 0.0)
        return -float(tree_sum(logs[None])[0]) - others * _LOG_FLOOR

    def slack(self, term: float) -> float:
        # An entropy is a difference of sums of logarithms, and is rounded as those are.
        self._over_each_mass()
        return self.slack_of(term, self._largest)

    def form(self, group: int) -> tuple[float, float, float]:
        """What the entropy with a row of this group depends on; equal forms give equal entropies.

        (0, 0, 0) for rows without a class.
        """
        place = int(self._places[group])
        if place < 0:
            return 0.0, 0.0, 0.0
        return float(self._targets[group]), float(self._mass[place]), float(self._masses[group])

    def of_one_class(self, group: int) -> list[int]:
        """The groups whose rows have mass in the class of ``group``."""
        start, end = np.searchsorted(self._sorted, self._places[group] + np.arange(2))
        groups: list[int] = self._by_place[start:end].tolist()
        return groups

    def marks(self, groups: Index) -> Index:
        """One number for each of ``groups``, equal for those of equal form."""
        parts = [self._targets[groups], self._mass[self._places[groups]], self._masses[groups]]
        numbers: Index = np.unique(np.column_stack(parts), axis=0, return_inverse=True)[1].reshape(
            -1
        )
        return numbers

    def tie_mark(self, value: float) -> bytes:
        """The form of class group ``value`` as bytes."""
        return np.array(self.form(int(value))).tobytes()

    def tie_key(self, value: float) -> Decimal:
        place, mass = int(self._places[int(value)]), float(self._masses[int(value)])
        entropy, everything = self._decimal_entropy(mass)
        if place >= 0 and mass:
            share, old = Decimal(float(self.target[place])), Decimal(float(self._mass[place]))
            new = max((old + Decimal(mass)) / everything, _LEAST_SHARE)
            entropy -= share * (new.ln() - max(old / everything, _LEAST_SHARE).ln())
        return self.exact_term(entropy)

    def _decimal_entropy(self, mass: float) -> tuple[Decimal, Decimal]:
        """H of the masses so far, over their sum together with ``mass``; and that sum."""
        if mass not in self._decimal:  # equal classes are gone through once
            pairs = np.column_stack([self.target, self._mass])
            kinds, counts = np.unique(pairs, axis=0, return_counts=True)
            rows = [
                (Decimal(t), Decimal(m), n)
                for (t, m), n in zip(kinds.tolist(), counts.tolist(), strict=True)
            ]
            everything = sum((m * n for _, m, n in rows), Decimal(mass)) or Decimal(1)
            logs = ((t * n, max(m / everything, _LEAST_SHARE).ln()) for t, m, n in rows)
            self._decimal[mass] = (-sum((t * ln for t, ln in logs), Decimal(0)), everything)
        return self._decimal[mass]

    def add(self, column: Any, value: float) -> None:
        """Add one pick, a row of class group ``value``; ``gains`` and ``result_values`` need H before and after."""
        after = float(self._entropies(np.array([int(value)]))[0])
        self._steps.append((self._entropy if self._sums else math.inf, after))
        self._count([int(value)])
        self._entropy = after

    def add_all(self, column: Values) -> None:
        """Add the preselected rows; ``column``: their class groups. They are no picks."""
        self._count(np.asarray(column, np.int64).tolist())
        self._entropy = float(cross_entropy(self._mass[None], self.target)[0])

    def _count(self, groups: Sequence[int]) -> None:
        """Add the mass of a row of each of ``groups``."""
        for group in groups:
            place = int(self._places[group])
            if place >= 0 and self._masses[group]:
                if place not in self._sums:
                    self._places_picked[len(self._sums)] = place
                    self._sums[place] = ExactSum()
                    self._share_picked.add(float(self.target[place]))
                for sum_ in (self._sums[place], self._everything):
                    sum_.add(float(self._masses[group]))
                self._mass[place] = self._sums[place].value
        self.total += len(groups)
        self._decimal.clear()

    def result_values(self, values: Sequence[Any], totals: Sequence[Any]) -> Vector:
        """H, the cross-entropy to the target, after each of the last ``len(values)`` picks."""
        return np.array([after for _, after in self._steps[-len(values) :]])

    def gains(self, values: Sequence[Any], totals: Sequence[Any]) -> Vector:
        """strength · (ln H before − ln H after) of each of the last ``len(values)`` picks.

        H before is 1 where nothing had mass.
        """
        steps = np.array(self._steps[-len(values) :] if len(values) else []).reshape(-1, 2)
        start = np.where(np.isfinite(steps[:, 0]), np.maximum(steps[:, 0], FLOOR), 1.0)
        gains: Vector = self.strength * (np.log(start) - np.log(np.maximum(steps[:, 1], FLOOR)))
        return gains
