"""Shrinks pictures by area: each new pixel is the mean of the area that it covers (OpenCV: INTER_AREA)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Box = tuple[float, float, float, float]


def shrunk(pixels: Pixels, box: Box, size: tuple[int, int]) -> Pixels:
    """The part ``box`` (left, top, right, bottom) of the pixels (height, width, channels), resized to ``size``.

    ``size`` is (width, height). Partly covered pixels count by their share. The box must lie within and be no
    smaller than ``size``.
    """
    left, top, right, bottom = box
    first, last = int(left), min(int(np.ceil(right)), pixels.shape[1])
    rows = _means(pixels[:, first:last], top, bottom, size[1])
    turned = np.ascontiguousarray(rows.transpose(1, 0, 2))
    columns = _means(turned, left - first, right - first, size[0])
    return np.ascontiguousarray(np.rint(columns).astype(np.uint8).transpose(1, 0, 2))


def _means(values: NDArray[Any], start: float, stop: float, count: int) -> NDArray[np.float32]:
    """The means over ``count`` equal intervals of the first axis, from ``start`` to ``stop``."""
    edges = np.linspace(start, stop, count + 1).clip(0, len(values))
    begin, end = edges[:-1], edges[1:]
    first = begin.astype(np.int64)
    means = np.zeros((count, *values.shape[1:]), np.float32)
    part = np.empty_like(means)
    # All intervals take their step-th pixel at once: as many steps as the widest interval has pixels.
    for step in range(int(np.ceil(end - first).max())):
        pixel = first + step
        share = (np.minimum(pixel + 1, end) - np.maximum(pixel, begin)).clip(0) / (end - begin)
        part[...] = values[np.minimum(pixel, len(values) - 1)]
        part *= share.astype(np.float32)[:, None, None]
        means += part
    return means
