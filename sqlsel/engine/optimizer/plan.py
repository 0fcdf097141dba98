"""The plan of a run: its objectives, and the class groups, candidates with equal class masses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.class_input import MAX_GROUPS, MAX_GROUPS_IN_COMPANY, Classes
from sqlsel.engine.kernels.codes import Codes, any_value, look_up, occurring
from sqlsel.engine.kernels.exact import Index, Vector
from sqlsel.engine.kernels.singles import Singles
from sqlsel.engine.objective import Objective, Prepared, Unlisted
from sqlsel.engine.objective.protocol import Constraint

_MOST_LISTED_APART = 48  # class groups, each of which has a list of its own
_MOST_KINDS = 128


@dataclass(frozen=True)
class Plan:
    """The objectives of a run; those in ``tables`` have one value for all candidates of a class group."""

    objectives: tuple[Objective, ...]
    tables: dict[int, NDArray[Any]]  # objective number → one class row per group, or its number
    n_groups: int = 1

    @cached_property
    def scored(self) -> list[int]:
        """The objectives that a partition scores row by row."""
        return [
            j for j, o in enumerate(self.objectives) if o.strength != 0 and j not in self.tables
        ]

    @cached_property
    def by_group(self) -> list[int]:
        """The objectives whose term is the same for a whole class group."""
        return [j for j, o in enumerate(self.objectives) if o.strength != 0 and j in self.tables]

    @cached_property
    def alone(self) -> bool:
        """Whether a single objective decides."""
        return sum(o.strength != 0 for o in self.objectives) == 1

    @cached_property
    def limited(self) -> dict[int, Constraint]:
        """The constraints, by the number of their objective."""
        constraints = {j: o.constraint for j, o in enumerate(self.objectives)}
        return {j: one for j, one in constraints.items() if one is not None}

    def totals(self) -> list[Any]:
        """The total of each objective now."""
        return [o.total for o in self.objectives]

    def terms_by_group(self) -> Vector:
        """The sum of the terms that depend on the class group only, for each group."""
        result = np.zeros(self.n_groups)
        for j in self.by_group:
            result += self.objectives[j].terms(self.tables[j], self.objectives[j].total)
        return result

    def group_terms(self, groups: Codes) -> Vector:
        """The same for the groups of some candidates."""
        return self.terms_by_group()[groups]

    def kinds(self) -> Index | None:
        """A number for each class group, equal for groups with similar terms; None for few groups.

        Groups with equal terms now will have similar ones after some picks, so one list can serve all of a kind,
        instead of one list per group.
        """
        if self.n_groups <= _MOST_LISTED_APART:
            return None
        terms, kinds = np.unique(self.terms_by_group(), return_inverse=True)
        if len(terms) > _MOST_KINDS:
            kinds = kinds * _MOST_KINDS // len(terms)
        return np.asarray(kinds.reshape(-1), np.int64)

    def one_of_each(self, groups: Codes) -> Index:
        """Indices into ``groups``: the first of those whose terms are equal in any case (``marks``); all if unknown."""
        shares: Any = self.objectives[self.by_group[0]]
        if len(self.by_group) > 1 or not shares.by_form:
            return np.arange(len(groups))
        return np.sort(np.unique(shares.marks(groups), return_index=True)[1])

    def ceilings(self, unlisted: Unlisted, then: Sequence[Any]) -> Vector:
        """The upper bound, per cell, of the scores of candidates off the shortlist now."""
        result = unlisted.best.copy()
        for i, j in enumerate(self.scored):
            result += self.objectives[j].max_increases(unlisted.spans[i], then[j])
        # Summed in the order in which scores are, so that rounding does not break ties.
        return result + unlisted.highest(self.terms_by_group())


def make_plan(prepared: Sequence[Prepared]) -> tuple[Plan, Codes, list[Any]]:
    """(plan, class group of every row, the columns for partitions: None for those by class group)."""
    size = len(prepared[0].present)
    groups: Codes = np.zeros(size, np.int32)
    grouped: list[int] = []
    for j, one in enumerate(prepared):
        if isinstance(one.column, Classes) and one.column.index is not None:
            finer: Codes = one.column.index
            if grouped:
                finer = groups.astype(np.int64) * len(one.column.table) + finer
            count, finer = _renumbered(finer)
            if count <= _most_groups(one.column, alone=len(prepared) == 1):
                groups, grouped = finer, [*grouped, j]
    count = int(groups.max(initial=-1)) + 1
    tables = {j: _table_of(prepared[j].column, groups, count) for j in grouped}
    objectives = tuple(one.objective for one in prepared)
    for j in grouped:
        tables[j] = objectives[j].group_values(tables[j])
    plan = Plan(objectives, tables, count)
    for j, objective in enumerate(objectives):
        objective.alone = plan.alone and objective.strength != 0
        objective.needs_refresh |= (
            objective.alone and j in plan.scored and isinstance(prepared[j].column, Classes)
        )
    columns = [
        None if j in grouped else _one_row_per_sample(one.column) for j, one in enumerate(prepared)
    ]
    return plan, groups, columns


def _table_of(column: Any, groups: Codes, count: int) -> Any:
    """The class row of each of ``count`` groups, which all rows of a group share."""
    return column.table[any_value(groups, column.index, count)]


def _renumbered(numbers: Codes) -> tuple[int, Codes]:
    """(number of distinct values, rank of each value among them), as np.unique with inverse, but faster."""
    most = int(numbers.max(initial=0))
    if most > 4 * len(numbers):
        distinct, places = np.unique(numbers, return_inverse=True)
        return len(distinct), places.reshape(-1).astype(np.int32)
    occurs = occurring(numbers, most + 1)
    if occurs.all():
        return len(occurs), numbers.astype(np.int32, copy=False)
    return int(occurs.sum()), look_up(np.cumsum(occurs, dtype=np.int32) - np.int32(1), numbers)


def _most_groups(column: Classes, *, alone: bool) -> int:
    """The most class groups for which grouping is used; no limit where rows have one class each."""
    if isinstance(column.table, Singles):
        return len(column)
    return MAX_GROUPS if alone else MAX_GROUPS_IN_COMPANY


def _one_row_per_sample(column: Any) -> Any:
    """The class rows of a column that is not grouped, one per sample."""
    if isinstance(column, Classes) and column.index is not None:
        return Classes(column.names, column.table[column.index])
    return column


def part_of(column: Any, rows: Any) -> Any:
    """Some rows of a column."""
    if isinstance(column, Classes):
        return Classes(column.names, column.table[rows])
    return None if column is None else column[rows]


class GroupRows:
    """The class rows of some candidates, looked up by their groups on indexing."""

    def __init__(self, table: NDArray[Any], groups: Codes) -> None:
        self._table, self._groups = table, groups

    def __getitem__(self, members: Any) -> NDArray[Any]:
        rows: NDArray[Any] = self._table[self._groups[members]]
        return rows


def class_rows(plan: Plan, groups: Codes, columns: Sequence[Any], rows: Any) -> list[Any]:
    """Per objective the values of ``rows`` as ``add`` and ``add_all`` take them: vectors, numbers or class rows."""
    return [
        plan.tables[j][groups[rows]]
        if j in plan.tables
        else columns[j].table[rows]
        if isinstance(columns[j], Classes)
        else columns[j][rows]
        for j in range(len(plan.objectives))
    ]
