"""The Laplacian of a grey image, and what follows from it: how sharp it is, how many rows are empty."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sqlsel.images.blocks import blocks
from sqlsel.images.moments import moments

Grey = NDArray[np.uint8]  # one row of pixels per row
Values = TypeVar("Values", NDArray[np.int16], NDArray[np.float32])

_MOST_ROWS = 400
_FLAT = 5 - 1e-3  # of 255; the rounding of scaled values shall not decide at exactly 5


def laplacian(values: Values) -> Values:
    """Eight times each pixel less its eight neighbours, of the pixels that have eight: two rows and columns fewer."""
    rows = values[:-2] + values[1:-1] + values[2:]
    around: Values = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    result: Values = 9 * values[1:-1, 1:-1] - around
    return result


def edges(grey: Grey) -> Grey:
    """The Laplacian clipped to 0 … 255, with the border as it was, as Pillow's ``FIND_EDGES`` has it."""
    result = grey.copy()
    for start, stop in blocks(1, len(grey) - 1, grey.shape[1]):
        inner = laplacian(grey[start - 1 : stop + 1].astype(np.int16))
        result[start:stop, 1:-1] = inner.clip(0, 255)
    return result


def deviation_of_edges(grey: Grey) -> float:
    """Population standard deviation of ``edges``."""
    return moments(Image.fromarray(edges(grey)))[0].deviation


def share_of_uniform_rows(grey: Grey) -> float:
    """Rows of the scaled image of which more than 97 % of the pixels have a Laplacian below 5 in magnitude."""
    if len(grey) <= _MOST_ROWS:
        return _share(laplacian(grey.astype(np.int16))) if min(grey.shape) >= 3 else 0.0
    height, width = grey.shape
    columns = max(1, round(width * _MOST_ROWS / height))
    return _share(laplacian(scaled(grey, _MOST_ROWS, columns))) if columns >= 3 else 0.0


def _share(values: NDArray[np.int16] | NDArray[np.float32]) -> float:
    flat = np.count_nonzero(np.abs(values) < _FLAT, axis=1)
    return float(np.mean(100 * flat > 97 * values.shape[1]))


def scaled(grey: Grey, height: int, width: int) -> NDArray[np.float32]:
    """Values at the centres of ``height`` × ``width`` equal fields, bilinear between the four nearest pixels."""
    above, below, down = _between(len(grey), height)
    left, right, across = _between(grey.shape[1], width)
    upper, lower = grey[above].astype(np.float32), grey[below].astype(np.float32)
    rows = upper + (lower - upper) * down[:, None]
    first, second = rows.take(left, axis=1), rows.take(right, axis=1)
    return first + (second - first) * across


def _between(
    pixels: int, fields: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """For the centre of each field: the pixel before it, the one after, and how far it is between them."""
    centres = ((np.arange(fields) + 0.5) * pixels / fields - 0.5).clip(0, pixels - 1)
    before = centres.astype(np.int64)
    after = np.minimum(before + 1, pixels - 1)
    return before, after, (centres - before).astype(np.float32)
