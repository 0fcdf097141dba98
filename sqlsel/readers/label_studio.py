"""Label Studio's JSON export: what people marked, and what models predicted, as one task per control.

A control is a tag of the labelling page: rectangles, polygons and ellipses make a task of objects, choices
one of classes. What is predicted is a task of its own, ``<control>_predictions``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from sqlsel.errors import InvalidInput
from sqlsel.readers import json_checks
from sqlsel.readers.frames import is_image
from sqlsel.readers.import_report import Report
from sqlsel.readers.join_names import Names, plain, unusable
from sqlsel.readers.label_studio_results import Control, Result, Side, read_results
from sqlsel.readers.labelled import ALL_LEFT_OUT, Labelled, batches_of, files_of
from sqlsel.readers.read_model import Category, Task
from sqlsel.readers.strict import Fault, load

SEVERAL = "images that are annotated more than once: the ground truth is read, else the last one"
VERSIONS = "images with predictions of several models: the last one is read"
BY_NUMBER = "annotations and predictions that are given by number only are left out"
PREDICTED = "_predictions"
_IMAGE_KEYS = ("image", "img", "image_url", "url", "file")
_LARGEST = 2**30


@dataclass(frozen=True)
class Known:
    """What the dataset knows: width and height of images, and the categories of tasks."""

    sizes: Mapping[str, Side] = field(default_factory=dict)
    categories: Mapping[str, Sequence[Category]] = field(default_factory=dict)


@dataclass
class _Image:
    """An image and its results, by people and by models; None where it was not labelled."""

    name: str
    marked: list[Result] | None = None
    predicted: list[Result] | None = None


Found = tuple[list[str], list[tuple[Task, Iterator[pa.RecordBatch]]]]


def read_label_studio(
    source: Path,
    report: Report,
    *,
    task: str | None = None,
    key: str | None = None,
    known: Known | None = None,
) -> Found:
    """The names of all images, and the tasks with their batches, as ``read_predictions`` gives them.

    ``task``: the name of the only control's task, else it is that of the control. ``key``: the key
    of ``data`` that names the image.
    """
    known = known or Known()
    try:
        entries = json_checks.sequence(load(source, largest=_LARGEST), "the whole file")
        images = _Reader(source.name, report, key, known).images(entries)
        named = _named(_controls(images), task)
    except Fault as fault:
        raise InvalidInput(f"{source}: {fault}") from fault
    tasks = []
    for control, name in named.items():
        listed = _categories(control, images, known.categories.get(name, ()))
        for predicted in _kinds(control, images):
            one = Task(f"{name}{PREDICTED}" if predicted else name, control.type, listed)
            found = [_labelled(i, control, listed, report, predicted=predicted) for i in images]
            tasks.append((one, batches_of(files_of(source, found, report), one, report)))
    return [image.name for image in images], tasks


class _Reader:
    """Reads the entries of an export, each of them one image."""

    def __init__(self, file: str, report: Report, key: str | None, known: Known) -> None:
        self._file, self._report, self._key = file, report, key
        self._sizes, self._names = known.sizes, Names(known.sizes)

    def images(self, entries: Sequence[object]) -> list[_Image]:
        """The images, each name once."""
        images: dict[str, _Image] = {}
        for at, entry in enumerate(entries):
            try:
                image = self._image(json_checks.mapping(entry, f"[{at}]"), f"[{at}]")
                if image.name in images:
                    raise Fault(f"[{at}].data: {image.name!r} appears twice")
                images[image.name] = image
            except Fault as fault:
                self._report.skip(self._file, str(fault))
        if entries and not images:
            raise Fault("no entry can be read; export the project in the format JSON")
        return list(images.values())

    def _image(self, entry: dict[str, Any], path: str) -> _Image:
        data = json_checks.mapping(json_checks.member(entry, "data", path), f"{path}.data")
        name = _name(data, self._key, f"{path}.data")
        sample = self._names.sample(name)
        size = None if sample is None else self._sizes[sample]
        found = {
            kind: self._results(entry.get(kind) or entry.get(old), f"{path}.{kind}", name, size)
            for kind, old in (("annotations", "completions"), ("predictions", ""))
        }
        return _Image(name, found["annotations"], found["predictions"])

    def _results(
        self, value: object, path: str, name: str, size: Side | None
    ) -> list[Result] | None:
        """What one of the annotations or predictions says; None where there is none."""
        listed = [] if value is None else json_checks.sequence(value, path)
        usable = [(at, one) for at, one in enumerate(listed) if isinstance(one, dict)]
        if len(usable) < len(listed):
            self._report.warn(BY_NUMBER, f"{self._file}: {path}", len(listed) - len(usable))
        usable = [(at, one) for at, one in usable if not one.get("was_cancelled")]
        if not usable:
            return None
        if len(usable) > 1:
            self._report.warn(SEVERAL if path.endswith("annotations") else VERSIONS, name)
        at, one = max(
            usable, key=lambda two: (bool(two[1].get("ground_truth")), _time(two[1]), two[0])
        )
        results = json_checks.sequence(one.get("result") or [], f"{path}[{at}].result")
        score = one.get("score") if path.endswith("predictions") else None
        return read_results(results, f"{path}[{at}].result", self._report, (name, size, score))


def _time(one: dict[str, Any]) -> str:
    return str(one.get("updated_at") or one.get("created_at") or "")


def _name(data: dict[str, Any], key: str | None, path: str) -> str:
    """The image that an entry is about; of an uploaded or local file its name below the folder."""
    texts = {k: v for k, v in data.items() if isinstance(v, str) and v}
    if key is not None:
        value = json_checks.text(json_checks.member(data, key, path), f"{path}.{key}")
    else:
        usual = [k for k in _IMAGE_KEYS if k in texts]
        likely = usual or [k for k, v in texts.items() if is_image(plain(v))]
        if len(likely) != 1 and not usual:
            known = ", ".join(data) or "nothing"
            raise Fault(f"{path}: which key names the image? give it with --id KEY; it has {known}")
        value = texts[likely[0]]
    name = plain(value) if "/data/" in value else value
    if reason := unusable(name):
        raise Fault(f"{path}: {reason}")
    return name


def _kinds(control: Control, images: Sequence[_Image]) -> list[bool]:
    """Whether there are results of people (False), and of models (True)."""
    return [
        predicted
        for predicted in (False, True)
        if any(r.control == control for i in images for r in _results(i, predicted=predicted) or ())
    ]


def _results(image: _Image, *, predicted: bool) -> list[Result] | None:
    return image.predicted if predicted else image.marked


def _controls(images: Sequence[_Image]) -> list[Control]:
    """The controls of which there is a result, in the order in which they come."""
    found = [
        result.control
        for image in images
        for result in [*(image.marked or ()), *(image.predicted or ())]
    ]
    if not found:
        raise Fault("holds no rectangles, polygons, ellipses or choices")
    return list(dict.fromkeys(found))


def _named(controls: Sequence[Control], task: str | None) -> dict[Control, str]:
    """The name of each control's task."""
    if task is not None:
        if len(controls) > 1:
            several = ", ".join(control.name for control in controls)
            raise Fault(
                f"has results of several controls, each of which becomes a task: {several}; "
                "leave --task away"
            )
        return {controls[0]: task}
    names = [control.name for control in controls]
    return {
        one: one.name if names.count(one.name) == 1 else f"{one.name}_{one.type}"
        for one in controls
    }


def _categories(
    control: Control, images: Sequence[_Image], before: Sequence[Category]
) -> tuple[Category, ...]:
    """The labels that occur, sorted, behind those that the task has already."""
    every = [r for image in images for r in [*(image.marked or ()), *(image.predicted or ())]]
    labels = {result.label for result in every if result.control == control}
    new = sorted(labels - {category.name for category in before} - {""})
    first = max((category.id for category in before), default=-1) + 1
    return (*before, *(Category(first + at, label) for at, label in enumerate(new)))


def _labelled(
    image: _Image,
    control: Control,
    categories: Sequence[Category],
    report: Report,
    *,
    predicted: bool,
) -> Labelled:
    """The objects of an image by one control; None where it was not labelled, or all were left out."""
    results = _results(image, predicted=predicted)
    if results is None:
        return Labelled(image.name, None)
    own = [result for result in results if result.control == control]
    numbers = {category.name: category.id for category in categories}
    objects = [
        {"category_id": numbers[one.label], **one.value} for one in own if one.value is not None
    ]
    if own and not objects:
        report.warn(ALL_LEFT_OUT, image.name)
    is_known = bool(objects) or (not own and control.may_be_nothing)
    return Labelled(image.name, objects if is_known else None)
