"""Compares data with that of ``fit``, by a sample of its rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.arrays.selector.named_inputs import n_rows, taken

_ROWS = 16  # spread over the data; few, since they are kept


def some_of(data: Any) -> NDArray[Any] | None:
    """Some rows as an array; None for data that is none, such as lists of different lengths."""
    places = np.unique(np.linspace(0, max(0, n_rows(data) - 1), _ROWS).astype(np.int64))
    rows = taken(data, places[: n_rows(data)])
    try:
        array = np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows)
    except ValueError:
        return None
    if array.dtype.kind in "biufUS":
        return array.copy()
    return np.array([str(entry) for entry in array.flat], np.str_).reshape(array.shape)


def differ(one: NDArray[Any] | None, other: NDArray[Any] | None) -> bool:
    """Whether these are other rows of the same kind: as many columns, and numbers or texts as well."""
    if one is None or other is None or one.shape != other.shape:
        return False
    kinds = {array.dtype.kind in "biuf" for array in (one, other)}
    if kinds == {True}:  # to the digits of a float that was a double
        return not np.allclose(one, other, rtol=1e-5, atol=1e-8, equal_nan=True)
    return kinds == {False} and not bool((one == other).all())
