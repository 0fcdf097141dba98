"""A shortlist while picks are made from it: exact values, the best row, whether a row off the list may be better."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index, Vector
from sqlsel.engine.objective import Unlisted
from sqlsel.engine.optimizer.plan import GroupRows, Plan
from sqlsel.engine.optimizer.rows import Listed
from sqlsel.engine.optimizer.stop_rules import infeasible_rows

_SAME = Decimal("1e-40")  # relative difference of keys of 50 digits that counts as equal
_MOST_CELLS = 64  # undecided cells that are compared in decimal; with more the shortlist ends


class Shortlist:
    """Candidates with exact values; picks are made here while no row off the list can be better."""

    def __init__(self, listed: Listed, unlisted: Unlisted, plan: Plan, then: Sequence[Any]) -> None:
        self._listed, self._unlisted, self._plan, self._then = listed, unlisted, plan, then
        columns = [
            GroupRows(plan.tables[j], listed.groups) if j in plan.tables else column
            for j, column in enumerate(listed.columns)
        ]
        self.columns = columns
        self._members = [
            objective.members(column, bounds)
            for objective, column, bounds in zip(
                plan.objectives, columns, listed.bounds, strict=True
            )
        ]
        self._waiting = np.ones(len(listed), np.bool_)
        self._exclude_infeasible()
        deciding = (*plan.scored, *plan.by_group)
        self._exact = plan.alone and all(plan.objectives[j].slack(1.0) == 0 for j in deciding)
        afresh = any(plan.objectives[j].needs_refresh for j in plan.scored) and len(unlisted) > 0
        self.one_pick = afresh or any(o.reopens for o in plan.limited.values())
        self._nothing_scored = not plan.scored and not plan.by_group

    def best(self) -> int | None:
        """The row to pick next: highest score, then lowest sample id. None: no row on the list is feasible."""
        open_ = self._open()
        if not open_.any():
            return None
        with np.errstate(
            invalid="ignore"
        ):  # inf − inf, in rows that were picked while nothing was selected
            scores = np.where(open_, self._scores(), -np.inf)
        top = int(scores.argmax())
        self._score, self._slack = float(scores[top]), 0.0
        if self._exact or self._nothing_scored:
            return top
        whole = self._plan.alone and not self._plan.by_group
        self._slack = (
            self._plan.objectives[self._plan.scored[0]].slack(self._score)
            if whole
            else self._slack_of(top)
        )
        near = np.flatnonzero(scores >= self._score - self._slack)
        return top if len(near) == 1 else self._break_tie(near)

    def decided(self, member: int) -> bool:
        """Whether no row off the list can score as much as ``member``, the best one (or ties with a higher id)."""
        unlisted = self._unlisted
        if not len(unlisted):
            return True
        # Strictly below, with the rounding error: a row with an equal score might have a lower id.
        ceilings = self._plan.ceilings(unlisted, self._then)
        open_ = ceilings + self._slack >= self._score
        return not open_.any() or self._ties_are_later(member, open_)

    def take(self, member: int) -> list[Any]:
        """Pick ``member``: its exact values, objective by objective; those of the other rows are updated."""
        self._waiting[member] = False
        values = [m.values[member] for m in self._members]
        for members in self._members:
            members.update(member, self._waiting)
        self._exclude_infeasible()
        return [v.copy() if isinstance(v, np.ndarray) else float(v) for v in values]

    def closed(self, partitions: int) -> list[Index]:
        """Per partition, its rows that are picked or infeasible."""
        done = ~self._waiting
        return [
            self._listed.number[done & (self._listed.partition == p)] for p in range(partitions)
        ]

    @property
    def order(self) -> Index:
        return self._listed.order

    def _open(self) -> NDArray[np.bool_]:
        """Which rows may be picked now."""
        infeasible = infeasible_rows(self._plan, dict(enumerate(self.columns)), self._plan.totals())
        return self._waiting if infeasible is None else self._waiting & ~infeasible

    def _exclude_infeasible(self) -> None:
        """Exclude rows that an objective has made infeasible for good, say nearer than a minimum distance."""
        for members in self._members:
            feasible = members.feasible()
            if feasible is not None:
                self._waiting &= feasible

    def _scores(self) -> Vector:
        plan = self._plan
        result = np.zeros(len(self._listed))
        for j in plan.scored:
            result += plan.objectives[j].terms(self._members[j].values, plan.objectives[j].total)
        return result + plan.group_terms(self._listed.groups)

    def _slack_of(self, member: int) -> float:
        """The rounding error of the score of ``member``: nearer ones float64 cannot tell apart."""
        plan = self._plan
        slack = 0.0
        for j in (*plan.scored, *plan.by_group):
            objective, values = plan.objectives[j], self._members[j].values[member : member + 1]
            slack += objective.slack(float(objective.terms(values, objective.total)[0]))
        return slack

    def _break_tie(self, near: Index) -> int:
        """Decide between scores that float64 cannot tell apart, in 50 digits; then by the lowest id."""
        if (
            not self._plan.scored
        ):  # rows of a class group have one score: its lowest id stands for it
            near = np.sort(near[np.unique(self._listed.groups[near], return_index=True)[1]])
            near = near[self._plan.one_of_each(self._listed.groups[near])]
        by_mark: dict[Any, list[Any]] = {}
        marks = []
        for member in near.tolist():
            values = self._values_of(member)
            marks.append(self._mark(values))
            by_mark.setdefault(marks[-1], values)
        if len(by_mark) == 1:
            return int(near[0])
        with localcontext(prec=50):
            keys = {mark: self._exact_key(values) for mark, values in by_mark.items()}
            tied = least_of_tie(max(keys.values()))
        return int(next(m for m, mark in zip(near, marks, strict=True) if keys[mark] >= tied))

    def _values_of(self, member: int) -> list[Any]:
        return [members.values[member] for members in self._members]

    def _mark(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """A key that is equal for rows whose scores are equal whatever the totals."""
        parts = zip(self._plan.objectives, values, strict=True)
        return tuple(o.tie_mark(v) for o, v in parts if o.strength != 0)

    def _exact_key(self, values: Sequence[Any]) -> Decimal:
        """The score of one row in the digits of the current context."""
        parts = zip(self._plan.objectives, values, strict=True)
        return sum((o.tie_key(v) for o, v in parts if o.strength != 0), Decimal(0))

    def _ties_are_later(self, member: int, open_: Any) -> bool:
        """Whether the undecided cells hold only exact ties with higher ids, as where many rows are equal."""
        order, cells = self._listed.order[member], np.flatnonzero(open_)
        if self._nothing_scored:
            return bool((self._unlisted.lowest[cells] > order).all())
        cell_values = [self._values_of_cell(cell) for cell in cells[:_MOST_CELLS].tolist()]
        if len(cells) > _MOST_CELLS or None in cell_values:
            return False
        mine = self._values_of(member)
        mark = self._mark(mine)
        others = []
        for cell, values in zip(cells.tolist(), cell_values, strict=True):
            if self._mark(values or []) != mark:
                others.append((cell, values or []))
            elif self._unlisted.lowest[cell] < order:
                return False
        return not others or self._all_score_less(others, mine, order)

    def _all_score_less(
        self, others: Sequence[tuple[int, list[Any]]], mine: Any, order: int
    ) -> bool:
        """Whether all cells score less than ``mine``, or the same with higher ids."""
        with localcontext(prec=50):
            own = self._exact_key(mine)
            for cell, values in others:
                key = self._exact_key(values)
                above = key > own + _SAME * max(Decimal(1), abs(own))
                if above or (key >= least_of_tie(own) and self._unlisted.lowest[cell] < order):
                    return False
        return True

    def _values_of_cell(self, cell: int) -> list[Any] | None:
        """The exact values that all rows of the cell share now; None where they may differ."""
        plan, unlisted = self._plan, self._unlisted
        group = unlisted.group_of(cell, plan.terms_by_group(), 4 * self._slack)
        if group is None:
            return None
        values: list[Any] = []
        for j, objective in enumerate(plan.objectives):
            if j in plan.tables:
                values.append(plan.tables[j][group])
            elif objective.strength == 0:
                values.append(0.0)
            else:
                span = unlisted.spans[plan.scored.index(j)]
                least = span.least[cell]
                exact = objective.exact_bounds(objective.total)
                is_one_number = np.ndim(least) == 0 and least == span.most[cell] and exact
                if not is_one_number:
                    return None
                values.append(float(least))
        return values


def least_of_tie(key: Decimal) -> Decimal:
    """The least key that counts as equal to ``key``: ln 2 + ln 6 and ln 3 + ln 4 differ in the last digits only."""
    return key - _SAME * max(Decimal(1), abs(key))
