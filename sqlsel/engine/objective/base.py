"""The base class of objectives: defaults for one whose rows' values do not depend on the picks."""

from __future__ import annotations

from typing import Any

from sqlsel.engine.objective.fulfilment import Fulfilment, Review
from sqlsel.engine.objective.protocol import Constraint, Values


class BaseObjective:
    """Defaults of the protocol Objective (protocol.py); a subclass adds its terms, totals, ties and gains."""

    stale_is_bound = True
    needs_refresh = False
    constraint: Constraint | None = None
    by_form = False
    short_lists = False

    def __init__(self, strength: float) -> None:
        self.strength = strength
        self.alone = False

    def exact_bounds(self, total: Any) -> bool:
        """Whether the fields' optimistic values are exact, at this total."""
        return True

    def group_values(self, table: Any) -> Values:
        """The value of each class group; ``table``: one class row per group."""
        values: Values = table
        return values

    def limit_lines(self, review: Review) -> list[Fulfilment]:
        """No lines: the objective has no limits."""
        return []

    def picks_since(self, since: int) -> Any:
        """None: fields do not need to know the picks."""
        return None
