"""Prediction files against their rules: a batch of them at once, and one by one where it has a fault."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sqlsel.readers import json_checks
from sqlsel.readers.prediction_rules import LARGEST, NUMBERS, OPTIONAL, REQUIRED, Numbers
from sqlsel.readers.read_model import Task
from sqlsel.readers.read_objects import Columns, Lists, Unfit
from sqlsel.readers.strict import Fault


def check(found: Columns, task: Task) -> None:
    """Unfit where some number of the columns breaks a rule."""
    width = len(task.categories)
    few = not len(found.counts) or int(found.counts.max()) * width <= LARGEST
    lists = {"probabilities": found.probabilities, **found.shapes}
    if not (few and _within(found.scores, 0, 1)) or not all(
        _obey(lists[key], NUMBERS[key], width) for key in lists
    ):
        raise Unfit


def _obey(lists: Lists, rule: Numbers, width: int) -> bool:
    lengths = lists.lengths[lists.given]
    if not np.all(rule.fits(lengths, width)) or not _within(lists.values, rule.low, rule.high):
        return False
    rows_are_fine = rule.are_fine
    if rows_are_fine is None or not len(lengths):
        return True
    return bool(rows_are_fine(lists.values.reshape(-1, lengths[0])).all())


def _within(values: npt.NDArray[Any], low: float, high: float) -> bool:
    return bool(np.all((values >= low) & (values <= high) & np.isfinite(values)))


def check_file(value: object, task: Task) -> None:
    """A Fault says where in the file's value the first thing is that breaks a rule."""
    _, listed = check_top(value, task)
    for index, prediction in enumerate(listed):
        check_prediction(prediction, task, f"predictions[{index}]")


def check_top(value: object, task: Task) -> tuple[str, list[Any]]:
    """The name and the predictions in a file's value; a Fault where there are none."""
    top = json_checks.mapping(value, "the whole file")
    name = json_checks.text(json_checks.member(top, "file_name", ""), "file_name")
    listed = json_checks.sequence(json_checks.member(top, "predictions", ""), "predictions")
    if len(listed) * len(task.categories) > LARGEST:
        raise Fault(f"predictions: {len(listed):,} of them are more than one file may hold")
    return name, listed


def check_prediction(value: object, task: Task, path: str) -> None:
    """A Fault says which key of one prediction breaks a rule."""
    found = json_checks.mapping(value, path)
    required = REQUIRED[task.type]
    for key in required:
        json_checks.member(found, key, path)
    _check_category(found["category_id"], task, f"{path}.category_id")
    if found.get("score") is not None or "score" in required:
        json_checks.number(found["score"], f"{path}.score", 0, 1)
    may_be_there = ("probabilities", *OPTIONAL[task.type])
    for key, rule in NUMBERS.items():
        if key in required or (key in may_be_there and found.get(key) is not None):
            _check_numbers(found[key], rule, len(task.categories), f"{path}.{key}")


def _check_category(value: object, task: Task, path: str) -> None:
    number = json_checks.integer(value, path)
    if all(category.id != number for category in task.categories):
        known = ", ".join(f"{c.id} ({c.name})" for c in task.categories[:12])
        more = ", …" if len(task.categories) > 12 else ""
        raise Fault(f"{path}: {number} is no category of task {task.name!r}: {known}{more}")


def _check_numbers(value: object, rule: Numbers, categories: int, path: str) -> None:
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
