"""Gathers the predictions of many files into NumPy columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlsel.readers.prediction_rules import LISTS, NUMBERS, OPTIONAL
from sqlsel.readers.read_model import CLASSIFICATION, Task

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class Unfit(Exception):
    """Some file of the batch breaks a rule; which one is found by checking them one by one."""


@dataclass(frozen=True)
class Parsed:
    """A file and its value; ``objects_known``: False where faults make it unknown which objects there are."""

    path: str
    value: Any
    objects_known: bool = True


@dataclass(frozen=True)
class Lists:
    """A list of numbers per object, concatenated; ``present``: which objects have one."""

    values: npt.NDArray[Any]
    lengths: Integers
    present: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Columns:
    """All objects of some files, column by column; ``counts``: the number of objects of each file.

    ``categories`` are ids, ``positions`` their places among the task's categories.
    """

    counts: Integers
    categories: Integers
    positions: Integers
    scores: Floats
    probabilities: Lists
    shapes: dict[str, Lists]


def to_columns(files: Sequence[Parsed], task: Task) -> Columns:
    """The columns of all files; Unfit where a key is missing or a value has another type."""
    try:
        return _to_columns(files, task)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise Unfit from error


def _to_columns(files: Sequence[Parsed], task: Task) -> Columns:
    """The columns; any wrong type or missing key raises one of the errors that ``to_columns`` catches."""
    listed = [_list(file.value["predictions"]) for file in files]
    if not {type(file.value["file_name"]) for file in files} <= {str}:
        raise TypeError
    objects = list(chain.from_iterable(listed))
    places = {category.id: at for at, category in enumerate(task.categories)}
    ids = [one["category_id"] for one in objects]
    _of_type(ids, {int})  # before NumPy converts them: it would take true for 1
    positions = np.fromiter((places[number] for number in ids), np.int64, len(ids))
    probabilities = _lists([one.get("probabilities") for one in objects], {int, float})
    scores = _scores(objects, task, probabilities, positions)
    return Columns(
        np.fromiter(map(len, listed), np.int64, len(listed)),
        np.fromiter(ids, np.int64, len(ids)),
        positions,
        scores,
        probabilities,
        {key: _shape(objects, task, key) for key in LISTS[task.type]},
    )


def _shape(objects: list[dict[str, Any]], task: Task, key: str) -> Lists:
    """The lists of one key of the objects; only the boxes of keypoints may be missing."""
    is_optional = key in OPTIONAL[task.type]
    lists = [one.get(key) if is_optional else _list(one[key]) for one in objects]
    return _lists(lists, {int} if NUMBERS[key].are_integers else {int, float})


def _list(value: object) -> list[Any]:
    """The value if it is a list, else a TypeError."""
    if type(value) is not list:
        raise TypeError
    return value


def _of_type(values: Iterable[object], allowed: set[type]) -> None:
    """TypeError where a value has another type; booleans are no integers here."""
    if not set(map(type, values)) <= allowed:
        raise TypeError


def _lists(lists: Sequence[list[Any] | None], allowed: set[type]) -> Lists:
    """Lists of numbers, or None, concatenated."""
    _of_type(lists, {list, type(None)})
    lengths = np.fromiter((len(one) if one else 0 for one in lists), np.int64, len(lists))
    present = np.fromiter((one is not None for one in lists), np.bool_, len(lists))
    flat = list(chain.from_iterable(one for one in lists if one))
    _of_type(flat, allowed)
    values = np.array(flat, np.int32 if allowed == {int} else np.float64)
    return Lists(values, lengths, present)


def _scores(
    objects: list[dict[str, Any]], task: Task, probabilities: Lists, positions: Integers
) -> Floats:
    """The scores; in a classification a missing one is the probability of the category, else 1."""
    if task.type != CLASSIFICATION:
        scores = [one["score"] for one in objects]
        _of_type(scores, {int, float})
        return np.array(scores, np.float64)
    optional_scores = [one.get("score") for one in objects]
    _of_type(optional_scores, {int, float, type(None)})
    filled = np.array([1.0 if score is None else score for score in optional_scores], np.float64)
    missing = np.fromiter(
        (score is None for score in optional_scores), np.bool_, len(optional_scores)
    )
    derivable = probabilities.present & missing & (probabilities.lengths == len(task.categories))
    starts = np.cumsum(probabilities.lengths) - probabilities.lengths
    filled[derivable] = probabilities.values[(starts + positions)[derivable]]
    return filled
