"""Tables of other libraries, by their stream of Arrow, as Polars frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from sqlsel.errors import InvalidInput

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_DIGITS = 38  # of Polars' decimals


def read(stream: Any) -> pl.DataFrame:
    """All of a stream; InvalidInput for types at which Polars would panic. A slice of lists with nulls is copied first.

    Given to Polars itself, a relation of DuckDB complains of leaks when Python ends.
    """
    import pyarrow as pa

    table = pa.RecordBatchReader.from_stream(stream).read_all()
    for place, field in enumerate(table.schema):
        column = table.column(place)
        found = _column(field, column)
        if found is not column:
            table = table.set_column(place, field.name, found)
    return pl.DataFrame(table)


def _column(field: pa.Field, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as Polars can read it; itself where it can."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_run_end_encoded(field.type):
        chunks = [pc.run_end_decode(chunk) for chunk in column.chunks]
        return pa.chunked_array(chunks, field.type.value_type)
    kind = _readable(field)
    if kind is not None:
        return column.cast(kind)
    if pa.types.is_fixed_size_list(field.type) and column.null_count:
        chunks = [c.take(pa.array(range(len(c)))) if c.offset else c for c in column.chunks]
        return pa.chunked_array(chunks, field.type)
    return column


def _readable(field: pa.Field) -> pa.DataType | None:
    """The type to which a column must be cast first; None where Polars has its own."""
    import pyarrow as pa

    from sqlsel.columns.types import is_list_view, parts

    kind = field.type
    if pa.types.is_decimal(kind) and kind.precision <= _MOST_DIGITS:
        return None if kind.bit_width == 128 else pa.decimal128(_MOST_DIGITS, kind.scale)
    if pa.types.is_interval(kind):
        raise InvalidInput(
            f"column {field.name!r} is an interval of months, days and seconds, and Polars has no such type; "
            "make a number or text of it first"
        )
    if is_list_view(kind):
        whole = pa.large_list if pa.types.is_large_list_view(kind) else pa.list_
        return whole(kind.value_type)
    for part in parts(kind):
        union, wide = pa.types.is_union(part), pa.types.is_decimal256(part)
        small = pa.types.is_decimal(part) and part.bit_width < 128
        if union or wide or small:
            has = "union" if union else str(part)
            raise InvalidInput(
                f"column {field.name!r} is {kind}, and Polars has no type {has}; cast it first, such as to "
                + ("one of its members" if union else f"decimal128({_MOST_DIGITS}, {part.scale})")
            )
    return None
