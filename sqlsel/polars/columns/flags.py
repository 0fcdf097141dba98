"""Reads boolean columns as masks."""

from __future__ import annotations

import numpy as np
import polars as pl

from sqlsel.engine.objective.protocol import Mask
from sqlsel.errors import InvalidInput


def flags(column: pl.Series, name: str, remedy: str, *, from_json: bool = False) -> Mask:
    """The mask of rows that are true; null is false. ``from_json``: the column is the text of JSON values."""
    if column.dtype == pl.Null:
        return np.zeros(len(column), np.bool_)
    if from_json:
        column = column.replace_strict({"true": True, "false": False}, default=None)
    if column.dtype != pl.Boolean:
        raise InvalidInput(f"{name} is {column.dtype}; it must be Boolean{remedy}")
    mask: Mask = column.fill_null(value=False).to_numpy()
    return mask
