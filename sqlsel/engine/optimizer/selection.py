"""Runs one selection from prepared strategies: candidates, plan, partitions, picks, result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.codes import Codes
from sqlsel.engine.kernels.exact import Index, Vector
from sqlsel.engine.kernels.object_lists import Objects
from sqlsel.engine.objective import Prepared
from sqlsel.engine.objective.protocol import Poll, no_poll
from sqlsel.engine.optimizer.by_class import only_classes_count, queues_of, select_by_class
from sqlsel.engine.optimizer.greedy import Picks, Progress, select
from sqlsel.engine.optimizer.partition import Partition
from sqlsel.engine.optimizer.plan import Plan, class_rows, make_plan, part_of
from sqlsel.engine.optimizer.pool import Pool
from sqlsel.engine.optimizer.stop_rules import end_reason, infeasible_rows

Mask = NDArray[np.bool_]

_LISTED = 8192  # rows of a shortlist over all class groups, about

ALGORITHM = 3  # raised when a change can alter picks


@dataclass(frozen=True)
class Problem:
    """The input of a run: prepared strategies over the same rows.

    ``order``: rank of each row's sample id. ``waiting``: mask of candidates. ``preselected``: mask of rows that are
    selected already. ``split``: the rows of each partition (None: one of all). ``size``: rows of a shortlist.
    """

    prepared: Sequence[Prepared]
    order: Index
    waiting: Mask
    preselected: Mask
    budget: int
    start: int | None = None  # row of the first pick
    split: Sequence[Index] | None = None
    size: int | None = None
    progress: Progress | None = None
    poll: Poll = no_poll


@dataclass(frozen=True)
class Selection:
    """The picks of a run. ``rows[i]`` is the row with rank i + 1; ``values[i, j]`` the value of strategy j."""

    rows: Index
    gain: Vector
    values: NDArray[np.float64]
    n_candidates: int
    stopped_by: str  # 'budget', 'max_sum' or 'nobody feasible'
    refreshes: int
    seconds: float
    notes: tuple[str, ...] = field(default=())


def run(problem: Problem) -> Selection:
    """Greedy selection: in each step the candidate with the largest Σ strength · ln U, ties to the lowest id."""
    began = perf_counter()
    plan, groups, columns = make_plan(problem.prepared)
    candidates = eligible(problem)
    n_candidates = int(candidates.sum())
    for one in problem.prepared:
        if one.feasible is not None:
            candidates &= one.feasible
    _add_preselected(problem, plan, groups, columns)
    forced = _force_start(problem, plan, groups, columns, candidates)
    budget = max(problem.budget - len(forced), 0)
    if only_classes_count(plan) and problem.split is None:
        queues = queues_of(plan, groups, problem.order, candidates)
        picks = select_by_class(plan, queues, budget, progress=problem.progress, poll=problem.poll)
    else:
        pool = Pool(_partitions(problem, plan, groups, columns, candidates))
        size = problem.size or _list_size(plan, columns, problem.budget)
        picks = select(pool, plan, budget, size=size, progress=problem.progress)
    refreshes = picks.refreshes
    for name in ("order", "values", "totals"):
        setattr(picks, name, getattr(forced, name) + getattr(picks, name))
    rows = _rows_of(problem, picks)
    remarks = (one.remark(rows) for one in problem.prepared if one.remark is not None)
    return Selection(
        rows,
        _gains(plan, picks),
        _result_values(plan, picks),
        n_candidates,
        "budget" if len(picks) >= problem.budget else end_reason(plan) or "nobody feasible",
        refreshes,
        perf_counter() - began,
        (
            *(n for one in problem.prepared for n in one.notes),
            *(n for some in remarks for n in some),
        ),
    )


def eligible(problem: Problem) -> Mask:
    """Mask of the candidates with a usable value for every strategy, which no strategy excludes."""
    candidates = problem.waiting & ~problem.preselected
    for one in problem.prepared:
        candidates &= one.present if one.eligible is None else one.present & one.eligible
    return candidates


def first_by_id(order: Index, waiting: Mask, count: int, strategies: int = 0) -> Selection:
    """The first ``count`` candidates by id; their gain is 0."""
    place = np.argsort(order, kind="stable")
    rows = place[waiting[place]][:count]
    nothing = np.full((len(rows), strategies), np.nan)
    stopped = "budget" if len(rows) == count else "nobody feasible"
    return Selection(rows, np.zeros(len(rows)), nothing, int(waiting.sum()), stopped, 0, 0.0)


def _list_size(plan: Plan, columns: Sequence[Any], budget: int) -> int:
    """Rows of the first shortlist, per class group: the budget where values never change, else some hundreds."""
    if not any(o.picks_since(0) is not None for o in plan.objectives):
        quick = any(plan.objectives[j].short_lists for j in plan.scored)
        return 16 if quick else max(1, min(budget, 1 << 16))
    if any(not o.stale_is_bound for o in plan.objectives):
        return 16
    groups = plan.n_groups
    objects = max((_objects_per_sample(column) for column in columns), default=1)
    if plan.kinds() is not None:
        return max(64, _LISTED // (4 * objects))  # of all kinds together
    # Every group is listed, so of many groups there are few rows each, and all fit the cache.
    least = max(4, min(32, _LISTED // groups))
    shared_by = max(min(groups * objects, 8), groups // 16)
    return max(least, (512 if budget <= 4096 else 1024) // shared_by)


def _objects_per_sample(column: Any) -> int:
    """The mean number of vectors per sample, at least 1."""
    return max(1, len(column.vectors) // len(column)) if isinstance(column, Objects) else 1


def _add_preselected(problem: Problem, plan: Plan, groups: Codes, columns: Sequence[Any]) -> None:
    """Add to every objective's total the preselected samples that have its input, in id order."""
    rows = np.flatnonzero(problem.preselected)
    rows = rows[np.argsort(problem.order[rows], kind="stable")]
    for j, one in enumerate(problem.prepared):
        usable = rows[one.present[rows]]
        if len(usable):
            plan.objectives[j].add_all(class_rows(plan, groups, columns, usable)[j])


