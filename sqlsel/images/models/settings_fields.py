"""Readers of the values that keys of a settings file have: each gives what it read, or raises ``Wrong``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlsel.config.problems import is_integer, is_number
from sqlsel.errors import unknown

T = TypeVar("T")
Reader = Callable[[object], T]


class Wrong(Exception):
    """A value that cannot be what its key asks for; the message says what would be right."""


def one_of(what: str, *known: str) -> Reader[str]:
    """Reads one of some words."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise Wrong(f"must be one of {', '.join(known)}, got {value!r}")
        if value not in known:
            raise Wrong(unknown(what, value, known))
        return value

    return read


def integer(least: int, most: int) -> Reader[int]:
    """Reads a whole number between two others."""

    def read(value: object) -> int:
        if not is_integer(value) or not least <= value <= most:
            raise Wrong(f"must be a whole number from {least} to {most}, got {value!r}")
        return value

    return read


def number(least: float, most: float, *, above: bool = False) -> Reader[float]:
    """Reads a finite number between two others; ``above``: it must be more than ``least``."""

    def read(value: object) -> float:
        if is_number(value) and (least < value if above else least <= value) and value <= most:
            return float(value)
        start = f"above {least:g}" if above else f"from {least:g}"
        raise Wrong(f"must be a number {start} to {most:g}, got {value!r}")

    return read


def triple(least: float, most: float, *, above: bool = False) -> Reader[tuple[float, float, float]]:
    """Reads one number for all three channels, or a list of three."""
    each = number(least, most, above=above)

    def read(value: object) -> tuple[float, float, float]:
        if not isinstance(value, list | tuple):
            alone = each(value)
            return alone, alone, alone
        if len(value) != 3:
            raise Wrong(f"must be one number or three, got {len(value)}")
        first, second, third = (each(v) for v in value)
        return first, second, third

    return read


def size(value: object) -> tuple[int, int]:
    """Width and height from a whole number (a square) or from [width, height]."""
    side = integer(1, 8192)
    if not isinstance(value, list | tuple):
        return side(value), side(value)
    if len(value) != 2:
        raise Wrong(f"must be a whole number or [width, height], got {len(value)} numbers")
    return side(value[0]), side(value[1])


def text(value: object) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise Wrong(f"must be a name in quotes, got {value!r}")
    return value
