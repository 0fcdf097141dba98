"""Counts and look-ups by class numbers, one per row, of any integer type, in chunks.

NumPy converts an index to int64 before it uses it, which for a whole column of int32 takes twice its memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.signedinteger[Any]]

_CHUNK = 1 << 16  # rows


def chunks(rows: int) -> Iterator[slice]:
    """Slices that cover ``rows`` rows, in order."""
    return (slice(start, start + _CHUNK) for start in range(0, rows, _CHUNK))


def counts(codes: Codes, size: int) -> NDArray[np.int64]:
    """np.bincount: how often each of the numbers 0 … ``size`` − 1 occurs."""
    result = np.zeros(size, np.int64)
    for part in chunks(len(codes)):
        result += np.bincount(codes[part], minlength=size)
    return result


def occurring(codes: Codes, size: int) -> NDArray[np.bool_]:
    """Mask of the numbers 0 … ``size`` − 1 that occur."""
    result = np.zeros(size, np.bool_)
    for part in chunks(len(codes)):
        result[codes[part]] = True
    return result


def look_up(table: NDArray[Any], codes: Codes) -> NDArray[Any]:
    """``table[codes]``, for a table of one dimension."""
    result = np.empty(len(codes), table.dtype)
    for part in chunks(len(codes)):
        result[part] = table[codes[part]]
    return result


def any_value(codes: Codes, values: NDArray[Any], size: int) -> NDArray[Any]:
    """SQL's any_value by number: for each of 0 … ``size`` − 1 the value of a row with it; 0 without such a row."""
    result = np.zeros(size, values.dtype)
    for part in chunks(len(codes)):
        result[codes[part]] = values[part]
    return result
