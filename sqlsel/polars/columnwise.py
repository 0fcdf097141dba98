"""The namespace ``.sel`` on Polars' expressions: one strategy over one column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import polars as pl

from sqlsel.engine.objective.option_checks import asks_for_distance
from sqlsel.engine.strategies.balance import Balance, Target
from sqlsel.engine.strategies.diversity import Deduplicate, Diversity
from sqlsel.engine.strategies.similarity import Similarity
from sqlsel.engine.strategies.typicality import Typicality
from sqlsel.engine.strategies.weights import Weights
from sqlsel.polars.building import Count
from sqlsel.polars.column_keys import Column
from sqlsel.polars.expressions import NCounts, OnInvalid, select
from sqlsel.polars.registered import RegisteredStrategies


@pl.api.register_expr_namespace("sel")
class ExprSelection(RegisteredStrategies):
    """One strategy over this expression: ``pl.col("embedding").sel.diversity(n=100)``.

    Each method takes the options of the strategy and the keywords of ``sel.select``, and gives its Boolean expression.
    """

    @asks_for_distance
    def diversity(
        self,
        *,
        min_distance: float | None = None,
        start: Any = None,
        strength: float = 1.0,
        normalize: bool = True,
        n: Count | None = None,
        proportion: float | None = None,
        id: Column | None = None,
        preselected: Column | None = None,
        n_counts: NCounts = "new",
        seed: int = 0,
        on_invalid: OnInvalid = "error",
    ) -> pl.Expr:
        """Whether a row is selected: rows far from the rows selected already."""
        strategy = Diversity(
            self._expr,
            min_distance=min_distance,
            start=start,
            strength=strength,
            normalize=normalize,
        )
        return select(
            strategy,
            n=n,
            proportion=proportion,
            id=id,
            preselected=preselected,
            n_counts=n_counts,
            seed=seed,
            on_invalid=on_invalid,
        )

    @asks_for_distance
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
        strategy = Deduplicate(self._expr, min_distance, normalize=normalize)
        return select(
            strategy,
            n=n,
            proportion=proportion,
            id=id,
            preselected=preselected,
            n_counts=n_counts,
            seed=seed,
            on_invalid=on_invalid,
        )

    @asks_for_distance
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
        strategy = Similarity(
            self._expr,
            query,
            strength=strength,
            normalize=normalize,
            approximate=approximate,
        )
        return select(
            strategy,
            n=n,
            proportion=proportion,
            id=id,
            preselected=preselected,
            n_counts=n_counts,
            seed=seed,
            on_invalid=on_invalid,
        )

    @asks_for_distance
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
        strategy = Typicality(
            self._expr,
            neighbors=neighbors,
            strength=strength,
            min_typicality=min_typicality,
            normalize=normalize,
            approximate=approximate,
        )
        return select(
            strategy,
            n=n,
            proportion=proportion,
            id=id,
            preselected=preselected,
            n_counts=n_counts,
            seed=seed,
            on_invalid=on_invalid,
        )

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
        strategy = Weights(
            self._expr,
            strength=strength,
            max_sum=max_sum,
            target_range=target_range,
        )
        return select(
            strategy,
            n=n,
            proportion=proportion,
            id=id,
            preselected=preselected,
            n_counts=n_counts,
            seed=seed,
            on_invalid=on_invalid,
        )

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
        strategy = Balance(
            self._expr,
            target,
            strength=strength,
            other=other,
            classes=classes,
        )
        return select(
            strategy,
            n=n,
            proportion=proportion,
            id=id,
            preselected=preselected,
            n_counts=n_counts,
            seed=seed,
            on_invalid=on_invalid,
        )
