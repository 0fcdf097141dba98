"""Constraints of all objectives together: whether one ends the run, and which rows they exclude now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.optimizer.plan import Plan

Mask = NDArray[np.bool_]


def end_reason(plan: Plan) -> str | None:
    """The reason of the first constraint that ends the run; None if none does."""
    reasons = (objective.ended() for objective in plan.limited.values())
    return next((reason for reason in reasons if reason is not None), None)


def infeasible_rows(plan: Plan, columns: Mapping[int, Any], totals: Sequence[Any]) -> Mask | None:
    """Mask of the rows that may not be picked at these ``totals``; None if no objective has a constraint.

    ``columns``: of the rows, by the number of the objective.
    """
    infeasible: Mask | None = None
    for j, objective in plan.limited.items():
        now = objective.infeasible(columns[j], totals[j])
        infeasible = now if infeasible is None else infeasible | now
    return infeasible
