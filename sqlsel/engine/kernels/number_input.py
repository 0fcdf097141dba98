"""Reads a column of numbers: to float64, NULLs masked, NaN and infinity refused or skipped."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.missing import is_missing
from sqlsel.errors import InvalidInput

Mask = NDArray[np.bool_]


def numbers_among(array: NDArray[Any]) -> NDArray[Any]:
    """An object array as an array of numbers, NaN for missing ones; unchanged where it holds anything else."""
    listed = [np.nan if is_missing(x) else x for x in array.reshape(-1).tolist()]
    if not all(isinstance(x, (int, float, Decimal, np.number, np.bool_)) for x in listed):
        return array
    return np.array([float(x) if isinstance(x, Decimal) else x for x in listed]).reshape(
        array.shape
    )


def remedy(kind: np.dtype[Any]) -> str:
    """The end of a message about a dtype that is no number: how to convert it."""
    if kind.kind in "Mm":
        return "; .astype('int64') makes numbers of times"
    if kind.kind in "US":
        return "; .astype(float) makes numbers of it"
    return "; give the real part, with .real" if kind.kind == "c" else "; make numbers of it first"


def as_numbers(values: Any, name: str) -> NDArray[Any]:
    """A one-dimensional array of numbers, NaN for missing ones; InvalidInput for any other shape or dtype."""
    array = np.asarray(values)
    if array.dtype == object and array.ndim == 1:
        array = numbers_among(array)
    if array.ndim != 1:
        raise InvalidInput(
            f"{name}: needs one number per sample, got shape {array.shape}; give one column, as in x[:, 0]"
        )
    if array.dtype.kind not in "fiub":
        raise InvalidInput(f"{name}: needs numbers, got {array.dtype}{remedy(array.dtype)}")
    return array


def ingest_numbers(
    values: Any, present: Mask, pool: Mask, *, on_invalid: str, name: str
) -> tuple[NDArray[np.float64], Mask]:
    """(float64 numbers, mask of rows with a finite one); rows outside of ``pool`` are not checked.

    InvalidInput for NaN and infinity, unless ``on_invalid`` is 'skip'; ``name``: the column's, for messages.
    """
    numbers = as_numbers(values, name).astype(np.float64)
    bad = ~np.isfinite(numbers) & present & pool
    if bad.any() and on_invalid == "error":
        first = int(np.flatnonzero(bad)[0])
        raise InvalidInput(
            f"{name}: {int(bad.sum())} of {len(numbers)} values are NaN or infinite; the first, at row {{row}}, "
            f"is {numbers[first]}. Leave them out, or set on_invalid to 'skip'",
            first,
        )
    return numbers, present & ~bad
