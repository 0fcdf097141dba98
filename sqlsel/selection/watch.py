"""What a front end gives a run, and what it learns from it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlsel.fulfilment import Fulfilment


@dataclass(frozen=True)
class Facts:
    """What there is to know of one selection, beside its rows."""

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


@dataclass
class Watch:
    """The line between a front end and the runs of its statement."""

    memory_limit: int | None = None
    progress: Callable[[int, int], None] | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None
    facts: list[Facts] = field(default_factory=list)
