"""How far an aim was reached, in numbers: what was asked, reached and possible, and why not more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index, Vector
from sqlsel.engine.objective.random_choice import Band, mean_band

Direction = Literal["high", "low", "at least", "near", "within"]
Reason = Literal[
    "nothing was picked",
    "preselected",
    "minimum distance",
    "threshold",
    "limited by the pool",
    "too few samples",
    "max_sum",
    "trade-off",
    "",  # no number was asked, and no choice of this size would reach more
    "met",
]
REASONS: tuple[Reason, ...] = get_args(Reason)  # where several hold, the first is named


_NOTHING = "–"


class Texts(NamedTuple):
    """A line of the table of all aims; ``best``: the best possible."""

    strategy: str
    asked: str
    reached: str
    best: str
    why: str


@dataclass(frozen=True)
class Fulfilment:
    """One aim of a selection in numbers; ``texts`` has them as printed.

    ``strategy``: its name, with its input where two are alike, and with the class or limit where it has several aims.
    ``measure``: what is measured, such as 'mean' or 'share'. ``asked``: lowest and highest number that fulfil the aim;
    None where only a ``direction`` was asked. ``best``: what a selection of this size could reach if it had this aim
    alone; ``best_is_exact``: False where that is an estimate. ``pool``: the same measure over all candidates.
    ``random``: over random choices of the same size. ``reason``: why the aim was not reached, or 'met';
    ``figures``: the numbers that prove the reason, by name. Numbers that do not exist are None.
    """

    strategy: str
    measure: str
    direction: Direction
    reached: float | None = None
    asked: tuple[float, float] | None = None
    best: float | None = None
    best_is_exact: bool = True
    pool: float | None = None
    random: Band | None = None
    reason: Reason = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    because: str = ""  # the figures of the reason as a sentence
    goal: str = ""  # the direction in words, where 'high' and 'low' do not say it

    def texts(self) -> Texts:
        """The line as printed: shares in percent, all other numbers with four digits."""
        return Texts(
            self.strategy,
            self._asked(),
            self._number(self.reached, named=True),
            self._best(),
            ": ".join(part for part in (self.reason, self.because) if part) or _NOTHING,
        )

    def _asked(self) -> str:
        if self.asked is None:
            return self.goal or self.direction
        low, high = self.asked
        if self.measure == "share":
            return f"{low:.1%}"
        if self.direction == "at least":
            return f"at least {low:g}"
        return f"{low:g}" if low == high else f"{low:g} to {high:g}"

    def _best(self) -> str:
        best = self._number(self.best, named=True)
        if self.pool is None:
            return best
        pool = f"pool {self._number(self.pool, named=False)}"
        return pool if self.best is None else f"{best} ({pool})"

    def _number(self, number: float | None, *, named: bool) -> str:
        if number is None:
            return _NOTHING
        if self.measure == "share":
            return f"{number:.1%}"
        digits = f"{number:.6g}" if self.measure == "sum" else f"{number:.4g}"
        return f"{self.measure} {digits}" if named else digits


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
    feasible rows. ``values``: those of the picks in its result column. ``waiting``: mask of the candidates;
    ``preselected``: mask of the rows selected before. ``company``: whether there were other strategies.
    """

    name: str
    column: Any
    present: NDArray[np.bool_]
    rule: str
    excludes_rows: bool
    selection: Picked
    values: Vector
    waiting: NDArray[np.bool_]
    preselected: NDArray[np.bool_]
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
    direction: Direction = "high" if high else "low"
    if not count:
        return Fulfilment(review.name, "mean", direction, because="no objects")
    ordered = np.sort(values)
    best = ordered[-count:] if high else ordered[:count]
    means = np.array([picked.mean(), best.mean(), values.mean()])
    is_best = abs(means[0] - means[1]) <= 1e-9 * max(1.0, abs(means[1] + shift))
    reached, possible, pool = as_written(means).tolist()
    reason, because = _reason_of_mean(review, is_best=is_best, possible=possible)
    return Fulfilment(
        review.name,
        "mean",
        direction,
        reached,
        best=possible,
        pool=pool,
        random=mean_band(as_written(values), count),
        reason=reason,
        because=because,
        goal=", ".join(part for part in (direction, review.rule) if part),
    )


def _reason_of_mean(review: Review, *, is_best: bool, possible: float) -> tuple[Reason, str]:
    """(reason, sentence) for a mean: no number was asked, so it is never 'met'."""
    if review.selection.stopped_by == "nobody feasible" and review.excludes_rows:
        return "threshold", f"no other candidate passes {review.rule}"
    if is_best:
        return "", "no choice of this size has a better mean"
    if review.company:
        return "trade-off", f"alone it would reach {possible:.4g}"
    return (
        "limited by the pool",
        f"of the candidates that may be picked; the best have {possible:.4g}",
    )


def _with_objects(values: Any) -> Any:
    """Values of samples with objects: a negative one marks a sample without; shifted weights are at least 0."""
    return values[values >= 0]
