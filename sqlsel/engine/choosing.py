"""From strategies and their input columns to picks: the steps that all surfaces share."""

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
OTHER_REASON = "target_range or min_typicality bars every other candidate"


def choose(
    strategies: Sequence[Any],
    columns: Sequence[InputColumn],
    rows: Rows,
    budget: int,
    progress: Callable[[int, int], None] | None = None,
    poll: Poll = no_poll,
) -> tuple[Selection, list[Prepared]]:
    """At most ``budget`` picks in order, and the prepared strategies.

    ``columns[i]`` is the input of ``strategies[i]``; none of them filters. Without strategies the candidates with
    the lowest ids are picked. ``progress(picks so far, budget)`` is called after each pick; ``poll`` often, and it
    may raise to stop. InvalidInput for data that cannot be used.
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
    """The pool that ``prepare`` of a strategy takes: candidates and preselected rows together."""
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
    """The picks of prepared strategies; ``first_row``: the row of the first pick (None: by score)."""
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


def input_warnings(names: Sequence[str], prepared: Sequence[Prepared]) -> Iterator[str]:
    """Warnings about input that is probably not as intended, each with its strategy's name in front."""
    for name, one in zip(names, prepared, strict=False):
        yield from (f"{name}: {warning}" for warning in one.input_warnings)


def start_of(strategies: Sequence[Any]) -> Any:
    """The id of the first pick, by the option ``start`` of a strategy; None where no strategy sets it."""
    starts = (getattr(strategy, "start", None) for strategy in strategies)
    return next((start for start in starts if start is not None), None)


def infeasible_reason(strategies: Sequence[Any]) -> str:
    """Why no candidate left may be picked, for messages."""
    reasons = (strategy.infeasible_reason for strategy in strategies)
    return next((reason for reason in reasons if reason), OTHER_REASON)


def passing(
    strategies: Sequence[Any], columns: Sequence[InputColumn], rows: int
) -> tuple[Mask, list[int]]:
    """(mask of rows that pass every filtering strategy, numbers of the strategies that do not filter)."""
    mask, others = np.ones(rows, np.bool_), []
    for i, strategy in enumerate(strategies):
        if strategy.filters:
            mask &= strategy.passes(columns[i].values, columns[i].present)
        else:
            others.append(i)
    return mask, others


def fulfilment(
    names: Sequence[str],
    prepared: Sequence[Prepared],
    selection: Selection,
    waiting: Mask,
    preselected: Mask,
) -> tuple[Fulfilment, ...]:
    """How far each objective was reached: one or more lines per strategy.

    ``names``: of the strategies. ``waiting``, ``preselected``: masks of the candidates and of the rows selected before.
    """
    lines: list[Fulfilment] = []
    for j, (name, one) in enumerate(zip(names, prepared, strict=False)):
        review = Review(
            name,
            one.column,
            one.present,
            one.rule,
            one.feasible is not None,
            selection,
            selection.values[:, j],
            waiting,
            preselected,
            len(names) > 1,
        )
        if len(selection.rows):
            lines += one.objective.fulfilment(review)
        else:
            lines.append(Fulfilment(name, "", "high", reason="nothing was picked", goal="–"))
        lines += one.objective.limit_lines(review)
    return tuple(lines)
