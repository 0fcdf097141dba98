"""The numbers of many files at once: whether all of them are in their ranges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlsel.readers.read_model import Task
from sqlsel.readers.read_objects import Columns, Integers, Lists, Unfit

LARGEST = 2**24  # probabilities of one file, or of one batch of them
SUM_TOLERANCE = 1e-3


def check(found: Columns, task: Task) -> None:
    """Unfit where some number of the columns is out of its range."""
    fine = _within(found.scores, 1) and _are_probabilities(found.probabilities, task)
    fine = fine and _few(found.counts, task)
    for key, lists in found.shapes.items():
        fine = fine and _CHECKS[key](lists)
    if not fine:
        raise Unfit


def _few(counts: Integers, task: Task) -> bool:
    return not len(counts) or int(counts.max()) * len(task.categories) <= LARGEST


def _within(values: npt.NDArray[Any], high: float = np.inf) -> bool:
    return bool(np.all((values >= 0) & (values <= high) & (values < np.inf)))


def _are_probabilities(lists: Lists, task: Task) -> bool:
    width = len(task.categories)
    if not np.all(lists.lengths[lists.given] == width) or not _within(lists.values, 1):
        return False
    sums = lists.values.reshape(-1, width).sum(axis=1)
    return bool(np.all(np.abs(sums - 1) <= SUM_TOLERANCE))


def total(probabilities: Sequence[float]) -> float:
    """The sum, as ``check`` computes it."""
    return float(np.array([probabilities], np.float64).sum(axis=1)[0])


def _are_boxes(lists: Lists) -> bool:
    if not np.all(lists.lengths[lists.given] == 4) or not _within(lists.values):
        return False
    return bool(np.all(lists.values.reshape(-1, 4)[:, 2:] > 0))


def _are_points(lists: Lists) -> bool:
    whole = np.all((lists.lengths >= 3) & (lists.lengths % 3 == 0))
    return bool(whole and np.all(np.isfinite(lists.values)))


_CHECKS: dict[str, Callable[[Lists], bool]] = {
    "bbox": _are_boxes,
    "segmentation": lambda lists: _within(lists.values),
    "keypoints": _are_points,
}
