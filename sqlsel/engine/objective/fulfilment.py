"""How far an objective was reached: asked, reached, best possible, and why not more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index, Vector


@dataclass(frozen=True)
class Fulfilment:
    """One line of the fulfilment table, as text that a person reads."""

    strategy: str
    asked: str
    reached: str
    best: str
    why: str


class Picked(Protocol):
    """What a review reads of a selection."""

    @property
    def rows(self) -> Index: ...
    @property
    def n_candidates(self) -> int: ...
    @property
    def stopped_by(self) -> str: ...


@dataclass(frozen=True)
class Review:
    """A selection, as one objective looks back at it.

    ``column``, ``present``, ``asked``: of its strategy as prepared; ``bars``: whether that lets only some rows through.
    ``values``: of the picks, as its result column has them. ``waiting``: who could be picked. ``company``: whether
    other strategies took part.
    """

    name: str
    column: Any
    present: NDArray[np.bool_]
    asked: str
    bars: bool
    selection: Picked
    values: Vector
    waiting: NDArray[np.bool_]
    company: bool


def of_numbers(
    review: Review, *, high: bool, shift: float, as_written: Callable[[Vector], Vector]
) -> Fulfilment:
    """The mean of the picks' numbers beside the best possible mean; ``high``: whether high ones were asked for.

    ``as_written`` gives numbers as they were before they were shifted by ``shift``.
    """
    column = review.column if review.column.ndim == 1 else review.column[:, 0]
    values = _known(column[review.waiting & review.present])
    picked = _known(column[review.selection.rows])
    count = len(picked)
    asked = ", ".join(word for word in ("high" if high else "low", review.asked) if word)
    if not count:
        return Fulfilment(review.name, asked, "–", "–", "no objects")
    ordered = np.sort(values)
    best = ordered[-count:] if high else ordered[:count]
    means = np.array([picked.mean(), best.mean(), values.mean()])
    met = abs(means[0] - means[1]) <= 1e-9 * max(1.0, abs(means[1] + shift))
    reached, possible, pool = as_written(means).tolist()
    why = "met" if met else "trade-off" if review.company else "input"
    if review.selection.stopped_by == "nobody feasible" and review.bars:
        why = review.asked
    best_text = f"mean {possible:.4g} (pool {pool:.4g})"
    return Fulfilment(review.name, asked, f"mean {reached:.4g}", best_text, why)


def _known(values: Any) -> Any:
    """Without those of samples that have no objects; shifted weights are never negative."""
    return values[values >= 0]
