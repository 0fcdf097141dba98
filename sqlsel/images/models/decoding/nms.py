"""Greedy non-maximum suppression: drops boxes that overlap a better box of the same class (IoU)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Index = NDArray[np.int64]


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
