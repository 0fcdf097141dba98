"""SQL over the objects of a task's predictions: their vectors, and how many are of which class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlsel.config import task_columns
from sqlsel.config.column_lookup import Column, Columns, element_type, holds_vectors, struct_fields
from sqlsel.config.task_columns import Task
from sqlsel.errors import CatalogError, ConfigError
from sqlsel.sqltext import quoting


def embeddings(task: str | None, model: str | None, columns: Columns) -> Column:
    """The column of the vectors of a task's objects; None: of the only task that has any."""
    name = model or "embeddings"
    task = task or only_task("vectors of its objects", name, columns)
    column = task_columns.part(task, name, columns)
    if column and holds_vectors(column.type):
        return column
    task_columns.check_task(task, columns)
    if column:
        raise CatalogError(
            f"task {task!r}: {column.name} is {column.kind}; it must hold vectors (FLOAT[][])"
        )
    raise CatalogError(
        f"task {task!r} has no field {name!r} with the vectors of its objects; "
        f"it has {', '.join(task_columns.parts(task, columns))}"
    )


def count(
    task: str, categories: Sequence[str], schemas: Mapping[str, Task], columns: Columns, place: str
) -> Column:
    """The number of objects of ``categories`` per sample; NULL where the objects are NULL (not known)."""
    objects = _objects(task, columns)
    ids = {name: number for number, name in _task(task, schemas).categories}
    task_columns.check_classes(categories, [*ids], task, place)
    class_ids = ", ".join(quoting.literal(ids[name]) for name in categories)
    return Column(
        _count(objects, f"IN ({class_ids})"),
        f"{task}.category_count",
        objects.type,
        computed="bigint",
    )


def counts(
    task: str | None, schemas: Mapping[str, Task], columns: Columns, place: str
) -> tuple[Column, list[str]]:
    """(the list of the numbers of objects per class, for each sample; the names of the classes)."""
    task = task or only_task("objects", "objects", columns)
    objects, categories = _objects(task, columns), _task(task, schemas).categories
    if not categories:
        raise ConfigError(f"{place}: task {task!r} has no classes")
    ids = ", ".join(quoting.literal(number) for number, _ in categories)
    each = f"list_transform([{ids}], lambda category: {_count(objects, '= category')})"
    sql = f"CASE WHEN {objects.sql} IS NOT NULL THEN {each} END"
    return Column(sql, f"{task}.objects", objects.type), [name for _, name in categories]


def _count(objects: Column, compared: str) -> str:
    # In parentheses: without them DuckDB takes ``found.category_id`` for a column of a table ``found``.
    predicate = f"lambda found: (found).category_id {compared}"
    return f"len(list_filter({objects.sql}, {predicate}))"


def _objects(task: str, columns: Columns) -> Column:
    column = task_columns.part(task, "objects", columns)
    element = element_type(column.type) if column else None
    if column and element is not None and "category_id" in struct_fields(element):
        return column
    task_columns.check_task(task, columns)
    if column:
        raise CatalogError(
            f"task {task!r}: {column.name} is {column.type}; "
            "it must be a list of structs with category_id"
        )
    raise CatalogError(
        f"task {task!r} has no objects to count; it has {', '.join(task_columns.parts(task, columns))}"
    )


def _task(task: str, schemas: Mapping[str, Task]) -> Task:
    if task in schemas:
        return schemas[task]
    raise CatalogError(
        f"the classes of task {task!r} are not known: its objects hold category ids only. "
        "Import the task, or give its categories (tasks)"
    )


def known_condition(task: str | None, schemas: Mapping[str, Task], columns: Columns) -> str | None:
    """The condition that a sample's objects are not NULL; None where no sample's are."""
    name = task or only_task("objects", "objects", columns)
    objects = task_columns.part(name, "objects", columns)
    if objects is None or name not in schemas or not schemas[name].n_unknown:
        return None
    return f"{objects.sql} IS NOT NULL"


def only_task(what: str, part: str, columns: Columns) -> str:
    """The name of the only task with a field ``part``; CatalogError, which names ``what``, for none or several."""
    tasks = [
        name for name in task_columns.task_names(columns) if task_columns.part(name, part, columns)
    ]
    if len(tasks) == 1:
        return tasks[0]
    if tasks:
        raise CatalogError(
            f"several tasks have {what}: {', '.join(tasks)}; name one (annotation_source_id)"
        )
    raise CatalogError(f"no task of the data has {what} (field {part!r})")
