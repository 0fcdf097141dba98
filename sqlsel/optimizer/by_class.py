"""Greedy selection where the class of a candidate says all: one class group is chosen after the other.

Of each group the lowest id comes first, so a pick costs a look at the groups, however many rows there are.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import localcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.kernels.exact import Index
from sqlsel.objective.single_shares import SingleShares
from sqlsel.optimizer.greedy import Picks, Progress
from sqlsel.optimizer.plan import Plan
from sqlsel.optimizer.shortlist import least_of_tie

_POLLED = 64  # picks between two looks at whether the user wants to stop
_NOBODY = np.iinfo(np.int64).max


def only_classes_count(plan: Plan) -> bool:
    """Whether a single objective decides, and it sees class groups only."""
    return len(plan.objectives) == 1 and bool(plan.by_group)


class Queues:
    """The candidates of each class group by ascending order number; ``heads`` has the first of each."""

    def __init__(
        self, groups: Index, order: Index, candidates: NDArray[np.bool_], count: int
    ) -> None:
        rows = np.flatnonzero(candidates)
        rows = rows[np.lexsort((order[rows], groups[rows]))]
        self._order = np.append(order[rows], _NOBODY)
        sizes = np.bincount(groups[rows], minlength=count)
        self._ends = np.cumsum(sizes)
        self._at = self._ends - sizes
        self.heads = np.where(sizes > 0, self._order[self._at], _NOBODY)
        self.empty: list[int] = np.flatnonzero(sizes == 0).tolist()

    def take(self, group: int) -> int:
        """The first of the group, which leaves it."""
        first = int(self.heads[group])
        self._at[group] += 1
        left = self._at[group] < self._ends[group]
        self.heads[group] = self._order[self._at[group]] if left else _NOBODY
        if not left:
            self.empty.append(group)
        return first


def select_by_class(
    plan: Plan,
    queues: Queues,
    budget: int,
    *,
    progress: Progress | None = None,
    poll: Callable[[], None] = lambda: None,
) -> Picks:
    """Up to ``budget`` picks; fewer if no candidates are left."""
    picks = Picks()
    (number,) = plan.by_group
    objective, table = plan.objectives[number], plan.tables[number]
    while len(picks) < budget:
        if len(picks) % _POLLED == 0:
            poll()
        terms = objective.terms(table, objective.total)
        terms[queues.empty] = -np.inf
        best = float(terms.max(initial=-np.inf))
        if best == -np.inf:
            break
        near = np.flatnonzero(terms >= best - objective.slack(best))
        group = _first_of(near, objective, table, queues.heads)
        picks.values.append([table[group].copy()])
        picks.totals.append(plan.totals())
        picks.order.append(queues.take(group))
        objective.add(table[group], table[group])
        if progress is not None:
            progress(len(picks), budget)
    return picks


def _first_of(near: Index, objective: Any, table: Any, heads: Index) -> int:
    """The best of groups that float64 cannot tell apart, in 50 digits; then the one with the lowest id."""
    if len(near) > 1 and not (isinstance(objective, SingleShares) and objective.are_equal(near)):
        marks = [objective.tie_mark(table[group]) for group in near.tolist()]
        some = {mark: table[group] for mark, group in zip(marks, near.tolist(), strict=True)}
        with localcontext(prec=50):
            keys = {mark: objective.tie_key(value) for mark, value in some.items()}
            tied = least_of_tie(max(keys.values()))
        near = near[[keys[mark] >= tied for mark in marks]]
    return int(near[heads[near].argmin()])
