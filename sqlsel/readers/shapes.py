"""Bounding boxes of polygons, and of masks in run lengths, as COCO writes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

from sqlsel.config.problems import is_number
from sqlsel.readers.mending import Box


def box_around(shape: object) -> Box | None:
    """``[x, y, width, height]`` of polygons or a mask; None where the value is neither, or has no area."""
    is_mask = isinstance(shape, dict)
    box = _box_of_mask(shape) if is_mask else box_of_points(list(_coordinates(shape)))
    return box if box and box[2] > 0 and box[3] > 0 else None


def box_of_points(coordinates: Sequence[float]) -> Box | None:
    """The box around the points ``x, y, x, y, …``; None where these are no pairs of numbers."""
    if not coordinates or len(coordinates) % 2 or not all(map(is_number, coordinates)):
        return None
    xs, ys = coordinates[::2], coordinates[1::2]
    left, upper = float(min(xs)), float(min(ys))
    return [left, upper, max(xs) - left, max(ys) - upper]


def _coordinates(shape: object) -> Iterator[Any]:
    """The numbers of one polygon or of several, in their order."""
    for part in shape if isinstance(shape, list) else ():
        if isinstance(part, list):
            yield from part
        else:
            yield part


def _box_of_mask(mask: Any) -> Box | None:
    """The box around a mask: runs alternate between background and object, column by column, from the top."""
    counts, size = mask.get("counts"), _counts(mask.get("size"))
    counts = _counts(_decompressed(counts) if isinstance(counts, str) else counts)
    if len(size) != 2 or not size[0]:
        return None
    height = size[0]
    ends = list(accumulate(counts, initial=0))
    runs = [(start, end - 1) for start, end in list(pairwise(ends))[1::2] if end > start]
    if not runs:
        return None
    left, right = runs[0][0] // height, runs[-1][1] // height
    # A run that goes on into the next column covers the lower edge and the upper edge of the image.
    is_whole = any(start // height < last // height for start, last in runs)
    upper = 0 if is_whole else min(start % height for start, _ in runs)
    lower = height - 1 if is_whole else max(last % height for _, last in runs)
    return [float(left), float(upper), float(right + 1 - left), float(lower + 1 - upper)]


def _counts(value: object) -> list[int]:
    """The value if it is a list of integers of at least 0, else an empty list."""
    if isinstance(value, list) and all(type(one) is int and one >= 0 for one in value):
        return value
    return []


def _decompressed(text: str) -> list[int]:
    """The run lengths in COCO's compressed text.

    Each character holds 5 bits, least significant first; from the third on a number is a difference to the last but
    one.
    """
    counts: list[int] = []
    value = shift = 0
    for character in text:
        bits = ord(character) - 48
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:
            continue
        if bits & 0x10:
            value |= -1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value = shift = 0
    return counts
