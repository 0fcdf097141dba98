"""Query vectors of SIMILARITY as SQL: of another relation, or of a tag of the data itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlsel.config import task_columns
from sqlsel.config.column_lookup import (
    Column,
    Columns,
    ColumnType,
    element_type,
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
    """A relation whose vectors may be queries; ``source``: its SQL.

    ``tags``: the SQL condition of each tag; boolean columns are tags too.
    """

    source: str
    columns: Mapping[str, ColumnType]
    tags: Mapping[str, str] = field(default_factory=dict)


def literal_vectors(queries: Sequence[Sequence[float]]) -> str:
    """Vectors as a SQL list of lists."""
    vectors = (f"[{', '.join(map(quoting.literal, vector))}]" for vector in queries)
    return f"[{', '.join(vectors)}]"


def rows_of_dataset(
    source: Embeddings, own: QuerySet, others: Mapping[str, QuerySet]
) -> tuple[QuerySet, str]:
    """(the relation of the query's dataset, its name in messages); without a dataset the data itself."""
    dataset = source.dataset_id
    if dataset is None:
        return own, "the data"
    if dataset in others:
        return others[dataset], f"dataset {dataset!r}"
    raise CatalogError(
        unknown("dataset", dataset, others) + f" Give it with --dataset {dataset}=FILE (datasets=)."
    )


def subquery(
    source: Embeddings, rows: QuerySet, condition: str, vectors: Column, where: str
) -> str:
    """The subquery of the vectors of those of ``rows`` that meet ``condition``; an empty one: of all."""
    expression = _vector_expression(source, rows.columns, vectors, where)
    text = f"SELECT {expression} FROM {rows.source}"
    return f"({text} WHERE {condition})" if condition else f"({text})"


def tag_condition(tag: str, rows: QuerySet, where: str) -> str:
    """The condition for the rows of a tag; empty for the tag of all rows."""
    if tag in rows.tags:
        return f"({rows.tags[tag]})"
    if tag in rows.columns and rows.columns[tag].id != "boolean":
        kind = Column("", tag, rows.columns[tag]).kind
        raise CatalogError(
            f"tag {tag!r}: the column of that name in {where} is {kind}; a tag is a boolean column"
        )
    if tag in rows.columns:
        return quoting.identifier(tag)
    if tag == ALL_ROWS:
        return ""
    boolean_columns = [name for name, kind in rows.columns.items() if kind.id == "boolean"]
    message = unknown("tag", tag, {*boolean_columns, *rows.tags, ALL_ROWS})
    raise CatalogError(f"{where}: {message}" + ("" if rows.tags else " A tag is a boolean column."))


def _vector_expression(source: Embeddings, columns: Columns, vectors: Column, where: str) -> str:
    """The SELECT expression of the vectors; unnested to a row per object where the relation has the task."""
    if source.task and (objects := task_columns.part(source.task, "embeddings", columns)):
        element = element_type(objects.type)
        listed = element is not None and is_vector(element)
        return f"unnest({objects.sql})" if listed else objects.sql
    name = vectors.name if find(vectors.name, columns) and not source.task else None
    return embedding_of(columns, name, where=where).sql
