"""The shares of classes that a selection reached, beside their target: the distance to it, and a line per class.

Shares are of all samples that are selected, those before included, as the objective of BALANCE counts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sqlsel.engine.kernels.exact import Vector
from sqlsel.engine.kernels.singles import Singles
from sqlsel.engine.objective.fulfilment import REASONS, Fulfilment, Reason, Review
from sqlsel.engine.objective.lowest_distance import lowest_distance
from sqlsel.engine.objective.random_choice import Band, count_band

_MOST_CLASSES = 20  # lines


@dataclass(frozen=True)
class Shares:
    """Masses per class of the picks, of the rows selected before and of the candidates, beside the target shares.

    ``counted``: every row has one class with the same mass, so that masses count rows.
    """

    target: Vector
    picked: Vector
    before: Vector
    pool: Vector
    n_picked: int
    n_before: int
    n_pool: int
    counted: bool

    @property
    def n_selected(self) -> int:
        return self.n_picked + self.n_before

    @property
    def reached(self) -> Vector:
        return _normalised(self.picked + self.before)

    @property
    def available(self) -> Vector:
        return _normalised(self.pool)

    @property
    def tolerance(self) -> float:
        """Shares of n rows are multiples of 1/n, so the nearest to a target is up to half of that away."""
        return 0.5 / max(1, self.n_selected) + 1e-9

    def distance(self) -> float:
        """Σ |share − target|."""
        return float(np.abs(self.reached - self.target).sum())

    def lowest(self) -> float | None:
        """The lowest distance of any choice of as many candidates; None where rows have several classes."""
        if not self.counted:
            return None
        return lowest_distance(self.target, self.before, self.pool, self.n_picked)


class Because(NamedTuple):
    """Why a share is as it is: the reason, and a sentence with its figures."""

    reason: Reason
    sentence: str = ""


def share_lines(review: Review, names: Sequence[str], target: Vector) -> list[Fulfilment]:
    """The distance to the target, then a line per class; above 20 classes those farthest from their target."""
    shares = _shares_of(review, target)
    lowest, listed, others = shares.lowest(), *_farthest(np.abs(shares.reached - target))
    causes = _Causes(names, shares, lowest)
    general = _general_reason(review, lowest)
    reasons = [causes.of(i) or general for i in listed]
    lines = [_distance_line(review, shares, lowest, reasons)]
    lines += [
        _class_line(review, names[i], i, shares, r) for i, r in zip(listed, reasons, strict=True)
    ]
    if len(others):
        rest = f"{review.name} {len(others)} classes nearer to it"
        because = f"{int(causes.met[others].sum())} of them met"
        lines.append(Fulfilment(rest, "share", "near", because=because))
    return lines


def _shares_of(review: Review, target: Vector) -> Shares:
    rows = np.zeros(len(review.column), np.bool_)
    rows[review.selection.rows] = True
    masses, table = review.column.masses, review.column.table
    scale = _mass_of_a_row(table)
    unit = scale or 1.0
    return Shares(
        target,
        masses(rows) / unit,
        masses(review.preselected) / unit,
        masses(review.waiting) / unit,
        len(review.selection.rows),
        int(review.preselected.sum()),
        int(review.waiting.sum()),
        counted=scale is not None,
    )


def _mass_of_a_row(table: Any) -> float | None:
    """The mass that every row has, in one class; None where masses differ or a row has several classes."""
    if not isinstance(table, Singles) or not len(table) or (table.places < 0).any():
        return None
    first = float(table.masses[0])
    return first if bool((table.masses == first).all()) else None


def _normalised(masses: Vector) -> Vector:
    total = float(masses.sum())
    return masses / total if total else np.zeros(len(masses))


class _Causes:
    """Why classes missed their targets, as far as the numbers of their own rows are the cause.

    ``met``: mask of the classes as near to their target as a choice of so many rows can bring them. ``scarce``: mask of
    those of which the pool has too few rows.
    """

    def __init__(self, names: Sequence[str], shares: Shares, lowest: float | None) -> None:
        self._names, self._shares = names, shares
        asked, total = shares.target, shares.n_selected
        self.scarce = (shares.before + shares.pool < asked * total - 0.5 - 1e-9) & shares.counted
        self._crowded = shares.before > (asked + shares.tolerance) * total
        self._n_asked = int((asked > 0).sum())
        # Rounding may leave a share further off than half a row, though no choice of the rows comes nearer.
        best = lowest is not None and shares.distance() <= lowest + 1e-9
        hindered = self.scarce.any() or self._crowded.any() or total < self._n_asked
        near = np.abs(shares.reached - asked) <= shares.tolerance
        self.met = (best and not hindered) | (near & ((shares.reached > 0) | (asked == 0)))

    def of(self, i: int) -> Because | None:
        """The first cause that holds of met, selected before, the pool, too few samples; None for another one."""
        shares, total = self._shares, self._shares.n_selected
        if self.met[i]:
            return Because("met")
        if self._crowded[i]:
            return Because("preselected", f"{shares.before[i]:g} of {total:,} were selected before")
        if self.scarce[i]:
            return Because("limited by the pool", self._few(i))
        if self.scarce.any() and shares.reached[i] > shares.target[i]:
            first, more = self._names[int(self.scarce.argmax())], int(self.scarce.sum()) - 1
            others = f" and {more} more" if more else ""
            return Because("limited by the pool", f"it fills the place of {first}{others}")
        if total < self._n_asked or (shares.target[i] * total < 1 and shares.reached[i] == 0):
            samples = "sample" if total == 1 else "samples"
            return Because("too few samples", f"{total:,} {samples} for {self._n_asked:,} classes")
        return None

    def _few(self, i: int) -> str:
        """How many rows of a class there are, and were picked."""
        pool, picked = self._shares.pool[i], self._shares.picked[i]
        all_picked = "all were picked" if picked == pool else f"{picked:g} were picked"
        among = f"among {self._shares.n_pool:,} candidates"
        return f"{pool:,.0f} {self._names[i]} {among}, and {all_picked}"


def _general_reason(review: Review, lowest: float | None) -> Because:
    """The reason of what the numbers of rows per class do not explain."""
    if review.selection.stopped_by == "nobody feasible":
        return Because("too few samples", "no other candidate may be picked")
    if review.company:
        alone = "" if lowest is None else f"alone it could come within {lowest:.3g} of the target"
        return Because("trade-off", alone)
    return Because("")


def _distance_line(
    review: Review, shares: Shares, lowest: float | None, reasons: Sequence[Because]
) -> Fulfilment:
    """The distance to the target; its reason is the first one among the classes that are listed, the farthest ones."""
    missed = [one for one in reasons if one.reason != "met"]
    first = min(missed, key=lambda one: REASONS.index(one.reason)) if missed else Because("met")
    return Fulfilment(
        review.name,
        "distance to target",
        "low",
        shares.distance(),
        asked=(0.0, 0.0),
        best=lowest,
        best_is_exact=lowest is not None,
        pool=float(np.abs(shares.available - shares.target).sum()),
        reason=first.reason,
        because=first.sentence,
    )


def _class_line(review: Review, name: str, i: int, shares: Shares, because: Because) -> Fulfilment:
    asked, total = float(shares.target[i]), max(1, shares.n_selected)
    before, pool = float(shares.before[i]), float(shares.pool[i])
    best: float | None = None
    random: Band | None = None
    if shares.counted:
        most = before + min(pool, shares.n_picked)
        best = float(np.clip(np.rint(asked * total), before, most)) / total
        drawn = count_band(shares.n_pool, int(pool), shares.n_picked)
        random = Band(*((count + before) / total for count in drawn))
    return Fulfilment(
        f"{review.name} {name}",
        "share",
        "near",
        float(shares.reached[i]),
        asked=(asked, asked),
        best=best,
        best_is_exact=best is not None,
        pool=float(shares.available[i]),
        random=random,
        reason=because.reason,
        figures={"picked": float(shares.picked[i]), "before": before, "candidates": pool},
        because=because.sentence,
    )


def _farthest(distances: Vector) -> tuple[list[int], Any]:
    """(numbers of the at most 20 classes farthest from their target, ascending; those of the others)."""
    by_distance = np.argsort(-distances, kind="stable")
    return sorted(by_distance[:_MOST_CLASSES].tolist()), by_distance[_MOST_CLASSES:]
