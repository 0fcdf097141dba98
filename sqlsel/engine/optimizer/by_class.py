"""Greedy selection where a candidate's score depends on its class group only.

Each pick takes the best group's candidate with the lowest id, so it costs time in the number of groups, not of rows.
"""

from __future__ import annotations

import heapq
from decimal import localcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.codes import Codes, counts
from sqlsel.engine.kernels.exact import Index
from sqlsel.engine.objective.protocol import Poll, no_poll
from sqlsel.engine.optimizer.greedy import Picks, Progress
from sqlsel.engine.optimizer.plan import Plan
from sqlsel.engine.optimizer.shortlist import least_of_tie

_POLLED = 64  # picks between two polls
_NOBODY = np.iinfo(np.int64).max  # the head of an empty queue: above all order numbers

Form = tuple[float, float, float]


def only_classes_count(plan: Plan) -> bool:
    """Whether there is a single objective, whose terms depend on the class group only."""
    return len(plan.objectives) == 1 and bool(plan.by_group)


class Queues:
    """The candidates of each class group by ascending order number; ``heads`` has the first of each."""

    def __init__(
        self, groups: Codes, order: Index, candidates: NDArray[np.bool_], count: int
    ) -> None:
        # group × number of rows + order: one sort in place orders by group, then id, without an index array.
        every = candidates.all()
        groups = groups if every else groups[candidates]
        sizes = counts(groups, count)
        self._order = groups.astype(np.int64)
        self._order *= len(order)
        self._order += order if every else order[candidates]
        self._order.sort()
        self._order %= max(1, len(order))
        self._ends = np.cumsum(sizes)
        self._at = self._ends - sizes
        self.heads = np.full(count, _NOBODY)
        some = np.flatnonzero(sizes)
        self.heads[some] = self._order[self._at[some]]
        self._some: Index | None = some

    def groups_to_score(self) -> Index:
        """The groups that have candidates; the next pick is the first of one of them."""
        if self._some is None:
            self._some = np.flatnonzero(self.heads < _NOBODY)
        return self._some

    def take(self, group: int) -> int:
        """Remove the first candidate of a group from its queue; its order number."""
        first = int(self.heads[group])
        self._at[group] += 1
        left = self._at[group] < self._ends[group]
        self.heads[group] = self._order[self._at[group]] if left else _NOBODY
        if not left:
            self._some = None
        return first

    def count_pick(self, group: int) -> None:
        """A row of this group was picked; here scores do not depend on it."""


class QueuesByForm(Queues):
    """Queues where groups of equal form have equal scores, so only the one with the lowest id is scored."""

    def __init__(
        self,
        groups: Codes,
        order: Index,
        candidates: NDArray[np.bool_],
        count: int,
        objective: Any,
    ) -> None:
        super().__init__(groups, order, candidates, count)
        self._objective = objective
        forms: dict[
            Form, Form
        ] = {}  # equal forms share one tuple, which saves memory with many groups
        self._form = [forms.setdefault(f, f) for f in map(objective.form, range(count))]
        self._count = count
        self._heaps: dict[Form, list[int]] = {}  # of each form: head · count + group
        self._place: dict[Form, int] = {}  # of its first group in ``_firsts``
        self._free = list(range(count))
        self._firsts = np.full(count, -1)
        for group in super().groups_to_score().tolist():
            self._heaps.setdefault(self._form[group], []).append(self._entry(group))
        for form, heap in list(self._heaps.items()):
            heapq.heapify(heap)
            self._renew(form)

    def groups_to_score(self) -> Index:
        return self._firsts[self._firsts >= 0]

    def count_pick(self, group: int) -> None:
        for one in self._objective.of_one_class(group):
            old, new = self._form[one], self._objective.form(one)
            self._form[one] = new
            self._renew(old)
            if self.heads[one] < _NOBODY:
                heapq.heappush(self._heaps.setdefault(new, []), self._entry(one))
                self._renew(new)

    def _entry(self, group: int) -> int:
        """The head of the group and its number, as one integer that sorts by the head."""
        return int(self.heads[group]) * self._count + group

    def _is_current(self, form: Form, entry: int) -> bool:
        head, group = divmod(entry, self._count)
        return self._form[group] == form and int(self.heads[group]) == head

    def _renew(self, form: Form) -> None:
        """Update which group is scored for a form: the one whose first candidate has the lowest id."""
        heap = self._heaps.get(form, [])
        # Stale entries, whose group has another form or first candidate by now, are removed lazily.
        while heap and not self._is_current(form, heap[0]):
            heapq.heappop(heap)
        if heap:
            if form not in self._place:
                self._place[form] = self._free.pop()
            self._firsts[self._place[form]] = heap[0] % self._count
        elif self._heaps.pop(form, None) is not None and form in self._place:
            place = self._place.pop(form)
            self._firsts[place] = -1
            self._free.append(place)


def queues_of(plan: Plan, groups: Codes, order: Index, candidates: NDArray[np.bool_]) -> Queues:
    """The queues of a plan for which ``only_classes_count`` is true; preselected rows must be in the totals."""
    (number,) = plan.by_group
    objective: Any = plan.objectives[number]
    if objective.by_form:
        return QueuesByForm(groups, order, candidates, plan.n_groups, objective)
    return Queues(groups, order, candidates, plan.n_groups)


def select_by_class(
    plan: Plan,
    queues: Queues,
    budget: int,
    *,
    progress: Progress | None = None,
    poll: Poll = no_poll,
) -> Picks:
    """Up to ``budget`` picks; fewer if no candidates are left."""
    picks = Picks()
    (number,) = plan.by_group
    objective, table = plan.objectives[number], plan.tables[number]
    while len(picks) < budget:
        if len(picks) % _POLLED == 0:
            poll()
        groups = queues.groups_to_score()
        terms = objective.terms(table[groups], objective.total)
        best = float(terms.max(initial=-np.inf))
        if best == -np.inf:
            break
        near = groups[terms >= best - objective.slack(best)]
        group = _first_of(near, objective, table, queues.heads)
        picks.values.append([table[group].copy()])
        picks.totals.append(plan.totals())
        picks.order.append(queues.take(group))
        objective.add(table[group], table[group])
        queues.count_pick(group)
        if progress is not None:
            progress(len(picks), budget)
    return picks


def _first_of(near: Index, objective: Any, table: Any, heads: Index) -> int:
    """The best of groups whose scores float64 cannot tell apart: compared in 50 digits, ties by the lowest id."""
    if len(near) > 1:
        marks = [objective.tie_mark(table[group]) for group in near.tolist()]
        some = {mark: table[group] for mark, group in zip(marks, near.tolist(), strict=True)}
        with localcontext(prec=50):
            keys = {mark: objective.tie_key(value) for mark, value in some.items()}
            tied = least_of_tie(max(keys.values()))
        near = near[[keys[mark] >= tied for mark in marks]]
    return int(near[heads[near].argmin()])
