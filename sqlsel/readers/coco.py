"""Reads COCO's JSON: images, categories and annotations, or the list of results that detectors write."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from sqlsel.config.problems import is_number
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
    is_box,
    report_left_out,
    undo_rounding,
)
from sqlsel.readers.read_model import Category
from sqlsel.readers.shapes import box_around
from sqlsel.readers.strict import Fault, load

NO_ANNOTATIONS = "the file has no annotations: what is on its images is not known"
SHARED_ID = (
    "images of different names share an id: their labels are left out, what is on them is not known"
)
SHARED_NAME = "images that are listed more than once are one; their labels are joined"
NO_IMAGE = "annotations of images that are not listed are left out"
OF_SHARED_ID = "annotations of an id that several images share are left out"
SHAPED = "boxes that are missing or unusable are made of the polygon or mask"
_LARGEST = 2**30


@dataclass
class _Image:
    """An image of the file, its size (infinite if unknown) and objects.

    ``is_annotated``: an annotation refers to it. ``is_ambiguous``: it shares its id, so its labels are not known.
    """

    name: str
    width: float = math.inf
    height: float = math.inf
    objects: list[dict[str, Any]] = field(default_factory=list)
    is_annotated: bool = False
    is_ambiguous: bool = False


def read_coco(
    source: Path, report: Report, images: Path | None = None
) -> tuple[tuple[Category, ...], list[Labelled]]:
    """The categories, and all images with their objects (None where these are not known).

    ``images``: the file with the images and categories that a list of results refers to. An image without
    annotations has no objects; if the file has no annotations at all, they are not known. A Fault where the
    file is not COCO's.
    """
    top, path = _read_top(source, images)
    categories = Categories(json_checks.member(top, "categories", ""), report)
    listed = _Images(source.name, report)
    for at, entry in enumerate(
        json_checks.sequence(json_checks.member(top, "images", ""), "images")
    ):
        listed.add(entry, f"images[{at}]")
    if "annotations" in top:
        rows = json_checks.sequence(top["annotations"], "annotations")
        for at, row in enumerate(rows):
            _annotate(row, f"{path}[{at}]", listed, categories, report)
    else:
        report.warn(NO_ANNOTATIONS, source.name)
    return categories.listed, listed.labelled(unknown="annotations" not in top)


def _read_top(source: Path, images: Path | None) -> tuple[dict[str, Any], str]:
    """The file as an annotation file, and the path of its annotations in it.

    Images and categories come from the other file where it has none.
    """
    value, path = load(source, largest=_LARGEST, finite=False), "annotations"
    if isinstance(value, list):
        value, path = {"annotations": value}, ""
        if images is None:
            raise Fault(
                "is a list of results, which names images and categories by numbers only; give the "
                "annotation file that they are of: --images FILE"
            )
    top = json_checks.mapping(value, "the whole file")
    if images is None:
        return top, path
    try:
        other = json_checks.mapping(load(images, largest=_LARGEST, finite=False), "the whole file")
    except Fault as fault:
        raise Fault(f"--images {images}: {fault}") from fault
    shared = {key: other[key] for key in ("images", "categories") if key in other}
    return shared | top, path


class _Images:
    """The images of a file; ``of`` finds them by the ids that annotations have."""

    def __init__(self, file: str, report: Report) -> None:
        self._file, self._report = file, report
        self._by_name: dict[str, _Image] = {}
        self._by_id: dict[str, list[_Image]] = {}
        self._by_stem: dict[str, list[_Image]] = {}

    def add(self, entry: object, path: str) -> None:
        """Add an entry of ``images``; one without id or name is reported as skipped."""
        try:
            image_entry = json_checks.mapping(entry, path)
            number = text_of(json_checks.member(image_entry, "id", path), f"{path}.id")
            name = json_checks.text(
                json_checks.member(image_entry, "file_name", path), f"{path}.file_name"
            )
        except Fault as fault:
            return self._report.skip(self._file, str(fault))
        if name in self._by_name:
            self._report.warn(SHARED_NAME, name)
        else:
            self._by_name[name] = _Image(
                name, _side(image_entry, "width"), _side(image_entry, "height")
            )
            for stem in {name, PurePosixPath(name).stem}:
                self._by_stem.setdefault(stem, []).append(self._by_name[name])
        sharing, image = self._by_id.setdefault(number, []), self._by_name[name]
        if image not in sharing:
            sharing.append(image)
        if len(sharing) == 2:  # one warning per id, not one per image
            self._report.warn(SHARED_ID, f"{number}: {sharing[0].name}, {name}")
        if len(sharing) > 1:
            sharing[0].is_ambiguous = image.is_ambiguous = True
        return None

    def of(self, value: object, path: str) -> list[_Image]:
        """The images with this id, several where they share it; else the one of this name, as some detectors write."""
        key = text_of(value, path)
        if key not in self._by_id and key.isdecimal():  # detectors write 000000139 for image 139
            key = str(int(key))
        stems = self._by_stem.get(key, [])
        return self._by_id.get(key) or (stems if len(stems) == 1 else [])

    def labelled(self, *, unknown: bool) -> list[Labelled]:
        """All images with their objects: None where ``unknown``, and where all annotations of one were left out."""
        return [
            Labelled(one.name, None if unknown or self._has_unknown_objects(one) else one.objects)
            for one in self._by_name.values()
        ]

    def _has_unknown_objects(self, image: _Image) -> bool:
        """Whether the image's objects are not known: all its annotations were left out, or its id is shared."""
        if image.is_annotated and not image.objects and not image.is_ambiguous:
            self._report.warn(ALL_LEFT_OUT, image.name)
            return True
        return image.is_ambiguous


