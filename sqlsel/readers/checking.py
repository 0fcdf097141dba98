"""One prediction file, rule by rule: slow and exact, for files of a batch that has a fault."""

from __future__ import annotations

from typing import Any

from sqlsel.readers import json_checks
from sqlsel.readers.ranges import LARGEST, SUM_TOLERANCE, total
from sqlsel.readers.read_model import (
    CLASSIFICATION,
    INSTANCE_SEGMENTATION,
    KEYPOINT_DETECTION,
    OBJECT_DETECTION,
    SEMANTIC_SEGMENTATION,
    Task,
)
from sqlsel.readers.strict import Fault

REQUIRED = {
    CLASSIFICATION: ("category_id",),
    OBJECT_DETECTION: ("category_id", "bbox", "score"),
    SEMANTIC_SEGMENTATION: ("category_id", "segmentation", "score"),
    INSTANCE_SEGMENTATION: ("category_id", "segmentation", "bbox", "score"),
    KEYPOINT_DETECTION: ("category_id", "keypoints", "score"),
}


def check_file(value: object, task: Task) -> None:
    """A Fault says where in the file's value the first thing is that breaks a rule."""
    _, listed = check_top(value, task)
    for index, prediction in enumerate(listed):
        check_prediction(prediction, task, f"predictions[{index}]")


def check_top(value: object, task: Task) -> tuple[str, list[Any]]:
    """The name and the predictions in a file's value; a Fault where there are none."""
    top = json_checks.mapping(value, "the whole file")
    name = json_checks.text(json_checks.member(top, "file_name", ""), "file_name")
    listed = json_checks.sequence(json_checks.member(top, "predictions", ""), "predictions")
    if len(listed) * len(task.categories) > LARGEST:
        raise Fault(f"predictions: {len(listed):,} of them are more than one file may hold")
    return name, listed


def check_prediction(value: object, task: Task, path: str) -> None:
    """A Fault says which key of one prediction breaks a rule."""
    found = json_checks.mapping(value, path)
    for key in REQUIRED[task.type]:
        json_checks.member(found, key, path)
    _check_category(found["category_id"], task, f"{path}.category_id")
    if found.get("score") is not None or "score" in REQUIRED[task.type]:
        json_checks.number(found["score"], f"{path}.score", 0, 1)
    if found.get("probabilities") is not None:
        _check_probabilities(found["probabilities"], task, f"{path}.probabilities")
    for key, check in _SHAPES.items():
        if key in REQUIRED[task.type] or (
            key in OPTIONAL[task.type] and found.get(key) is not None
        ):
            check(found[key], f"{path}.{key}")


OPTIONAL = {kind: ("bbox",) if kind == KEYPOINT_DETECTION else () for kind in REQUIRED}


def _check_category(value: object, task: Task, path: str) -> None:
    number = json_checks.integer(value, path)
    if all(category.id != number for category in task.categories):
        known = ", ".join(f"{c.id} ({c.name})" for c in task.categories[:12])
        more = ", …" if len(task.categories) > 12 else ""
        raise Fault(f"{path}: {number} is no category of task {task.name!r}: {known}{more}")


def _check_probabilities(value: object, task: Task, path: str) -> None:
    listed = json_checks.sequence(value, path)
    if len(listed) != len(task.categories):
        raise Fault(
            f"{path}: must be {len(task.categories)} numbers, one per category in the order "
            f"of schema.json, got {len(listed)}"
        )
    for index, probability in enumerate(listed):
        json_checks.number(probability, f"{path}[{index}]", 0, 1)
    if abs((found := total(listed)) - 1) > SUM_TOLERANCE:
        raise Fault(f"{path}: must add up to 1, got {found:.6g}")


def _check_bbox(value: object, path: str) -> None:
    listed = json_checks.sequence(value, path)
    if len(listed) != 4:
        raise Fault(f"{path}: must be [x, y, width, height], got {len(listed)} numbers")
    for index, side in enumerate(listed):
        json_checks.number(side, f"{path}[{index}]", 0)
    if not (listed[2] > 0 and listed[3] > 0):
        raise Fault(f"{path}: must have an area, got width {listed[2]:g} and height {listed[3]:g}")


def _check_segmentation(value: object, path: str) -> None:
    for index, count in enumerate(json_checks.sequence(value, path)):
        if isinstance(count, list):
            raise Fault(f"{path}: must be run lengths [n, n, …], got a list of polygons")
        json_checks.integer(count, f"{path}[{index}]")


def _check_keypoints(value: object, path: str) -> None:
    listed = json_checks.sequence(value, path)
    if len(listed) < 3 or len(listed) % 3:
        raise Fault(f"{path}: must be [x, y, score, …], 3 numbers a point, got {len(listed)}")
    for index, coordinate in enumerate(listed):
        json_checks.number(coordinate, f"{path}[{index}]")


_SHAPES: dict[str, Any] = {
    "bbox": _check_bbox,
    "segmentation": _check_segmentation,
    "keypoints": _check_keypoints,
}
