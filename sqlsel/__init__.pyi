# Written by `make generate`; what is changed here is lost.
"""Choose which samples of a large data set are worth labelling, inside SQL and data frames."""

from sqlsel.api import Checked, explain, run, validate
from sqlsel.arrays.array_selection import ArraySelection
from sqlsel.arrays.selecting import select
from sqlsel.arrays.selector.sample_selector import SampleSelector
from sqlsel.clause.clause_error import ClauseError
from sqlsel.config.selection_config import SelectionConfig
from sqlsel.duckdb.connection import connect, sql
from sqlsel.duckdb.registration import load
from sqlsel.duckdb.result import Result
from sqlsel.engine.strategies.balance import Balance as balance
from sqlsel.engine.strategies.diversity import Deduplicate as deduplicate
from sqlsel.engine.strategies.diversity import Diversity as diversity
from sqlsel.engine.strategies.lottery import Random as random
from sqlsel.engine.strategies.similarity import Similarity as similarity
from sqlsel.engine.strategies.threshold import Threshold as threshold
from sqlsel.engine.strategies.typicality import Typicality as typicality
from sqlsel.engine.strategies.weights import Weights as weights
from sqlsel.errors import (
    CatalogError,
    ConfigError,
    Interrupted,
    InvalidInput,
    SelectionWarning,
    ShortSelection,
    SqlselError,
)

__version__: str

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
