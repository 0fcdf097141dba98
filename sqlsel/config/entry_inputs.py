"""The inputs of a configuration: one class per type, and how each is read from its fields."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlsel.config.problems import LARGEST_INTEGER, Fields, describe, is_integer, sql_fault
from sqlsel.config.vocabulary import INPUTS, NAMES, check_keys

TASK = (re.compile(r"[a-zA-Z0-9_+=,.@:/-]*"), "may only contain letters, digits and _+=,.@:/-")
_TAG = (
    re.compile(r"[a-zA-Z0-9][a-zA-Z0-9 .:;=@_-]{2,}"),
    "is no tag name: at least 3 letters, digits, spaces and .:;=@_-, the first a letter or digit",
)


@dataclass(frozen=True)
class Embeddings:
    """The vector of each sample; for SIMILARITY also the query set, by dataset and tag.

    ``task``: vectors of the objects of that task instead. ``tag_name`` without a dataset: a tag of the
    data itself. ``model``: the column of vectors. ``objects``: without a task, the only one that has vectors.
    """

    dataset_id: str | None = None
    tag_name: str | None = None
    task: str | None = None
    model: str | None = None
    objects: bool = False
    type = "EMBEDDINGS"


@dataclass(frozen=True)
class Scores:
    """A number per sample: a score of a prediction task."""

    task: str
    score: str
    type = "SCORES"


@dataclass(frozen=True)
class Predictions:
    """Of a prediction task per sample: its class row, or how many objects are of ``categories``.

    LABEL_COUNT is how many objects are of each class, in the task or, if it is None, in the only
    one that has objects.
    """

    task: str | None
    name: str = "CLASS_DISTRIBUTION"
    categories: tuple[str, ...] = ()
    type = "PREDICTIONS"


@dataclass(frozen=True)
class Metadata:
    """A number or a category per sample, found by its dotted path."""

    key: str
    type = "METADATA"


@dataclass(frozen=True)
class Random:
    """A number in [0, 1) per sample, made of its id and the seed, by default that of the run."""

    random_seed: int | None = None
    type = "RANDOM"


Input = Embeddings | Scores | Predictions | Metadata | Random


def read_input(fields: Fields) -> Input | None:
    """The input that ``fields`` describe, or None if it has a problem, which is noted."""
    kind = fields.choice("type", INPUTS)
    if kind is None:
        return None
    check_keys(fields, ("type", *INPUTS[kind]), kind, INPUTS)
    match kind:
        case "EMBEDDINGS":
            return _embeddings(fields)
        case "SCORES":
            task = fields.text("task", "my_classification_task", TASK)
            score = fields.text("score", "uncertainty_entropy", TASK)
            return Scores(task, score) if task and score else None
        case "PREDICTIONS":
            return _predictions(fields)
        case "METADATA":
            key = fields.text("key", "weather.temperature")
            return Metadata(key) if key else None
    return Random(_seed(fields))


def _embeddings(fields: Fields) -> Embeddings | None:
    dataset = fields.text("dataset_id")
    tag = fields.text("tag_name", pattern=_TAG)
    task = fields.text("task", pattern=TASK)
    texts = {"dataset_id": dataset, "tag_name": tag, "task": task}
    unfit = [key for key, text in texts.items() if fields.has(key) and not text]
    return None if unfit else Embeddings(dataset, tag, task)


def _predictions(fields: Fields) -> Predictions | None:
    task = fields.text("task", "my_classification_task", TASK)
    name = fields.choice("name", NAMES)
    categories: tuple[str, ...] | None = ()
    if name == "CATEGORY_COUNT":
        categories = _categories(fields)
    elif name and fields.has("categories"):
        fields.problem(f"'categories' belongs to CATEGORY_COUNT, not to {name}")
    if not task or not name or categories is None:
        return None
    return Predictions(task, name, categories)


def _categories(fields: Fields) -> tuple[str, ...] | None:
    """Names of classes, each once."""
    listed = fields.listed("categories", "the names of the classes to count")
    names: list[str] = []
    for name in listed or ():
        if not isinstance(name, str) or not name:
            fields.problem(f"a class must be a name, got {describe(name)}", "categories")
        elif fault := sql_fault(name):
            fields.problem(f"a class {fault}", "categories")
        elif name in names:
            fields.problem(f"{name!r} appears twice", "categories")
        else:
            names.append(name)
    return tuple(names) if listed and len(names) == len(listed) else None


def _seed(fields: Fields) -> int | None:
    value = fields.values.get("random_seed")
    if is_integer(value) and abs(value) <= LARGEST_INTEGER:
        return value
    if value is not None:
        fields.problem(f"must be an integer, got {describe(value)}", "random_seed")
    return None
