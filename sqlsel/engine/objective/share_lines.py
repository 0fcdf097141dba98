"""The shares of classes that a selection reached, beside their target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sqlsel.engine.kernels.exact import Vector
from sqlsel.engine.objective.fulfilment import Fulfilment, Review

_MOST_CLASSES = 20  # lines


def share_lines(review: Review, names: Sequence[str], target: Vector) -> list[Fulfilment]:
    """A line per class; above 20 classes those farthest from their target, and one line for all others."""
    rows = np.zeros(len(review.column), np.bool_)
    rows[review.selection.rows] = True
    reached, pool = review.column.masses(rows), review.column.masses(review.waiting)
    total, available = float(reached.sum()), float(pool.sum())
    share = reached / total if total else np.zeros(len(reached))
    most = np.minimum(1.0, pool / total) if total else np.zeros(len(reached))
    distances = np.abs(share - target)
    # Shares of n picks are multiples of 1/n, so the nearest is up to half of that away.
    met = distances <= 0.5 / len(review.selection.rows) + 1e-9
    listed, others = _farthest(distances)
    lines = []
    for i in listed:
        why = (
            "met" if met[i] else "trade-off" if review.company and most[i] >= target[i] else "input"
        )
        origin = f"pool {pool[i] / available:.1%}" if available else "pool –"
        name = f"{review.name} {names[i]}"
        lines.append(Fulfilment(name, f"{target[i]:.1%}", f"{share[i]:.1%}", origin, why))
    if len(others):
        rest = f"{review.name} {len(others)} classes nearer to it"
        lines.append(Fulfilment(rest, "–", "–", "–", f"{met[others].sum()} met"))
    return lines


def _farthest(distances: Vector) -> tuple[list[int], Any]:
    """(numbers of the at most 20 classes farthest from their target, ascending; those of the others)."""
    by_distance = np.argsort(-distances, kind="stable")
    return sorted(by_distance[:_MOST_CLASSES].tolist()), by_distance[_MOST_CLASSES:]
