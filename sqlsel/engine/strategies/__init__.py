"""The strategies by the name that a user writes; one file each."""

from typing import Any

from sqlsel.engine.strategies.balance import Balance
from sqlsel.engine.strategies.diversity import Diversity
from sqlsel.engine.strategies.lottery import Random
from sqlsel.engine.strategies.similarity import Similarity
from sqlsel.engine.strategies.typicality import Typicality
from sqlsel.engine.strategies.weights import Weights

STRATEGIES: dict[str, Any] = {
    "DIVERSITY": Diversity,
    "WEIGHTS": Weights,
    "BALANCE": Balance,
    "SIMILARITY": Similarity,
    "TYPICALITY": Typicality,
    "RANDOM": Random,
}

__all__ = ["STRATEGIES", "Balance", "Diversity", "Random", "Similarity", "Typicality", "Weights"]
