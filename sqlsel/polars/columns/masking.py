"""Rows that are not looked at."""

from __future__ import annotations

import polars as pl

from sqlsel.objective.protocol import Mask


def only(column: pl.Series, kept: Mask | None) -> pl.Series:
    """The column with nulls where it is not kept; None keeps all."""
    if kept is None or kept.all():
        return column
    frame = pl.DataFrame({"column": column, "kept": kept})
    return frame.select(pl.when("kept").then("column").alias("")).to_series()
