"""Selection in Polars: ``import sqlsel.polars as sel``.

Strategies are made by ``sel.diversity("embedding")`` and the like; ``sel.select``, ``sel.rank`` and ``sel.trace`` make
expressions of them, ``sel.rows`` selects from a frame. The namespace ``.sel`` on expressions and frames is a shorter
way to write one strategy, and ``sel.ns(…)`` the same for type checkers.
"""

from typing import Any

from sqlsel.engine.objective import Strategy
from sqlsel.engine.strategies import by_kind
from sqlsel.polars.expressions import rank, select, trace
from sqlsel.polars.frame_rows import rows
from sqlsel.polars.namespaces import ns

__all__ = ["Strategy", "ns", "rank", "rows", "select", "trace"]
__all__.extend(by_kind())  # type checkers and editors read their names in __init__.pyi


def __getattr__(name: str) -> Any:
    """A strategy, by its kind."""
    kinds = by_kind()
    if name in kinds:
        return kinds[name]
    raise AttributeError(f"module 'sqlsel.polars' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, and the strategies that were registered later."""
    return sorted({*globals(), *by_kind()})
