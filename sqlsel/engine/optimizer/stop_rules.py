"""What ends a run, or shuts out candidates for now: sums over the selection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.optimizer.plan import Plan

Mask = NDArray[np.bool_]


def end_reason(plan: Plan) -> str | None:
    """Why nothing more is picked, though candidates are left; None while picking goes on."""
    reasons = (objective.ended() for objective in plan.limited.values())
    return next((reason for reason in reasons if reason is not None), None)


def infeasible_rows(plan: Plan, columns: Mapping[int, Any], totals: Sequence[Any]) -> Mask | None:
    """Which rows may not be picked while the selection is worth ``totals``; None where all may.

    ``columns``: those of the rows, by the number of the objective.
    """
    infeasible: Mask | None = None
    for j, objective in plan.limited.items():
        now = objective.infeasible(columns[j], totals[j])
        infeasible = now if infeasible is None else infeasible | now
    return infeasible
