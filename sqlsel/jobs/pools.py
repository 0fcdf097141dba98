"""What a configuration selects from: a table, files, or a dataset with its tasks and tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from sqlsel.catalog import Dataset, datasets, open_dataset, prepare
from sqlsel.catalog.dataset import DEFAULT_MODEL
from sqlsel.catalog.parquet import is_dataset_folder, load_folder
from sqlsel.catalog.tags import tag_names
from sqlsel.columns.foreign_tables import as_arrow, is_foreign
from sqlsel.config import SelectionConfig, Task
from sqlsel.config.column_lookup import find
from sqlsel.config.entry_inputs import Predictions, Scores
from sqlsel.config.task_columns import part
from sqlsel.config.vocabulary import SILENT_OF_MISSING
from sqlsel.errors import CatalogError, suggestion, unknown
from sqlsel.jobs.sources import Source, open_source

DATAPOOL = "datapool"


@dataclass(frozen=True)
class Pool:
    """A relation to select from; the rest is known where it is one of a dataset."""

    source: Source
    dataset: Dataset | None = None
    tasks: Mapping[str, Task] = field(default_factory=dict)
    folder: Path | None = None  # the folder that was read for it
    notes: tuple[str, ...] = ()
    temporary: bool = False  # whether the dataset is gone after the run

    def embedding(self, name: str | None) -> str | None:
        """The column of an embedding model (its file, in a Worker's configuration, named after it).

        CatalogError where the dataset has no such model.
        """
        if name is None or self.dataset is None or find(name, self.source.columns):
            return name
        models = self.models()
        model = name if name in models else Path(name).stem
        if models and model not in models:
            raise CatalogError(unknown("embedding", name, models))
        return "embedding" if models[:1] == [model] else model

    def models(self) -> list[str]:
        """The embedding models of a dataset; the first is the one that is meant without a name."""
        if self.dataset is None:
            return []
        return [model for model in self.dataset.models() if model not in self.tasks]

    def unnamed_models(self) -> list[str]:
        """The models where several could be meant without a name: none is called default."""
        models = self.models()
        return [] if DEFAULT_MODEL in models else models

    def hidden(self) -> list[str]:
        """The columns of a dataset that a selection does not show: vectors and predictions."""
        if self.dataset is None:
            return []
        shown = self.dataset.shown()
        return [name for name in self.source.columns if name not in shown]

    def part(self, con: duckdb.DuckDBPyConnection, relation: str) -> Pool:
        """The same with another relation."""
        return replace(self, source=described(con, relation))


def open_pool(con: duckdb.DuckDBPyConnection, data: Any, *, in_database: bool) -> Pool:
    """The pool that ``data`` names: a dataset or table of the database, a file, a folder, an object.

    A folder with a ``.lightly``, or with images, is read into a temporary dataset of ``con``.
    """
    if isinstance(data, Source):
        return Pool(data)
    if data is None or (in_database and str(data) in datasets(con)):
        return _of_dataset(con, open_dataset(con, None if data is None else str(data)))
    if not isinstance(data, (str, Path)):
        con.register("data", as_arrow(data) if is_foreign(data) else data)
        data, in_database = "data", True
    path = Path(data)
    if not in_database and path.is_dir():
        if is_dataset_folder(path):
            return _of_parquet(con, path)
        if (path / ".lightly").is_dir() or not any(path.glob("*.parquet")):
            return _of_folder(con, path)
    return Pool(_table(con, str(data)) if in_database else open_source(con, str(data)))


def growing(pool: Pool, tag: str | None, worker: Any) -> list[str]:
    """The tags that grow by the picks, ``tag`` and the datapool, as far as there are such tags."""
    named = {} if tag is None else {tag: f"tag {tag!r}"}
    if worker.use_datapool:
        named[DATAPOOL] = "use_datapool"
    return [name for name, what in named.items() if name in tag_names(needed(pool, what))]


def with_unknown(con: duckdb.DuckDBPyConnection, config: SelectionConfig, pool: Pool) -> Pool:
    """The pool whose tasks say of how many samples the objects are not known, with a note of them.

    That of the tasks of which only BALANCE and THRESHOLD would not say so themselves.
    """
    asked = {
        entry.input.task
        for entry in config.strategies
        if entry.strategy.type in SILENT_OF_MISSING
        and isinstance(entry.input, Predictions | Scores)
    }
    tasks, notes = dict(pool.tasks), list(pool.notes)
    for name, task in tasks.items():
        found = part(name, "objects", pool.source.columns)
        if pool.dataset is None or found is None or asked.isdisjoint((name, None)):
            continue
        text = f"SELECT count(*) FROM {pool.source.sql} WHERE {found.sql} IS NULL"
        n_unknown = int(con.execute(text).fetchall()[0][0])
        tasks[name] = replace(task, n_unknown=n_unknown)
        if n_unknown:
            samples, are = ("sample", "is") if n_unknown == 1 else ("samples", "are")
            notes.append(
                f"{n_unknown:,} {samples} whose objects of {name!r} are not known {are} not eligible"
            )
    return replace(pool, tasks=tasks, notes=tuple(notes))


def described(con: duckdb.DuckDBPyConnection, relation: str) -> Source:
    """A relation in SQL with its columns."""
    found = con.sql(f"FROM {relation} LIMIT 0")
    return Source(relation, dict(zip(found.columns, found.types, strict=True)))


def _table(con: duckdb.DuckDBPyConnection, name: str) -> Source:
    """A table of the database; where a dataset was meant, the error says so."""
    try:
        return open_source(con, name, in_database=True)
    except CatalogError:
        known = datasets(con)
        if suggestion(name, known):
            raise CatalogError(unknown("dataset", name, known)) from None
        raise


def _of_dataset(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> Pool:
    tasks = {
        name: Task(name, kind, tuple(categories))
        for name, (kind, categories) in dataset.tasks().items()
    }
    return Pool(described(con, dataset.view), dataset, tasks)


def _of_parquet(con: duckdb.DuckDBPyConnection, path: Path) -> Pool:
    prepare(con)
    found = load_folder(con, path)
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise CatalogError(f"{path} holds several datasets: {names}; give the folder of one")
    return replace(_of_dataset(con, found[0]), temporary=True)


def _of_folder(con: duckdb.DuckDBPyConnection, path: Path) -> Pool:
    from sqlsel.catalog.imports import import_folder

    done = import_folder(con, path, "data")
    if done.dataset.count() == 0:
        raise CatalogError(f"{path}: no images in this folder, and no Parquet files")
    pool = _of_dataset(con, done.dataset)
    return replace(
        pool, folder=path, temporary=True, notes=(*done.empty, *shortened(done.report.lines()))
    )


def shortened(lines: list[str], shown: int = 5) -> tuple[str, ...]:
    """What was left out, as notes beside a selection."""
    told = [line.removeprefix("warning: ") for line in lines]
    more = [f"and {len(told) - shown:,} more; sqlsel import tells them"] if told[shown:] else []
    return (*told[:shown], *more)


def needed(pool: Pool, what: str) -> Dataset:
    """The pool's dataset; CatalogError where it has none."""
    if pool.dataset is None:
        raise CatalogError(f"{what} needs a dataset: make one with sqlsel import")
    return pool.dataset
