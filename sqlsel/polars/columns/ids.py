"""Reads sample ids; their order and text are those of SQL's ``key``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from sqlsel.engine.kernels.exact import Index
from sqlsel.errors import InvalidInput

if TYPE_CHECKING:
    import pyarrow as pa


_BLOCK = 1 << 14


def ids(column: pl.Series, name: str) -> tuple[Index, Sequence[Any]]:
    """(rank of each row's id, the ids). InvalidInput for null or repeated ids, floats and nested types."""
    from sqlsel.columns.id_column import Keys
    from sqlsel.columns.memory import MemoryBudget

    label = name if name == "id" else f"id {name}"
    kind = column.dtype
    refused = kind.is_float() or kind.is_nested() or kind in (pl.Boolean, pl.Object)
    if len(column) and refused:
        cast = "" if kind.is_nested() else "; cast it: pl.col(…).cast(pl.String)"
        raise InvalidInput(f"{label} is {kind}; ids must be integers, text or times{cast}")
    if column.null_count():
        row = int(column.is_null().arg_true()[0])
        raise InvalidInput(f"{label} is null at row {row}; every sample needs an id")
    if refused or kind == pl.Null:
        return np.empty(0, np.int64), []
    if isinstance(kind, (pl.Categorical, pl.Enum)):
        column = column.cast(pl.String)
    if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
        column = column.dt.convert_time_zone("UTC")  # the texts of local times may repeat
    if kind == pl.Duration:
        column = column.to_physical()
    if kind == pl.Binary:
        column = _as_text(column, name, label)
    keys = Keys(label, MemoryBudget())
    keys.put(np.arange(len(column)), _arrow(column))
    found, order = keys.finish(len(column))
    return order, _Names(found)


def _arrow(column: pl.Series) -> pa.Array:
    """The column as an Arrow array; integers of 128 bits, which Arrow lacks, as another type."""
    if column.dtype not in (pl.Int128, pl.UInt128):
        return column.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    import pyarrow as pa

    return pa.array([Decimal(value) for value in column.to_list()], pa.decimal256(39, 0))


class _Names(Sequence[Any]):
    """A sequence of the ids of an Arrow array, converted to Python on access."""

    def __init__(self, array: pa.Array) -> None:
        self._array = array

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, row: Any) -> Any:
        return self._array[row].as_py()

    def __iter__(self) -> Iterator[Any]:
        for at in range(0, len(self._array), _BLOCK):
            yield from self._array.slice(at, _BLOCK).to_pylist()


def _as_text(column: pl.Series, name: str, label: str) -> pl.Series:
    try:
        return column.cast(pl.String)
    except pl.exceptions.PolarsError:
        message = (
            f"{label} is Binary that is no text; encode it: pl.col({name!r}).bin.encode('hex')"
        )
        raise InvalidInput(message) from None
