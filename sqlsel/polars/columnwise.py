"""The namespace ``.sel`` on Polars' expressions: one strategy over one column."""

from __future__ import annotations

import polars as pl

from sqlsel.polars.strategy_methods import StrategyMethods, with_methods


@pl.api.register_expr_namespace("sel")
@with_methods
class ExprSelection(StrategyMethods):
    """One strategy over this expression: ``pl.col("embedding").sel.diversity(n=100)``.

    Each method takes the options of the strategy and the keywords of ``sel.select``, and gives its Boolean expression.
    """
