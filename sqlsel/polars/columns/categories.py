"""Reads the classes of BALANCE: categories, lists of categories, masses per class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from sqlsel.engine.inputs import InputColumn, class_rows
from sqlsel.engine.kernels.class_input import as_classes, one_hot
from sqlsel.errors import InvalidInput

_BINNED = "bin the numbers with .cut() or .qcut(), or cast them to pl.String"
_WIDE = (pl.Int128, pl.UInt128)


def categories(
    column: pl.Series, name: str, classes: Sequence[str] | None, *, skip: bool = False
) -> InputColumn:
    """The class rows; a null row has no class, but is a candidate. ``classes`` names the positions of lists.

    The reading is that of SQL.
    """
    from sqlsel.columns.class_column import ClassColumn
    from sqlsel.columns.memory import MemoryBudget
    from sqlsel.columns.reading import read_whole

    present = np.ones(len(column), np.bool_)
    column = _with_whole_numbers(column, name, skip=skip)
    kind = column.dtype
    _check(kind, name)
    if len(column) == 0 or kind == pl.Null:
        return InputColumn(one_hot((), np.full(len(column), -1)), present)
    arrow = column.cast(_readable(kind)).rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    (form, names, data), _ = read_whole(ClassColumn(name, MemoryBudget()), arrow)
    try:
        return InputColumn(as_classes(class_rows(form, names or classes, data)), present)
    except InvalidInput as error:
        told = error.template.replace("BALANCE: ", f"{name}: ", 1)
        raise InvalidInput(told, error.row) from None


def _with_whole_numbers(column: pl.Series, name: str, *, skip: bool) -> pl.Series:
    """A column of floats as integers, if all are whole, else InvalidInput; other columns unchanged."""
    from sqlsel.columns.types import is_whole

    if not column.dtype.is_float():
        return column
    column = column.fill_nan(None) if skip else column
    if not is_whole(column.drop_nulls().cast(pl.Float64).to_numpy()):
        raise InvalidInput(f"{name} is {column.dtype}; balance needs categories: {_BINNED}")
    return column.cast(pl.Int64)


def _check(kind: pl.DataType, name: str) -> None:
    """InvalidInput for a type that has neither categories nor masses."""
    if isinstance(kind, pl.Struct):
        for field in kind.fields:
            _check_mass(field.dtype, f"{name}.{field.name}")
    elif isinstance(kind, pl.Map):
        _check_mass(kind.value, f"{name}: a value")
    elif not isinstance(kind, (pl.List, pl.Array)):
        _check_category(kind, f"{name} is {kind}")
    elif kind.inner is None or kind.inner.is_nested():
        message = f"{name} is {kind}; balance needs categories, or one number per class"
        raise InvalidInput(message)
    elif not kind.inner.is_numeric():
        _check_category(kind.inner, f"{name} is {kind}")


def _check_mass(kind: Any, what: str) -> None:
    if not (kind.is_numeric() or kind in (pl.Boolean, pl.Null)):
        raise InvalidInput(f"{what} is {kind}; class masses must be numbers")


def _check_category(kind: Any, what: str) -> None:
    remedy = None
    if isinstance(kind, pl.Decimal) and kind.scale:
        remedy = _BINNED
    elif kind.is_temporal():
        remedy = "take a part of it, such as .dt.year(), or cast it to pl.String"
    elif kind in (pl.Binary, pl.Object):
        remedy = "cast it to pl.String"
    if remedy is not None:
        raise InvalidInput(f"{what}; balance needs categories: {remedy}")


def _readable(kind: pl.DataType) -> pl.DataType:
    """The type with categories as text and masses as float64 where Arrow does not know integers of 128 bits."""
    if kind in _WIDE:
        return pl.String()
    if isinstance(kind, pl.Struct):
        return pl.Struct({f.name: _mass(f.dtype) for f in kind.fields})
    if isinstance(kind, pl.Map):
        return pl.Map(kind.key, _mass(kind.value))
    if isinstance(kind, pl.List):
        return pl.List(_mass(kind.inner))
    return pl.Array(_mass(kind.inner), kind.size) if isinstance(kind, pl.Array) else kind


def _mass(kind: Any) -> Any:
    return pl.Float64() if kind in _WIDE else kind
