"""Reads the dump of Lightly's pretagging model as predictions of the task ``lightly_pretagging``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from sqlsel.errors import InvalidInput
from sqlsel.readers import json_checks
from sqlsel.readers.batches import batches
from sqlsel.readers.import_report import Report
from sqlsel.readers.join_names import SampleNames, why_invalid
from sqlsel.readers.mending import (
    CLIPPED,
    PIXEL,
    Box,
    as_integer,
    clipped_to_image,
    report_left_out,
    undo_rounding,
)
from sqlsel.readers.predictions import UNKNOWN
from sqlsel.readers.read_model import OBJECT_DETECTION, Category, Task
from sqlsel.readers.read_objects import Parsed, to_columns
from sqlsel.readers.strict import Fault, load

CLASSES = ("bicycle", "bus", "car", "motorcycle", "person", "train", "truck")
TASK = Task(
    "lightly_pretagging",
    OBJECT_DETECTION,
    tuple(Category(number, name) for number, name in enumerate(CLASSES)),
)
RELATIVE = "boxes are kept as shares of the image, whose size is not known"
_LARGEST = 2**30
_FILES = 2_000  # per group of batches
_SHARE = 1e-3  # about a pixel, of images whose size is not known


def read_dump(
    path: Path,
    report: Report,
    *,
    names: Collection[str] | None = None,
    sizes: Mapping[str, tuple[int, int]] | None = None,
) -> tuple[Task, list[str], Iterator[pa.RecordBatch]]:
    """The task, the samples, and batches as ``read_predictions`` gives them; ``file`` is the dump.

    ``names``: the samples of the dataset; by default every name in the dump is one.
    ``sizes``: width and height of images, in pixels. Boxes of other images stay shares, between 0 and 1,
    with a warning. InvalidInput where the dump cannot be read.
    """
    try:
        value = load(path, largest=_LARGEST, finite=False)
        entries = json_checks.sequence(value, "the whole file")
    except Fault as fault:
        raise InvalidInput(f"{path}: {fault}") from fault
    dump = _Dump(path.name, names, sizes or {}, report)
    files: list[Parsed] = []
    for index, entry in enumerate(entries):
        try:
            files.append(dump.predictions(entry, f"[{index}]"))
        except Fault as fault:
            report.skip(path.name, str(fault))
    if unknown := [file.value["file_name"] for file in files if not file.objects_known]:
        report.warn(UNKNOWN, unknown[0], len(unknown))
    samples = [file.value["file_name"] for file in files]
    return TASK, samples, _batches(files)


def _batches(files: list[Parsed]) -> Iterator[pa.RecordBatch]:
    """The entries as record batches."""
    for start in range(0, len(files), _FILES):
        some = files[start : start + _FILES]
        yield from batches(to_columns(some, TASK), some, TASK)


class _Dump:
    """Reads the entries of a dump, each sample once."""

    def __init__(
        self,
        file: str,
        names: Collection[str] | None,
        sizes: Mapping[str, tuple[int, int]],
        report: Report,
    ) -> None:
        self._file = file
        self._names = None if names is None else frozenset(names)
        self._sizes = sizes
        self._sized = SampleNames(sizes)
        self._seen: set[str] = set()
        self.report = report

    def predictions(self, value: object, path: str) -> Parsed:
        """One entry of the dump as a parsed prediction file; a Fault where its name cannot be used.

        The objects are not known where its lists differ in length, or all boxes are unusable.
        """
        entry = json_checks.mapping(value, path)
        name = json_checks.text(json_checks.member(entry, "filename", path), f"{path}.filename")
        if self._names is not None and name not in self._names:
            raise Fault(f"{path}.filename: there is no sample {name!r}")
        if reason := why_invalid(name):
            raise Fault(f"{path}.filename: {reason}")
        if name in self._seen:
            raise Fault(f"{path}.filename: {name!r} appears twice")
        self._seen.add(name)
        try:
            rows = list(zip(*_lists(entry, path), strict=True))
        except Fault as fault:
            self.report.skip(self._file, str(fault))
            return Parsed(self._file, {"file_name": name, "predictions": []}, objects_known=False)
        sample = self._sized.sample(name)
        size = None if sample is None else self._sizes[sample]
        objects = [self._object(row, size, f"{path}.{{}}[{at}]") for at, row in enumerate(rows)]
        usable = [one for one in objects if one is not None]
        if usable and size is None:
            self.report.warn(RELATIVE, name)
        return Parsed(
            self._file, {"file_name": name, "predictions": usable}, bool(usable or not objects)
        )

    def _object(
        self, row: tuple[Any, Any, Any], size: tuple[int, int] | None, path: str
    ) -> dict[str, Any] | None:
        """A box with its label and its score; None, with a warning, where one of them cannot be used.

        ``path``: where it stands, with a placeholder for the name of the list.
        """
        box, label, score = row
        try:
            pixels, overhang = _box(box, path.format("boxes"), size or (1, 1))
            prediction = {
                "category_id": _category(label, path.format("labels")),
                "bbox": pixels,
                "score": json_checks.number(undo_rounding(score), path.format("scores"), 0, 1),
            }
        except Fault as fault:
            report_left_out(self.report, self._file, fault)
            return None
        if overhang > (PIXEL if size else _SHARE):
            self.report.warn(CLIPPED, f"{self._file}: {path.format('boxes')}")
        return prediction


def _lists(entry: dict[str, Any], path: str) -> tuple[list[Any], list[Any], list[Any]]:
    """Boxes, labels and scores of an entry; a Fault where they differ in length."""
    boxes, labels, scores = (
        json_checks.sequence(json_checks.member(entry, key, path), f"{path}.{key}")
        for key in ("boxes", "labels", "scores")
    )
    if not len(boxes) == len(labels) == len(scores):
        raise Fault(
            f"{path}: has {len(boxes)} boxes, {len(labels)} labels and {len(scores)} scores"
        )
    return boxes, labels, scores


def _category(value: object, path: str) -> int:
    """The number of a class by its name or number."""
    if isinstance(value, str):
        return CLASSES.index(str(json_checks.one_of(value, path, CLASSES)))
    number = json_checks.integer(as_integer(value), path)
    return number if number < len(CLASSES) else json_checks.refuse(path, "a number below 7", value)


def _box(value: object, path: str, size: tuple[int, int]) -> tuple[Box, float]:
    """[x, y, width, height] of two corners that are shares of the image, and how far the box reaches out."""
    corners = json_checks.sequence(value, path)
    if len(corners) != 4:
        raise Fault(f"{path}: must be [x1, y1, x2, y2], got {len(corners)} numbers")
    x1, y1, x2, y2 = (json_checks.number(c, f"{path}[{at}]") for at, c in enumerate(corners))
    if not (x1 < x2 and y1 < y2):
        raise Fault(f"{path}: must be [x1, y1, x2, y2] with x1 < x2 and y1 < y2")
    width, height = size
    sides = [x1 * width, y1 * height, (x2 - x1) * width, (y2 - y1) * height]
    return clipped_to_image(sides, path, width, height)
