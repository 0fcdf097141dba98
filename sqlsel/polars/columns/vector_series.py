"""Embeddings: a vector per row, or a list of vectors, one for each object of a sample."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sqlsel.engine.inputs import InputColumn
from sqlsel.engine.kernels.object_lists import Objects, offsets_of
from sqlsel.engine.kernels.vector_input import Owned
from sqlsel.engine.objective.protocol import Mask
from sqlsel.errors import InvalidInput
from sqlsel.polars.columns.lengths import of_one_length
from sqlsel.polars.columns.masking import is_there


def vectors(
    column: pl.Series, name: str, pool: Mask, *, skip: bool, from_json: bool
) -> InputColumn:
    """A float matrix with a row for each row, or Objects; null rows are missing.

    Rows outside ``pool`` are not looked at. ``skip``: rows of another length than most are missing
    too, else they are an InvalidInput. A matrix that had to be copied is Owned.
    """
    if from_json:
        column = _decoded(column, name)
    column = column.cast(_of_numbers(column.dtype))
    kind = column.dtype
    if kind == pl.Null:
        return _nothing(column)
    if isinstance(kind, pl.List) and isinstance(kind.inner, (pl.Array, pl.List)):
        return _objects(column, name, pool, skip=skip)
    if isinstance(kind, (pl.List, pl.Array)) and holds_numbers(kind):
        if isinstance(kind, pl.List):
            column = of_one_length(column, name, pool, skip=skip)
        return InputColumn(matrix_of(column), is_there(column))
    raise InvalidInput(f"{name} is {kind}; it must be one vector of numbers per row{_remedy(kind)}")


def matrix_of(column: pl.Series) -> NDArray[Any]:
    """An Array column as a float32 matrix: its own memory if it is of float32 and in one piece, else an Owned copy.

    Nulls become NaN. Other numbers are rounded to float32 first of all, as SQL does.
    """
    kind = column.dtype
    assert isinstance(kind, pl.Array)  # noqa: S101 - for the type checker
    width = kind.size
    if kind.inner == pl.Float32 and column.n_chunks() == 1 and len(column):
        found = column.to_numpy()
        return found.view(Owned) if found.flags.writeable else found
    if isinstance(kind.inner, pl.Decimal) or kind.inner in (pl.Int128, pl.UInt128):
        column = column.cast(pl.Array(pl.Float64, width))
    matrix = np.empty((len(column), width), np.float32)
    at = 0
    with np.errstate(over="ignore"):
        for chunk in column.get_chunks():
            matrix[at : at + len(chunk)] = chunk.to_numpy().reshape(len(chunk), width)
            at += len(chunk)
    return matrix.view(Owned)


def _objects(column: pl.Series, name: str, pool: Mask, *, skip: bool) -> InputColumn:
    """The objects of all rows, one below the other."""
    assert isinstance(column.dtype, pl.List)  # noqa: S101 - likewise
    kind = column.dtype.inner
    if not (isinstance(kind, (pl.Array, pl.List)) and holds_numbers(kind)):
        message = f"{name} is {column.dtype}; the objects of a row must be vectors of numbers"
        raise InvalidInput(message)
    present = is_there(column)
    counts = column.list.len().fill_null(0).to_numpy().astype(np.int64)
    objects = column.explode(empty_as_null=False, keep_nulls=False)
    if isinstance(kind, pl.List):
        owners = np.repeat(np.arange(len(column)), counts)
        objects = of_one_length(objects, name, pool[owners], skip=skip, owners=owners)
    return InputColumn(Objects(matrix_of(objects), offsets_of(counts)), present)


def holds_numbers(kind: pl.List | pl.Array) -> bool:
    """Whether it is one vector of numbers."""
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
    """What the user can do about a type."""
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
