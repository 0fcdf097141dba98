"""Crops objects out of images."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, isfinite

from PIL import Image

from sqlsel.errors import InvalidInput
from sqlsel.images.pixels.opening import BadImage

_LEAST_SHARE = 1e-3  # of a pixel


def crop(image: Image.Image, bbox: Sequence[float], padding: float = 0.0) -> Image.Image:
    """The smallest rectangle of whole pixels that covers the box, clipped to the image.

    ``bbox``: x and y of the upper left corner, width, height, in pixels. ``padding`` widens the box
    around its centre: 0.1 means a width and a height larger by 10 %.

    Raises:
        BadImage: the box is not four finite numbers, is empty, or lies outside of the image.
        InvalidInput: padding is negative or not finite.
    """
    if not (isfinite(padding) and padding >= 0):
        raise InvalidInput(f"padding: expected a number of 0 or more, got {padding}.")
    text = "[" + ", ".join(f"{value:g}" for value in bbox) + "]"
    if len(bbox) != 4 or not all(map(isfinite, bbox)):
        raise BadImage(f"has a box that is not four finite numbers: {text}")
    x, y, width, height = map(float, bbox)
    if width <= 0 or height <= 0:
        raise BadImage(f"has an empty box: {text}")
    if x >= image.width or y >= image.height or x + width <= 0 or y + height <= 0:
        raise BadImage(f"has a box outside of its {image.width} × {image.height} pixels: {text}")
    left, right = _covered(x, width, padding, image.width)
    upper, lower = _covered(y, height, padding, image.height)
    return image.crop((left, upper, right, lower))


def _covered(start: float, length: float, padding: float, end: int) -> tuple[int, int]:
    """(first pixel, one after the last) of an interval that overlaps 0 … ``end``; at least one pixel.

    A pixel of which less than a thousandth is covered does not count: boxes of models are float32, so
    they miss whole numbers a little.
    """
    more = length * padding / 2
    # Thin boxes still get one pixel, and one at the last pixel is not empty.
    first = min(floor(max(0.0, start - more) + _LEAST_SHARE), end - 1)
    last = ceil(min(float(end), start + length + more) - _LEAST_SHARE)
    return first, max(last, first + 1)
