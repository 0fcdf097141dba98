"""Values of types that Arrow does not have, as DuckDB gives them to Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

UNLIKE_ARROW = ("INTERVAL", "BIT", "TIME WITH TIME ZONE", "UHUGEINT", "GEOMETRY")
"""Types of DuckDB whose values reach Arrow as those of another type."""

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
    """The rows with an int for each HUGEINT, a UUID for each UUID, and text for each BIT."""
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
        return lambda value: {k: _told(v, parts.get(k)) for k, v in value.items()}
    if kind.id == "map":
        return lambda value: {
            _told(k, parts["key"]): _told(v, parts["value"]) for k, v in value.items()
        }
    whole = tuple if kind.id == "array" else list
    return lambda value: whole(_told(element, parts["child"]) for element in value)


def _told(value: Any, convert: Convert | None) -> Any:
    return value if convert is None or value is None else convert(value)


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


def _bits(value: Any) -> str:
    """DuckDB's bytes: how many bits of the first one are padding, then the bits."""
    if isinstance(value, str):
        return value
    return "".join(f"{byte:08b}" for byte in value[1:])[value[0] :]
