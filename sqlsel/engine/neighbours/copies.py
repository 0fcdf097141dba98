"""Duplicate rows: each distinct row is searched once, and counts as often as it occurs."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

import numpy as np

from sqlsel.engine.kernels.exact import Index, Matrix, Vector

Poll = Callable[[], None]

_BETWEEN_POLLS = 4096


def distinct(rows: Matrix, poll: Poll) -> tuple[Index, Index]:
    """(number of each row's distinct row, first row of each distinct one), numbered by first appearance.

    Rows are equal if their bytes are (compared by a hash of 128 bits). ``poll`` may raise to stop.
    """
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
    """The ``count`` least distances of each distinct row, one column each, with duplicates counted.

    ``distances`` and ``numbers``: those of its nearest distinct rows; ``copies``: how often each distinct row
    occurs. The row's own copies are at distance 0.
    """
    own = np.zeros((len(distances), 1))
    with_self = np.concatenate([own, distances], axis=1)
    times = np.concatenate([copies[:, None] - 1, copies[numbers]], axis=1)
    ends = np.cumsum(times, axis=1)
    rows = np.arange(len(distances))
    result = np.empty((len(distances), count))
    for place in range(count):
        result[:, place] = with_self[rows, (ends <= place).sum(axis=1)]
    return result
