"""Reads Label Studio's JSON export: annotations of people and predictions of models, a task per control.

A control is a tag of the labelling page: rectangles, polygons and ellipses make a task of objects, choices
one of classes. Predictions are a task of their own, ``<control>_predictions``.
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
from sqlsel.readers.join_names import SampleNames, normalized, why_invalid
from sqlsel.readers.label_studio_results import Control, Result, Side, read_results
from sqlsel.readers.labelled import ALL_LEFT_OUT, Labelled, as_prediction_files, read_batches
from sqlsel.readers.read_model import Category, Task
from sqlsel.readers.strict import Fault, load

SEVERAL = "images that are annotated more than once: the ground truth is read, else the last one"
VERSIONS = "images with predictions of several models: the last one is read"
BY_NUMBER = "annotations and predictions that are given by number only are left out"
PREDICTED = "_predictions"
_IMAGE_KEYS = ("image", "img", "image_url", "url", "file")
_LARGEST = 2**30


@dataclass(frozen=True)
class ExistingData:
    """What the dataset has already: width and height of its images, and the categories of its tasks."""

    sizes: Mapping[str, Side] = field(default_factory=dict)
    categories: Mapping[str, Sequence[Category]] = field(default_factory=dict)


@dataclass
class _Image:
    """An image with its results, by people and by models; None where there are none of that kind."""

    name: str
    by_people: list[Result] | None = None
    by_model: list[Result] | None = None


Found = tuple[list[str], list[tuple[Task, Iterator[pa.RecordBatch]]]]


def read_label_studio(
    source: Path,
    report: Report,
    *,
    task: str | None = None,
    key: str | None = None,
    existing: ExistingData | None = None,
) -> Found:
    """The names of all images, and the tasks with their batches, as ``read_predictions`` gives them.

    ``task``: the task's name, if there is one control only; by default the control's. ``key``: the key
    of ``data`` that names the image. ``existing``: sizes turn percent into pixels, and categories keep their ids.
    InvalidInput where the file cannot be used.
    """
    existing = existing or ExistingData()
    try:
        entries = json_checks.sequence(load(source, largest=_LARGEST), "the whole file")
        images = _Reader(source.name, report, key, existing).images(entries)
        named = _task_names(_controls(images), task)
    except Fault as fault:
        raise InvalidInput(f"{source}: {fault}") from fault
    tasks = []
    for control, name in named.items():
        listed = _categories(control, images, existing.categories.get(name, ()))
        for by_model in _sources(control, images):
            one = Task(f"{name}{PREDICTED}" if by_model else name, control.type, listed)
            labelled = [_labelled(i, control, listed, report, by_model=by_model) for i in images]
            tasks.append(
                (one, read_batches(as_prediction_files(source, labelled, report), one, report))
            )
    return [image.name for image in images], tasks


class _Reader:
    """Reads the entries of an export, each of them one image."""

    def __init__(self, file: str, report: Report, key: str | None, existing: ExistingData) -> None:
        self._file, self._report, self._key = file, report, key
        self._sizes, self._names = existing.sizes, SampleNames(existing.sizes)

    def images(self, entries: Sequence[object]) -> list[_Image]:
        """The images; entries that cannot be read, and a second one of the same name, are reported as skipped."""
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
        """An entry as an image with the results of both kinds."""
        data = json_checks.mapping(json_checks.member(entry, "data", path), f"{path}.data")
        name = _name(data, self._key, f"{path}.data")
        sample = self._names.sample(name)
        size = None if sample is None else self._sizes[sample]
        results = {
            kind: self._results(entry.get(kind) or entry.get(old), f"{path}.{kind}", name, size)
            for kind, old in (("annotations", "completions"), ("predictions", ""))
        }
        return _Image(name, results["annotations"], results["predictions"])

    def _results(
        self, value: object, path: str, name: str, size: Side | None
    ) -> list[Result] | None:
        """The results of one annotation (or prediction) of an image; None where there is none.

        Of several the ground truth counts, else the newest.
        """
        listed = [] if value is None else json_checks.sequence(value, path)
        usable = [(at, one) for at, one in enumerate(listed) if isinstance(one, dict)]
        if len(usable) < len(listed):
            self._report.warn(BY_NUMBER, f"{self._file}: {path}", len(listed) - len(usable))
        # A cancelled annotation is one that its author skipped.
        usable = [(at, one) for at, one in usable if not one.get("was_cancelled")]
        if not usable:
            return None
        if len(usable) > 1:
            self._report.warn(SEVERAL if path.endswith("annotations") else VERSIONS, name)
        at, one = max(
            usable,
            key=lambda two: (bool(two[1].get("ground_truth")), _time_of_change(two[1]), two[0]),
        )
        results = json_checks.sequence(one.get("result") or [], f"{path}[{at}].result")
        score = one.get("score") if path.endswith("predictions") else None
        return read_results(results, f"{path}[{at}].result", self._report, (name, size, score))


def _time_of_change(one: dict[str, Any]) -> str:
    """The time at which an annotation was changed, as text that sorts by time."""
    return str(one.get("updated_at") or one.get("created_at") or "")


def _name(data: dict[str, Any], key: str | None, path: str) -> str:
    """The name of the image of an entry; for an uploaded or local file its path below the folder.

    Without ``key`` the usual keys are tried, else the only value that looks like an image.
    """
    texts = {k: v for k, v in data.items() if isinstance(v, str) and v}
    if key is not None:
        value = json_checks.text(json_checks.member(data, key, path), f"{path}.{key}")
    else:
        usual = [k for k in _IMAGE_KEYS if k in texts]
        likely = usual or [k for k, v in texts.items() if is_image(normalized(v))]
        if len(likely) != 1 and not usual:
            keys = ", ".join(data) or "nothing"
            raise Fault(f"{path}: which key names the image? give it with --id KEY; it has {keys}")
        value = texts[likely[0]]
    name = normalized(value) if "/data/" in value else value
    if reason := why_invalid(name):
        raise Fault(f"{path}: {reason}")
    return name


def _sources(control: Control, images: Sequence[_Image]) -> list[bool]:
    """Which results a control has: of people (False), of models (True), in this order."""
    return [
        by_model
        for by_model in (False, True)
        if any(r.control == control for i in images for r in _results(i, by_model=by_model) or ())
    ]


def _results(image: _Image, *, by_model: bool) -> list[Result] | None:
    """The results of one source: of models, or of people."""
    return image.by_model if by_model else image.by_people


def _controls(images: Sequence[_Image]) -> list[Control]:
    """The controls with a result, in the order of the file; a Fault where there is none."""
    controls = [
        result.control
        for image in images
        for result in [*(image.by_people or ()), *(image.by_model or ())]
    ]
    if not controls:
        raise Fault("holds no rectangles, polygons, ellipses or choices")
    return list(dict.fromkeys(controls))


def _task_names(controls: Sequence[Control], task: str | None) -> dict[Control, str]:
    """The name of each control's task: ``task`` for a single one, else the control's, with its type if two share it."""
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
    """The categories of a task: those that it has already, then new labels, sorted."""
    every = [r for image in images for r in [*(image.by_people or ()), *(image.by_model or ())]]
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
    by_model: bool,
) -> Labelled:
    """The objects of an image by one control; None where it was not labelled, or all objects were left out."""
    results = _results(image, by_model=by_model)
    if results is None:
        return Labelled(image.name, None)
    of_control = [result for result in results if result.control == control]
    numbers = {category.name: category.id for category in categories}
    objects = [
        {"category_id": numbers[one.label], **one.value}
        for one in of_control
        if one.value is not None
    ]
    if of_control and not objects:
        report.warn(ALL_LEFT_OUT, image.name)
    is_known = bool(objects) or (not of_control and control.can_be_empty)
    return Labelled(image.name, objects if is_known else None)
