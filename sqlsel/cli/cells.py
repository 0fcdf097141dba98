"""Values as text that other programs read: JSON for lists, structs and maps, and never the words of Python."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

_ROWS = 4096  # turned at once


def rows(table: Any) -> Iterator[tuple[Any, ...]]:
    """The rows as values that JSON has."""
    for batch in table.to_batches(max_chunksize=_ROWS):
        columns = (column.to_pylist(maps_as_pydicts="lossy") for column in batch.columns)
        for row in zip(*columns, strict=True):
            yield tuple(map(plain, row))


def plain(value: Any) -> Any:
    """A value as JSON has it: numbers, text, lists and objects; NaN and infinity, which it lacks, are null."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_text(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)) and not hasattr(value, "nanoseconds"):
        return [plain(part) for part in value]
    if isinstance(value, Decimal) and Decimal(repr(float(value))) == value:
        return float(value)
    return _text(value)


def as_json(value: Any) -> str:
    """The JSON of a value of ``plain``."""
    return json.dumps(value, ensure_ascii=False)


def csv_rows(table: Any) -> Iterator[list[Any]]:
    """The rows as cells: nested values as JSON, all else as DuckDB writes it."""
    for batch in table.to_batches(max_chunksize=_ROWS):
        columns = (column.to_pylist(maps_as_pydicts="lossy") for column in batch.columns)
        for row in zip(*columns, strict=True):
            yield [_cell(value) for value in row]


def _cell(value: Any) -> Any:
    nested = isinstance(value, (list, dict))
    return as_json(plain(value)) if nested else None if value is None else _text(value)


def _text(value: Any) -> str:
    """A single value as DuckDB writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return "".join(chr(b) if 32 <= b < 127 and b != 92 else f"\\x{b:02X}" for b in value)
    if hasattr(value, "nanoseconds"):
        return _interval(value)
    return str(value)


def _interval(value: Any) -> str:
    """Months, days and a time of the day, each where it is not zero."""
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
