"""The protocols of strategies and objectives, and the functions and base classes that strategies share."""

from sqlsel.engine.objective.protocol import (
    FLOOR,
    Field,
    Members,
    Objective,
    Span,
    Unlisted,
)
from sqlsel.engine.objective.strategy import Pool, Prepared, Strategy
from sqlsel.engine.objective.sums import Sums, log_increase, log_terms, scaled_sums

__all__ = [
    "FLOOR",
    "Field",
    "Members",
    "Objective",
    "Pool",
    "Prepared",
    "Span",
    "Strategy",
    "Sums",
    "Unlisted",
    "log_increase",
    "log_terms",
    "scaled_sums",
]
