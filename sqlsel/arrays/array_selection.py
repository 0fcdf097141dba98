"""The result of a selection from arrays: the picks of all groups, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.optimizer.selection import Selection
from sqlsel.errors import ShortSelection, warn


@dataclass(frozen=True)
class ArraySelection:
    """The picks in order: row ``indices[i]`` has rank ``rank[i]`` and gain ``gain[i]``.

    Ranks count from 1; with ``by`` in each group anew, the groups by ascending value. ``values`` has one row per pick
    and one column per strategy: distance to the nearest earlier pick (NaN for the first), weight, cross-entropy
    reached, similarity, typicality; thresholds have none. ``stopped_by`` is 'budget', 'max_sum',
    'all rows' (fewer candidates than asked for) or 'nobody feasible'.
    ``skipped`` counts the rows that could not be picked since a strategy's input is missing there, by strategy.
    """

    indices: NDArray[np.int64]
    rank: NDArray[np.int64]
    gain: NDArray[np.float64]
    values: NDArray[np.float64]
    n_candidates: int
    stopped_by: str
    notes: tuple[str, ...]
    skipped: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.indices)


def result_of(
    parts: Sequence[NDArray[np.int64]],
    selections: Sequence[Selection],
    budgets: Sequence[int],
    strategies: int,
    *,
    quiet: bool,
) -> ArraySelection:
    """The selections of all ``parts`` (row numbers per group) as one; a ShortSelection warning if candidates ran out.

    ``budgets``: per part; ``strategies``: their number; ``quiet``: no warning.
    """
    picked, budget_sum = sum(len(one.rows) for one in selections), sum(budgets)
    short = [
        one
        for one, budget in zip(selections, budgets, strict=True)
        if len(one.rows) < budget and one.stopped_by != "max_sum"
    ]
    everyone = picked > 0 and all(len(one.rows) == one.n_candidates for one in short)
    if short and not quiet:
        why = "all candidates are selected" if everyone else "no feasible candidate left"
        why = why if any(len(part) for part in parts) else "the input is empty"
        warn(f"{picked} samples selected of {budget_sum} asked: {why}", ShortSelection)
    reached = any(one.stopped_by == "max_sum" for one in selections)
    stopped = "max_sum" if reached else "all rows" if everyone else "nobody feasible"
    values = np.concatenate([np.empty((0, strategies)), *(one.values for one in selections)])
    return ArraySelection(
        _concatenated([part[one.rows] for part, one in zip(parts, selections, strict=True)]),
        _concatenated([np.arange(1, len(one.rows) + 1) for one in selections]),
        np.concatenate([np.empty(0), *(one.gain for one in selections)]),
        np.where(np.isfinite(values), values, np.nan),
        sum(one.n_candidates for one in selections),
        "budget" if picked == budget_sum and selections else stopped,
        tuple(dict.fromkeys(note for one in selections for note in one.notes)),
    )


def _concatenated(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate([np.empty(0, np.int64), *parts])
