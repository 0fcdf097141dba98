"""How far each objective was reached: asked, reached, best possible, and why not more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sqlsel.kernels.classes import Classes
from sqlsel.objective import Prepared
from sqlsel.objective.shares import Shares
from sqlsel.optimizer.run import Selection


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
    """One or more lines per strategy (BALANCE: one per class)."""
    lines: list[Fulfilment] = []
    for j, (name, one) in enumerate(zip(names, prepared, strict=False)):
        if len(selection.rows) == 0:
            lines.append(Fulfilment(name, "–", "–", "–", "nothing was picked"))
        elif isinstance(one.objective, Shares):
            lines += _balance(one, selection, waiting, company=len(names) > 1)
        elif name in ("DIVERSITY", "DEDUPLICATE"):
            lines.append(_diversity(name, one.objective, selection, selection.values[:, j]))
        else:
            lines.append(_sum(name, one, selection, waiting, company=len(names) > 1))
    return tuple(lines)


def _diversity(name: str, objective: Any, selection: Selection, distances: Any) -> Fulfilment:
    finite = distances[np.isfinite(distances)]
    reached = f"smallest distance {finite.min():.4g}" if len(finite) else "a single sample"
    lowest = float(np.sqrt(2 * objective.lowest))
    asked = f"min_distance {lowest:g}" if lowest else "far apart"
    short = selection.stopped_by != "budget"
    why = "minimum distance" if short and lowest else "too few samples" if short else "met"
    return Fulfilment(name, asked, reached, "–", why)


def _sum(
    name: str, one: Prepared, selection: Selection, waiting: Any, *, company: bool
) -> Fulfilment:
    values = one.column[waiting & one.present]
    picked = one.column[selection.rows]
    count = len(picked)
    up = one.objective.strength >= 0
    ordered = np.sort(values)
    best = ordered[-count:] if up else ordered[:count]
    shift = float(getattr(one.objective, "shift", 0.0))
    reached, possible = float(picked.mean()) + shift, float(best.mean()) + shift
    met = abs(reached - possible) <= 1e-9 * max(1.0, abs(possible))
    why = "met" if met else "trade-off" if company else "input"
    wanted = "high" if up else "low"
    return Fulfilment(
        name,
        wanted,
        f"mean {reached:.4g}",
        f"mean {possible:.4g} (pool {float(values.mean()) + shift:.4g})",
        why,
    )


def _balance(
    one: Prepared, selection: Selection, waiting: Any, *, company: bool
) -> list[Fulfilment]:
    objective: Any = one.objective
    classes: Classes = one.column
    rows = np.zeros(len(classes), np.bool_)
    rows[selection.rows] = True
    reached, pool = classes.masses(rows), classes.masses(waiting)
    total, available = float(reached.sum()), float(pool.sum())
    lines = []
    for name, target, got, there in zip(
        objective.names, objective.target, reached, pool, strict=True
    ):
        share = got / total if total else 0.0
        most = min(1.0, there / total) if total else 0.0
        close = abs(share - target) <= 1.0 / len(selection.rows)
        why = "met" if close else "trade-off" if company and most >= target else "input"
        origin = f"pool {there / available:.1%}" if available else "pool –"
        lines.append(Fulfilment(f"BALANCE {name}", f"{target:.1%}", f"{share:.1%}", origin, why))
    return lines
