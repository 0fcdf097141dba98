"""Choose which samples of a large data set are worth labelling, inside SQL and data frames."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # that of ``typing``, the import of which takes longer than all else here
if TYPE_CHECKING:
    from typing import Any

    from sqlsel.api import Checked, explain, run, validate
    from sqlsel.arrays import ArraySelection, select
    from sqlsel.arrays.selector import SampleSelector
    from sqlsel.clause.clause_error import ClauseError
    from sqlsel.config import SelectionConfig
    from sqlsel.duckdb import connect, load, sql
    from sqlsel.duckdb.result import Result
    from sqlsel.engine.strategies.balance import Balance as balance  # noqa: N813 - reads as a verb
    from sqlsel.engine.strategies.diversity import Deduplicate as deduplicate  # noqa: N813 - likewise
    from sqlsel.engine.strategies.diversity import Diversity as diversity  # noqa: N813 - likewise
    from sqlsel.engine.strategies.lottery import Random as random  # noqa: N813 - likewise
    from sqlsel.engine.strategies.similarity import Similarity as similarity  # noqa: N813 - likewise
    from sqlsel.engine.strategies.threshold import Threshold as threshold  # noqa: N813 - likewise
    from sqlsel.engine.strategies.typicality import Typicality as typicality  # noqa: N813 - likewise
    from sqlsel.engine.strategies.weights import Weights as weights  # noqa: N813 - likewise
    from sqlsel.errors import (
        CatalogError,
        ConfigError,
        Interrupted,
        InvalidInput,
        SelectionWarning,
        ShortSelection,
        SqlselError,
    )

__version__ = "0.1.0"

_HOMES = {
    "ArraySelection": "sqlsel.arrays",
    "CatalogError": "sqlsel.errors",
    "Checked": "sqlsel.api",
    "ClauseError": "sqlsel.clause.clause_error",
    "ConfigError": "sqlsel.errors",
    "Interrupted": "sqlsel.errors",
    "InvalidInput": "sqlsel.errors",
    "Result": "sqlsel.duckdb.result",
    "SampleSelector": "sqlsel.arrays.selector",
    "SelectionConfig": "sqlsel.config",
    "SelectionWarning": "sqlsel.errors",
    "ShortSelection": "sqlsel.errors",
    "SqlselError": "sqlsel.errors",
    "balance": "sqlsel.engine.strategies.balance:Balance",
    "connect": "sqlsel.duckdb",
    "deduplicate": "sqlsel.engine.strategies.diversity:Deduplicate",
    "diversity": "sqlsel.engine.strategies.diversity:Diversity",
    "explain": "sqlsel.api",
    "load": "sqlsel.duckdb",
    "random": "sqlsel.engine.strategies.lottery:Random",
    "run": "sqlsel.api",
    "select": "sqlsel.arrays",
    "similarity": "sqlsel.engine.strategies.similarity:Similarity",
    "sql": "sqlsel.duckdb",
    "threshold": "sqlsel.engine.strategies.threshold:Threshold",
    "typicality": "sqlsel.engine.strategies.typicality:Typicality",
    "validate": "sqlsel.api",
    "weights": "sqlsel.engine.strategies.weights:Weights",
}

__all__ = [
    "ArraySelection",
    "CatalogError",
    "Checked",
    "ClauseError",
    "ConfigError",
    "Interrupted",
    "InvalidInput",
    "Result",
    "SampleSelector",
    "SelectionConfig",
    "SelectionWarning",
    "ShortSelection",
    "SqlselError",
    "balance",
    "connect",
    "deduplicate",
    "diversity",
    "explain",
    "load",
    "random",
    "run",
    "select",
    "similarity",
    "sql",
    "threshold",
    "typicality",
    "validate",
    "weights",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used; a strategy that was registered, by its kind."""
    if name not in _HOMES:
        from sqlsel.engine.strategies import STRATEGIES

        if name.upper() in STRATEGIES and name.islower():
            return STRATEGIES[name.upper()]
        raise AttributeError(f"module 'sqlsel' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    value = getattr(import_module(module), attribute or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, and the strategies that were registered."""
    from sqlsel.engine.strategies import STRATEGIES

    return sorted({*globals(), *__all__, *(name.lower() for name in STRATEGIES)})
