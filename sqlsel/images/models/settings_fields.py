"""Readers for single values of a settings file: each gives the value converted, or raises WrongValue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlsel.config.problems import is_integer, is_number
from sqlsel.errors import unknown

T = TypeVar("T")
Reader = Callable[[object], T]


class WrongValue(Exception):
    """A value that its key cannot have; the message says what would be right."""


def one_of(what: str, *words: str) -> Reader[str]:
    """A reader of one of some words."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise WrongValue(f"must be one of {', '.join(words)}, got {value!r}")
        if value not in words:
            raise WrongValue(unknown(what, value, words))
        return value

    return read


def integer(least: int, most: int) -> Reader[int]:
    """A reader of an integer between two bounds."""

    def read(value: object) -> int:
        if not is_integer(value) or not least <= value <= most:
            raise WrongValue(f"must be a whole number from {least} to {most}, got {value!r}")
        return value

    return read


def number(least: float, most: float, *, above: bool = False) -> Reader[float]:
    """A reader of a finite number between two bounds; ``above``: greater than ``least``."""

    def read(value: object) -> float:
        if is_number(value) and (least < value if above else least <= value) and value <= most:
            return float(value)
        start = f"above {least:g}" if above else f"from {least:g}"
        raise WrongValue(f"must be a number {start} to {most:g}, got {value!r}")

    return read


def triple(least: float, most: float, *, above: bool = False) -> Reader[tuple[float, float, float]]:
    """A reader of one number for all three channels, or a list of three."""
    each = number(least, most, above=above)

    def read(value: object) -> tuple[float, float, float]:
        if not isinstance(value, list | tuple):
            alone = each(value)
            return alone, alone, alone
        if len(value) != 3:
            raise WrongValue(f"must be one number or three, got {len(value)}")
        first, second, third = (each(v) for v in value)
        return first, second, third

    return read


def size(value: object) -> tuple[int, int]:
    """(width, height) from an integer (a square) or from [width, height]."""
    side = integer(1, 8192)
    if not isinstance(value, list | tuple):
        return side(value), side(value)
    if len(value) != 2:
        raise WrongValue(f"must be a whole number or [width, height], got {len(value)} numbers")
    return side(value[0]), side(value[1])


def text(value: object) -> str:
    """The text if it is not empty."""
    if not isinstance(value, str) or not value:
        raise WrongValue(f"must be a name in quotes, got {value!r}")
    return value


def file_text(path: Path, largest: int, too_large: str) -> str:
    """The text of a file; WrongValue names the file where it cannot be read, or has more than ``largest`` bytes."""
    try:
        if path.stat().st_size > largest:
            raise WrongValue(f"{path}: is {too_large}")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongValue(f"{path}: is not text in UTF-8") from error
    except OSError as error:
        raise WrongValue(f"{path}: {error.strerror}") from error
