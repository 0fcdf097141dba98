"""The objects of a sample by task: their vectors, and their classes as counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlsel.config import task_columns
from sqlsel.config.column_lookup import Column, Columns, child, fields, holds_vectors
from sqlsel.config.task_columns import Task
from sqlsel.errors import CatalogError, ConfigError
from sqlsel.sqltext import quoting


def embeddings(task: str | None, model: str | None, columns: Columns) -> Column:
    """The vectors of a task's objects; None is the only task that has some."""
    name = model or "embeddings"
    task = task or only_task("vectors of its objects", name, columns)
    found = task_columns.part(task, name, columns)
    if found and holds_vectors(found.type):
        return found
    task_columns.check_task(task, columns)
    if found:
        raise CatalogError(
            f"task {task!r}: {found.name} is {found.kind}; it must hold vectors (FLOAT[][])"
        )
    raise CatalogError(
        f"task {task!r} has no field {name!r} with the vectors of its objects; "
        f"it has {', '.join(task_columns.parts(task, columns))}"
    )


def count(
    task: str, categories: Sequence[str], known: Mapping[str, Task], columns: Columns, place: str
) -> Column:
    """How many objects of a sample are of ``categories``; NULL where its objects are not known."""
    objects = _objects(task, columns)
    ids = {name: number for number, name in _task(task, known).categories}
    task_columns.check_classes(categories, [*ids], task, place)
    wanted = ", ".join(quoting.literal(ids[name]) for name in categories)
    return Column(
        _count(objects, f"IN ({wanted})"), f"{task}.category_count", objects.type, computed="bigint"
    )


def counts(
    task: str | None, known: Mapping[str, Task], columns: Columns, place: str
) -> tuple[Column, list[str]]:
    """How many objects of a sample are of each class, and the names of the classes."""
    task = task or only_task("objects", "objects", columns)
    objects, categories = _objects(task, columns), _task(task, known).categories
    if not categories:
        raise ConfigError(f"{place}: task {task!r} has no classes")
    ids = ", ".join(quoting.literal(number) for number, _ in categories)
    each = f"list_transform([{ids}], lambda category: {_count(objects, '= category')})"
    sql = f"CASE WHEN {objects.sql} IS NOT NULL THEN {each} END"
    return Column(sql, f"{task}.objects", objects.type), [name for _, name in categories]


def _count(objects: Column, compared: str) -> str:
    # In parentheses, for a column of the same name would be taken before the object.
    wanted = f"lambda found: (found).category_id {compared}"
    return f"len(list_filter({objects.sql}, {wanted}))"


def _objects(task: str, columns: Columns) -> Column:
    found = task_columns.part(task, "objects", columns)
    element = child(found.type) if found else None
    if found and element is not None and "category_id" in fields(element):
        return found
    task_columns.check_task(task, columns)
    if found:
        raise CatalogError(
            f"task {task!r}: {found.name} is {found.type}; "
            "it must be a list of structs with category_id"
        )
    raise CatalogError(
        f"task {task!r} has no objects to count; it has {', '.join(task_columns.parts(task, columns))}"
    )


def _task(task: str, known: Mapping[str, Task]) -> Task:
    if task in known:
        return known[task]
    raise CatalogError(
        f"the classes of task {task!r} are not known: its objects hold category ids only. "
        "Import the task, or give its categories (tasks)"
    )


def known(task: str | None, tasks_: Mapping[str, Task], columns: Columns) -> str | None:
    """The condition that a sample's objects are known; None where all of them are."""
    name = task or only_task("objects", "objects", columns)
    found = task_columns.part(name, "objects", columns)
    if found is None or name not in tasks_ or not tasks_[name].n_unknown:
        return None
    return f"{found.sql} IS NOT NULL"


def only_task(what: str, part: str, columns: Columns) -> str:
    """The only task with that part."""
    found = [name for name in task_columns.named(columns) if task_columns.part(name, part, columns)]
    if len(found) == 1:
        return found[0]
    if found:
        raise CatalogError(
            f"several tasks have {what}: {', '.join(found)}; name one (annotation_source_id)"
        )
    raise CatalogError(f"no task of the data has {what} (field {part!r})")
