"""Selection in Polars: ``import sqlsel.polars as sel``.

Strategies are made by ``sel.diversity("embedding")`` and the like; ``sel.select``, ``sel.rank`` and ``sel.trace`` make
expressions of them, ``sel.rows`` selects from a frame. The namespace ``.sel`` on expressions and frames is a shorter
way to write one strategy, and ``sel.ns(…)`` the same for type checkers.
"""

from typing import TYPE_CHECKING, Any

from sqlsel.engine.objective import Strategy
from sqlsel.engine.strategies import STRATEGIES
from sqlsel.engine.strategies.balance import Balance as balance  # noqa: N813 - reads as a verb
from sqlsel.engine.strategies.diversity import Deduplicate as deduplicate  # noqa: N813 - likewise
from sqlsel.engine.strategies.diversity import Diversity as diversity  # noqa: N813 - likewise
from sqlsel.engine.strategies.lottery import Random as random  # noqa: N813 - likewise
from sqlsel.engine.strategies.similarity import Similarity as similarity  # noqa: N813 - likewise
from sqlsel.engine.strategies.threshold import Threshold as threshold  # noqa: N813 - likewise
from sqlsel.engine.strategies.typicality import Typicality as typicality  # noqa: N813 - likewise
from sqlsel.engine.strategies.weights import Weights as weights  # noqa: N813 - likewise
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


if not TYPE_CHECKING:  # type checkers know the names above only

    def __getattr__(name: str) -> Any:
        """A strategy that was registered, by its kind."""
        if name.upper() in STRATEGIES and name.islower():
            return STRATEGIES[name.upper()]
        raise AttributeError(f"module 'sqlsel.polars' has no attribute {name!r}")

    def __dir__() -> list[str]:
        """The public names, and the strategies that were registered."""
        return sorted({*globals(), *(name.lower() for name in STRATEGIES)})