def _side(entry: dict[str, Any], key: str) -> float:
    """The width or height in pixels; infinite where it is missing, so that no box is clipped."""
    value = entry.get(key)
    return float(value) if is_number(value) and value > 0 else math.inf


def text_of(value: object, path: str) -> str:
    """An id as text, so that 1, 1.0 and "1" are equal, and integers may be of any size."""
    number = as_integer(value)
    if isinstance(number, bool) or not isinstance(number, int | str) or number == "":
        json_checks.refuse(path, "a number or a text", value)
    return str(number)


def _annotate(
    row: object, path: str, images: _Images, categories: Categories, report: Report
) -> None:
    """Add an annotation to its image; one that cannot be used is reported and left out."""
    try:
        entry = json_checks.mapping(row, path)
        number = json_checks.member(entry, "image_id", path)
        images_of_id = images.of(number, f"{path}.image_id")
    except Fault as fault:
        return report_left_out(report, "", fault)
    if len(images_of_id) != 1:
        kind = OF_SHARED_ID if images_of_id else NO_IMAGE
        return report.warn(kind, f"{path}.image_id: {json_checks.shown(number)}")
    image = images_of_id[0]
    image.is_annotated = True
    try:
        image.objects.append(_object(entry, path, image, categories, report))
    except Fault as fault:
        report_left_out(report, "", fault)
    return None


def _object(
    entry: dict[str, Any], path: str, image: _Image, categories: Categories, report: Report
) -> dict[str, Any]:
    """An annotation as an object of a prediction file; a Fault where it cannot be used. A missing score is 1."""
    category = categories.number(json_checks.member(entry, "category_id", path), path)
    score = entry.get("score")
    confidence = (
        1.0 if score is None else json_checks.number(undo_rounding(score), f"{path}.score", 0, 1)
    )
    box, overhang = clipped_to_image(
        _box(entry, path, report), f"{path}.bbox", image.width, image.height
    )
    if overhang > PIXEL:
        report.warn(CLIPPED, f"{path}.bbox")
    return {"category_id": category, "bbox": box, "score": confidence}


def _box(entry: dict[str, Any], path: str, report: Report) -> Box:
    """The bounding box; where it is missing or unusable, the one around the polygons or the mask."""
    value = entry.get("bbox")
    if is_box(value) and value[2] > 0 < value[3]:
        return [float(side) for side in value]
    if (around := box_around(entry.get("segmentation"))) is not None:
        report.warn(SHAPED, f"{path}.bbox")
        return around
    raise Fault(
        f"{path}.bbox: must be [x, y, width, height] with an area, got {_shortened(value)}, and there "
        "is no polygon or mask"
    )


def _shortened(value: object) -> str:
    """The value for a message, at most 60 characters of a list."""
    return str(value)[:60] if isinstance(value, list) else json_checks.shown(value)
