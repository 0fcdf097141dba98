# Written by `make generate`; what is changed here is lost.
"""The namespace ``.sel`` on Polars' expressions: one strategy over one column."""

from collections.abc import Sequence
from typing import Any, Literal

import polars as pl

from sqlsel.engine.strategies.balance import Target
from sqlsel.polars.building import Count
from sqlsel.polars.column_keys import Column
from sqlsel.polars.expressions import NCounts, OnInvalid

class ExprSelection:
    """One strategy over this expression: ``pl.col("embedding").sel.diversity(n=100)``.

    Each method takes the options of the strategy and the keywords of ``sel.select``, and gives its Boolean expression.
    """
    def __init__(self, expr: pl.Expr) -> None: ...
    def diversity(
        self,
        *,
        min_distance: float | None = None,
        strength: float = 1.0,
        normalize: bool = True,
        start: Any = None,
        n: Count | None = None,
        proportion: float | None = None,
        id: Column | None = None,
        preselected: Column | None = None,
        n_counts: NCounts = "new",
        seed: int = 0,
        on_invalid: OnInvalid = "error",
    ) -> pl.Expr:
        """Whether a row is selected: rows far from the rows selected already."""
    def deduplicate(
        self,
        min_distance: float,
        *,
        normalize: bool = True,
        n: Count | None = None,
        proportion: float | None = None,
        id: Column | None = None,
        preselected: Column | None = None,
        n_counts: NCounts = "new",
        seed: int = 0,
        on_invalid: OnInvalid = "error",
    ) -> pl.Expr:
        """Whether a row is selected: rows that are no near-duplicates of those selected already."""
    def weights(
        self,
        *,
        strength: float = 1.0,
        max_sum: float | None = None,
        target_range: Sequence[float] | None = None,
        n: Count | None = None,
        proportion: float | None = None,
        id: Column | None = None,
        preselected: Column | None = None,
        n_counts: NCounts = "new",
        seed: int = 0,
        on_invalid: OnInvalid = "error",
    ) -> pl.Expr:
        """Whether a row is selected: rows with a high number."""
    def balance(
        self,
        target: Target = "uniform",
        *,
        strength: float = 1.0,
        other: Literal["class", "ignore"] = "class",
        classes: Sequence[str] | None = None,
        n: Count | None = None,
        proportion: float | None = None,
        id: Column | None = None,
        preselected: Column | None = None,
        n_counts: NCounts = "new",
        seed: int = 0,
        on_invalid: OnInvalid = "error",
    ) -> pl.Expr:
        """Whether a row is selected: rows that bring class shares to ``target``."""
    def similarity(
        self,
        query: Any,
        *,
        strength: float = 1.0,
        normalize: bool = True,
        approximate: bool | None = None,
        n: Count | None = None,
        proportion: float | None = None,
        id: Column | None = None,
        preselected: Column | None = None,
        n_counts: NCounts = "new",
        seed: int = 0,
        on_invalid: OnInvalid = "error",
    ) -> pl.Expr:
        """Whether a row is selected: rows near to any of the query vectors."""
    def typicality(
        self,
        *,
        neighbors: int = 20,
        strength: float = 1.0,
        min_typicality: float | None = None,
        normalize: bool = True,
        approximate: bool | None = None,
        n: Count | None = None,
        proportion: float | None = None,
        id: Column | None = None,
        preselected: Column | None = None,
        n_counts: NCounts = "new",
        seed: int = 0,
        on_invalid: OnInvalid = "error",
    ) -> pl.Expr:
        """Whether a row is selected: rows in the dense parts of the data."""
