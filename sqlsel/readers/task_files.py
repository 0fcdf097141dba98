"""Reads Lightly's ``predictions/tasks.json`` and the ``schema.json`` of each task in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlsel.errors import ConfigError, suggestion
from sqlsel.readers import json_checks
from sqlsel.readers.import_report import Report
from sqlsel.readers.mending import as_integer
from sqlsel.readers.paths import Below, check_relative
from sqlsel.readers.read_model import TASK_TYPES, Category, Task
from sqlsel.readers.strict import Fault, load

T = TypeVar("T")


def read_tasks(lightly: Path, report: Report, broken: list[str] | None = None) -> list[Task]:
    """The tasks of ``tasks.json``, in its order; none where there are no predictions.

    ConfigError with the file and the JSON path for an invalid file. With ``broken``, a list, the message is
    appended there instead, and an invalid ``schema.json`` costs only its task.
    """
    folder = lightly / "predictions"
    if not folder.is_dir():
        return []
    if not (folder / "tasks.json").exists():
        report.warn("predictions are not read: tasks.json, which lists the tasks, is missing",
                    str(folder))  # fmt: skip
        return []
    below = Below(folder)
    names: list[str] = []
    tasks: list[Task] = []
    with _collecting_errors(broken):
        names = _read(below, "tasks.json", folder, _names)
    if broken and not names:
        return []
    for name in names:
        with _collecting_errors(broken):
            tasks.append(_task(below, name, folder))
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and not any(f"{name}/".startswith(f"{entry.name}/") for name in names):
            report.warn("a folder that tasks.json does not list is not read", entry.name)
    return tasks


@contextmanager
def _collecting_errors(broken: list[str] | None) -> Iterator[None]:
    """Context: appends a ConfigError to ``broken`` if that is a list, else lets it pass."""
    try:
        yield
    except ConfigError as error:
        if broken is None:
            raise
        broken.append(str(error))


def _task(below: Below, name: str, folder: Path) -> Task:
    """The task whose ``schema.json`` is in the folder ``name``."""
    return _read(below, f"{name}/schema.json", folder, lambda value: schema(name, value))


def _read(below: Below, name: str, folder: Path, parse: Callable[[object], T]) -> T:
    """Load a JSON file and parse its value; ConfigError with the file's path."""
    try:
        return parse(load(below.path(name)))
    except Fault as fault:
        raise ConfigError(f"{folder / name}: {fault}") from fault


def _names(value: object) -> list[str]:
    """The names of the tasks' folders, each once, of the value of ``tasks.json``."""
    names = json_checks.sequence(value, "the whole file")
    for index, name in enumerate(names):
        json_checks.text(name, f"[{index}]")
        _check_folder(name, f"[{index}]")
    _check_unique(names, "task", "")
    return names


def _check_folder(name: str, path: str) -> None:
    """A Fault where the name is no path below the folder."""
    try:
        check_relative(name)
    except Fault as fault:
        raise Fault(f"{path}: {fault}") from fault


def schema(name: str, value: object) -> Task:
    """The task of the value of a ``schema.json``; other keys of COCO are ignored."""
    top = json_checks.mapping(value, "the whole file")
    kind = _type(json_checks.member(top, "task_type", ""))
    listed = json_checks.sequence(json_checks.member(top, "categories", ""), "categories")
    if not listed:
        raise Fault("categories: must list at least one category")
    categories = tuple(_category(entry, f"categories[{i}]") for i, entry in enumerate(listed))
    _check_unique([category.id for category in categories], "id", "categories: ")
    _check_unique([category.name for category in categories], "name", "categories: ")
    return Task(name, kind, categories)


def _type(value: object) -> str:
    """The type of a task, in any case and with ``_`` or ``-``."""
    text = json_checks.text(value, "task_type")
    kind = text.lower().replace("_", "-")
    if kind not in TASK_TYPES:
        hint = suggestion(kind, TASK_TYPES)
        raise Fault(f"task_type: must be one of {', '.join(TASK_TYPES)}, got {text!r}.{hint}")
    return kind


def _category(value: object, path: str) -> Category:
    """An entry of ``categories`` as a category."""
    entry = json_checks.mapping(value, path)
    number = json_checks.integer(as_integer(json_checks.member(entry, "id", path)), f"{path}.id")
    return Category(
        number, json_checks.text(json_checks.member(entry, "name", path), f"{path}.name")
    )


def _check_unique(values: Sequence[Hashable], what: str, path: str) -> None:
    """A Fault where a value appears more than once."""
    for value, count in Counter(values).items():
        if count > 1:
            raise Fault(f"{path}{what} {json_checks.shown(value)} appears {count} times")
