# Written by `make generate`; what is changed here is lost.
"""Selection in Polars: ``import sqlsel.polars as sel``.

Strategies are made by ``sel.diversity("embedding")`` and the like; ``sel.select``, ``sel.rank`` and ``sel.trace`` make
expressions of them, ``sel.rows`` selects from a frame. The namespace ``.sel`` on expressions and frames is a shorter
way to write one strategy, and ``sel.ns(…)`` the same for type checkers.
"""

from sqlsel.engine.objective.strategy import Strategy
from sqlsel.engine.strategies.balance import Balance as balance
from sqlsel.engine.strategies.diversity import Deduplicate as deduplicate
from sqlsel.engine.strategies.diversity import Diversity as diversity
from sqlsel.engine.strategies.lottery import Random as random
from sqlsel.engine.strategies.similarity import Similarity as similarity
from sqlsel.engine.strategies.threshold import Threshold as threshold
from sqlsel.engine.strategies.typicality import Typicality as typicality
from sqlsel.engine.strategies.weights import Weights as weights
from sqlsel.polars.expressions import rank, select, trace
from sqlsel.polars.frame_rows import rows
from sqlsel.polars.namespaces import ns

__all__ = [
    "Strategy",
    "balance",
    "deduplicate",
    "diversity",
    "ns",
    "random",
    "rank",
    "rows",
    "select",
    "similarity",
    "threshold",
    "trace",
    "typicality",
    "weights",
]
