"""The strategies, one file each, by the name that a user writes in SQL. Every surface reads this table."""

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
    """Make a strategy known to every surface, by its name in capitals; ValueError where there is one of that name."""
    name = kind.kind.upper()
    if name in STRATEGIES or name == "THRESHOLD":
        raise ValueError(f"there is a strategy {name} already")
    STRATEGIES[name] = kind
    return kind
