"""Predictions of one picture, in its own pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqlsel.images.models.decoding.found import Found, Numbers
from sqlsel.images.models.decoding.nms import non_maximum_suppression
from sqlsel.images.models.preparing import Prepared


@dataclass(frozen=True)
class Prediction:
    """One class or object that a model sees in a picture.

    ``category`` counts in the model's categories. ``bbox``: x, y, width and height in pixels of the
    stored picture, within it; None for a class of the whole picture. ``probabilities``: one per
    category, adding up to 1; None: to be estimated from the score.
    """

    category: int
    score: float
    bbox: tuple[float, float, float, float] | None
    probabilities: tuple[float, ...] | None


def predictions(found: Found, prepared: Prepared, overlap: float) -> list[Prediction]:
    """What was found, the best first, without boxes that repeat a better one or lie outside."""
    if found.boxes is None:
        return [_prediction(found, row, None) for row in range(len(found.scores))]
    real = np.nonzero((found.boxes[:, 2:] > found.boxes[:, :2]).all(axis=1))[0]
    stay = real[
        non_maximum_suppression(
            found.boxes[real], found.scores[real], found.categories[real], overlap
        )
    ]
    boxes = _on_the_picture(found.boxes[stay], prepared)
    return [
        _prediction(found, row, box)
        for row, box in zip(stay, boxes, strict=True)
        if box[2] > box[0] and box[3] > box[1]
    ]


def _on_the_picture(boxes: Numbers, prepared: Prepared) -> Numbers:
    """Corners in pixels of the stored picture, clipped to it."""
    pixels = (boxes - (*prepared.offset, *prepared.offset)) / (*prepared.scale, *prepared.scale)
    edges = (prepared.width, prepared.height)
    return np.clip(pixels, 0, (*edges, *edges))


def _prediction(found: Found, row: int, box: NDArray[np.float64] | None) -> Prediction:
    shares = found.probabilities
    bbox = None
    if box is not None:
        x, y, right, bottom = box.tolist()
        bbox = (x, y, right - x, bottom - y)
    return Prediction(
        int(found.categories[row]),
        float(found.scores[row]),
        bbox,
        None if shares is None else tuple(shares[row].tolist()),
    )
