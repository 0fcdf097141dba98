"""The pool of partitions: makes one shortlist in two calls of each (bounds of its best rows, then their columns)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index
from sqlsel.engine.kernels.top import best_rows
from sqlsel.engine.objective import Span, Unlisted
from sqlsel.engine.optimizer.rows import Batch, Bounds, Listed, Listing, join_unlisted


class Part(Protocol):
    """A partition as the pool sees it; it may be in another process."""

    def bounds(
        self, start: int, batches: Sequence[Batch], totals: Sequence[Any], listing: Listing
    ) -> Bounds | int:
        """The best rows after ``batches``, the first of which is number ``start``; or the number of batches it has."""
        ...

    def rows(self, numbers: Index) -> tuple[list[Any], list[NDArray[Any]]]:
        """Columns and optimistic values of some rows."""
        ...


class Pool:
    """Partitions whose answers are merged."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = list(parts)
        self._batches: list[list[Batch]] = [[] for _ in self._parts]

    def shortlist(
        self,
        picks: Sequence[Any],
        closed: Sequence[Index],
        totals: Sequence[Any],
        listing: Listing,
    ) -> tuple[Listed, Unlisted]:
        """(the best rows per list after ``picks``, bounds of all other rows).

        ``picks``: per objective the new ones; ``closed``: per partition its rows that were picked or found
        infeasible since the last call.
        """
        answers = []
        for part, batches, rows in zip(self._parts, self._batches, closed, strict=True):
            batches.append(Batch(tuple(picks), rows))
            answers.append(_ask(part, batches, totals, listing))
        chosen = _merge(answers, listing)
        parts = [
            self._rows(p, answer, keep)
            for p, (answer, keep) in enumerate(zip(answers, chosen, strict=True))
        ]
        unlisted = [
            rest
            for a, k in zip(answers, chosen, strict=True)
            for rest in (a.unlisted, *_leftover(a, k, listing))
        ]
        return _join(parts), join_unlisted(unlisted)

    def __len__(self) -> int:
        return len(self._parts)

    def _rows(self, p: int, answer: Bounds, keep: Index) -> Listed:
        numbers = answer.numbers[keep]
        columns, bounds = self._parts[p].rows(numbers)
        return Listed(
            answer.order[keep], answer.groups[keep], columns, bounds, np.full(len(keep), p), numbers
        )


def _ask(part: Part, batches: list[Batch], totals: Sequence[Any], listing: Listing) -> Bounds:
    """One partition's answer; one that was restarted is sent the batches that it lacks."""
    start = len(batches) - 1
    while isinstance(answer := part.bounds(start, batches[start:], totals, listing), int):
        start = answer
    return answer


def _merge(answers: Sequence[Bounds], listing: Listing) -> list[Index]:
    """Per partition the indices of its rows that are among the best of their list over all partitions."""
    if len(answers) == 1:
        return [np.arange(len(answers[0].numbers))]
    scores, order, groups = (
        np.concatenate([getattr(a, n) for a in answers]) for n in ("scores", "order", "groups")
    )
    chosen = np.zeros(len(scores), np.bool_)
    lists = listing.of(groups)
    for one in np.unique(lists):
        rows = np.flatnonzero(lists == one)
        chosen[rows[best_rows(scores[rows], order[rows], listing.each)]] = True
    ends = np.cumsum([len(a.numbers) for a in answers])
    return [np.flatnonzero(part) for part in np.split(chosen, ends[:-1])]


def _leftover(answer: Bounds, keep: Index, listing: Listing) -> list[Unlisted]:
    """The rows of an answer that are not in ``keep``, each as a cell of its own."""
    left = np.ones(len(answer.numbers), np.bool_)
    left[keep] = False
    if not left.any():
        return []
    count = int(left.sum())
    spans = [
        Span(np.repeat(s.least, count, axis=0), np.repeat(s.most, count, axis=0))
        for s in answer.spans
    ]
    groups = answer.groups[left]
    kinds = listing.only(groups)
    return [Unlisted(answer.scores[left], answer.order[left], listing.of(groups), spans, kinds)]


def _join(parts: Sequence[Listed]) -> Listed:
    """The rows of all partitions, sorted by order number."""
    order = np.concatenate([p.order for p in parts])
    by_order = np.argsort(order, kind="stable")

    def joined(pieces: Sequence[NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate(pieces)[by_order] if len(pieces) > 1 else pieces[0][by_order]

    return Listed(
        order[by_order],
        joined([p.groups for p in parts]),
        [joined(same) for same in zip(*(p.columns for p in parts), strict=True)],
        [joined(same) for same in zip(*(p.bounds for p in parts), strict=True)],
        joined([p.partition for p in parts]),
        joined([p.number for p in parts]),
    )
