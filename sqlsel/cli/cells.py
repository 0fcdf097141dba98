"""Arrow tables as JSON objects or CSV cells: nested values as JSON, all else as DuckDB prints it."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

_ROWS = 4096  # converted at once, so that a large table is never whole in Python objects


def json_rows(table: Any) -> Iterator[str]:
    """Each row of an Arrow table as the text of a JSON object."""
    names = table.column_names
    for row in _rows(table):
        yield _as_json({name: _json_value(value) for name, value in zip(names, row, strict=True)})


def csv_rows(table: Any) -> Iterator[list[Any]]:
    """Each row of an Arrow table as CSV cells: lists, structs and maps as JSON, all else as DuckDB prints it."""
    for row in _rows(table):
        yield [_cell(value) for value in row]


def _rows(table: Any) -> Iterator[tuple[Any, ...]]:
    """The rows as tuples of Python values; a map is a dict, of equal keys the last one."""
    for batch in table.to_batches(max_chunksize=_ROWS):
        columns = (column.to_pylist(maps_as_pydicts="lossy") for column in batch.columns)
        yield from zip(*columns, strict=True)


def _json_value(value: Any) -> Any:
    """A Python value as what ``json.dumps`` takes; NaN and infinity, which JSON lacks, become None."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_text(key): _json_value(part) for key, part in value.items()}
    # An INTERVAL of Arrow is a named tuple, and no list.
    if isinstance(value, (list, tuple)) and not hasattr(value, "nanoseconds"):
        return [_json_value(part) for part in value]
    # A DECIMAL that float64 would round is written as text, so that no digit is lost.
    if isinstance(value, Decimal) and Decimal(repr(float(value))) == value:
        return float(value)
    return _text(value)


def _as_json(value: Any) -> str:
    """The JSON text of what ``_json_value`` gave."""
    return json.dumps(value, ensure_ascii=False)


def _cell(value: Any) -> Any:
    """A value as a CSV cell; NULL is None, which the writer leaves empty."""
    nested = isinstance(value, (list, dict))
    return _as_json(_json_value(value)) if nested else None if value is None else _text(value)


def _text(value: Any) -> str:
    """A value that is not nested, as DuckDB prints it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        # Printable ASCII as it is, but the backslash (92), which begins an escape.
        return "".join(chr(b) if 32 <= b < 127 and b != 92 else f"\\x{b:02X}" for b in value)
    if hasattr(value, "nanoseconds"):
        return _interval(value)
    return str(value)


def _interval(value: Any) -> str:
    """An INTERVAL as ``2 months 1 day 03:00:00``; parts that are zero are left out."""
    counts = {"month": getattr(value, "months", 0), "day": value.days}
    words = [f"{n} {unit}{'s' if abs(n) != 1 else ''}" for unit, n in counts.items() if n]
    seconds, rest = divmod(abs(value.nanoseconds), 10**9)
    if value.nanoseconds or not words:
        sign = "-" if value.nanoseconds < 0 else ""
        fraction = f".{rest // 1000:06d}".rstrip("0") if rest // 1000 else ""
        words.append(
            f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"
        )
    return " ".join(words)


def _is_vector(kind: Any) -> bool:
    """Whether an Arrow type is a list of floats."""
    import pyarrow as pa

    listed = (
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )
    return bool(listed and pa.types.is_floating(kind.value_type))


def without_vectors(table: Any, named: Collection[str]) -> tuple[Any, list[str]]:
    """The table without its columns of vectors, except those ``named``; and the names of the dropped columns."""
    fields = list(enumerate(table.schema))
    dropped = [i for i, field in fields if _is_vector(field.type) and field.name not in named]
    remaining = [i for i, _ in fields if i not in dropped]
    return table.select(remaining), [table.schema.field(i).name for i in dropped]


def with_short_vectors(table: Any) -> Any:
    """The table with each vector replaced by its type and length as text, ``f32[512]``; NULL stays NULL."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, field in enumerate(table.schema):
        if _is_vector(field.type):
            lengths = pc.list_value_length(table.column(place)).to_pylist()
            bits = field.type.value_type.bit_width
            short = [None if n is None else f"f{bits}[{n}]" for n in lengths]
            table = table.set_column(place, field.name, pa.array(short, pa.string()))
    return table


def flatten_structs(table: Any) -> Any:
    """The table with each field of a STRUCT as a column of its own, called ``struct.field``, at every depth."""
    import pyarrow as pa

    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table
