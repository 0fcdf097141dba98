"""Finds the columns of a configuration's inputs in the data, and checks that their types fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlsel.config import object_columns, task_columns
from sqlsel.config.column_lookup import (
    Column,
    Columns,
    element_type,
    embedding_of,
    find,
    leaves,
    schemaless_column,
)
from sqlsel.config.entries import Entry
from sqlsel.config.entry_inputs import Embeddings, Metadata, Predictions, Scores
from sqlsel.config.faults import Faults
from sqlsel.config.patterns import PathPattern
from sqlsel.config.query_sets import QuerySet
from sqlsel.config.selection_config import SelectionConfig
from sqlsel.config.task_columns import Task
from sqlsel.errors import CatalogError, ConfigError, unknown
from sqlsel.sqltext import quoting

PATH = "lightly_path."


@dataclass(frozen=True)
class Data:
    """The data that a configuration is compiled for; ``own``: the relation that is selected from.

    ``key``: the column of sample ids; ``embedding``: the vector column that the caller names.
    """

    own: QuerySet
    key: str | None = None
    embedding: str | None = None
    query_sets: Mapping[str, QuerySet] = field(default_factory=dict)
    tasks: Mapping[str, Task] = field(default_factory=dict)
    pattern: PathPattern | None = None
    normalize: bool = True
    faults: Faults = field(default_factory=Faults)

    @property
    def columns(self) -> Columns:
        return self.own.columns


def claimed_tasks(config: SelectionConfig, tasks: Mapping[str, Task]) -> list[str]:
    """The tasks that the configuration or their schemas name; their columns are no embeddings of samples."""
    named = [
        entry.input.task
        for entry in config.strategies
        if isinstance(entry.input, Scores | Predictions | Embeddings) and entry.input.task
    ]
    return [*named, *tasks]


def vectors(source: Embeddings, data: Data, claims: Sequence[str]) -> Column:
    """The column of the vectors of the samples, or of the objects of a task."""
    if source.task or source.objects:
        return object_columns.embeddings(source.task, source.model, data.columns)
    # A model that the data lacks is replaced by the embedding that the caller names.
    has_model = source.model and (data.embedding is None or find(source.model, data.columns))
    return embedding_of(data.columns, source.model if has_model else data.embedding, claims)


def key_of(entry: Entry, data: Data) -> str:
    """The key of the entry that an error names where the input's column is not in the data."""
    source = entry.input
    if isinstance(source, Metadata):
        return "input.key"
    if isinstance(source, Scores) and task_columns.parts(source.task, data.columns):
        return "input.score"
    named = isinstance(source, Scores | Predictions | Embeddings) and source.task
    return "input.task" if named else "input"


def number(entry: Entry, place: str, data: Data) -> Column:
    """The column of numbers of WEIGHTS and THRESHOLD; ConfigError where it holds anything else."""
    column = _scalar(entry, place, data)
    if column.is_number:
        return column
    key = "input.score" if isinstance(entry.input, Scores) else "input.key"
    raise ConfigError(
        f"{entry.at(place, key)}: {_described(column)}; {entry.strategy.type} needs a number"
    )


def category(key: str, place: str, data: Data) -> Column:
    """The column of categories of BALANCE: text, integer, boolean, or lists of texts; else ConfigError.

    ``place``: the path of the key, for messages.
    """
    column = metadata(key, data)
    if column.type.id in ("float", "double", "decimal"):
        raise ConfigError(
            f"{place}: {column.name} has fractions ({column.type}); BALANCE needs a category: "
            "store it in bins, or cast it to an integer or a text"
        )
    listed = element_type(
        column.type
    )  # the categories of a sequence's frames, each of which counts
    texts = listed is not None and listed.id == "varchar"
    if not (column.is_text or column.is_number or texts or column.type.id == "boolean"):
        raise ConfigError(
            f"{place}: {_described(column)}; "
            "BALANCE needs a category: a text, an integer or a boolean"
        )
    return column


