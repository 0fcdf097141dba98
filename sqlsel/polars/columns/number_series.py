"""Reads the numbers of WEIGHTS and THRESHOLD."""

from __future__ import annotations

import numpy as np
import polars as pl

from sqlsel.engine.inputs import InputColumn
from sqlsel.errors import InvalidInput
from sqlsel.polars.columns.masking import is_there

_REMEDIES = (
    ((pl.Date, pl.Datetime), "; take .dt.epoch()"),
    (pl.Duration, "; take .dt.total_seconds()"),
    (pl.Time, "; take .dt.hour()"),
    (pl.String, "; cast it, as in pl.col(…).cast(pl.Float64)"),
    (
        (pl.Categorical, pl.Enum),
        "; give each category a number with .replace_strict({…}, return_dtype=pl.Float64)",
    ),
)


_ANY = "; make numbers of it first"
_WIDE = (pl.Int128, pl.UInt128)


def numbers(
    column: pl.Series, name: str, what: str, *, from_json: bool = False, as_given: bool = False
) -> InputColumn:
    """The numbers as float64; null is missing. Booleans count as 0 and 1.

    ``what`` needs them. ``from_json``: the column is the text of JSON values, which may be numbers. ``as_given``:
    float32 and integers stay so, for a comparison is made in the type of the column, as in SQL.
    """
    kind = column.dtype
    if kind == pl.Null:
        return InputColumn(np.zeros(len(column)), np.zeros(len(column), np.bool_))
    if from_json:
        return _parsed(column, name, what)
    if not (kind.is_numeric() or kind == pl.Boolean):
        raise InvalidInput(f"{name} is {kind}; {what} needs numbers{_remedy(kind)}")
    present = is_there(column)
    if column.null_count():
        column = column.fill_null(False if kind == pl.Boolean else 0)
    whole = kind.is_integer() and kind not in _WIDE
    if not (as_given and (whole or kind == pl.Float32)):
        column = column.cast(pl.Float64)
    return InputColumn(column.to_numpy(), present)


def _parsed(column: pl.Series, name: str, what: str) -> InputColumn:
    truth = {"true": "1", "false": "0"}
    parsed = column.replace(truth).cast(pl.Float64, strict=False)
    bad = column.is_not_null() & parsed.is_null()
    if bad.any():
        row = bad.arg_true()[0]
        message = f"{name}: {what} needs numbers; row {{row}} holds the text {column[row]!r}"
        raise InvalidInput(message, int(row))
    return InputColumn(parsed.fill_null(0.0).to_numpy(), is_there(parsed))


def _remedy(kind: pl.DataType) -> str:
    if isinstance(kind, pl.Struct):
        fields = ", ".join(field.name for field in kind.fields)
        return f"; name one of its fields ({fields}), as in 'column.field'"
    if kind.is_nested():
        return "; reduce it to one number per row"
    return next((remedy for kinds, remedy in _REMEDIES if isinstance(kind, kinds)), _ANY)
