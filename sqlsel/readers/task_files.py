"""Lightly's ``predictions/tasks.json`` and the ``schema.json`` of each task that it lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlsel.errors import ConfigError, suggestion
from sqlsel.readers import json_checks
from sqlsel.readers.import_report import Report
from sqlsel.readers.mending import whole
from sqlsel.readers.paths import Below, check_relative
from sqlsel.readers.read_model import TASK_TYPES, Category, Task
from sqlsel.readers.strict import Fault, load

T = TypeVar("T")


def read_tasks(lightly: Path, report: Report, broken: list[str] | None = None) -> list[Task]:
    """The tasks that ``tasks.json`` lists, in its order; none where there are no predictions.

    A ConfigError names the file and the JSON path of what is not as it must be. With ``broken``, a list, such a file
    costs its task only, and what is wrong with it is appended there.
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
    with _collected(broken):
        names = _read(below, "tasks.json", folder, _names)
    if broken and not names:
        return []
    for name in names:
        with _collected(broken):
            tasks.append(_task(below, name, folder))
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and not any(f"{name}/".startswith(f"{entry.name}/") for name in names):
            report.warn("a folder that tasks.json does not list is not read", entry.name)
    return tasks


@contextmanager
def _collected(broken: list[str] | None) -> Iterator[None]:
    """Append a ConfigError to ``broken``, where that is a list."""
    try:
        yield
    except ConfigError as error:
        if broken is None:
            raise
        broken.append(str(error))


def _task(below: Below, name: str, folder: Path) -> Task:
    return _read(below, f"{name}/schema.json", folder, lambda value: schema(name, value))


def _read(below: Below, name: str, folder: Path, parse: Callable[[object], T]) -> T:
    try:
        return parse(load(below.path(name)))
    except Fault as fault:
        raise ConfigError(f"{folder / name}: {fault}") from fault


def _names(value: object) -> list[str]:
    """The value of ``tasks.json``: names of folders, each once."""
    names = json_checks.sequence(value, "the whole file")
    for index, name in enumerate(names):
        json_checks.text(name, f"[{index}]")
        _check_folder(name, f"[{index}]")
    _once(names, "task", "")
    return names


def _check_folder(name: str, path: str) -> None:
    try:
        check_relative(name)
    except Fault as fault:
        raise Fault(f"{path}: {fault}") from fault


def schema(name: str, value: object) -> Task:
    """The task that the value of a ``schema.json`` describes; other keys of COCO are ignored."""
    top = json_checks.mapping(value, "the whole file")
    kind = _type(json_checks.member(top, "task_type", ""))
    listed = json_checks.sequence(json_checks.member(top, "categories", ""), "categories")
    if not listed:
        raise Fault("categories: must list at least one category")
    categories = tuple(_category(entry, f"categories[{i}]") for i, entry in enumerate(listed))
    _once([category.id for category in categories], "id", "categories: ")
    _once([category.name for category in categories], "name", "categories: ")
    return Task(name, kind, categories)


def _type(value: object) -> str:
    told = json_checks.text(value, "task_type")
    kind = told.lower().replace("_", "-")
    if kind not in TASK_TYPES:
        hint = suggestion(kind, TASK_TYPES)
        raise Fault(f"task_type: must be one of {', '.join(TASK_TYPES)}, got {told!r}.{hint}")
    return kind


def _category(value: object, path: str) -> Category:
    entry = json_checks.mapping(value, path)
    number = json_checks.integer(whole(json_checks.member(entry, "id", path)), f"{path}.id")
    return Category(
        number, json_checks.text(json_checks.member(entry, "name", path), f"{path}.name")
    )


def _once(values: Sequence[Hashable], what: str, path: str) -> None:
    for value, count in Counter(values).items():
        if count > 1:
            raise Fault(f"{path}{what} {json_checks.shown(value)} appears {count} times")
