"""The predictions of many files, gathered into columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlsel.readers.prediction_rules import NUMBERS, OPTIONAL, REQUIRED
from sqlsel.readers.read_model import CLASSIFICATION, Task

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class Unfit(Exception):
    """Some file of the batch breaks a rule."""


@dataclass(frozen=True)
class Parsed:
    """A file and the value that it holds; whether it tells which objects there are, if any."""

    path: str
    value: Any
    known: bool = True


@dataclass(frozen=True)
class Lists:
    """A list of numbers per object, end to end; ``given`` tells which objects have one."""

    values: npt.NDArray[Any]
    lengths: Integers
    given: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Columns:
    """All objects of some files, column by column; ``counts``: how many each file has."""

    counts: Integers
    categories: Integers
    positions: Integers
    scores: Floats
    probabilities: Lists
    shapes: dict[str, Lists]


def gather(files: Sequence[Parsed], task: Task) -> Columns:
    """The columns of all files; Unfit where a key is missing or no number is where one must be."""
    try:
        return _gathered(files, task)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise Unfit from error


def _gathered(files: Sequence[Parsed], task: Task) -> Columns:
    listed = [_list(file.value["predictions"]) for file in files]
    if not {type(file.value["file_name"]) for file in files} <= {str}:
        raise TypeError
    found = list(chain.from_iterable(listed))
    places = {category.id: at for at, category in enumerate(task.categories)}
    ids = [one["category_id"] for one in found]
    _of_type(ids, {int})
    positions = np.fromiter((places[number] for number in ids), np.int64, len(ids))
    given = _lists([one.get("probabilities") for one in found], {int, float})
    has = {*REQUIRED[task.type], *OPTIONAL[task.type]}
    scores = _scores(found, task, given, positions)
    return Columns(
        np.fromiter(map(len, listed), np.int64, len(listed)),
        np.fromiter(ids, np.int64, len(ids)),
        positions,
        scores,
        given,
        {key: _shape(found, task, key) for key in NUMBERS if key in has},
    )


def _shape(found: list[dict[str, Any]], task: Task, key: str) -> Lists:
    is_optional = key in OPTIONAL[task.type]
    lists = [one.get(key) if is_optional else _list(one[key]) for one in found]
    return _lists(lists, {int} if NUMBERS[key].are_integers else {int, float})


def _list(value: object) -> list[Any]:
    if type(value) is not list:
        raise TypeError
    return value


def _of_type(values: Iterable[object], allowed: set[type]) -> None:
    if not set(map(type, values)) <= allowed:
        raise TypeError


def _lists(lists: Sequence[list[Any] | None], allowed: set[type]) -> Lists:
    _of_type(lists, {list, type(None)})
    lengths = np.fromiter((len(one) if one else 0 for one in lists), np.int64, len(lists))
    given = np.fromiter((one is not None for one in lists), np.bool_, len(lists))
    flat = list(chain.from_iterable(one for one in lists if one))
    _of_type(flat, allowed)
    values = np.array(flat, np.int32 if allowed == {int} else np.float64)
    return Lists(values, lengths, given)


def _scores(found: list[dict[str, Any]], task: Task, given: Lists, positions: Integers) -> Floats:
    """The scores; in a classification without one the probability of the category, else 1."""
    if task.type != CLASSIFICATION:
        scores = [one["score"] for one in found]
        _of_type(scores, {int, float})
        return np.array(scores, np.float64)
    own = [one.get("score") for one in found]
    _of_type(own, {int, float, type(None)})
    scores_given = np.array([1.0 if score is None else score for score in own], np.float64)
    missing = np.fromiter((score is None for score in own), np.bool_, len(own))
    wide = given.given & missing & (given.lengths == len(task.categories))
    starts = np.cumsum(given.lengths) - given.lengths
    scores_given[wide] = given.values[(starts + positions)[wide]]
    return scores_given
