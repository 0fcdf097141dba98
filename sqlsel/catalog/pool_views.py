"""What a selection reads of a dataset beside its samples: its objects, its sequences."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlsel.catalog.dataset import OBJECTS, Dataset
from sqlsel.config.column_lookup import NUMBERS
from sqlsel.errors import CatalogError, ConfigError, unknown
from sqlsel.sqltext.quoting import identifier
from sqlsel.sqltext.sql_files import query


def objects_of(dataset: Dataset, task: str) -> str:
    """The relation of the objects of a task; CatalogError where it has none."""
    tasks = dataset.tasks()
    if task not in tasks:
        raise CatalogError(unknown("task", task, tasks))
    if tasks[task][0] not in OBJECTS:
        raise CatalogError(f"task {task!r} is a {tasks[task][0]} task; it has no objects")
    return dataset.table(f"objects_{task}")


def sequences(
    relation: str, columns: dict[str, Any], length: int, categories: Collection[str] = ()
) -> str:
    """Runs of ``length`` frames of one video, in the order of the frames, as samples.

    Vectors and numbers are averaged, class masses summed, categories listed (each counts); a run
    that is shorter at the end of a video is left out. ``frames`` holds the ids of a run.
    ``categories``: the keys of numbers that are used as categories.
    """
    if length < 2:
        raise ConfigError(f"selected_sequence_length must be at least 2, got {length}")
    kept = {k: v for k, v in columns.items() if k not in ("sample_id", "sequence_id", "frame")}
    parts = [
        f"{_joined(identifier(name), name, kind, categories)} AS {identifier(name)}"
        for name, kind in kept.items()
    ]
    text = query("catalog/sequences")
    return text.format(length=length, relation=relation, parts=",\n    ".join(parts))


def _joined(sql: str, key: str, kind: Any, categories: Collection[str]) -> str:
    """The SQL that makes one value of the values of a run's frames."""
    if kind.id == "struct":
        fields = [
            f"{identifier(field)} := "
            + _joined(f"({sql}).{identifier(field)}", f"{key}.{field}", below, categories)
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
