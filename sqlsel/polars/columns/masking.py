"""Masks of null rows, and columns with rows set to null."""

from __future__ import annotations

import numpy as np
import polars as pl

from sqlsel.engine.objective.protocol import Mask


def only(column: pl.Series, mask: Mask | None) -> pl.Series:
    """The column with null outside of the mask; None: unchanged."""
    if mask is None or mask.all():
        return column
    frame = pl.DataFrame({"column": column, "mask": mask})
    return frame.select(pl.when("mask").then("column").alias("")).to_series()


def is_there(column: pl.Series) -> Mask:
    """Mask of the rows that are not null."""
    if not column.null_count():
        return np.ones(len(column), np.bool_)
    mask: Mask = column.is_not_null().to_numpy()
    return mask
