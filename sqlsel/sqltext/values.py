"""Converts values of types that Arrow lacks to the Python values that DuckDB's fetchall() gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

UNLIKE_ARROW = ("INTERVAL", "BIT", "TIME WITH TIME ZONE", "UHUGEINT", "GEOMETRY")
"""Types of DuckDB that are another type in Arrow, so their name must be read in SQL (type_number.sql)."""

_LOSSY = ("uhugeint", "time with time zone")

Convert = Callable[[Any], Any]


def is_lossy(kind: Any) -> bool:
    """Whether Arrow loses values of this DuckDB type without lossless conversion."""
    if kind.id in _LOSSY:
        return True
    if kind.id not in ("list", "array", "struct", "map", "union"):
        return False
    return any(is_lossy(part) for name, part in kind.children if name != "size")


def native_rows(rows: list[tuple[Any, ...]], types: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows with an int for each HUGEINT and UHUGEINT, a UUID for each UUID, a text for each BIT.

    ``types``: DuckDB's types of the columns; the same list where none of these occurs.
    """
    converters = [_converter(kind) for kind in types]
    if not any(converters):
        return rows
    return [
        tuple(
            value if convert is None or value is None else convert(value)
            for value, convert in zip(row, converters, strict=True)
        )
        for row in rows
    ]


def _converter(kind: Any) -> Convert | None:
    """The function that converts a value of this type; None where none is needed."""
    simple: dict[str, Convert] = {"hugeint": int, "uhugeint": int, "uuid": _uuid, "bit": _bits}
    if kind.id in simple:
        return simple[kind.id]
    if kind.id not in ("list", "array", "struct", "map"):
        return None
    parts = {name: _converter(part) for name, part in kind.children if name != "size"}
    if not any(parts.values()):
        return None
    if kind.id == "struct":
        return lambda value: {k: _converted(v, parts.get(k)) for k, v in value.items()}
    if kind.id == "map":
        return lambda value: {
            _converted(k, parts["key"]): _converted(v, parts["value"]) for k, v in value.items()
        }
    whole = tuple if kind.id == "array" else list
    return lambda value: whole(_converted(element, parts["child"]) for element in value)


def _converted(value: Any, convert: Convert | None) -> Any:
    """``convert(value)``; NULLs, and values without a converter, unchanged."""
    return value if convert is None or value is None else convert(value)


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


def _bits(value: Any) -> str:
    """A BIT as a text of 0 and 1. Its bytes: the number of padding bits, then padding and bits."""
    if isinstance(value, str):
        return value
    return "".join(f"{byte:08b}" for byte in value[1:])[value[0] :]