def metadata(key: str, data: Data) -> Column:
    """The column or the struct field of a metadata key, or a part of the file name."""
    column, part = find(key, data.columns), _path_part(key, data)
    if part is None and column:
        return column
    if part and column:
        raise CatalogError(
            f"{key!r} names more than one place: {column.sql} and a group of lightly_path_regex; "
            "rename one of them"
        )
    if part:
        return part
    if schemaless := schemaless_column(key, data.columns):
        raise CatalogError(
            f"metadata key {key!r}: {schemaless.name} is {schemaless.type}, of which the keys and types are "
            "not known before it is read; store it as a STRUCT, e.g. with from_json()"
        )
    groups = [f"{PATH}{group}" for group, _ in data.pattern.groups] if data.pattern else []
    names = [name for name, _ in leaves(data.columns)]
    message = unknown("metadata key", key, [*groups, *names])
    if key.startswith("lightly."):
        command = "sqlsel metadata IMAGES --db FILE measures it of the images below a folder"
        message = f"{key} is not in the data; {command}. {message}"
    elif "lightly" in data.columns:
        message = f"{message} Metadata of images is read from .lightly/metadata of their folder"
    raise CatalogError(message)


def _path_part(key: str, data: Data) -> Column | None:
    """The text of a named group of lightly_path_regex in the file name, NULL where it does not match.

    None where ``key`` names no such group.
    """
    group = data.pattern.number(key.removeprefix(PATH)) if data.pattern else None
    if data.pattern is None or group is None or not key.startswith(PATH):
        return None
    name = find("file_name", data.columns)
    if name is None or not name.is_text:
        raise CatalogError("lightly_path_regex needs a column file_name with the names as text")
    expression = quoting.literal(data.pattern.text)
    sql = f"nullif(regexp_extract({name.sql}, {expression}, {group}), '')"
    return Column(sql, key, name.type)


def class_names(
    row: Column, task: str, data: Data, *, needed: bool
) -> tuple[list[str] | None, bool]:
    """(the names of the classes of a column of masses, None if unknown; whether the clause must name them).

    A STRUCT or MAP names them itself. ``needed``: CatalogError where they are unknown.
    """
    kind = row.type
    if kind.id == "struct":
        return [name for name, _ in kind.children], False
    if kind.id == "map":
        return None, False
    size = kind.children[1][1] if kind.id == "array" else None
    names = [name for _, name in data.tasks[task].categories] if task in data.tasks else None
    if names is None and size is not None:
        names = [str(position) for position in range(size)]
    if names is None and needed:
        raise CatalogError(
            f"the classes of task {task!r} are not known: {row.name} is {row.type}, a list "
            "without names. Import the task, or store a STRUCT or MAP of class -> mass"
        )
    if names is not None and size is not None and len(names) != size:
        raise CatalogError(
            f"task {task!r} has {len(names)} classes, but {row.name} holds {size} numbers"
        )
    return names, names is not None


def _scalar(entry: Entry, place: str, data: Data) -> Column:
    source = entry.input
    if isinstance(source, Scores):
        return task_columns.score(source.task, source.score, data.columns)
    if isinstance(source, Metadata):
        return metadata(source.key, data)
    if isinstance(source, Predictions) and source.name == "CATEGORY_COUNT" and source.task:
        at = entry.at(place, "input.categories")
        return object_columns.count(source.task, source.categories, data.tasks, data.columns, at)
    raise ConfigError(f"{place}: {entry.strategy.type} cannot use {source.type}")


def _described(column: Column) -> str:
    """The column and its kind in words, with the first fields of a struct."""
    below = (
        [f"{column.name}.{name}" for name, _ in column.type.children]
        if column.type.id == "struct"
        else []
    )
    return f"{column.name} is {column.kind}" + (
        f" ({', '.join(below[:6])}{', …' if below[6:] else ''})" if below else ""
    )
