"""The table of strategies by their SQL name, one file each. Every surface reads it."""

from sqlsel.engine.objective.strategy import Strategy
from sqlsel.engine.strategies.balance import Balance
from sqlsel.engine.strategies.diversity import Deduplicate, Diversity
from sqlsel.engine.strategies.lottery import Random
from sqlsel.engine.strategies.similarity import Similarity
from sqlsel.engine.strategies.typicality import Typicality
from sqlsel.engine.strategies.weights import Weights

STRATEGIES: dict[str, type[Strategy]] = {
    one.kind.upper(): one
    for one in (Diversity, Deduplicate, Weights, Balance, Similarity, Typicality, Random)
}


def register(kind: type[Strategy]) -> type[Strategy]:
    """Add a strategy from outside to the table, by its name in capitals; ValueError if the name is taken."""
    name = kind.kind.upper()
    if name in STRATEGIES or name == "THRESHOLD":
        raise ValueError(f"there is a strategy {name} already")
    STRATEGIES[name] = kind
    return kind
