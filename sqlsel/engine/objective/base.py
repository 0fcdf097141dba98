"""What most objectives have in common: the answers of one whose values do not depend on the picks."""

from __future__ import annotations

from typing import Any

from sqlsel.engine.objective.fulfilment import Fulfilment, Review
from sqlsel.engine.objective.protocol import Constraint, Values


class BaseObjective:
    """The defaults of an objective (protocol.py); a subclass gives its terms, totals, ties and gains."""

    stale_is_bound = True
    needs_refresh = False
    constraint: Constraint | None = None
    by_form = False
    short_lists = False

    def __init__(self, strength: float) -> None:
        self.strength = strength
        self.alone = False

    @property
    def exact_bounds(self) -> bool:
        """Whether the optimistic values are the exact ones."""
        return True

    def tell_by_group(self, table: Any) -> Values:
        """``table`` has one class row per class group; gives the values of the groups."""
        values: Values = table
        return values

    def limit_lines(self, review: Review) -> list[Fulfilment]:
        """How the selection fits the limits of the objective; it has none."""
        return []

    def picks_since(self, since: int) -> Any:
        """The picks from number ``since`` on, as fields take them; None: fields need none."""
        return None
