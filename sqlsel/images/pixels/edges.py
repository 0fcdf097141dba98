"""The Laplacian of a grey image, and two measures of it: sharpness, and the share of uniform rows."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sqlsel.images.pixels.blocks import blocks
from sqlsel.images.pixels.moments import moments

Grey = NDArray[np.uint8]  # one row of pixels per row
Values = TypeVar("Values", NDArray[np.int16], NDArray[np.float32])

_MOST_ROWS = 400
_FLAT = 5 - 1e-3  # of 255; the rounding of scaled values shall not decide at exactly 5


def laplacian(values: Values) -> Values:
    """Eight times each pixel minus its eight neighbours, for inner pixels only: two rows and columns fewer."""
    rows = values[:-2] + values[1:-1] + values[2:]
    around: Values = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    result: Values = 9 * values[1:-1, 1:-1] - around
    return result


def edges(grey: Grey) -> Grey:
    """The Laplacian clipped to 0 … 255, the border unfiltered, as Pillow's ``FIND_EDGES`` does it."""
    result = grey.copy()
    for start, stop in blocks(1, len(grey) - 1, grey.shape[1]):
        inner = laplacian(grey[start - 1 : stop + 1].astype(np.int16))
        result[start:stop, 1:-1] = inner.clip(0, 255)
    return result


def deviation_of_edges(grey: Grey) -> float:
    """Population standard deviation of ``edges``."""
    return moments(Image.fromarray(edges(grey)))[0].deviation


def share_of_uniform_rows(grey: Grey) -> float:
    """The share of rows where more than 97 % of the pixels have a Laplacian below 5 in magnitude, 0 to 1.

    The image is scaled to at most 400 rows before; 0 where a side is below 3 pixels.
    """
    height, width = grey.shape
    if height > _MOST_ROWS:
        height, width = _MOST_ROWS, max(1, round(width * _MOST_ROWS / height))
    if min(height, width) < 3:
        return 0.0
    smaller = Scaled(grey, height, width) if height < len(grey) else None
    uniform = 0
    for start, stop in blocks(1, height - 1, width):
        some = slice(start - 1, stop + 1)
        values = smaller.rows(some) if smaller else grey[some].astype(np.float32)
        flat = np.count_nonzero(np.abs(laplacian(values)) < _FLAT, axis=1)
        uniform += int(np.count_nonzero(100 * flat > 97 * (width - 2)))
    return float(uniform / (height - 2))


class Scaled:
    """The image resized to ``height`` × ``width`` by bilinear interpolation, computed by rows on demand."""

    def __init__(self, grey: Grey, height: int, width: int) -> None:
        self._grey = grey
        self._rows = _between(len(grey), height)
        self._columns = _between(grey.shape[1], width)

    def rows(self, some: slice) -> NDArray[np.float32]:
        """Some rows of the resized image."""
        above, below, down = (part[some] for part in self._rows)
        left, right, across = self._columns
        upper, lower = self._grey[above].astype(np.float32), self._grey[below].astype(np.float32)
        lower -= upper
        lower *= down[:, None]
        upper += lower
        first, second = upper.take(left, axis=1), upper.take(right, axis=1)
        second -= first
        second *= across
        first += second
        return first


def _between(
    pixels: int, fields: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """For the centre of each new pixel: the old pixel before it, the one after, and its place between them (0 to 1)."""
    centres = ((np.arange(fields) + 0.5) * pixels / fields - 0.5).clip(0, pixels - 1)
    before = centres.astype(np.int64)
    after = np.minimum(before + 1, pixels - 1)
    return before, after, (centres - before).astype(np.float32)
