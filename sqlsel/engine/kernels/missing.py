"""Missing values among Python's objects: None, NaN, masked, NA, NaT."""

from __future__ import annotations

from typing import Any

import numpy as np


def is_missing(value: Any) -> bool:
    """Whether it is None, NaN, a masked value of NumPy, or the NA or NaT of pandas."""
    if value is None or value is np.ma.masked:
        return True
    if isinstance(value, (float, np.floating)):
        return bool(value != value)  # noqa: PLR0124 - NaN is not itself
    return type(value).__name__ in ("NAType", "NaTType")


def is_null(value: Any) -> bool:
    """Whether ``value`` is NULL: as ``is_missing``, but not for NaN, which is the result of a computation."""
    if isinstance(value, (float, np.floating)):
        return False
    return value is None or value is np.ma.masked or is_missing(value)
