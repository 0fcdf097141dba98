"""How far an objective was reached: what was asked, what was reached, the best possible, and why not more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index, Vector


@dataclass(frozen=True)
class Fulfilment:
    """One row of the fulfilment table; all fields are formatted text."""

    strategy: str
    asked: str
    reached: str
    best: str
    why: str


class Picked(Protocol):
    """The part of a selection that a review reads."""

    @property
    def rows(self) -> Index: ...
    @property
    def n_candidates(self) -> int: ...
    @property
    def stopped_by(self) -> str: ...


@dataclass(frozen=True)
class Review:
    """A selection from the view of one objective.

    ``column``, ``present``, ``rule``: of its strategy as prepared; ``excludes_rows``: whether that has a mask of
    feasible rows. ``values``: those of the picks in its result column. ``waiting``: mask of the candidates.
    ``company``: whether there were other strategies.
    """

    name: str
    column: Any
    present: NDArray[np.bool_]
    rule: str
    excludes_rows: bool
    selection: Picked
    values: Vector
    waiting: NDArray[np.bool_]
    company: bool


def of_numbers(
    review: Review, *, high: bool, shift: float, as_written: Callable[[Vector], Vector]
) -> Fulfilment:
    """The mean of the picks' numbers beside the best possible mean; ``high``: whether high ones are preferred.

    ``as_written`` takes numbers back to the user's, before they were shifted by ``shift`` and scaled.
    """
    column = review.column if review.column.ndim == 1 else review.column[:, 0]
    values = _with_objects(column[review.waiting & review.present])
    picked = _with_objects(column[review.selection.rows])
    count = len(picked)
    goal = ", ".join(word for word in ("high" if high else "low", review.rule) if word)
    if not count:
        return Fulfilment(review.name, goal, "–", "–", "no objects")
    ordered = np.sort(values)
    best = ordered[-count:] if high else ordered[:count]
    means = np.array([picked.mean(), best.mean(), values.mean()])
    met = abs(means[0] - means[1]) <= 1e-9 * max(1.0, abs(means[1] + shift))
    reached, possible, pool = as_written(means).tolist()
    why = "met" if met else "trade-off" if review.company else "input"
    if review.selection.stopped_by == "nobody feasible" and review.excludes_rows:
        why = review.rule
    best_text = f"mean {possible:.4g} (pool {pool:.4g})"
    return Fulfilment(review.name, goal, f"mean {reached:.4g}", best_text, why)


def _with_objects(values: Any) -> Any:
    """Values of samples with objects: a negative one marks a sample without; shifted weights are at least 0."""
    return values[values >= 0]
