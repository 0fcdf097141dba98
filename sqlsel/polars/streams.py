"""Tables of other libraries, by their stream of Arrow, as Polars frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from sqlsel.errors import InvalidInput

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_DIGITS = 38  # of Polars' decimals


def read(stream: Any) -> pl.DataFrame:
    """All of a stream; InvalidInput for types at which Polars would panic.

    Given to Polars itself, a relation of DuckDB complains of leaks when Python ends.
    """
    import pyarrow as pa

    reader = pa.RecordBatchReader.from_stream(stream)
    kinds = {field.name: _readable(field) for field in reader.schema}
    if not any(kinds.values()):
        return pl.DataFrame(reader)
    table = reader.read_all()
    for place, (name, kind) in enumerate(kinds.items()):
        if kind is not None:
            table = table.set_column(place, name, table.column(place).cast(kind))
    return pl.DataFrame(table)


def _readable(field: pa.Field) -> pa.DataType | None:
    """The type to which a column must be cast first; None where Polars has its own."""
    import pyarrow as pa

    from sqlsel.scan.types import parts

    kind = field.type
    if pa.types.is_decimal(kind) and kind.precision <= _MOST_DIGITS:
        return None if kind.bit_width == 128 else pa.decimal128(_MOST_DIGITS, kind.scale)
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
