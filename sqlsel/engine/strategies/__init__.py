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
