"""How far each objective was reached: asked, reached, best possible, and why not more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sqlsel.engine.kernels.classes import Classes
from sqlsel.engine.objective import Prepared, Sums
from sqlsel.engine.objective.limited_sums import LimitedSums
from sqlsel.engine.objective.shares import ShareTerms
from sqlsel.engine.optimizer.run import Selection

_MOST_CLASSES = 20  # lines of BALANCE, of which each has one class


@dataclass(frozen=True)
class Fulfilment:
    """One line of the fulfilment table, as text that a person reads."""

    strategy: str
    asked: str
    reached: str
    best: str
    why: str


def fulfilment(
    names: Sequence[str], prepared: Sequence[Prepared], selection: Selection, waiting: Any
) -> tuple[Fulfilment, ...]:
    """One or more lines per strategy (BALANCE: one per class; WEIGHTS: one more for each limit of its sum)."""
    lines: list[Fulfilment] = []
    for j, (name, one) in enumerate(zip(names, prepared, strict=False)):
        if len(selection.rows) == 0:
            lines.append(Fulfilment(name, "–", "–", "–", "nothing was picked"))
        elif isinstance(one.objective, ShareTerms):
            lines += _balance(one, selection, waiting, company=len(names) > 1)
        elif name in ("DIVERSITY", "DEDUPLICATE"):
            lines.append(_diversity(name, one.objective, selection, selection.values[:, j]))
        else:
            lines.append(_sum(name, one, selection, waiting, company=len(names) > 1))
        if isinstance(one.objective, LimitedSums):
            lines += _limits(name, one.objective, selection)
    return tuple(lines)


def _diversity(name: str, objective: Any, selection: Selection, distances: Any) -> Fulfilment:
    finite = distances[np.isfinite(distances)]
    reached = f"smallest distance {finite.min():.4g}" if len(finite) else "a single sample"
    lowest = float(np.sqrt(2 * objective.lowest))
    asked = f"min_distance {lowest:g}" if lowest else "far apart"
    why = "minimum distance" if lowest else "too few samples"
    if selection.stopped_by != "nobody feasible":
        why = "met" if selection.stopped_by == "budget" else selection.stopped_by
    return Fulfilment(name, asked, reached, "–", why)


def _sum(
    name: str, one: Prepared, selection: Selection, waiting: Any, *, company: bool
) -> Fulfilment:
    column = one.column if one.column.ndim == 1 else one.column[:, 0]
    values = _known(column[waiting & one.present])
    picked = _known(column[selection.rows])
    count = len(picked)
    wanted = "high" if one.objective.strength >= 0 else "low"
    asked = ", ".join(word for word in (wanted, one.asked) if word)
    if not count:
        return Fulfilment(name, asked, "–", "–", "no objects")
    up = one.objective.strength >= 0
    ordered = np.sort(values)
    best = ordered[-count:] if up else ordered[:count]
    means = np.array([picked.mean(), best.mean(), values.mean()])
    shift = float(getattr(one.objective, "shift", 0.0))
    met = abs(means[0] - means[1]) <= 1e-9 * max(1.0, abs(means[1] + shift))
    if isinstance(one.objective, Sums):
        means = one.objective.as_written(means)
    reached, possible, pool = means.tolist()
    why = "met" if met else "trade-off" if company else "input"
    if selection.stopped_by == "nobody feasible" and one.feasible is not None:
        why = one.asked
    return Fulfilment(
        name,
        asked,
        f"mean {reached:.4g}",
        f"mean {possible:.4g} (pool {pool:.4g})",
        why,
    )


def _known(values: Any) -> Any:
    """Without those of samples that have no objects; shifted weights are never negative."""
    return values[values >= 0]


def _limits(name: str, objective: LimitedSums, selection: Selection) -> list[Fulfilment]:
    """How the sum of the weights as given, with the preselected samples, fits the limits."""
    total = objective.total.given
    reached = f"sum {total:.6g}"
    everyone = len(selection.rows) >= selection.n_candidates
    fewer = everyone or selection.stopped_by == "nobody feasible"
    short = "input" if fewer else selection.stopped_by
    lines = []
    if objective.max_sum is not None:
        why = "met" if objective.ended() else short
        lines.append(Fulfilment(f"{name} max_sum", f"{objective.max_sum:g}", reached, "–", why))
    if objective.target_range is not None:
        low, high = objective.target_range
        why = "met" if low <= total <= high else "preselected" if total > high else short
        asked = f"{low:g} to {high:g}"
        lines.append(Fulfilment(f"{name} target_range", asked, reached, "–", why))
    return lines


def _balance(
    one: Prepared, selection: Selection, waiting: Any, *, company: bool
) -> list[Fulfilment]:
    objective: Any = one.objective
    classes: Classes = one.column
    rows = np.zeros(len(classes), np.bool_)
    rows[selection.rows] = True
    reached, pool = classes.masses(rows), classes.masses(waiting)
    total, available = float(reached.sum()), float(pool.sum())
    share = reached / total if total else np.zeros(len(reached))
    most = np.minimum(1.0, pool / total) if total else np.zeros(len(reached))
    distances = np.abs(share - objective.target)
    met = distances <= 0.5 / len(selection.rows) + 1e-9  # a pick is whole
    shown, others = _farthest(distances)
    lines = []
    for i in shown:
        target = objective.target[i]
        why = "met" if met[i] else "trade-off" if company and most[i] >= target else "input"
        origin = f"pool {pool[i] / available:.1%}" if available else "pool –"
        name = f"BALANCE {objective.names[i]}"
        lines.append(Fulfilment(name, f"{target:.1%}", f"{share[i]:.1%}", origin, why))
    if len(others):
        rest = f"BALANCE {len(others)} classes nearer to it"
        lines.append(Fulfilment(rest, "–", "–", "–", f"{met[others].sum()} met"))
    return lines


def _farthest(distances: Any) -> tuple[list[int], Any]:
    """The numbers of at most 20 classes, those farthest from their target, and of the others."""
    by_distance = np.argsort(-distances, kind="stable")
    return sorted(by_distance[:_MOST_CLASSES].tolist()), by_distance[_MOST_CLASSES:]
