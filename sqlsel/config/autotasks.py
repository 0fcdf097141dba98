"""``auto_tasks``: prediction tasks that Lightly makes by cutting images into parts, TILING and CROP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlsel.config.entry_inputs import TASK
from sqlsel.config.problems import Fields, describe, is_number
from sqlsel.config.vocabulary import AUTO_TASKS, check_keys, names


@dataclass(frozen=True)
class AutoTask:
    """An auto task; the data must hold its embeddings already. ``type``: TILING or CROP."""

    name: str
    type: str


def read_auto_tasks(fields: Fields) -> tuple[AutoTask, ...]:
    """The valid auto tasks of a configuration; faults, also equal names, are noted as problems."""
    value = fields.values.get("auto_tasks")
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        expected = "a list of objects with 'type' and 'name'"
        fields.problem(f"must be {expected}, got {describe(value)}", "auto_tasks")
        return ()
    tasks: list[AutoTask] = []
    for i, wrapped in enumerate(value):
        # Lightly's generated client wraps each task in an object, as its dict() shows.
        inside = wrapped.get("actual_instance") if isinstance(wrapped, Mapping) else None
        data = wrapped if inside is None else inside
        place = f"{fields.below('auto_tasks')}[{i}]"
        entry = Fields.of(
            place, data, fields.problems, "an object with 'type' and 'name'", names(AUTO_TASKS)
        )
        task = _task(entry) if entry else None
        if task and any(task.name == other.name for other in tasks):
            fields.problems.add(f"{place}.name", f"{task.name!r} appears twice")
        elif task:
            tasks.append(task)
    return tuple(tasks)


def _task(fields: Fields) -> AutoTask | None:
    kind = fields.choice("type", AUTO_TASKS)
    if kind is None:
        return None
    check_keys(fields, ("type", *AUTO_TASKS[kind]), kind, AUTO_TASKS)
    name = fields.text("name", "my_tiles", TASK)
    if kind == "TILING":
        for key in ("num_rows", "num_cols"):
            if not fields.has(key):
                fields.problem(f"needs {key!r}: an integer of at least 1")
            fields.integer(key, 1)
        fields.at_least("overlap", 0)
    else:
        _check_boxes(fields)
    return AutoTask(name, kind) if name else None


def _check_boxes(fields: Fields) -> None:
    expected = "a list of boxes [x, y, width, height], each number between 0 and 1"
    boxes = fields.listed("bboxs", expected)
    if boxes and not all(_is_box(box) for box in boxes):
        fields.problem(f"must be {expected}", "bboxs")


def _is_box(box: object) -> bool:
    return (
        isinstance(box, list | tuple)
        and len(box) == 4
        and all(is_number(part) and 0 <= part <= 1 for part in box)
    )
