"""Reads YOLO datasets: a data.yaml, folders or lists of pictures, and a text file of labels beside each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlsel.readers import json_checks
from sqlsel.readers.categories import Categories
from sqlsel.readers.import_report import Report
from sqlsel.readers.labelled import ALL_LEFT_OUT, Labelled
from sqlsel.readers.mending import (
    CLIPPED,
    PIXEL,
    Box,
    as_integer,
    clipped_to_image,
    report_left_out,
    undo_rounding,
)
from sqlsel.readers.read_model import Category
from sqlsel.readers.shapes import box_of_points
from sqlsel.readers.strict import Fault, read_bytes
from sqlsel.readers.yolo_pictures import DataYaml, Picture, pictures

NO_LABELS = (
    "pictures without a file of labels: what is on them is not known (where it is nothing, an empty "
    "file says so)"
)
UNREADABLE = "pictures whose size cannot be read: what is on them is not known"

Size = Callable[[Path], tuple[int, int]]


def read_yolo(
    source: Path, report: Report, size: Size
) -> tuple[tuple[Category, ...], list[Labelled]]:
    """(classes, pictures of all splits with their objects); a Fault where ``source`` is no data.yaml.

    Objects are None, with a warning in ``report``, where they are not known: no file of labels or an unreadable one, a
    picture whose size cannot be read, or no usable line. An empty file of labels means no objects ([]). ``size``: path
    → (width, height) in pixels; it raises a Fault where it cannot.
    """
    data = DataYaml.of(source)
    labels = _Labels(Categories(data.classes, report), data.n_keypoints, size, report)
    images = [Labelled(one.name, labels.of(one)) for one in pictures(data, report)]
    return labels.categories.listed, images


@dataclass
class _Labels:
    """Reads the labels of pictures one by one."""

    categories: Categories
    n_keypoints: int  # how many numbers they are, per object
    size: Size
    report: Report

    def of(self, picture: Picture) -> list[dict[str, Any]] | None:
        """The objects of a picture; [] for an empty file of labels.

        None, with a line in the report, where there is no readable file, the size is unknown, or no line is usable.
        """
        place = next((one for one in picture.labels if one.is_file()), None)
        if place is None:
            self.report.warn(NO_LABELS, picture.name)
            return None
        try:
            lines = _lines(place)
        except Fault as fault:
            self.report.skip(f"{picture.name}: {place.name}", str(fault))
            return None
        if not lines:
            return []
        try:
            size = self.size(picture.path)
        except Fault as fault:
            self.report.warn(UNREADABLE, f"{picture.name}: {fault}")
            return None
        objects = list(self._objects(lines, picture, size))
        if not objects:
            self.report.warn(ALL_LEFT_OUT, picture.name)
        return objects or None

    def _objects(
        self, lines: list[tuple[int, list[str]]], picture: Picture, size: tuple[int, int]
    ) -> Iterator[dict[str, Any]]:
        """The objects of the usable lines; others are reported and left out."""
        for at, parts in lines:
            try:
                yield self._object(parts, f"line {at}", picture, size)
            except Fault as fault:
                report_left_out(self.report, picture.name, fault)

    def _object(
        self, parts: list[str], path: str, picture: Picture, size: tuple[int, int]
    ) -> dict[str, Any]:
        """A line as {category_id, bbox: [left, top, width, height] in pixels, clipped to the picture, score}.

        A Fault, which names ``path``, where it cannot be used.
        """
        numbers = [_number(part, path) for part in parts]
        category = self.categories.number(as_integer(numbers[0]), path)
        shares, confidence = self._box(numbers[1:], path)
        width, height = size
        box = [shares[0] * width, shares[1] * height, shares[2] * width, shares[3] * height]
        if not (box[2] > 0 and box[3] > 0):
            raise Fault(f"{path}.bbox: must have an area")
        box, beyond = clipped_to_image(box, f"{path}.bbox", width, height)
        score = json_checks.number(undo_rounding(confidence), f"{path}.score", 0, 1)
        if beyond > PIXEL:
            self.report.warn(CLIPPED, f"{picture.name}: {path}")
        return {"category_id": category, "bbox": box, "score": score}

    def _box(self, numbers: list[float], path: str) -> tuple[Box, float]:
        """([left, top, width, height] as shares of the picture, confidence or 1); ``numbers``: after the class.

        They are centre and size, then keypoints where the data.yaml has them; or, without keypoints, a polygon of three
        points and more; a confidence may end the line. A Fault for any other count.
        """
        count = len(numbers)
        boxes = (4, 4 + self.n_keypoints)
        with_confidence = tuple(one + 1 for one in boxes)
        if count in boxes + with_confidence:
            x, y, width, height = numbers[:4]
            box: Box | None = [x - width / 2, y - height / 2, width, height]
        elif count >= 6 and not self.n_keypoints:
            box = box_of_points(numbers[: count // 2 * 2])
        else:
            box = None
        if box is None:
            raise Fault(f"{path}: must be class, x, y, width and height, or class and a polygon, "
                        f"got {count + 1} numbers")  # fmt: skip
        # A polygon has pairs of numbers, so an odd one at its end is the confidence.
        is_odd = count not in boxes and count % 2 == 1
        return box, numbers[-1] if is_odd or count in with_confidence else 1.0


def _lines(place: Path) -> list[tuple[int, list[str]]]:
    """(line number, words) of the lines that are not empty; a Fault where the file cannot be read."""
    try:
        text = read_bytes(place).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Fault("is not UTF-8 text") from None
    parts = [(at, line.split()) for at, line in enumerate(text.splitlines(), 1)]
    return [(at, words) for at, words in parts if words]


def _number(text: str, path: str) -> float:
    """The text as a finite number, else a Fault."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Fault(f"{path}: must be numbers, got {json_checks.shown(text)}")
    return number
