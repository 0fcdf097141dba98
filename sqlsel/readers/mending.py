"""Repairs the objects of a prediction file one by one: undoes rounding, clips boxes, leaves out unusable objects."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, TypeGuard

from sqlsel.config.problems import is_number
from sqlsel.readers import json_checks
from sqlsel.readers.checking import check_prediction, check_top
from sqlsel.readers.import_report import Report
from sqlsel.readers.prediction_rules import OPTIONAL
from sqlsel.readers.read_model import Task
from sqlsel.readers.read_objects import Parsed
from sqlsel.readers.strict import Fault

ROUNDING = 1e-6
PIXEL = 1.0
CLIPPED = "boxes that reach out of the image by more than a pixel are clipped"
NO_BOX = "boxes that cannot be used are left out; the rest of the object stays"
_KEY = re.compile(r"\.(\w+)")

Box = list[float]


def repaired(file: Parsed, task: Task, report: Report) -> Parsed:
    """The file with its usable objects; ``objects_known`` is False where it had objects and none is usable.

    A Fault where the file as a whole cannot be used.
    """
    name, listed = check_top(file.value, task)
    objects = [
        _object(one, task, f"predictions[{index}]", file.path, report)
        for index, one in enumerate(listed)
    ]
    usable = [one for one in objects if one is not None]
    objects_known = file.objects_known and bool(usable or not listed)
    return Parsed(file.path, {"file_name": name, "predictions": usable}, objects_known)


def clipped(box: Box, width: float = math.inf, height: float = math.inf) -> tuple[Box, float]:
    """The part of ``[x, y, width, height]`` inside of the image, and how far the box reached out, in its units."""
    x, y, box_width, box_height = box
    right, bottom = min(x + box_width, width), min(y + box_height, height)
    overhang = max(-x, -y, x + box_width - right, y + box_height - bottom, 0.0)
    left, upper = max(x, 0.0), max(y, 0.0)
    if overhang == 0:
        return box, overhang
    return [left, upper, right - left, bottom - upper], overhang


def clipped_to_image(
    box: Box, path: str, width: float = math.inf, height: float = math.inf
) -> tuple[Box, float]:
    """As ``clipped``; a Fault where the box has an area and lies outside. A box without an area is returned as is."""
    if not (box[2] > 0 and box[3] > 0):
        return box, 0.0
    inside, overhang = clipped(box, width, height)
    if not (inside[2] > 0 and inside[3] > 0):
        raise Fault(f"{path}: lies outside of the image")
    return inside, overhang


def report_left_out(report: Report, place: str, fault: Fault) -> None:
    """Warn of an object that is left out, counted by the key that is at fault."""
    key = _KEY.search(str(fault).split(": ")[0])
    kind = f"objects are left out for their {key[1]}" if key else "objects are left out"
    report.warn(kind, f"{place}: {fault}" if place else str(fault))


def undo_rounding(value: Any) -> Any:
    """The number clipped to 0 and 1 where it is outside by rounding only; anything else unchanged."""
    if is_number(value) and -ROUNDING <= value <= 1 + ROUNDING:
        return min(max(value, 0), 1)
    return value


def as_integer(value: object) -> object:
    """A float such as 1.0 as an integer; anything else unchanged."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def is_box(value: object) -> TypeGuard[Box]:
    """Whether the value is a list of four numbers."""
    return isinstance(value, list) and len(value) == 4 and all(map(is_number, value))


def _object(
    value: object, task: Task, path: str, place: str, report: Report
) -> dict[str, Any] | None:
    """A prediction with repaired values; None, with a warning, where it cannot be used."""
    overhang = 0.0
    try:
        prediction = dict(json_checks.mapping(value, path))
        for key, repair in _REPAIRS.items():
            if key in prediction:
                prediction[key] = repair(prediction[key])
        if is_box(prediction.get("bbox")):
            prediction["bbox"], overhang = clipped_to_image(prediction["bbox"], f"{path}.bbox")
        _check(prediction, task, path, place, report)
    except Fault as fault:
        report_left_out(report, place, fault)
        return None
    if overhang > PIXEL:
        report.warn(CLIPPED, f"{place}: {path}")
    return prediction


def _check(prediction: dict[str, Any], task: Task, path: str, place: str, report: Report) -> None:
    """A Fault where the object cannot be used; an optional key that is at fault is deleted instead."""
    for key in OPTIONAL[task.type]:
        try:
            check_prediction(prediction, task, path)
        except Fault as fault:
            if not str(fault).startswith(f"{path}.{key}"):
                raise
            report.warn(NO_BOX, f"{place}: {fault}")
            del prediction[key]
    check_prediction(prediction, task, path)


def _undo_roundings(value: object) -> object:
    """``undo_rounding`` for each member of a list."""
    return [undo_rounding(one) for one in value] if isinstance(value, list) else value


_REPAIRS: dict[str, Callable[[object], object]] = {
    "category_id": as_integer,
    "score": undo_rounding,
    "probabilities": _undo_roundings,
}
