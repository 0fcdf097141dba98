"""From strategies and their columns to picks: what all surfaces share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from sqlsel.engine.inputs import InputColumn, Rows
from sqlsel.engine.objective import Pool, Prepared
from sqlsel.engine.objective.fulfilment import Fulfilment, Review
from sqlsel.engine.objective.protocol import Mask, Poll, no_poll
from sqlsel.engine.optimizer.selection import Problem, Selection, first_by_id, run

N_COUNTS = ("new", "total")
ON_INVALID = ("error", "skip")


def choose(
    strategies: Sequence[Any],
    columns: Sequence[InputColumn],
    rows: Rows,
    budget: int,
    progress: Callable[[int, int], None] | None = None,
    poll: Poll = no_poll,
) -> tuple[Selection, list[Prepared]]:
    """At most ``budget`` picks in order, and the strategies with their data.

    ``columns[i]`` is the input of ``strategies[i]``; no strategy is a threshold. Without strategies, those with the
    lowest ids. ``poll`` is called now and then; it may raise. InvalidInput for data that cannot be used.
    """
    if not len(rows):
        return first_by_id(rows.order, rows.waiting, budget, len(strategies)), []
    pool = pool_of(rows, poll)
    prepared = [
        s.prepare(c.values, c.present, pool) for s, c in zip(strategies, columns, strict=True)
    ]
    start = start_of(strategies)
    first = None if start is None else rows.row_of(start)
    return chosen(prepared, rows, budget, first_row=first, progress=progress, poll=poll), prepared


def pool_of(rows: Rows, poll: Poll = no_poll, graphs: Any = None) -> Pool:
    """The rows as strategies are prepared for them: candidates and preselected ones together."""
    return Pool(
        rows.chosen | rows.waiting,
        rows.on_invalid,
        poll,
        rows.order,
        lambda: rows.names,
        rows.seed,
        graphs,
    )


def chosen(
    prepared: Sequence[Prepared],
    rows: Rows,
    budget: int,
    *,
    first_row: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    poll: Poll = no_poll,
) -> Selection:
    """The picks of strategies that are prepared; ``first_row``: the first pick, where one is asked for."""
    if not prepared or not len(rows) or budget == 0:
        return first_by_id(rows.order, rows.waiting, budget, len(prepared))
    problem = Problem(
        prepared,
        rows.order,
        rows.waiting,
        rows.chosen,
        min(budget, len(rows)),
        start=first_row,
        progress=progress,
        poll=poll,
    )
    return run(problem)


def slips(names: Sequence[str], prepared: Sequence[Prepared]) -> Iterator[str]:
    """What is probably not as it was meant, with the name of the strategy in front."""
    for name, one in zip(names, prepared, strict=False):
        yield from (f"{name}: {slip}" for slip in one.slips)


def start_of(strategies: Sequence[Any]) -> Any:
    """The id of the first pick that a strategy asks for, or None."""
    starts = (getattr(strategy, "start", None) for strategy in strategies)
    return next((start for start in starts if start is not None), None)


def passing(
    strategies: Sequence[Any], columns: Sequence[InputColumn], rows: int
) -> tuple[Mask, list[int]]:
    """The rows that pass every filter, and the numbers of the other strategies."""
    mask, others = np.ones(rows, np.bool_), []
    for i, strategy in enumerate(strategies):
        if strategy.filters:
            mask &= strategy.passes(columns[i].values, columns[i].present)
        else:
            others.append(i)
    return mask, others


def fulfilment(
    names: Sequence[str], prepared: Sequence[Prepared], selection: Selection, waiting: Mask
) -> tuple[Fulfilment, ...]:
    """How far each objective was reached: one or more lines per strategy."""
    lines: list[Fulfilment] = []
    for j, (name, one) in enumerate(zip(names, prepared, strict=False)):
        review = Review(
            name,
            one.column,
            one.present,
            one.asked,
            one.feasible is not None,
            selection,
            selection.values[:, j],
            waiting,
            len(names) > 1,
        )
        if len(selection.rows):
            lines += one.objective.fulfilment(review)
        else:
            lines.append(Fulfilment(name, "–", "–", "–", "nothing was picked"))
        lines += one.objective.limit_lines(review)
    return tuple(lines)
