"""Where the inputs of a configuration are found in the data; each is of the kind that is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlsel.config import object_columns, task_columns
from sqlsel.config.column_lookup import Column, Columns, child, embedding_of, find, keyed, leaves
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
    """What a configuration is resolved against; ``own`` is the relation itself."""

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


def claimed(config: SelectionConfig, known: Mapping[str, Task]) -> list[str]:
    """The tasks that are named; their columns are no embeddings."""
    named = [
        entry.input.task
        for entry in config.strategies
        if isinstance(entry.input, Scores | Predictions | Embeddings) and entry.input.task
    ]
    return [*named, *known]


def vectors(source: Embeddings, data: Data, claims: Sequence[str]) -> Column:
    """The vectors of the samples, or of their objects."""
    if source.task or source.objects:
        return object_columns.embeddings(source.task, source.model, data.columns)
    # The embedding that the caller names stands in for a model that the data does not know.
    known = source.model and (data.embedding is None or find(source.model, data.columns))
    return embedding_of(data.columns, source.model if known else data.embedding, claims)


def key_of(entry: Entry, data: Data) -> str:
    """The key of the input that is at fault where its column is not in the data."""
    source = entry.input
    if isinstance(source, Metadata):
        return "input.key"
    if isinstance(source, Scores) and task_columns.parts(source.task, data.columns):
        return "input.score"
    named = isinstance(source, Scores | Predictions | Embeddings) and source.task
    return "input.task" if named else "input"


def number(entry: Entry, place: str, data: Data) -> Column:
    """The number per sample that WEIGHTS and THRESHOLD use."""
    found = _scalar(entry, place, data)
    if found.is_number:
        return found
    key = "input.score" if isinstance(entry.input, Scores) else "input.key"
    raise ConfigError(
        f"{entry.at(place, key)}: {_described(found)}; {entry.strategy.type} needs a number"
    )


def category(key: str, place: str, data: Data) -> Column:
    """The category per sample that BALANCE uses; ``place`` is that of the key."""
    found = metadata(key, data)
    if found.type.id in ("float", "double", "decimal"):
        raise ConfigError(
            f"{place}: {found.name} has fractions ({found.type}); BALANCE needs a category: "
            "store it in bins, or cast it to an integer or a text"
        )
    listed = child(found.type)  # the categories of a sequence's frames, each of which counts
    texts = listed is not None and listed.id == "varchar"
    if not (found.is_text or found.is_number or texts or found.type.id == "boolean"):
        raise ConfigError(
            f"{place}: {_described(found)}; "
            "BALANCE needs a category: a text, an integer or a boolean"
        )
    return found


def metadata(key: str, data: Data) -> Column:
    """The column or the struct field of a metadata key, or a part of the file name."""
    found, part = find(key, data.columns), _path_part(key, data)
    if part is None and found:
        return found
    if part and found:
        raise CatalogError(
            f"{key!r} names more than one place: {found.sql} and a group of lightly_path_regex; "
            "rename one of them"
        )
    if part:
        return part
    if closed := keyed(key, data.columns):
        raise CatalogError(
            f"metadata key {key!r}: {closed.name} is {closed.type}, of which the keys and types are "
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
    """A named group of lightly_path_regex over the file name; NULL where it does not match."""
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
    """The classes of a class row, None if unknown, and whether the clause needs these names."""
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


def _described(found: Column) -> str:
    below = (
        [f"{found.name}.{name}" for name, _ in found.type.children]
        if found.type.id == "struct"
        else []
    )
    return f"{found.name} is {found.kind}" + (
        f" ({', '.join(below[:6])}{', …' if below[6:] else ''})" if below else ""
    )
