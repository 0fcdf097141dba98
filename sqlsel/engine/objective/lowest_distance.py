"""The lowest distance of class shares to a target that a choice of some rows can have."""

from __future__ import annotations

import numpy as np

from sqlsel.engine.kernels.exact import Vector


def lowest_distance(target: Vector, before: Vector, pool: Vector, rows: int) -> float:
    """The minimum of Σ |share − target| over all choices of ``rows`` of the pool, for rows of one class each.

    ``before``, ``pool``: rows per class that are selected already, and that can be chosen. The distance is a sum of
    convex functions of the numbers of rows per class, so the greedy choice is optimal (Gross 1956): first rows of
    classes that lack a whole row, then of those that lack the largest fraction of one; any other row adds the same.
    """
    total = round(float(before.sum())) + rows
    if not total:
        return float(np.abs(target).sum())
    lacking = np.maximum(target * total - before, 0.0)
    whole = np.minimum(np.floor(lacking + 1e-9), pool)
    left = rows - int(whole.sum())
    if left <= 0:  # whichever of them are taken, each lowers the distance by 1 / total
        start = float(np.abs(before - target * total).sum())
        return (start - rows) / total
    taken = whole.copy()
    fraction = np.where(pool > whole, lacking - whole, 0.0)
    fraction[fraction >= 1 - 1e-9] = 0.0
    for i in np.argsort(-fraction, kind="stable")[:left].tolist():
        if fraction[i] <= 0:
            break
        taken[i] += 1
        left -= 1
    return (float(np.abs(before + taken - target * total).sum()) + left) / total
