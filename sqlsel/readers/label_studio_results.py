"""Reads one result of Label Studio: a region of an image, in percent of its sides, or a choice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlsel.config.problems import is_number
from sqlsel.readers import json_checks
from sqlsel.readers.import_report import Report
from sqlsel.readers.mending import (
    CLIPPED,
    PIXEL,
    Box,
    clipped_to_image,
    report_left_out,
    undo_rounding,
)
from sqlsel.readers.pretagging import RELATIVE
from sqlsel.readers.read_model import CLASSIFICATION, OBJECT_DETECTION
from sqlsel.readers.shapes import box_of_points
from sqlsel.readers.strict import Fault

OTHER = "results of other kinds than boxes, polygons, ellipses and choices are left out"
UNLABELLED = "regions without a label are left out"
MORE_LABELS = "regions with several labels have the first one"
TURNED = "boxes that are turned become the upright boxes around them"

Side = tuple[int, int]
Where = tuple[
    str, Side | None, Any
]  # the image, its size if that is known, the score of all results


class Control(NamedTuple):
    """A tag of the labelling page, and the type of the task that its results make."""

    name: str
    type: str

    @property
    def can_be_empty(self) -> bool:
        """Whether an image without a result has no object; a choice that was not made says nothing."""
        return self.type == OBJECT_DETECTION


class Result(NamedTuple):
    """A label by a control; ``value``: the other keys of a prediction, None where they cannot be used."""

    control: Control
    label: str
    value: dict[str, Any] | None


def read_results(
    results: Sequence[object], path: str, report: Report, where: Where
) -> list[Result]:
    """The results for a whole image or a region of it; others are counted as a warning."""
    read: list[Result] = []
    for at, result in enumerate(results):
        place = f"{path}[{at}]"
        try:
            read += _result(json_checks.mapping(result, place), place, report, where)
        except Fault as fault:
            report_left_out(report, "", fault)
    return read


def _result(entry: dict[str, Any], path: str, report: Report, where: Where) -> list[Result]:
    """The results of one entry: one per choice, one per region; empty where it has no label."""
    kind = str(entry.get("type", ""))
    value = entry.get("value")
    if kind not in ("choices", *_REGIONS):
        if kind != "relation":
            report.warn(OTHER, f"{path}: {kind or 'no type'}")
        return []
    value = json_checks.mapping(value, f"{path}.value")
    labels = json_checks.sequence(value.get(kind) or [], f"{path}.value.{kind}")
    labels = [json_checks.text(label, f"{path}.value.{kind}") for label in labels]
    if not labels:
        report.warn(UNLABELLED, path)
        return []
    name = str(entry.get("from_name") or "labels")
    prediction = {"score": _score(entry, value, path, where[2])}
    if kind == "choices":
        return [Result(Control(name, CLASSIFICATION), label, prediction) for label in labels]
    if len(labels) > 1:
        report.warn(MORE_LABELS, f"{path}: {', '.join(labels)}")
    control = Control(name, OBJECT_DETECTION)
    try:
        prediction["bbox"] = _box(kind, entry, path, report, where)
    except Fault as fault:
        report_left_out(report, "", fault)
        return [Result(control, labels[0], None)]
    return [Result(control, labels[0], prediction)]


def _score(entry: dict[str, Any], value: dict[str, Any], path: str, whole: Any) -> Any:
    """The score of the region, else of its value, else of the whole prediction; 1 for annotations of people."""
    for one in (entry.get("score"), value.get("score"), whole):
        if one is not None:
            return json_checks.number(undo_rounding(one), f"{path}.score", 0, 1)
    return 1.0


def _box(kind: str, entry: dict[str, Any], path: str, report: Report, where: Where) -> Box:
    """The bounding box in pixels, or as shares of the image where its size is not known; clipped to the image."""
    width, height = _size(entry, where[1])
    if (width, height) == (1, 1):
        report.warn(RELATIVE, where[0])
    value = entry["value"]
    turn = _number(value, "rotation", path) if value.get("rotation") else 0.0
    points = _REGIONS[kind](value, path, width, height, turn)
    if turn and kind != "polygonlabels":
        report.warn(TURNED, path)
    box = box_of_points(points)
    if box is None:
        raise Fault(f"{path}.value.points: must be a list of points [x, y]")
    clipped, overhang = clipped_to_image(box, f"{path}.value", width, height)
    if not (clipped[2] > 0 and clipped[3] > 0):
        raise Fault(f"{path}.value: must have an area")
    if overhang > PIXEL:
        report.warn(CLIPPED, path)
    return clipped


def _size(entry: dict[str, Any], size: Side | None) -> tuple[float, float]:
    """(width, height) of the image: of the result, else ``size``, else (1, 1), which makes shares of percents."""
    sides = [entry.get("original_width"), entry.get("original_height")]
    if all(is_number(side) and side > 0 for side in sides):
        return float(sides[0]), float(sides[1])  # type: ignore[arg-type]
    return (1, 1) if size is None else size


def _number(value: dict[str, Any], key: str, path: str) -> float:
    """The number under a key of the value; a Fault where it is missing."""
    return json_checks.number(
        json_checks.member(value, key, f"{path}.value"), f"{path}.value.{key}"
    )


def _rectangle(
    value: dict[str, Any], path: str, width: float, height: float, turn: float
) -> list[float]:
    """x, y of the corners of a rectangle, rotated clockwise by ``turn`` degrees about its upper left corner."""
    x, y = _number(value, "x", path) * width / 100, _number(value, "y", path) * height / 100
    wide = _number(value, "width", path) * width / 100
    high = _number(value, "height", path) * height / 100
    if not turn:
        return [x, y, x + wide, y + high]
    cosine, sine = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    corners = [(0.0, 0.0), (wide, 0.0), (0.0, high), (wide, high)]
    return [
        side
        for right, down in corners
        for side in (x + right * cosine - down * sine, y + right * sine + down * cosine)
    ]


def _ellipse(
    value: dict[str, Any], path: str, width: float, height: float, turn: float
) -> list[float]:
    """x, y of two corners of the box around an ellipse, rotated by ``turn`` degrees about its centre."""
    x, y = _number(value, "x", path) * width / 100, _number(value, "y", path) * height / 100
    wide = _number(value, "radiusX", path) * width / 100
    high = _number(value, "radiusY", path) * height / 100
    cosine, sine = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    right = math.hypot(wide * cosine, high * sine)
    down = math.hypot(wide * sine, high * cosine)
    return [x - right, y - down, x + right, y + down]


def _polygon(
    value: dict[str, Any], path: str, width: float, height: float, _: float
) -> list[float]:
    """x, y of the points of a polygon."""
    points = json_checks.sequence(value.get("points"), f"{path}.value.points")
    flat = [
        side for point in points if isinstance(point, list) and len(point) == 2 for side in point
    ]
    if len(flat) != 2 * len(points) or not all(map(is_number, flat)):
        raise Fault(f"{path}.value.points: must be a list of points [x, y]")
    return [side * (height if at % 2 else width) / 100 for at, side in enumerate(flat)]


_REGIONS = {
    "rectanglelabels": _rectangle,
    "ellipselabels": _ellipse,
    "polygonlabels": _polygon,
}
