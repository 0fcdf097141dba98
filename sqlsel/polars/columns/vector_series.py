"""Reads vectors: one per row, or a list of vectors per row, one for each object of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from sqlsel.engine.inputs import InputColumn, owned, vector_rows
from sqlsel.engine.objective.protocol import Mask
from sqlsel.errors import InvalidInput

if TYPE_CHECKING:
    import pyarrow as pa


def vectors(
    column: pl.Series, name: str, pool: Mask, *, skip: bool, from_json: bool
) -> InputColumn:
    """A float32 matrix with a row for each row, or Objects; null rows are missing. The reading is that of SQL.

    Rows outside ``pool`` are not looked at. ``skip``: rows of another length than most are missing too, else they are
    an InvalidInput. Float32 vectors of one length in one piece are not copied; a matrix that had to be copied is Owned.
    """
    from sqlsel.columns.memory import MemoryBudget
    from sqlsel.columns.reading import read_whole, stored_matrix
    from sqlsel.columns.vector_column import Vectors

    if from_json:
        column = _decoded(column, name)
    column = column.cast(_of_numbers(column.dtype))
    kind = column.dtype
    if kind == pl.Null:
        return _nothing(column)
    _check(kind, name)
    arrow = as_arrow(column)
    stored = stored_matrix(arrow)
    if stored is not None and stored.dtype == np.float32:
        return InputColumn(stored, np.ones(len(column), np.bool_))
    reader = Vectors(name, MemoryBudget(), skip=skip, objects=True)
    values, present = read_whole(reader, arrow, pool)
    return InputColumn(owned(vector_rows(values)), present)


def _check(kind: pl.DataType, name: str) -> None:
    """InvalidInput for what is neither a vector of numbers per row nor a list of them."""
    if isinstance(kind, pl.List) and isinstance(kind.inner, (pl.Array, pl.List)):
        if not holds_numbers(kind.inner):
            message = f"{name} is {kind}; the objects of a row must be vectors of numbers"
            raise InvalidInput(message)
    elif not (isinstance(kind, (pl.List, pl.Array)) and holds_numbers(kind)):
        message = f"{name} is {kind}; it must be one vector of numbers per row{_remedy(kind)}"
        raise InvalidInput(message)


def as_arrow(column: pl.Series) -> pa.ChunkedArray:
    """Lists of numbers as an Arrow array; integers of 128 bits, which Arrow lacks, as float64."""
    import pyarrow as pa

    column = column.cast(_for_arrow(column.dtype))
    oldest = pl.CompatLevel.oldest()
    return pa.chunked_array([c.to_arrow(compat_level=oldest) for c in column.get_chunks()])


def _for_arrow(kind: Any) -> Any:
    """The type, with float64 in the place of decimals and integers of 128 bits."""
    if isinstance(kind, pl.List):
        return pl.List(_for_arrow(kind.inner))
    if isinstance(kind, pl.Array):
        return pl.Array(_for_arrow(kind.inner), kind.size)
    wide = isinstance(kind, pl.Decimal) or kind in (pl.Int128, pl.UInt128)
    return pl.Float64() if wide else kind


def holds_numbers(kind: pl.List | pl.Array) -> bool:
    """Whether it is a list or array of numbers."""
    if isinstance(kind, pl.Array) and len(kind.shape) != 1:
        return False
    return kind.inner is not None and kind.inner.is_numeric()


def _of_numbers(kind: Any) -> Any:
    """The type, with numbers in the place of nulls: lists in which all is null are of no type."""
    if isinstance(kind, (pl.List, pl.Array)) and kind.inner is not None:
        inner = pl.Float32() if kind.inner == pl.Null else _of_numbers(kind.inner)
        return pl.List(inner) if isinstance(kind, pl.List) else pl.Array(inner, kind.size)
    return kind


_LIST = "; give a list of numbers"


def _nothing(column: pl.Series) -> InputColumn:
    return InputColumn(np.zeros((len(column), 1), np.float32), np.zeros(len(column), np.bool_))


def _decoded(column: pl.Series, name: str) -> pl.Series:
    try:
        return column.str.json_decode(pl.List(pl.Float64))
    except pl.exceptions.PolarsError:
        raise InvalidInput(f"{name}: the JSON values must be lists of numbers") from None


def _remedy(kind: pl.DataType) -> str:
    """How to convert a type, as the end of a message."""
    if kind == pl.Binary:
        reading = '.bin.reinterpret(dtype=pl.Array(pl.Float32, d), endianness="little")'
        return f"; read its bytes: pl.col(…){reading}"
    if kind == pl.String:
        return "; read its text: pl.col(…).str.json_decode(pl.List(pl.Float32))"
    if isinstance(kind, pl.Struct):
        return "; name one of its fields, as in 'column.field'"
    if isinstance(kind, pl.Array) and len(kind.shape) > 1:
        return f"; lay it out flat: pl.col(…).reshape((-1, {int(np.prod(kind.shape))}))"
    if isinstance(kind, (pl.Array, pl.List)) and kind.inner in (pl.String, pl.Boolean):
        wanted = (
            f"Array(pl.Float32, {kind.size})" if isinstance(kind, pl.Array) else "List(pl.Float32)"
        )
        return f"; cast it: pl.col(…).cast(pl.{wanted})"
    return "; put columns together: pl.concat_list(…)" if kind.is_numeric() else _LIST
