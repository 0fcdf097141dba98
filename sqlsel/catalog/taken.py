"""Checks that the name of a new task or model is free: both become columns of the dataset's view.

Case is ignored, as DuckDB ignores it in names.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlsel.catalog.dataset import OBJECT_VECTORS, Dataset
from sqlsel.catalog.samples import BUILT_IN
from sqlsel.errors import CatalogError

_OF_VIEWS = (*BUILT_IN, "duplicate_of", "parent_id", "object", "category", "score", "bbox")


def check_task_name(dataset: Dataset, name: str) -> None:
    """CatalogError where a task cannot have this name: a column, a model or another task has it."""
    _check(f"task {name!r}", name, _OF_VIEWS, "a column of every dataset")
    models = [m for m, kind in dataset.models().items() if kind != OBJECT_VECTORS]
    _check(f"task {name!r}", name, models, "an embedding model of the dataset")
    _check_case(f"task {name!r}", name, dataset.tasks(), "a task of the dataset")
    plain = [n for n, kind in _columns(dataset).items() if kind != "struct"]
    _check(f"task {name!r}", name, plain, "a metadata key of the dataset")


def check_model_name(dataset: Dataset, name: str) -> None:
    """CatalogError where an embedding model cannot have this name."""
    _check(f"embedding {name!r}", name, _OF_VIEWS, "a column of every dataset")
    _check(f"embedding {name!r}", name, dataset.tasks(), "a task of the dataset")
    _check_case(f"embedding {name!r}", name, dataset.models(), "an embedding of the dataset")
    _check(f"embedding {name!r}", name, _columns(dataset), "a metadata key of the dataset")


def _columns(dataset: Dataset) -> dict[str, str]:
    """The columns of samples with the ids of their DuckDB types."""
    relation = dataset.con.sql(f"FROM {dataset.table('samples')} LIMIT 0")
    return dict(zip(relation.columns, (kind.id for kind in relation.types), strict=True))


def _check(what: str, name: str, taken: Iterable[str], whose: str) -> None:
    """CatalogError where ``name`` is in ``taken``; ``what`` is to be named, ``whose`` has the name."""
    for other in taken:
        if other.casefold() == name.casefold():
            raise CatalogError(f"{what}: {whose} has the name {other!r}; choose another one")


def _check_case(what: str, name: str, names: Iterable[str], whose: str) -> None:
    """CatalogError where ``name`` differs from one of ``names`` only in case: it would be a second table."""
    _check(what, name, [other for other in names if other != name], whose)
