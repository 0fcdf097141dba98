"""COCO's JSON: images, categories and annotations; or the list of results that detectors write."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from sqlsel.readers import json_checks
from sqlsel.readers.categories import Categories
from sqlsel.readers.import_report import Report
from sqlsel.readers.labelled import ALL_LEFT_OUT, Labelled
from sqlsel.readers.mending import CLIPPED, PIXEL, Box, left_out, share, whole, within
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
    """An image, its size and objects; ``is_told``: whether annotations mention it."""

    name: str
    width: float = math.inf
    height: float = math.inf
    objects: list[dict[str, Any]] = field(default_factory=list)
    is_told: bool = False
    is_unknown: bool = False


def read_coco(
    source: Path, report: Report, images: Path | None = None
) -> tuple[tuple[Category, ...], list[Labelled]]:
    """The categories, and all images with their objects; None where these are not known.

    ``images``: the file with the images and categories that a list of results speaks of. An image
    that is listed and has no annotation has no objects. A Fault where the file is no COCO.
    """
    top, path = _whole(source, images)
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


def _whole(source: Path, images: Path | None) -> tuple[dict[str, Any], str]:
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
        beside = json_checks.mapping(load(images, largest=_LARGEST, finite=False), "the whole file")
    except Fault as fault:
        raise Fault(f"--images {images}: {fault}") from fault
    shared = {key: beside[key] for key in ("images", "categories") if key in beside}
    return shared | top, path


class _Images:
    """The images of a file, found by the ids that annotations have."""

    def __init__(self, file: str, report: Report) -> None:
        self._file, self._report = file, report
        self._by_name: dict[str, _Image] = {}
        self._by_id: dict[str, list[_Image]] = {}
        self._by_stem: dict[str, list[_Image]] = {}

    def add(self, entry: object, path: str) -> None:
        """Take in one entry of ``images``."""
        try:
            told = json_checks.mapping(entry, path)
            number = text_of(json_checks.member(told, "id", path), f"{path}.id")
            name = json_checks.text(
                json_checks.member(told, "file_name", path), f"{path}.file_name"
            )
        except Fault as fault:
            return self._report.skip(self._file, str(fault))
        if name in self._by_name:
            self._report.warn(SHARED_NAME, name)
        else:
            self._by_name[name] = _Image(name, _side(told, "width"), _side(told, "height"))
            for stem in {name, PurePosixPath(name).stem}:
                self._by_stem.setdefault(stem, []).append(self._by_name[name])
        sharing, image = self._by_id.setdefault(number, []), self._by_name[name]
        if image not in sharing:
            sharing.append(image)
        if len(sharing) == 2:
            self._report.warn(SHARED_ID, f"{number}: {sharing[0].name}, {name}")
        if len(sharing) > 1:
            sharing[0].is_unknown = image.is_unknown = True
        return None

    def of(self, value: object, path: str) -> list[_Image]:
        """The images of this id, else the one that is called so, as some detectors write."""
        key = text_of(value, path)
        if key not in self._by_id and key.isdecimal():
            key = str(int(key))
        stems = self._by_stem.get(key, [])
        return self._by_id.get(key) or (stems if len(stems) == 1 else [])

    def labelled(self, *, unknown: bool) -> list[Labelled]:
        """All images with their objects: None where they are ``unknown``, or none of some can be used."""
        return [
            Labelled(one.name, None if unknown or self._is_unknown(one) else one.objects)
            for one in self._by_name.values()
        ]

    def _is_unknown(self, image: _Image) -> bool:
        if image.is_told and not image.objects and not image.is_unknown:
            self._report.warn(ALL_LEFT_OUT, image.name)
            return True
        return image.is_unknown


def _side(entry: dict[str, Any], key: str) -> float:
    """Width or height; what is not known has no end."""
    value = entry.get(key)
    return float(value) if json_checks.is_number(value) and value > 0 else math.inf  # type: ignore[operator,arg-type]


def text_of(value: object, path: str) -> str:
    """An id as text: numbers may be of any size, and written as 1.0."""
    found = whole(value)
    if isinstance(found, bool) or not isinstance(found, int | str) or found == "":
        json_checks.refuse(path, "a number or a text", value)
    return str(found)


def _annotate(
    row: object, path: str, images: _Images, categories: Categories, report: Report
) -> None:
    """Add an object to its image; the report says why one cannot be used."""
    try:
        entry = json_checks.mapping(row, path)
        number = json_checks.member(entry, "image_id", path)
        found = images.of(number, f"{path}.image_id")
    except Fault as fault:
        return left_out(report, "", fault)
    if len(found) != 1:
        kind = OF_SHARED_ID if found else NO_IMAGE
        return report.warn(kind, f"{path}.image_id: {json_checks.shown(number)}")
    image = found[0]
    image.is_told = True
    try:
        image.objects.append(_object(entry, path, image, categories, report))
    except Fault as fault:
        left_out(report, "", fault)
    return None


def _object(
    entry: dict[str, Any], path: str, image: _Image, categories: Categories, report: Report
) -> dict[str, Any]:
    """An annotation as a prediction file would hold it; a Fault where it cannot be used."""
    category = categories.number(json_checks.member(entry, "category_id", path), path)
    score = entry.get("score")
    told = 1.0 if score is None else json_checks.number(share(score), f"{path}.score", 0, 1)
    box, beyond = within(_box(entry, path, report), f"{path}.bbox", image.width, image.height)
    if beyond > PIXEL:
        report.warn(CLIPPED, f"{path}.bbox")
    return {"category_id": category, "bbox": box, "score": told}


def _box(entry: dict[str, Any], path: str, report: Report) -> Box:
    """The box; around the polygons or the mask where it is missing."""
    value = entry.get("bbox")
    if (
        isinstance(value, list)
        and len(value) == 4
        and all(map(json_checks.is_number, value))
        and value[2] > 0 < value[3]
    ):
        return [float(side) for side in value]
    if (around := box_around(entry.get("segmentation"))) is not None:
        report.warn(SHAPED, f"{path}.bbox")
        return around
    raise Fault(
        f"{path}.bbox: must be [x, y, width, height] with an area, got {_written(value)}, and there "
        "is no polygon or mask"
    )


def _written(value: object) -> str:
    return str(value)[:60] if isinstance(value, list) else json_checks.shown(value)
