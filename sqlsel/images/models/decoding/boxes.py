"""Boxes and their scores in two outputs: SSD, UltraFace, DETR and models that decode their own boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sqlsel.images.models.decoding.decoded import (
    Array,
    Decoded,
    Numbers,
    OutputMismatch,
    Shape,
    best,
    class_scores,
    corners,
    normalised,
    rows_above,
)
from sqlsel.images.models.parts import Output


def classes(shapes: Sequence[Shape], output: Output, size: tuple[int, int]) -> int:
    """The number of classes, without the background; boxes must be (boxes, 4) and scores (boxes, classes)."""
    del size
    boxes, scores = shapes
    if len(boxes) != 2 or boxes[1] != 4:
        raise OutputMismatch(f"boxes: shape (boxes, 4) is wanted, got {boxes}")
    if len(scores) != 2 or scores[0] != boxes[0]:
        raise OutputMismatch(f"scores: shape ({boxes[0]}, classes) is wanted, got {scores}")
    if output.background is not None and output.background >= scores[1]:
        raise OutputMismatch(f"background: must be below {scores[1]}, the scores of a box")
    count = scores[1] - (output.background is not None)
    if count == 0:
        raise OutputMismatch("scores: there is no class beside the background")
    return count


def decode(raw: Sequence[Array], output: Output, size: tuple[int, int]) -> Decoded:
    """The boxes with a score of at least ``min_score`` and above 0, in their order."""
    scores = class_scores(raw[1], output.activation)
    if output.background is not None:
        # Only after the softmax, in which the background takes part.
        scores = np.delete(scores, output.background, axis=1)
    categories, top = best(scores)
    rows = rows_above(top, output.min_score)
    boxes = corners(np.asarray(raw[0], np.float64)[rows], output.format)
    if output.units == "relative":
        boxes = boxes * (*size, *size)
    return Decoded(categories[rows], top[rows], boxes, _probabilities(scores[rows], output))


def _probabilities(scores: Numbers, output: Output) -> Numbers | None:
    """The scores as probabilities, where the settings say that they are."""
    return normalised(scores) if output.probabilities == "scores" else None
