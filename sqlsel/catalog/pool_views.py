"""Relations to select from other than the samples of a dataset: objects of a task, runs of video frames."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlsel.catalog.dataset import Dataset
from sqlsel.config.column_lookup import NUMBERS
from sqlsel.errors import CatalogError, ConfigError, unknown
from sqlsel.readers.read_model import OBJECT_TYPES
from sqlsel.sqltext.quoting import identifier
from sqlsel.sqltext.sql_files import query


def objects_of(dataset: Dataset, task: str) -> str:
    """The SQL name of the view of a task's objects; CatalogError for an unknown task or one without objects."""
    tasks = dataset.tasks()
    if task not in tasks:
        raise CatalogError(unknown("task", task, tasks))
    if tasks[task][0] not in OBJECT_TYPES:
        raise CatalogError(f"task {task!r} is a {tasks[task][0]} task; it has no objects")
    return dataset.table(f"objects_{task}")


def sequences(
    relation: str, columns: dict[str, Any], length: int, categories: Collection[str] = ()
) -> str:
    """A query with a row per run of ``length`` consecutive frames of one video; a shorter rest is left out.

    Vectors and numbers are averaged, class masses summed, categories collected in lists (each counts).
    ``frames`` holds the ids of a run. ``categories``: keys of numbers that are used as categories.
    ConfigError for a ``length`` below 2.
    """
    if length < 2:
        raise ConfigError(f"selected_sequence_length must be at least 2, got {length}")
    values = {k: v for k, v in columns.items() if k not in ("sample_id", "sequence_id", "frame")}
    parts = [
        f"{_aggregate(identifier(name), name, kind, categories)} AS {identifier(name)}"
        for name, kind in values.items()
    ]
    text = query("catalog/sequences")
    return text.format(length=length, relation=relation, parts=",\n    ".join(parts))


def _aggregate(sql: str, key: str, kind: Any, categories: Collection[str]) -> str:
    """The SQL aggregate that makes one value for a run out of the values of its frames, by their type."""
    if kind.id == "struct":
        fields = [
            f"{identifier(field)} := "
            + _aggregate(f"({sql}).{identifier(field)}", f"{key}.{field}", below, categories)
            for field, below in kind.children
        ]
        return f"struct_pack({', '.join(fields)})"
    if key in categories or (kind.id in ("varchar", "enum", "boolean") and key != "file_name"):
        return f"list({sql}::VARCHAR)"
    if kind.id in NUMBERS:
        return f"avg({sql})"
    masses = key.endswith(".class_distribution")
    every = f"CASE WHEN count({sql}) > 0 THEN flatten(list({sql})) END"
    lists = f"class_distribution(list({sql}))" if masses else every
    whole = {"array": f"mean_vector(list({sql}))", "list": lists}
    return whole.get(kind.id, f"min({sql})")
