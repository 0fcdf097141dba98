"""Rows that occur more than once: searched once, and counted as often as they occur."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

import numpy as np

from sqlsel.engine.kernels.exact import Index, Matrix, Vector

Poll = Callable[[], None]

_BETWEEN_POLLS = 4096


def distinct(rows: Matrix, poll: Poll) -> tuple[Index, Index]:
    """(number of each row among the distinct ones, first row of each distinct one), by first appearance."""
    seen: dict[bytes, int] = {}
    first: list[int] = []
    number = np.empty(len(rows), np.int64)
    for i, row in enumerate(np.ascontiguousarray(rows)):
        if i % _BETWEEN_POLLS == 0:
            poll()
        mark = blake2b(row, digest_size=16).digest()
        number[i] = seen.setdefault(mark, len(seen))
        if len(first) < len(seen):
            first.append(i)
    return number, np.array(first, np.int64)


def with_copies(distances: Vector, copies: Index, numbers: Index, count: int) -> Vector:
    """The ``count`` least distances where each neighbour counts as often as it occurs."""
    own = np.zeros((len(distances), 1))
    known = np.concatenate([own, distances], axis=1)
    often = np.concatenate([copies[:, None] - 1, copies[numbers]], axis=1)
    ends = np.cumsum(often, axis=1)
    every = np.arange(len(distances))
    result = np.empty((len(distances), count))
    for place in range(count):
        result[:, place] = known[every, (ends <= place).sum(axis=1)]
    return result
