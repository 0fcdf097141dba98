"""The table of strategies by their SQL name, one file each. Every surface reads it."""

from sqlsel.engine.objective.strategy import Strategy
from sqlsel.engine.strategies.balance import Balance
from sqlsel.engine.strategies.diversity import Deduplicate, Diversity
from sqlsel.engine.strategies.lottery import Random
from sqlsel.engine.strategies.similarity import Similarity
from sqlsel.engine.strategies.threshold import Threshold
from sqlsel.engine.strategies.typicality import Typicality
from sqlsel.engine.strategies.weights import Weights

STRATEGIES: dict[str, type[Strategy]] = {
    one.kind.upper(): one
    for one in (
        Diversity,
        Deduplicate,
        Weights,
        Balance,
        Similarity,
        Typicality,
        Random,
    )
}


def by_kind() -> dict[str, type[Strategy]]:
    """All strategies by their names in Python; THRESHOLD, which is a condition in SQL, is one of them."""
    return {**{kind.kind: kind for kind in STRATEGIES.values()}, Threshold.kind: Threshold}


def register(kind: type[Strategy]) -> type[Strategy]:
    """Add a strategy from outside to the table, by its name in capitals; ValueError if the name is taken."""
    name = kind.kind.upper()
    if name in {known.upper() for known in by_kind()}:
        raise ValueError(f"there is a strategy {name} already")
    STRATEGIES[name] = kind
    return kind
