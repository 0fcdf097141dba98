"""Choose which samples of a large data set are worth labelling, inside SQL and data frames."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # that of ``typing``, the import of which takes longer than all else here
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

# What is loaded when it is first used; the strategies are public too. Type checkers and editors read __init__.pyi.
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
    "connect": "sqlsel.duckdb",
    "explain": "sqlsel.api",
    "load": "sqlsel.duckdb",
    "run": "sqlsel.api",
    "select": "sqlsel.arrays",
    "sql": "sqlsel.duckdb",
    "validate": "sqlsel.api",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used; ``__all__`` are those, and the strategies."""
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    if name == "__all__" or not name.startswith("_"):
        from sqlsel.engine.strategies import by_kind

        kinds = by_kind()
        if name == "__all__":
            return sorted([*_HOMES, *kinds])
        if name in kinds:
            return kinds[name]
    raise AttributeError(f"module 'sqlsel' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, and the strategies that were registered."""
    from sqlsel.engine.strategies import by_kind

    return sorted({*globals(), *_HOMES, *by_kind()})
