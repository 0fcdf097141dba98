"""Vectors to be similar to: those of another relation, or of a tag of the data itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlsel.config import task_columns
from sqlsel.config.column_lookup import (
    Column,
    Columns,
    ColumnType,
    child,
    embedding_of,
    find,
    is_vector,
)
from sqlsel.config.entry_inputs import Embeddings
from sqlsel.errors import CatalogError, unknown
from sqlsel.sqltext import quoting

ALL_ROWS = "initial-tag"


@dataclass(frozen=True)
class QuerySet:
    """Another relation, its SQL and columns, whose vectors a selection may be similar to.

    ``tags``: the SQL condition of each tag; boolean columns are tags too.
    """

    source: str
    columns: Mapping[str, ColumnType]
    tags: Mapping[str, str] = field(default_factory=dict)


def literal_vectors(queries: Sequence[Sequence[float]]) -> str:
    """Vectors as a list of lists."""
    vectors = (f"[{', '.join(map(quoting.literal, vector))}]" for vector in queries)
    return f"[{', '.join(vectors)}]"


def named(
    source: Embeddings, own: QuerySet, others: Mapping[str, QuerySet]
) -> tuple[QuerySet, str]:
    """The dataset of a query and how messages call it; without one it is the data itself."""
    dataset = source.dataset_id
    if dataset is None:
        return own, "the data"
    if dataset in others:
        return others[dataset], f"dataset {dataset!r}"
    raise CatalogError(
        unknown("dataset", dataset, others) + f" Give it with --dataset {dataset}=FILE (datasets=)."
    )


def query(source: Embeddings, found: QuerySet, condition: str, vectors: Column, where: str) -> str:
    """The subquery that gives the vectors of the rows of ``found`` that ``condition`` names."""
    wanted = _wanted(source, found.columns, vectors, where)
    text = f"SELECT {wanted} FROM {found.source}"
    return f"({text} WHERE {condition})" if condition else f"({text})"


def tag_condition(tag: str, found: QuerySet, where: str) -> str:
    """The condition for the rows of a tag; empty for the tag of all rows."""
    if tag in found.tags:
        return f"({found.tags[tag]})"
    if tag in found.columns and found.columns[tag].id != "boolean":
        kind = Column("", tag, found.columns[tag]).kind
        raise CatalogError(
            f"tag {tag!r}: the column of that name in {where} is {kind}; a tag is a boolean column"
        )
    if tag in found.columns:
        return quoting.identifier(tag)
    if tag == ALL_ROWS:
        return ""
    known = [name for name, kind in found.columns.items() if kind.id == "boolean"]
    message = unknown("tag", tag, {*known, *found.tags, ALL_ROWS})
    raise CatalogError(
        f"{where}: {message}" + ("" if found.tags else " A tag is a boolean column.")
    )


def _wanted(source: Embeddings, columns: Columns, vectors: Column, where: str) -> str:
    """The column of the vectors; a row per object where the task is there too."""
    if source.task and (objects := task_columns.part(source.task, "embeddings", columns)):
        element = child(objects.type)
        listed = element is not None and is_vector(element)
        return f"unnest({objects.sql})" if listed else objects.sql
    named = vectors.name if find(vectors.name, columns) and not source.task else None
    return embedding_of(columns, named, where=where).sql
