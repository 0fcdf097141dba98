"""The box around the shape of an object: polygons, or a mask in run lengths, as COCO writes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

from sqlsel.readers import json_checks
from sqlsel.readers.mending import Box


def box_around(shape: object) -> Box | None:
    """``[x, y, width, height]``; None where the shape is none, or has no area."""
    is_mask = isinstance(shape, dict)
    found = _box_of_mask(shape) if is_mask else box_of_points(list(_coordinates(shape)))
    return found if found and found[2] > 0 and found[3] > 0 else None


def box_of_points(coordinates: Sequence[float]) -> Box | None:
    """The box around ``x, y, x, y, …``; None where these are no pairs of numbers."""
    if not coordinates or len(coordinates) % 2 or not all(map(json_checks.is_number, coordinates)):
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
    """The pixels of the odd runs: column by column, each column from above."""
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
    is_whole = any(start // height < last // height for start, last in runs)
    upper = 0 if is_whole else min(start % height for start, _ in runs)
    lower = height - 1 if is_whole else max(last % height for _, last in runs)
    return [float(left), float(upper), float(right + 1 - left), float(lower + 1 - upper)]


def _counts(value: object) -> list[int]:
    """The integers of a list, if it holds nothing else and none below 0."""
    if isinstance(value, list) and all(type(one) is int and one >= 0 for one in value):
        return value
    return []


def _decompressed(text: str) -> list[int]:
    """The run lengths in COCO's text: five bits a character, each from the third as a difference."""
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
