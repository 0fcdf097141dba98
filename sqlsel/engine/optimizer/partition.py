"""A partition of the pool: its rows, bounds of their scores, and up to which pick each bound is fresh."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.cells import cells
from sqlsel.engine.kernels.codes import Codes
from sqlsel.engine.kernels.exact import Index, Vector
from sqlsel.engine.kernels.top import best_rows
from sqlsel.engine.objective import Span, Unlisted
from sqlsel.engine.objective.class_rows import CLOSED_BOUND
from sqlsel.engine.objective.protocol import Poll, no_poll
from sqlsel.engine.optimizer.lists import Lists
from sqlsel.engine.optimizer.plan import Plan
from sqlsel.engine.optimizer.rows import Batch, Bounds, Listing, join_unlisted
from sqlsel.engine.optimizer.stop_rules import infeasible_rows

_CHUNK = 1 << 15


class Partition:
    """Rows in memory, lazily updated (lazy greedy, Minoux 1978): only those whose stale score is among the best.

    A stale value is an upper bound, since the distance of a row to the selection only shrinks; so a row whose stale
    score is too low need not be updated. ``_seen``: up to which batch of picks each row is updated.
    """

    def __init__(
        self,
        plan: Plan,
        order: Index,
        columns: Sequence[Any],
        groups: Codes,
        waiting: NDArray[np.bool_],
        poll: Poll = no_poll,
    ) -> None:
        self._plan, self._order, self._groups, self._poll = plan, order, groups, poll
        self._waiting = waiting.copy()
        self._fields = [
            None if column is None else objective.field(column)
            for objective, column in zip(plan.objectives, columns, strict=True)
        ]
        self._seen = np.zeros(len(order), np.int32)
        self._marks: list[list[int]] = [
            [0] * len(self._fields)
        ]  # per batch and field: picks before it
        self._lazy = all(o.stale_is_bound or o.strength == 0 for o in plan.objectives)
        self._lists = Lists(groups, order)
        self._scored = [
            (j, f) for j, f in enumerate(self._fields) if f is not None and j in plan.scored
        ]
        self._quick = self._only_class_rows()
        self._margin = 1.0
        if self._quick is not None:
            self._quick.close(np.flatnonzero(~waiting))

    def _only_class_rows(self) -> Any:
        """The field that bounds all its rows at once, if it decides alone, with no negative strength; else None."""
        field = (
            self._fields[self._plan.scored[0]] if self._plan.alone and self._plan.scored else None
        )
        positive = all(o.strength >= 0 for o in self._plan.objectives)
        bare = sum(f is not None for f in self._fields) == 1
        return field if field is not None and field.quick_bounds and positive and bare else None

    def bounds(
        self, start: int, batches: Sequence[Batch], totals: Sequence[Any], listing: Listing
    ) -> Bounds | int:
        """The best rows of each list, and bounds of all others, after ``batches`` of picks from number ``start`` on.

        A list is a class group, or a kind of like ones. Without the batches before ``start``, how many it has.
        """
        known = len(self._marks) - 1
        if start > known:
            return known
        for batch in batches[known - start :]:
            self._add_picks(batch)
        if self._quick is not None and self._quick.quick(totals[self._plan.scored[0]]):
            return self._leaders(self._quick, totals[self._plan.scored[0]], listing.size)
        if not self._lazy and len(self._order):
            self._refresh(np.arange(len(self._order)))
        infeasible = self._infeasible(totals)
        self._lists.arrange(listing)
        scores = self._upper_bounds(slice(None), totals, infeasible)
        # Updated rows may fall back, so that other stale ones lead: repeat until all leaders are fresh.
        while len(rows := self._stale_leaders(scores, listing.each)):
            now = self._refresh(rows)
            scores[now] = self._upper_bounds(now, totals, infeasible)
        return self._answer(scores, listing, totals)

    def rows(self, numbers: Index) -> tuple[list[Any], list[NDArray[Any]]]:
        """Columns and optimistic values of some rows, objective by objective (empty for objectives by group)."""
        nothing = np.empty((len(numbers), 0))
        columns = [nothing if f is None else f.take(numbers) for f in self._fields]
        return columns, [nothing if f is None else f.values[numbers] for f in self._fields]

    def _add_picks(self, batch: Batch) -> None:
        self._waiting[batch.closed] = False
        mark = list(self._marks[-1])
        for j, (field, picks) in enumerate(zip(self._fields, batch.picks, strict=True)):
            if field is not None and picks is not None:
                field.add_picks(picks)
                mark[j] += len(picks)
        if self._quick is not None:
            self._quick.close(batch.closed)
        self._marks.append(mark)

    def _infeasible(self, totals: Sequence[Any]) -> NDArray[np.bool_] | None:
        """Mask of the rows that constraints exclude at these totals; None without constraints."""
        every = slice(None)
        columns = {j: field.take(every) for j in self._plan.limited if (field := self._fields[j])}
        return infeasible_rows(self._plan, columns, totals)

    def _upper_bounds(
        self, rows: Any, totals: Sequence[Any], infeasible: NDArray[np.bool_] | None
    ) -> Vector:
        """The optimistic score of each row; −inf for those that may not be picked."""
        open_ = (
            self._waiting[rows] if infeasible is None else self._waiting[rows] & ~infeasible[rows]
        )
        return np.where(open_, self._scores(rows, totals), -np.inf)

    def _scores(self, rows: Any, totals: Sequence[Any]) -> Vector:
        """The optimistic score of each row, without the terms that depend on the class group only."""
        result = np.zeros(len(self._order) if isinstance(rows, slice) else len(rows))
        for j, field in self._scored:
            result += self._plan.objectives[j].upper_bounds(field.values[rows], totals[j])
        return result

    # ---- freshness

    def _refresh(self, rows: Index) -> Index | slice:
        """Update ``rows``, all of them if they are most, and exclude the infeasible ones; the rows updated."""
        if len(rows) > 0.6 * len(self._order):  # contiguous blocks of all rows need no gathering
            rows = np.arange(len(self._order))
        for part, level in self._by_level(rows):
            self._refresh_rows(part, level)
        now = slice(None) if len(rows) == len(self._order) else rows
        self._seen[now] = len(self._marks) - 1
        for field in self._fields:
            infeasible = None if field is None else field.infeasible(now)
            if infeasible is not None:
                self._waiting[now] &= ~infeasible
        return now

    def _stale_leaders(self, scores: Vector, size: int) -> Index:
        """The stale rows that may be among the ``size`` best of their list; empty when the lists are settled."""
        if self._marks[-1] == self._marks[0]:  # no field has had picks yet
            return np.empty(0, np.int64)
        stale = (self._seen < len(self._marks) - 1) & (scores > -np.inf)
        return np.concatenate(
            [self._leading(rows, stale, scores, size) for rows in self._lists.waiting(scores)]
        )

    def _leading(self, rows: Index, stale: NDArray[np.bool_], scores: Vector, size: int) -> Index:
        """Stale rows of a list above its ``size``-th best fresh score; if fewer are fresh, of its 2 · ``size`` best."""
        fresh = scores[rows[~stale[rows]]]
        if len(fresh) < size:
            top = best_rows(scores[rows], self._order[rows], 2 * size)
            return rows[top][stale[rows[top]]]
        limit = np.partition(fresh, len(fresh) - size)[len(fresh) - size]
        leading: Index = rows[stale[rows] & (scores[rows] > limit)]
        return leading

    def _by_level(self, rows: Index) -> list[tuple[Index, int]]:
        """The rows by the batch up to which they are updated; all as the stalest if most are, in one sweep."""
        levels = self._seen[rows]
        lowest = int(levels.min())
        if (levels == lowest).mean() > 0.5 and len(rows) == len(self._order):
            return [(rows, lowest)]
        return [(rows[levels == level], int(level)) for level in np.unique(levels)]

    def _refresh_rows(self, rows: Index, level: int) -> None:
        """Bring the values of ``rows``, updated up to batch ``level``, up to the newest one; calls ``poll``."""
        whole = len(rows) == len(self._order)
        for at in range(0, len(rows), _CHUNK):
            self._poll()
            part = slice(at, at + _CHUNK) if whole else rows[at : at + _CHUNK]
            for field, since, now in zip(
                self._fields, self._marks[level], self._marks[-1], strict=True
            ):
                if field is not None and since < now:
                    field.refresh(part, since)

    # ---- answers

    def _answer(self, scores: Vector, listing: Listing, totals: Sequence[Any]) -> Bounds:
        listed: list[Index] = [np.empty(0, np.int64)]
        unlisted: list[Unlisted] = []
        for rows in self._lists.waiting(scores):
            top = np.sort(best_rows(scores[rows], self._order[rows], listing.each))
            if self._plan.alone and listing.kinds is not None:
                top = np.union1d(top, self._lists.best_of_each_group(rows, scores, listing.each))
            listed.append(rows[top])
            left = np.delete(rows, top)
            if len(left):
                unlisted.append(self._rest(left, scores[left], listing, totals))
        numbers = np.concatenate(listed)
        one = np.zeros(1, np.int64)
        spans = [field.spans(numbers, one) for _, field in self._scored] if len(numbers) else []
        order, groups = self._order[numbers], self._groups[numbers]
        return Bounds(numbers, scores[numbers], order, groups, spans, join_unlisted(unlisted))

    def _rest(
        self, rows: Index, scores: Vector, listing: Listing, totals: Sequence[Any]
    ) -> Unlisted:
        """Bounds of the rows of one list that are not in the answer: those of similar values share a cell."""
        values = [f.values[rows] for j, f in self._scored if f.values.ndim == 1][:2]
        if self._plan.alone and not all(
            self._plan.objectives[j].exact_bounds(totals[j]) for j, _ in self._scored
        ):
            values = []  # alone, a shortlist is judged by the best bound only, so one cell suffices
        by_cell, starts = cells(values, scores)
        sorted_rows = rows[by_cell]
        return Unlisted(
            np.maximum.reduceat(scores[by_cell], starts),
            np.minimum.reduceat(self._order[sorted_rows], starts),
            listing.of(np.full(len(starts), self._groups[rows[0]])),
            [field.spans(sorted_rows, starts) for _, field in self._scored],
            listing.only(self._groups[rows]),
        )

    def _leaders(self, field: Any, total: Vector, size: int) -> Bounds:
        """About ``size`` rows with the highest quick bound of −H, where BALANCE is alone; the others are one cell."""
        bound, base = field.bound(total)
        top = bound.max()
        for _ in range(40):
            limit = max(top - np.float32(self._margin), np.float32(CLOSED_BOUND))
            numbers = np.flatnonzero(bound >= limit)
            if len(numbers) >= min(size, len(bound)) or limit <= CLOSED_BOUND:
                break
            self._margin *= 2
        if len(numbers) > 8 * size:  # for the next time
            self._margin *= 0.5
        numbers = numbers[bound[numbers] > CLOSED_BOUND]
        scores = bound[numbers].astype(np.float64) + base
        ends = [Span(np.zeros((1, len(total))), np.zeros((1, len(total))))]
        anyone = np.array([float(limit) + base] if limit > CLOSED_BOUND else [])
        rest = Unlisted(anyone, np.zeros(len(anyone), np.int64), self._groups[: len(anyone)], ends)
        return Bounds(numbers, scores, self._order[numbers], self._groups[numbers], ends, rest)