def _force_start(
    problem: Problem, plan: Plan, groups: Codes, columns: Sequence[Any], candidates: Mask
) -> Picks:
    """Pick ``problem.start``, if it is a feasible candidate and nothing is preselected; no picks otherwise."""
    forced = Picks()
    row = problem.start
    if row is None or problem.preselected.any() or not candidates[row] or problem.budget < 1:
        return forced
    inputs = class_rows(plan, groups, columns, np.array([row]))
    infeasible = infeasible_rows(plan, dict(enumerate(inputs)), plan.totals())
    if end_reason(plan) is not None or (infeasible is not None and infeasible[0]):
        return forced
    bounds = [np.full(1, np.inf, np.float32) for _ in inputs]
    members = [o.members(c, b) for o, c, b in zip(plan.objectives, inputs, bounds, strict=True)]
    forced.order.append(int(problem.order[row]))
    forced.values.append([m.values[0].copy() for m in members])
    forced.totals.append(plan.totals())
    for objective, column, value in zip(plan.objectives, inputs, forced.values[0], strict=True):
        objective.add(column[0], value)
    candidates[row] = False
    return forced


def _partitions(
    problem: Problem, plan: Plan, groups: Codes, columns: Sequence[Any], candidates: Mask
) -> list[Partition]:
    if problem.split is None:
        return [Partition(plan, problem.order, columns, groups, candidates, problem.poll)]
    return [
        Partition(
            plan,
            problem.order[rows],
            [part_of(c, rows) for c in columns],
            groups[rows],
            candidates[rows],
            problem.poll,
        )
        for rows in problem.split
    ]


def _rows_of(problem: Problem, picks: Picks) -> Index:
    """The row of each pick, whose rank among all ids is known."""
    ranks = np.array(picks.order, np.int64)
    picked = np.zeros(len(problem.order), np.bool_)
    picked[ranks] = True
    rows = np.flatnonzero(picked[problem.order])
    by_rank: Index = rows[np.argsort(problem.order[rows])]
    return by_rank[np.argsort(np.argsort(ranks))]


def _result_values(plan: Plan, picks: Picks) -> NDArray[np.float64]:
    """The values of the result columns: one row per pick, one column per objective; NaN without picks."""
    result = np.full((len(picks), len(plan.objectives)), np.nan)
    for j, objective in enumerate(plan.objectives if len(picks) else ()):
        result[:, j] = objective.result_values(
            [v[j] for v in picks.values], [t[j] for t in picks.totals]
        )
    return result


def _gains(plan: Plan, picks: Picks) -> Vector:
    """Σ_j strength_j · (ln U_j after − ln U_j before) of each pick."""
    gain = np.zeros(len(picks))
    for j, objective in enumerate(plan.objectives):
        if objective.strength != 0 and len(picks):
            gain += objective.gains([v[j] for v in picks.values], [t[j] for t in picks.totals])
    return gain
