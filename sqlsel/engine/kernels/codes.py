"""Class numbers, one per row, in whatever integer type: worked through in chunks.

NumPy copies an index that is not int64 before it uses it, which for a column of int32 takes twice the column.
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
    """How often each of the numbers 0 … ``size`` − 1 occurs."""
    result = np.zeros(size, np.int64)
    for part in chunks(len(codes)):
        result += np.bincount(codes[part], minlength=size)
    return result


def occurring(codes: Codes, size: int) -> NDArray[np.bool_]:
    """Which of the numbers 0 … ``size`` − 1 occur."""
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


def representatives(codes: Codes, values: NDArray[Any], size: int) -> NDArray[Any]:
    """For each of the numbers 0 … ``size`` − 1 the value of one row that has it (0 where none has)."""
    result = np.zeros(size, values.dtype)
    for part in chunks(len(codes)):
        result[codes[part]] = values[part]
    return result
