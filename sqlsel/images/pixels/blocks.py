"""Splits rows into blocks of about 262,000 pixels, so that measuring a large image needs little extra memory."""

from __future__ import annotations

from collections.abc import Iterator

_PIXELS = 1 << 18


def blocks(first: int, end: int, width: int) -> Iterator[tuple[int, int]]:
    """(start, stop) of consecutive ranges that cover the rows from ``first`` to before ``end``."""
    rows = max(1, _PIXELS // width)
    for start in range(first, end, rows):
        yield start, min(start + rows, end)
