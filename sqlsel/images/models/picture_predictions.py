"""Predictions of one picture, in pixels of the stored picture, after greedy non-maximum suppression of boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqlsel.images.models.decoding.decoded import Decoded, Numbers
from sqlsel.images.models.preparing import Prepared

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Prediction:
    """One class or object that a model predicts for a picture.

    ``category``: an index into the model's categories. ``bbox``: x, y, width and height in pixels of the
    stored picture, clipped to it; None for a class of the whole picture. ``probabilities``: one per
    category, adding up to 1; None: to be estimated from the score.
    """

    category: int
    score: float
    bbox: tuple[float, float, float, float] | None
    probabilities: tuple[float, ...] | None


def predictions(decoded: Decoded, prepared: Prepared, overlap: float) -> list[Prediction]:
    """The decoded predictions, highest score first, after non-maximum suppression; boxes outside are dropped."""
    if decoded.boxes is None:
        return [_prediction(decoded, row, None) for row in range(len(decoded.scores))]
    # Boxes without an area overlap nothing, so suppression would keep them all.
    valid = np.nonzero((decoded.boxes[:, 2:] > decoded.boxes[:, :2]).all(axis=1))[0]
    remaining = valid[
        non_maximum_suppression(
            decoded.boxes[valid], decoded.scores[valid], decoded.categories[valid], overlap
        )
    ]
    boxes = _in_picture(decoded.boxes[remaining], prepared)
    return [
        _prediction(decoded, row, box)
        for row, box in zip(remaining, boxes, strict=True)
        if box[2] > box[0] and box[3] > box[1]
    ]


def non_maximum_suppression(
    boxes: Numbers, scores: Numbers, categories: Index, overlap: float
) -> Index:
    """The indices of the boxes that remain, highest score first, the first of equals first.

    ``boxes``: x1, y1, x2, y2, one row each. A box is dropped when a remaining better one of its category
    has an intersection over union with it above ``overlap``.
    """
    order = np.argsort(-scores, kind="stable")
    gone = np.zeros(len(order), np.bool_)
    stay = []
    for at, row in enumerate(order):
        if gone[at]:
            continue
        # Only remaining boxes suppress others: one that was dropped itself has no say.
        stay.append(row)
        later = order[at + 1 :]
        same = categories[later] == categories[row]
        gone[at + 1 :] |= same & (overlaps(boxes[row], boxes[later]) > overlap)
    return np.array(stay, np.int64)


def overlaps(box: Numbers, others: Numbers) -> Numbers:
    """The intersection over union of one box with each of others; 0 where both have no area."""
    least = np.maximum(box[:2], others[:, :2])
    most = np.minimum(box[2:], others[:, 2:])
    common = np.prod(np.maximum(most - least, 0), axis=1)
    union = np.prod(box[2:] - box[:2]) + np.prod(others[:, 2:] - others[:, :2], axis=1) - common
    return np.asarray(np.divide(common, union, out=np.zeros(len(others)), where=union > 0))


def _in_picture(boxes: Numbers, prepared: Prepared) -> Numbers:
    """Boxes as x1, y1, x2, y2 in pixels of the stored picture, clipped to it."""
    pixels = (boxes - (*prepared.offset, *prepared.offset)) / (*prepared.scale, *prepared.scale)
    edges = (prepared.width, prepared.height)
    return np.clip(pixels, 0, (*edges, *edges))


def _prediction(decoded: Decoded, row: int, box: NDArray[np.float64] | None) -> Prediction:
    """One row of the decoded outputs as a prediction."""
    probabilities = decoded.probabilities
    bbox = None
    if box is not None:
        x, y, right, bottom = box.tolist()
        bbox = (x, y, right - x, bottom - y)
    return Prediction(
        int(decoded.categories[row]),
        float(decoded.scores[row]),
        bbox,
        None if probabilities is None else tuple(probabilities[row].tolist()),
    )
