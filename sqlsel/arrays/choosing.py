"""From strategies and their columns to picks: what NumPy's and Polars' front ends share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sqlsel.arrays.given import Given
from sqlsel.engine.kernels.classes import Classes, as_classes
from sqlsel.engine.kernels.exact import Index
from sqlsel.engine.kernels.missing import is_missing
from sqlsel.engine.objective import Prepared
from sqlsel.engine.objective.options import named
from sqlsel.engine.objective.protocol import Mask, Poll, never
from sqlsel.engine.optimizer.run import Problem, Selection, first_by_id, run
from sqlsel.engine.strategies.balance import Balance, check_unnamed
from sqlsel.engine.strategies.diversity import Diversity
from sqlsel.engine.strategies.lottery import Random, hashed
from sqlsel.engine.strategies.threshold import Threshold
from sqlsel.engine.strategies.typicality import Typicality
from sqlsel.engine.strategies.weights import Weights

N_COUNTS = ("new", "total")
ON_INVALID = ("error", "skip")


@dataclass(frozen=True)
class Rows:
    """The rows of one selection: who takes part, and their ids.

    ``order``: rank of each row's id. ``names``: the ids. ``waiting``: who may be picked.
    ``chosen``: who is selected already. The pool is both together.
    """

    order: Index
    names: Sequence[Any]
    waiting: Mask
    chosen: Mask
    seed: int = 0
    on_invalid: str = "error"

    def __len__(self) -> int:
        return len(self.order)

    def part(self, rows: Index) -> Rows:
        """Some rows, with their ids ranked among themselves."""
        order = np.empty(len(rows), np.int64)
        order[np.argsort(self.order[rows], kind="stable")] = np.arange(len(rows))
        names = [self.names[row] for row in rows.tolist()]
        waiting, chosen = self.waiting[rows], self.chosen[rows]
        return Rows(order, names, waiting, chosen, self.seed, self.on_invalid)

    def row_of(self, start: Any) -> int | None:
        """The row whose id is ``start``; None where no row has it."""
        wanted = str(start)
        return next((row for row, name in enumerate(self.names) if str(name) == wanted), None)


def choose(
    strategies: Sequence[Any],
    columns: Sequence[Given],
    rows: Rows,
    budget: int,
    progress: Callable[[int, int], None] | None = None,
    poll: Poll = never,
) -> tuple[Selection, list[Prepared]]:
    """At most ``budget`` picks in order, and the strategies with their data.

    ``columns[i]`` is the input of ``strategies[i]``; no strategy is a threshold. Without strategies, those with the
    lowest ids. ``poll`` is called now and then; it may raise. InvalidInput for data that cannot be used.
    """
    if not strategies or not len(rows):
        return first_by_id(rows.order, rows.waiting, budget, len(strategies)), []
    every = [_prepared(s, c, rows, poll) for s, c in zip(strategies, columns, strict=True)]
    start = start_of(strategies)
    problem = Problem(
        every,
        rows.order,
        rows.waiting,
        rows.chosen,
        min(budget, len(rows)),
        start=None if start is None else rows.row_of(start),
        progress=progress,
        poll=poll,
    )
    return run(problem), every


def slips(strategies: Sequence[Any], prepared: Sequence[Prepared]) -> Iterator[str]:
    """What is probably not as it was meant; a shift of weights and an approximation are nobody's slip."""
    for strategy, one in zip(strategies, prepared, strict=False):
        if one.exact and not isinstance(strategy, Weights):
            yield from (f"{strategy.kind}: {note}" for note in one.notes)


def start_of(strategies: Sequence[Any]) -> Any:
    """The id of the first pick that a strategy asks for, or None."""
    starts = (s.start for s in strategies if isinstance(s, Diversity) and s.start is not None)
    return next(starts, None)


def passing(
    strategies: Sequence[Any], columns: Sequence[Given], rows: int
) -> tuple[Mask, list[int]]:
    """The rows that pass every threshold, and the numbers of the other strategies."""
    mask, others = np.ones(rows, np.bool_), []
    for i, strategy in enumerate(strategies):
        if isinstance(strategy, Threshold):
            mask &= strategy.passes(columns[i].values, columns[i].present)
        else:
            others.append(i)
    return mask, others


def _prepared(strategy: Any, given: Given, rows: Rows, poll: Poll) -> Prepared:
    """A strategy over its input; what is of a pool is of candidates and preselected rows together."""
    if isinstance(strategy, Random):
        return strategy.prepared(
            hashed(rows.names, rows.seed if strategy.seed is None else strategy.seed)
        )
    values = given.values
    if isinstance(strategy, Balance):
        if _is_categories(values):
            check_unnamed(strategy.classes, named(strategy.input, "the input"))
        values = as_classes(values, strategy.classes)
    by_id = {"order": rows.order} if isinstance(strategy, Typicality) else {}
    pool = rows.chosen | rows.waiting
    present, on_invalid = given.present, rows.on_invalid
    prepared: Prepared = strategy.prepare(values, present, pool, on_invalid, poll, **by_id)
    return prepared


def _is_categories(values: Any) -> bool:
    """Whether the input has one class per row."""
    if isinstance(values, Classes) or getattr(values, "ndim", 1) != 1:
        return False
    first = next((value for value in values if not is_missing(value)), None)
    masses = isinstance(first, (Mapping, list, tuple, np.ndarray))
    return first is not None and not masses
