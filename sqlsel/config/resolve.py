"""Where the inputs of a configuration are found in the data; each is of the kind that is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlsel import quoting
from sqlsel.config import tasks
from sqlsel.config.columns import Column, Columns, ColumnType, embedding_of, find, leaves
from sqlsel.config.inputs import Embeddings, Metadata, Predictions, Scores
from sqlsel.config.model import Entry, SelectionConfig
from sqlsel.errors import CatalogError, ConfigError, suggestion, unknown

ALL_ROWS = "initial-tag"


@dataclass(frozen=True)
class QuerySet:
    """Another relation, its SQL and columns, whose vectors a selection may be similar to."""

    source: str
    columns: Mapping[str, ColumnType]


@dataclass(frozen=True)
class Data:
    """What a configuration is resolved against."""

    columns: Columns
    key: str | None = None
    embedding: str | None = None
    query_sets: Mapping[str, QuerySet] = field(default_factory=dict)
    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)


def claimed(config: SelectionConfig) -> list[str]:
    """The tasks that a configuration names; their columns are no embeddings."""
    return [
        entry.input.task
        for entry in config.strategies
        if isinstance(entry.input, Scores | Predictions)
    ]


def embedding(data: Data, claims: Sequence[str]) -> Column:
    """The vectors of the samples."""
    return embedding_of(data.columns, data.embedding, claims)


def number(entry: Entry, place: str, data: Data) -> Column:
    """The number per sample that WEIGHTS and THRESHOLD use."""
    found = _scalar(entry, place, data)
    if found.is_number:
        return found
    key = "score" if isinstance(entry.input, Scores) else "key"
    raise ConfigError(
        f"{place}.input.{key}: {_described(found)}; {entry.strategy.type} needs a number"
    )


def category(key: str, place: str, data: Data) -> Column:
    """The category per sample that BALANCE uses."""
    found = metadata(key, data.columns)
    if found.type.id in ("float", "double", "decimal"):
        raise ConfigError(
            f"{place}.input.key: {found.name} has fractions ({found.type}); "
            "BALANCE needs a category: "
            "store it in bins, or cast it to an integer or a text"
        )
    if not (found.is_text or found.is_number or found.type.id == "boolean"):
        raise ConfigError(
            f"{place}.input.key: {_described(found)}; "
            "BALANCE needs a category: a text, an integer or a boolean"
        )
    return found


def metadata(key: str, columns: Columns) -> Column:
    """The column or the struct field of a metadata key."""
    found = find(key, columns)
    if found is None:
        raise CatalogError(unknown("metadata key", key, [name for name, _ in leaves(columns)]))
    return found


def query(source: Embeddings, data: Data, vectors: Column) -> str:
    """The subquery that gives the vectors of a dataset's tag."""
    dataset, tag = source.dataset_id or "", source.tag_name or ""
    if dataset not in data.query_sets:
        raise CatalogError(
            unknown("dataset", dataset, data.query_sets)
            + f" Give it with --dataset {dataset}=FILE."
        )
    found = data.query_sets[dataset]
    where = f"dataset {dataset!r}"
    named = vectors.name if find(vectors.name, found.columns) else None
    wanted = embedding_of(found.columns, named, where=where)
    sql = f"SELECT {wanted.sql} FROM {found.source}"
    if tag in found.columns and found.columns[tag].id != "boolean":
        kind = Column("", tag, found.columns[tag]).kind
        raise CatalogError(
            f"tag {tag!r}: the column of that name in {where} is {kind}; a tag is a boolean column"
        )
    if tag in found.columns:
        return f"({sql} WHERE {quoting.identifier(tag)})"
    if tag == ALL_ROWS:
        return f"({sql})"
    tags = [name for name, kind in found.columns.items() if kind.id == "boolean"]
    message = unknown("tag", tag, [*tags, ALL_ROWS])
    raise CatalogError(f"{where}: {message} A tag is a boolean column.")


def class_names(
    row: Column, task: str, data: Data, *, needed: bool
) -> tuple[list[str] | None, bool]:
    """The classes of a class row, None if unknown, and whether the clause must be told them."""
    kind = row.type
    if kind.id == "struct":
        return [name for name, _ in kind.children], False
    if kind.id == "map":
        return None, False
    size = kind.children[1][1] if kind.id == "array" else None
    names = list(data.classes[task]) if task in data.classes else None
    if names is None and size is not None:
        names = [str(position) for position in range(size)]
    if names is None and needed:
        raise CatalogError(
            f"the classes of task {task!r} are not known: {row.name} is {row.type}, a list "
            "without names. Give them in the order of the list (classes), or store a STRUCT "
            "or MAP of class -> mass"
        )
    if names is not None and size is not None and len(names) != size:
        raise CatalogError(
            f"task {task!r} has {len(names)} classes, but {row.name} holds {size} numbers"
        )
    return names, names is not None


def check_class(name: str, names: Sequence[str], task: str, place: str) -> None:
    """A ConfigError if ``name`` is no class of the task."""
    if name not in names:
        listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
        message = (
            f"class {name!r} is not a class of task {task!r} ({listed}).{suggestion(name, names)}"
        )
        raise ConfigError(f"{place}.strategy.target: {message}")


def _scalar(entry: Entry, place: str, data: Data) -> Column:
    source = entry.input
    if isinstance(source, Scores):
        return tasks.score(source.task, source.score, data.columns)
    if isinstance(source, Metadata):
        return metadata(source.key, data.columns)
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
