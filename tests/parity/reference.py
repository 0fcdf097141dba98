"""Greedy selection in float64 for large pools: one pass over all candidates per pick."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .brute_force import (
    NEAR,
    Case,
    class_columns,
    cross_entropies,
    marks_of,
    shares_of,
    similarity,
)


class Spread:
    """½ d² of every row to its nearest selected row, and of every selected row to the others."""

    def __init__(self, x: np.ndarray) -> None:
        self._x = x.astype(np.float64)
        self.near = np.full(len(x), np.inf)
        self._own: list[float] = []
        self._chosen: list[int] = []

    def add(self, row: int) -> None:
        half = np.square(self._x - self._x[row]).sum(axis=1) / 2
        self._own = [min(own, half[i]) for own, i in zip(self._own, self._chosen, strict=True)]
        self._own.append(self.near[row])
        self._chosen.append(row)
        self.near = np.minimum(self.near, half)

    def worth(self) -> tuple[np.ndarray, np.ndarray]:
        """(U, what tells rows apart)."""
        if not self._chosen:
            return np.ones(len(self.near)), np.ones((len(self.near), 1))
        own = sum(o for o in self._own if np.isfinite(o))
        return own + self.near, self.near[:, None]


class Sum:
    """The sum of the weights of the selection."""

    def __init__(self, weights: np.ndarray, marks: np.ndarray) -> None:
        self._weights, self._total, self._marks = weights, 0.0, marks

    def add(self, row: int) -> None:
        self._total += self._weights[row]

    def worth(self) -> tuple[np.ndarray, np.ndarray]:
        return self._total + self._weights, self._marks


class Shares:
    """The inverse cross-entropy of the class shares."""

    def __init__(self, rows: np.ndarray, shares: np.ndarray) -> None:
        self._rows, self._target = rows, shares / shares.sum()
        self._kinds, self._kind = np.unique(rows, axis=0, return_inverse=True)
        self._mass = np.zeros(rows.shape[1])

    def add(self, row: int) -> None:
        self._mass = self._mass + self._rows[row]

    def worth(self) -> tuple[np.ndarray, np.ndarray]:
        entropy = cross_entropies(self._mass + self._kinds, self._target)
        return (1 / np.maximum(entropy, 1e-8))[self._kind.reshape(-1)], self._rows


def open_objective(kind: str, data: Any, option: dict[str, Any], pool: NDArray[np.bool_]) -> Any:
    if kind == "diversity":
        return Spread(data)
    if kind == "balance":
        rows = class_columns(data, pool)
        return Shares(rows, shares_of(rows, option["shares"]))
    weights = data if kind == "weights" else similarity(data, option["query"], pool)
    return Sum(weights, marks_of(kind, data, option))


def reference(case: Case, near_tie: float = NEAR) -> tuple[list[int], int]:
    """As ``brute_force``, for strengths above 0, weights of at least 0 and no minimum distance."""
    pool = case.waiting | case.preselected
    given = zip(case.kinds, case.data, case.options, strict=True)
    objectives = [open_objective(k, x, o, pool) for k, x, o in given]
    for row in np.flatnonzero(case.preselected).tolist():
        for objective in objectives:
            objective.add(row)
    open_ = case.waiting & ~case.preselected
    picks: list[int] = []
    clear = None
    while open_.any() and len(picks) < case.budget:
        worths = [objective.worth() for objective in objectives]
        score = np.zeros(len(open_))
        for (u, _), option in zip(worths, case.options, strict=True):
            score += option["strength"] * np.log(np.maximum(u, 1e-8))
        score[~open_] = -np.inf
        top = score.max()
        first = np.flatnonzero(score == top)
        best = int(first[case.order[first].argmin()])
        near = np.flatnonzero(top - score < near_tie)
        if clear is None and any((mark[near] != mark[best]).any() for _, mark in worths):
            clear = len(picks)
        picks.append(best)
        open_[best] = False
        for objective in objectives:
            objective.add(best)
    return picks, len(picks) if clear is None else clear
