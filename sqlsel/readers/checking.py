"""Checks predictions against ``prediction_rules``: many files at once as columns, or one file to locate its fault."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sqlsel.errors import listing
from sqlsel.readers import json_checks
from sqlsel.readers.prediction_rules import LARGEST, NUMBERS, OPTIONAL, REQUIRED, Numbers
from sqlsel.readers.read_model import Task
from sqlsel.readers.read_objects import Columns, Lists, Unfit
from sqlsel.readers.strict import Fault


def check(columns: Columns, task: Task) -> None:
    """Unfit where any number of the columns breaks a rule; it does not say which, for that see ``check_file``."""
    width = len(task.categories)
    is_small = not len(columns.counts) or int(columns.counts.max()) * width <= LARGEST
    lists = {"probabilities": columns.probabilities, **columns.shapes}
    if not (is_small and _within(columns.scores, 0, 1)) or not all(
        _obey(lists[key], NUMBERS[key], width) for key in lists
    ):
        raise Unfit


def _obey(lists: Lists, rule: Numbers, width: int) -> bool:
    """Whether all lists follow a rule; ``width``: the number of categories."""
    lengths = lists.lengths[lists.present]
    if not np.all(rule.fits(lengths, width)) or not _within(lists.values, rule.low, rule.high):
        return False
    rows_are_fine = rule.are_fine
    if rows_are_fine is None or not len(lengths):
        return True
    return bool(rows_are_fine(lists.values.reshape(-1, lengths[0])).all())


def _within(values: npt.NDArray[Any], low: float, high: float) -> bool:
    """Whether all values are finite and between the bounds."""
    return bool(np.all((values >= low) & (values <= high) & np.isfinite(values)))


def check_file(value: object, task: Task) -> None:
    """A Fault for the first key of a file's value that breaks a rule, with its JSON path."""
    _, listed = check_top(value, task)
    for index, prediction in enumerate(listed):
        check_prediction(prediction, task, f"predictions[{index}]")


def check_top(value: object, task: Task) -> tuple[str, list[Any]]:
    """(file_name, predictions) of a file's value; a Fault where one is missing or there are too many predictions."""
    top = json_checks.mapping(value, "the whole file")
    name = json_checks.text(json_checks.member(top, "file_name", ""), "file_name")
    listed = json_checks.sequence(json_checks.member(top, "predictions", ""), "predictions")
    if len(listed) * len(task.categories) > LARGEST:
        raise Fault(f"predictions: {len(listed):,} of them are more than one file may hold")
    return name, listed


def check_prediction(value: object, task: Task, path: str) -> None:
    """A Fault for the first key of one prediction that breaks a rule; ``path``: where it stands in the file."""
    prediction = json_checks.mapping(value, path)
    required = REQUIRED[task.type]
    for key in required:
        json_checks.member(prediction, key, path)
    _check_category(prediction["category_id"], task, f"{path}.category_id")
    if prediction.get("score") is not None or "score" in required:
        json_checks.number(prediction["score"], f"{path}.score", 0, 1)
    optional = ("probabilities", *OPTIONAL[task.type])
    for key, rule in NUMBERS.items():
        if key in required or (key in optional and prediction.get(key) is not None):
            _check_numbers(prediction[key], rule, len(task.categories), f"{path}.{key}")


def _check_category(value: object, task: Task, path: str) -> None:
    """A Fault where the value is no id of a category of the task."""
    number = json_checks.integer(value, path)
    if all(category.id != number for category in task.categories):
        known = listing([str(category) for category in task.categories])
        raise Fault(f"{path}: {number} is no category of task {task.name!r}: {known}")


def _check_numbers(value: object, rule: Numbers, categories: int, path: str) -> None:
    """A Fault where the value is no list of numbers that follows the rule."""
    listed = json_checks.sequence(value, path)
    if not rule.fits(len(listed), categories):
        length = rule.length.format(length=len(listed), categories=categories)
        raise Fault(f"{path}: {length}")
    for index, number in enumerate(listed):
        if not rule.are_integers:
            json_checks.number(number, f"{path}[{index}]", rule.low, rule.high)
        elif isinstance(number, list):
            raise Fault(f"{path}: must be run lengths [n, n, …], got a list of polygons")
        else:
            json_checks.integer(number, f"{path}[{index}]")
    row = np.array([listed], np.float64)
    if rule.are_fine is not None and not rule.are_fine(row).all():
        raise Fault(f"{path}: {rule.misfit(row)}")
