"""The strategies by the name that a user writes; one file each."""

from typing import Any

from sqlsel.strategies.balance import Balance
from sqlsel.strategies.diversity import Diversity
from sqlsel.strategies.lottery import Random
from sqlsel.strategies.similarity import Similarity
from sqlsel.strategies.typicality import Typicality
from sqlsel.strategies.weights import Weights

STRATEGIES: dict[str, Any] = {
    "DIVERSITY": Diversity,
    "WEIGHTS": Weights,
    "BALANCE": Balance,
    "SIMILARITY": Similarity,
    "TYPICALITY": Typicality,
    "RANDOM": Random,
}

__all__ = ["STRATEGIES", "Balance", "Diversity", "Random", "Similarity", "Typicality", "Weights"]
