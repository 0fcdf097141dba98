"""YOLOX: one box per cell of three grids (github.com/Megvii-BaseDetection/YOLOX, yolox/utils).

Of the cell (i, j) of the grid with stride s, with the raw numbers r₀ … r₃: centre
((i + r₀) · s, (j + r₁) · s), sides e^r₂ · s and e^r₃ · s in pixels of the model's input
(demo_utils.py: demo_postprocess); score = objectness · best class (boxes.py: postprocess). Each class
has a sigmoid of its own, so there are no probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sqlsel.images.models.decoding.decoded import (
    Array,
    Decoded,
    Numbers,
    OutputMismatch,
    Shape,
    as_shares,
    best,
    corners,
    rows_above,
)
from sqlsel.images.models.parts import Output

_STRIDES = ((8, 16, 32), (8, 16, 32, 64))  # the second: models with the suffix p6
_BEFORE = 5  # four numbers of the box and objectness come before the classes
_WIDEST = 30.0  # e^30 strides are more than any picture


def classes(shapes: Sequence[Shape], output: Output, size: tuple[int, int]) -> int:
    """The number of classes, at least 1, from the shape (cells, 5 + classes) of the only output.

    ``size``: (width, height) of the model's input in pixels, which gives the number of cells: of strides 8, 16 and 32,
    or 64 as well. OutputMismatch for another shape or number of cells. ``output`` is not used.
    """
    del output
    if len(shapes[0]) != 2 or shapes[0][1] <= _BEFORE:
        raise OutputMismatch(f"shape (cells, 5 + classes) is wanted, got {shapes[0]}")
    cells = [len(_grid(size, strides)) for strides in _STRIDES]
    if shapes[0][0] not in cells:
        raise OutputMismatch(
            f"an input of {size[0]} × {size[1]} has {cells[0]:,} cells of strides 8, 16 and 32, "
            f"got {shapes[0][0]:,}"
        )
    return shapes[0][1] - _BEFORE


def decode(raw: Sequence[Array], output: Output, size: tuple[int, int]) -> Decoded:
    """The cells with a score of at least ``min_score`` and above 0, in their order, as predictions.

    ``raw``: one array (cells, 5 + classes), of a shape that ``classes`` has accepted: box, objectness, classes.
    ``size``: (width, height) of the model's input. Gives the best class (the first of equals), the score, and the box
    x1, y1, x2, y2 in pixels of the input, which may reach beyond it; arrays of length 0 where no cell has the score.
    OutputMismatch where objectness or scores of classes are not between 0 and 1, or NaN.
    """
    cells = np.asarray(raw[0], np.float64)
    categories, top = best(as_shares(cells[:, _BEFORE:]))
    scores = as_shares(cells[:, 4]) * top
    rows = rows_above(scores, output.min_score)
    grid = next(g for strides in _STRIDES if len(g := _grid(size, strides)) == len(cells))[rows]
    place, stride = grid[:, :2], grid[:, 2:]
    centres = (cells[rows, :2] + place) * stride
    # Raw numbers of empty cells can be anything; an overflow would only warn.
    sides = np.exp(np.minimum(cells[rows, 2:4], _WIDEST)) * stride
    boxes = corners(np.concatenate([centres, sides], axis=1), "cxcywh")
    return Decoded(categories[rows], scores[rows], boxes, None)


def _grid(size: tuple[int, int], strides: Sequence[int]) -> Numbers:
    """(column, row, stride) of each cell, a matrix (cells, 3): grid by grid in the order of ``strides``, row by row.

    ``size``: (width, height) in pixels; a side that is no multiple of the stride is rounded down.
    """
    parts = []
    for stride in strides:
        row, column = (g.ravel() for g in np.indices((size[1] // stride, size[0] // stride)))
        parts.append(np.stack([column, row, np.full(len(row), stride)], axis=1))
    return np.concatenate(parts).astype(np.float64)
