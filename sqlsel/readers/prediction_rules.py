"""The rules for the keys of a prediction, in one table, for checks of many at once and for the message on one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlsel.readers.read_model import (
    CLASSIFICATION,
    INSTANCE_SEGMENTATION,
    KEYPOINT_DETECTION,
    OBJECT_DETECTION,
    SEMANTIC_SEGMENTATION,
)

REQUIRED = {
    CLASSIFICATION: ("category_id",),
    OBJECT_DETECTION: ("category_id", "bbox", "score"),
    SEMANTIC_SEGMENTATION: ("category_id", "segmentation", "score"),
    INSTANCE_SEGMENTATION: ("category_id", "segmentation", "bbox", "score"),
    KEYPOINT_DETECTION: ("category_id", "keypoints", "score"),
}
OPTIONAL = {kind: ("bbox",) if kind == KEYPOINT_DETECTION else () for kind in REQUIRED}
LARGEST = 2**24  # probabilities of one file, or of one batch of them
_SUM_TOLERANCE = 1e-3

Rows = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Numbers:
    """The rule for a list of numbers.

    ``fits(lengths, categories)``: which lengths are allowed; ``length``: the message for another. All numbers lie
    from ``low`` to ``high``. ``are_fine(rows)``: which rows of numbers are valid together; ``misfit(row)``: the
    message for one that is not.
    """

    fits: Callable[[Any, int], Any]
    length: str
    low: float = 0
    high: float = np.inf
    are_integers: bool = False
    are_fine: Callable[[Rows], npt.NDArray[np.bool_]] | None = None
    misfit: Callable[[Rows], str] = str


NUMBERS = {
    "probabilities": Numbers(
        lambda length, categories: length == categories,
        "must be {categories} numbers, one per category in the order of schema.json, got {length}",
        high=1,
        are_fine=lambda rows: np.abs(rows.sum(axis=1) - 1) <= _SUM_TOLERANCE,
        misfit=lambda row: f"must add up to 1, got {row.sum(axis=1)[0]:.6g}",
    ),
    "bbox": Numbers(
        lambda length, _: length == 4,
        "must be [x, y, width, height], got {length} numbers",
        are_fine=lambda rows: (rows[:, 2] > 0) & (rows[:, 3] > 0),
        misfit=lambda row: f"must have an area, got width {row[0, 2]:g} and height {row[0, 3]:g}",
    ),
    "segmentation": Numbers(lambda length, _: length >= 0, "", are_integers=True),
    "keypoints": Numbers(
        lambda length, _: (length >= 3) & (length % 3 == 0),
        "must be [x, y, score, …], 3 numbers a point, got {length}",
        low=-np.inf,
    ),
}
LISTS = {  # of each type of task, beside probabilities
    kind: tuple(key for key in NUMBERS if key in (*REQUIRED[kind], *OPTIONAL[kind]))
    for kind in REQUIRED
}
