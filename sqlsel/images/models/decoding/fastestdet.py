"""FastestDet: one box per cell of a grid (github.com/dog-qiuqiu/FastestDet, utils/tool.py: handle_preds).

Of the cell in column i and row j of a grid of W × H, with the raw numbers o, r₀ … r₃ and the shares
p of the classes: centre ((i + tanh r₀) / W, (j + tanh r₁) / H), sides σ(r₂) and σ(r₃), all as shares
of the picture; score o^0.6 · (max p)^0.4.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sqlsel.images.models.decoding.decoded import (
    Array,
    Decoded,
    OutputMismatch,
    Shape,
    as_shares,
    best,
    corners,
    normalised,
    rows_above,
    sigmoid,
)
from sqlsel.images.models.parts import Output

_BEFORE = 5  # objectness and four numbers of the box come before the classes


def classes(shapes: Sequence[Shape], output: Output, size: tuple[int, int]) -> int:
    """The number of classes; the shape must be (5 + classes, rows, columns)."""
    del output, size
    if len(shapes[0]) != 3 or shapes[0][0] <= _BEFORE:
        raise OutputMismatch(f"shape (5 + classes, rows, columns) is wanted, got {shapes[0]}")
    return shapes[0][0] - _BEFORE


def decode(raw: Sequence[Array], output: Output, size: tuple[int, int]) -> Decoded:
    """The cells with a score of at least ``min_score`` and above 0, row by row."""
    cells = np.asarray(raw[0], np.float64)
    _, height, width = cells.shape
    row, column = (grid.ravel() for grid in np.indices((height, width)))
    cells = cells.reshape(len(cells), -1).T
    probabilities = as_shares(cells[:, _BEFORE:])
    categories, top = best(probabilities)
    scores = as_shares(cells[:, 0]) ** 0.6 * top**0.4
    rows = rows_above(scores, output.min_score)
    box = cells[rows, 1:_BEFORE]
    centres = np.stack([column[rows], row[rows]], axis=1) + np.tanh(box[:, :2])
    boxes = np.concatenate([centres / (width, height), sigmoid(box[:, 2:])], axis=1)
    return Decoded(
        categories[rows],
        scores[rows],
        corners(boxes, "cxcywh") * (*size, *size),
        normalised(probabilities[rows]),
    )
