"""Numbers per sample as they enter: float64, NULLs set apart, NaN and infinity refused or skipped."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.errors import InvalidInput

Mask = NDArray[np.bool_]


def ingest_numbers(
    values: Any, present: Mask, pool: Mask, *, on_invalid: str, name: str
) -> tuple[NDArray[np.float64], Mask]:
    """The numbers as float64, and the mask of rows that have a usable one (only ``pool`` is looked at)."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise InvalidInput(f"{name}: needs one number per sample, got shape {array.shape}")
    if array.dtype.kind not in "fiub":
        raise InvalidInput(f"{name}: needs numbers, got {array.dtype}")
    numbers = array.astype(np.float64)
    bad = ~np.isfinite(numbers) & present & pool
    if bad.any() and on_invalid == "error":
        first = int(np.flatnonzero(bad)[0])
        raise InvalidInput(
            f"{name}: {int(bad.sum())} of {len(numbers)} values are NaN or infinite; the first, at row {{row}}, "
            f"is {numbers[first]}. Leave them out, or set on_invalid to 'skip'",
            first,
        )
    return numbers, present & ~bad
