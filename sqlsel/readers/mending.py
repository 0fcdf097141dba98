"""The objects of a prediction file, one by one: roundings are mended, what cannot be used is left out."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

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


def mended(file: Parsed, task: Task, report: Report) -> Parsed:
    """The file with those of its objects that can be used; not ``known`` where none of some can.

    A Fault where the file as a whole cannot be used.
    """
    name, listed = check_top(file.value, task)
    found = [
        _object(one, task, f"predictions[{index}]", file.path, report)
        for index, one in enumerate(listed)
    ]
    usable = [one for one in found if one is not None]
    known = file.known and bool(usable or not listed)
    return Parsed(file.path, {"file_name": name, "predictions": usable}, known)


def clipped(box: Box, width: float = math.inf, height: float = math.inf) -> tuple[Box, float]:
    """The part of ``[x, y, width, height]`` inside of the image, and how far the box reached out."""
    x, y, wide, high = box
    right, bottom = min(x + wide, width), min(y + high, height)
    beyond = max(-x, -y, x + wide - right, y + high - bottom, 0.0)
    left, upper = max(x, 0.0), max(y, 0.0)
    if beyond == 0:
        return box, beyond
    return [left, upper, right - left, bottom - upper], beyond


def within(
    box: Box, path: str, width: float = math.inf, height: float = math.inf
) -> tuple[Box, float]:
    """What ``clipped`` gives; a Fault where nothing of the box is left, if it had an area."""
    if not (box[2] > 0 and box[3] > 0):
        return box, 0.0
    inside, beyond = clipped(box, width, height)
    if not (inside[2] > 0 and inside[3] > 0):
        raise Fault(f"{path}: lies outside of the image")
    return inside, beyond


def left_out(report: Report, place: str, fault: Fault) -> None:
    """Tell of an object that is left out, by the key that keeps it from being used."""
    key = _KEY.search(str(fault).split(": ")[0])
    kind = f"objects are left out for their {key[1]}" if key else "objects are left out"
    report.warn(kind, f"{place}: {fault}" if place else str(fault))


def share(value: Any) -> Any:
    """A number that rounding moved out of 0 to 1, at the end of that range."""
    if json_checks.is_number(value) and -ROUNDING <= value <= 1 + ROUNDING:
        return min(max(value, 0), 1)
    return value


def whole(value: object) -> object:
    """A number such as 1.0 as the integer that it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _object(
    value: object, task: Task, path: str, place: str, report: Report
) -> dict[str, Any] | None:
    """A prediction whose every key is in its range; None where there is no such."""
    beyond = 0.0
    try:
        found = dict(json_checks.mapping(value, path))
        for key, mend in _MENDS.items():
            if key in found:
                found[key] = mend(found[key])
        if _is_box(found.get("bbox")):
            found["bbox"], beyond = within(found["bbox"], f"{path}.bbox")
        _check(found, task, path, place, report)
    except Fault as fault:
        left_out(report, place, fault)
        return None
    if beyond > PIXEL:
        report.warn(CLIPPED, f"{place}: {path}")
    return found


def _check(found: dict[str, Any], task: Task, path: str, place: str, report: Report) -> None:
    """A Fault where the object cannot be used; a key that may be missing goes instead."""
    for key in OPTIONAL[task.type]:
        try:
            check_prediction(found, task, path)
        except Fault as fault:
            if not str(fault).startswith(f"{path}.{key}"):
                raise
            report.warn(NO_BOX, f"{place}: {fault}")
            del found[key]
    check_prediction(found, task, path)


def _is_box(value: object) -> bool:
    return isinstance(value, list) and len(value) == 4 and all(map(json_checks.is_number, value))


def _shares(value: object) -> object:
    return [share(one) for one in value] if isinstance(value, list) else value


_MENDS: dict[str, Callable[[object], object]] = {
    "category_id": whole,
    "score": share,
    "probabilities": _shares,
}
