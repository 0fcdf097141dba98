"""Classes of balance: categories, lists of them, masses per class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from sqlsel.arrays.given import Given
from sqlsel.errors import InvalidInput
from sqlsel.kernels.classes import Classes, as_classes, one_hot


def categories(column: pl.Series, name: str, classes: Sequence[str] | None) -> Given:
    """The class rows; a null row has no class, but is a candidate. ``classes`` names the positions of lists.

    The reading is that of SQL.
    """
    from sqlsel.scan.classes import ClassColumn
    from sqlsel.scan.memory import MemoryBudget

    present = np.ones(len(column), np.bool_)
    _check(column.dtype, name)
    if len(column) == 0 or column.dtype == pl.Null:
        return Given(one_hot((), np.full(len(column), -1)), present)
    if column.dtype in (pl.Int128, pl.UInt128):
        column = column.cast(pl.String)
    reader = ClassColumn(name, MemoryBudget())
    arrow = column.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    reader.put(np.arange(len(column)), arrow)
    (form, names, data), _ = reader.finish(len(column))
    found: Classes = one_hot(names, data) if form == "codes" else as_classes(data, names or classes)
    return Given(found, present)


def _check(kind: pl.DataType, name: str) -> None:
    whole = isinstance(kind, pl.Decimal) and not kind.scale
    if kind.is_float() or (kind.is_decimal() and not whole):
        remedy = "bin the numbers with .cut() or .qcut(), or cast them to pl.String"
        raise InvalidInput(f"{name} is {kind}; balance needs categories: {remedy}")
    if kind.is_temporal():
        remedy = "take a part of it, such as .dt.year(), or cast it to pl.String"
        raise InvalidInput(f"{name} is {kind}; balance needs categories: {remedy}")
    if kind in (pl.Binary, pl.Object):
        raise InvalidInput(f"{name} is {kind}; balance needs categories: cast it to pl.String")
