"""On what an objective is defined: one class per input of a configuration, and how each is read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlsel.config.problems import LARGEST_INTEGER, Fields, shown
from sqlsel.config.vocabulary import INPUTS, LATER_NAMES, check_keys

_NAME = (re.compile(r"[a-zA-Z0-9_+=,.@:/-]*"), "may only contain letters, digits and _+=,.@:/-")
_TAG = (
    re.compile(r"[a-zA-Z0-9][a-zA-Z0-9 .:;=@_-]{2,}"),
    "is no tag name: at least 3 letters, digits, spaces and .:;=@_-, the first a letter or digit",
)


@dataclass(frozen=True)
class Embeddings:
    """The vector of each sample; with a dataset and a tag, the vectors to be similar to."""

    dataset_id: str | None = None
    tag_name: str | None = None
    type = "EMBEDDINGS"


@dataclass(frozen=True)
class Scores:
    """A number per sample: a score of a prediction task."""

    task: str
    score: str
    type = "SCORES"


@dataclass(frozen=True)
class Predictions:
    """The class row per sample of a prediction task."""

    task: str
    name: str = "CLASS_DISTRIBUTION"
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
    """The input that ``fields`` describe, or None if a problem was noted that leaves it open."""
    kind = fields.choice("type", INPUTS)
    if kind is None:
        return None
    check_keys(fields, ("type", *INPUTS[kind]), kind, INPUTS)
    match kind:
        case "EMBEDDINGS":
            return _embeddings(fields)
        case "SCORES":
            task = fields.text("task", "my_classification_task", _NAME)
            score = fields.text("score", "uncertainty_entropy", _NAME)
            return Scores(task, score) if task and score else None
        case "PREDICTIONS":
            task = fields.text("task", "my_classification_task", _NAME)
            name = fields.choice("name", ("CLASS_DISTRIBUTION",), later=LATER_NAMES)
            return Predictions(task, name) if task and name else None
        case "METADATA":
            key = fields.text("key", "weather.temperature")
            return Metadata(key) if key else None
    return Random(_seed(fields))


def _embeddings(fields: Fields) -> Embeddings | None:
    dataset = fields.text("dataset_id")
    tag = fields.text("tag_name", pattern=_TAG)
    unread = [fields.given("dataset_id") and not dataset, fields.given("tag_name") and not tag]
    return None if any(unread) else Embeddings(dataset, tag)


def _seed(fields: Fields) -> int | None:
    value = fields.values.get("random_seed")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_INTEGER:
        return value
    if value is not None:
        fields.problem(f"must be an integer, got {shown(value)}", "random_seed")
    return None
