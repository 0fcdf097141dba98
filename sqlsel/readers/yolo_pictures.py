"""Finds the pictures of a YOLO dataset and the labels of each; data.yaml has many conventions for it."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sqlsel.errors import SqlselError
from sqlsel.readers import json_checks
from sqlsel.readers.frames import is_image
from sqlsel.readers.import_report import Report
from sqlsel.readers.strict import Fault, check_text, read_bytes

_MOST_CLASSES = 100_000
SPLITS = ("train", "val", "valid", "test")
NO_SPLIT = "splits whose pictures are not there are left out"
NO_PICTURE = "pictures of a list that are not there are left out"


class Picture(NamedTuple):
    """A picture: its name below the dataset's folder, its path, and where its labels may be, in order."""

    name: str
    path: Path
    labels: tuple[Path, ...]


@dataclass(frozen=True)
class DataYaml:
    """The content of a data.yaml: the folders that its paths may be relative to, its splits and its classes.

    ``n_keypoints``: how many numbers of keypoints a label has.
    """

    folders: tuple[Path, ...]
    splits: dict[str, list[str]]
    classes: list[dict[str, Any]]
    n_keypoints: int

    @classmethod
    def of(cls, source: Path) -> DataYaml:
        """Read a data.yaml; a Fault where it is none or lacks what is needed."""
        data = _yaml(source)
        if not isinstance(data, dict) or not ("names" in data or "nc" in data):
            raise Fault("must be a data.yaml with names and the folders train, val or test")
        splits = {split: _paths(data[split], split) for split in SPLITS if data.get(split)}
        if not splits:
            raise Fault("names no folder of images: train, val or test")
        here = source.resolve().parent
        root = here / str(data.get("path") or "")
        folders = (root, here) if root.is_dir() and root.resolve() != here else (here,)
        points = data.get("kpt_shape") or [0]
        if not isinstance(points, list) or not all(type(one) is int for one in points):
            json_checks.refuse("kpt_shape", "a list of integers", points)
        n_keypoints = points[0] * points[1] if len(points) > 1 else 0
        return cls(folders, splits, _classes(data), n_keypoints)


def pictures(data: DataYaml, report: Report) -> Iterator[Picture]:
    """The pictures of all splits, each once; a split that is missing is a warning, a Fault where all are."""
    seen: set[str] = set()
    missing: list[str] = []
    for split, paths in data.splits.items():
        for path in paths:
            place = _first_existing(path, data.folders)
            if place is None:
                places = dict.fromkeys(str(folder / path) for folder in data.folders)
                missing.append(f"{split}: there is no {' nor '.join(places)}")
                continue
            for name, one in _named(place, data, report):
                if name not in seen:
                    seen.add(name)
                    yield Picture(name, one, _labels(one))
    if missing and not seen:
        raise Fault(f"its pictures are not there: {'; '.join(missing)}")
    for text in missing:
        report.warn(NO_SPLIT, text)


def _yaml(source: Path) -> Any:
    """The value of a YAML file, read safely; SqlselError where PyYAML is not installed."""
    try:
        yaml = importlib.import_module("yaml")
    except ImportError as error:
        raise SqlselError(
            "the data.yaml of YOLO is read by PyYAML: pip install 'sqlsel[formats]'"
        ) from error
    try:
        return yaml.safe_load(read_bytes(source).decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Fault("is not UTF-8 text") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Fault(f"is no YAML: {' '.join(str(error).split())}") from error


def _paths(value: object, split: str) -> list[str]:
    """The paths of a split, which may be one or a list."""
    paths = value if isinstance(value, list) else [value]
    return [json_checks.text(path, split) for path in paths]


def _classes(data: dict[Any, Any]) -> list[dict[str, Any]]:
    """Number and name of each class, from a list, a mapping that may have gaps, or the count ``nc`` alone."""
    names = data.get("names")
    if names is None:
        names = list(range(json_checks.integer(data.get("nc"), "nc", 1, _MOST_CLASSES)))
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict):
        json_checks.refuse("names", "a list, or a mapping from numbers to names", names)
    return [{"id": number, "name": name} for number, name in names.items()]


def _named(place: Path, data: DataYaml, report: Report) -> Iterator[tuple[str, Path]]:
    """(name, path) of the pictures in a folder or a list; names that are not valid Unicode are skipped."""
    for picture in _listed(place, data, report) if place.is_file() else _below(place):
        name = _name(picture, data.folders)
        try:
            check_text(name)
        except Fault:
            report.skip(ascii(name), "its name is not valid Unicode")
        else:
            yield name, picture


def _first_existing(path: str, folders: tuple[Path, ...]) -> Path | None:
    """The first path that exists, also without ``../`` at its beginning, which exports for Roboflow have."""
    plain = path.replace("\\", "/")
    inner = plain
    while inner.startswith("../"):
        inner = inner.removeprefix("../")
    places = [folder / one for one in (plain, inner) for folder in folders]
    return next((place for place in places if place.exists()), None)


def _below(folder: Path) -> Iterator[Path]:
    """The pictures in a folder and below it, sorted by folder and name."""
    for above, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(above, file) for file in sorted(files) if is_image(file))


def _listed(file: Path, data: DataYaml, report: Report) -> Iterator[Path]:
    """The pictures that the lines of a text file name; missing ones are a warning."""
    if is_image(file.name):
        yield file
        return
    try:
        lines = read_bytes(file).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise Fault(f"{file}: must be a list of pictures, one per line") from None
    for line in filter(None, map(str.strip, lines)):
        place = _first_existing(line, (file.parent, *data.folders))
        if place is None:
            report.warn(NO_PICTURE, line)
        else:
            yield place


def _name(picture: Path, folders: tuple[Path, ...]) -> str:
    """The path relative to the dataset's folder; of a picture elsewhere the absolute path without its first ``/``."""
    path = Path(os.path.abspath(picture))  # noqa: PTH100 - links lead to where the labels are not
    for folder in folders:
        if path.is_relative_to(base := os.path.abspath(folder)):  # noqa: PTH100
            return path.relative_to(base).as_posix()
    return path.as_posix().lstrip("/")


def _labels(picture: Path) -> tuple[Path, ...]:
    """Where the labels may be: in ``labels`` instead of ``images`` in the path, and beside the picture."""
    beside = picture.with_suffix(".txt")
    parts = list(beside.parts)
    if "images" not in parts[:-1]:
        return (beside,)
    last = len(parts) - 2 - parts[-2::-1].index("images")
    parts[last] = "labels"
    return (Path(*parts), beside)
