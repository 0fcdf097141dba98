"""What a front end passes to the runs of its statement, and the facts that it gets back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlsel.engine.choosing import OTHER_REASON
from sqlsel.engine.neighbours.graphs import IN_MEMORY, Graphs
from sqlsel.engine.objective.fulfilment import Fulfilment
from sqlsel.engine.optimizer.selection import ALGORITHM


@dataclass(frozen=True)
class Facts:
    """The facts of one selection beside its rows: counts, times, notes, and why it ended."""

    n_input: int
    n_candidates: int
    n_asked: int | None
    n_selected: int
    stopped_by: str
    skipped: dict[str, int]
    notes: tuple[str, ...]
    refreshes: int
    seconds: float
    fulfilment: tuple[Fulfilment, ...]
    strategies: tuple[str, ...] = ()  # as written: DIVERSITY(embedding)
    groups: int | None = None  # of ``by``; None: not asked for
    scan_seconds: float = 0.0
    prepare_seconds: float = 0.0
    exact: bool = True
    short: bool = False  # fewer picks than the budget, and not because of max_sum
    input_warnings: tuple[str, ...] = ()  # warnings about input that is probably not as intended
    infeasible_reason: str = OTHER_REASON  # why no candidate left may be picked, for messages
    algorithm: int = ALGORITHM  # the number of the engine's: equal numbers give equal picks

    @property
    def why_fewer(self) -> str:
        """Why fewer samples were selected than the budget, for messages."""
        if self.n_candidates == 0:
            return "no row is a candidate; look at WHERE, the thresholds, NULL inputs and what is preselected"
        if self.n_selected == self.n_candidates:
            return "all candidates are selected"
        if self.stopped_by == "max_sum":
            return "the sum has reached max_sum"
        if self.stopped_by == "all rows":
            return "OFFSET leaves no more candidates"
        return self.infeasible_reason


def joined(facts: Sequence[Facts]) -> Facts:
    """The facts of all groups as one: counts and times summed, without fulfilment, which exists per group only."""
    reasons = dict.fromkeys(reason for one in facts for reason in one.skipped)
    budgets = [one.n_asked for one in facts if one.n_asked is not None]
    short = [one.stopped_by for one in facts if one.stopped_by != "budget"]
    return Facts(
        n_input=sum(one.n_input for one in facts),
        n_candidates=sum(one.n_candidates for one in facts),
        n_asked=sum(budgets) if budgets else None,
        n_selected=sum(one.n_selected for one in facts),
        stopped_by=short[0] if short else "budget",
        skipped={r: sum(one.skipped.get(r, 0) for one in facts) for r in reasons},
        notes=tuple(dict.fromkeys(note for one in facts for note in one.notes)),
        refreshes=sum(one.refreshes for one in facts),
        seconds=sum(one.seconds for one in facts),
        fulfilment=(),
        strategies=facts[0].strategies,
        groups=len(facts),
        prepare_seconds=sum(one.prepare_seconds for one in facts),
        exact=all(one.exact for one in facts),
        short=any(one.short for one in facts),
        infeasible_reason=facts[0].infeasible_reason,
        input_warnings=tuple(
            # A target's class may be absent from one group; only what holds in every group is worth a warning.
            warning
            for warning in facts[0].input_warnings
            if all(warning in one.input_warnings for one in facts)
        ),
    )


@dataclass
class Watch:
    """Shared by a front end and the runs of its statement: limits, callbacks, the stop event, errors and facts."""

    memory_limit: int | None = None
    progress: Callable[[int, int], None] | None = None
    graphs: Graphs = IN_MEMORY
    stop: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None
    check: Callable[[], None] = lambda: None  # called often; raises Interrupted after a Ctrl-C
    alone: bool = False  # there is no front end that would handle Ctrl-C
    facts: list[Facts] = field(default_factory=list)
