"""Rows that are null, or not looked at."""

from __future__ import annotations

import numpy as np
import polars as pl

from sqlsel.engine.objective.protocol import Mask


def only(column: pl.Series, kept: Mask | None) -> pl.Series:
    """The column with nulls where it is not kept; None keeps all."""
    if kept is None or kept.all():
        return column
    frame = pl.DataFrame({"column": column, "kept": kept})
    return frame.select(pl.when("kept").then("column").alias("")).to_series()


def is_there(column: pl.Series) -> Mask:
    """Which rows are not null."""
    if not column.null_count():
        return np.ones(len(column), np.bool_)
    mask: Mask = column.is_not_null().to_numpy()
    return mask
