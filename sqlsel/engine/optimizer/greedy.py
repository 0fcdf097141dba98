"""The driver of greedy selection: exact, pick by pick, with few passes over the data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sqlsel.engine.kernels.exact import Index
from sqlsel.engine.optimizer.plan import Plan
from sqlsel.engine.optimizer.pool import Pool
from sqlsel.engine.optimizer.rows import Listing
from sqlsel.engine.optimizer.shortlist import Shortlist
from sqlsel.engine.optimizer.stop_rules import end_reason

Progress = Callable[[int, int], None]


@dataclass
class Picks:
    """The picks so far, in order: per pick its order number, and per objective value and total before it."""

    order: list[int] = field(default_factory=list)
    values: list[list[Any]] = field(default_factory=list)
    totals: list[list[Any]] = field(default_factory=list)
    refreshes: int = 0

    def __len__(self) -> int:
        return len(self.order)


def select(
    pool: Pool, plan: Plan, budget: int, *, size: int, progress: Progress | None = None
) -> Picks:
    """Up to ``budget`` picks from ``pool``; fewer if no feasible row is left, or a constraint ends the run.

    The preselected samples must be in the objectives' totals already. ``size``: rows of the first shortlist.
    """
    picks = Picks()
    n_sent = [0] * len(plan.objectives)
    least = size
    closed: Sequence[Index] = [np.empty(0, np.int64) for _ in range(len(pool))]
    while len(picks) < budget and end_reason(plan) is None:
        picks_since = [o.picks_since(k) for o, k in zip(plan.objectives, n_sent, strict=True)]
        n_sent = [
            k + (0 if n is None else len(n)) for k, n in zip(n_sent, picks_since, strict=True)
        ]
        then = plan.totals()
        listed, unlisted = pool.shortlist(picks_since, closed, then, Listing(size, plan.kinds()))
        picks.refreshes += 1
        shortlist = Shortlist(listed, unlisted, plan, then)
        before = len(picks)
        ended = _pick(shortlist, plan, picks, budget, progress)
        closed = shortlist.closed(len(pool))
        if ended and not len(unlisted):
            break
        # No pick: a row off the list might have been better, so the next list is longer. After picks it
        # shrinks slowly again, since long lists cost time per pick.
        failed = len(picks) == before
        size = 2 * max(size, len(listed)) if failed else max(least, 3 * size // 4)
    return picks


def _pick(
    shortlist: Shortlist, plan: Plan, picks: Picks, budget: int, progress: Progress | None
) -> bool:
    """Pick while the best of the list is certainly the best of all; True if the list has no feasible row left."""
    while len(picks) < budget and end_reason(plan) is None:
        best = shortlist.best()
        if best is None:
            return True
        if not shortlist.decided(best):
            return False
        totals = plan.totals()
        values = shortlist.take(best)
        for objective, column, value in zip(
            plan.objectives, shortlist.columns, values, strict=True
        ):
            objective.add(column[best], value)
        picks.order.append(int(shortlist.order[best]))
        picks.values.append(values)
        picks.totals.append(totals)
        if progress is not None:
            progress(len(picks), budget)
        if shortlist.one_pick:
            return False
    return False
