"""Rows in blocks, so that measuring a large image needs little memory beside the image."""

from __future__ import annotations

from collections.abc import Iterator

_PIXELS = 1 << 18


def blocks(first: int, end: int, width: int) -> Iterator[tuple[int, int]]:
    """(start, stop) of ranges that together are the rows from ``first`` to before ``end``."""
    rows = max(1, _PIXELS // width)
    for start in range(first, end, rows):
        yield start, min(start + rows, end)
