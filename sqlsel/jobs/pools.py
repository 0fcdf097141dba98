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
    """A relation to select from; ``dataset`` and ``tasks`` only where it is a dataset's."""

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
        # The view calls the default model's column embedding, whatever the model's name.
        return "embedding" if models[:1] == [model] else model

    def models(self) -> list[str]:
        """The names of the dataset's embedding models; the first is the default. Tasks' vectors are not among them."""
        if self.dataset is None:
            return []
        return [model for model in self.dataset.models() if model not in self.tasks]

    def unnamed_models(self) -> list[str]:
        """The names of the models where none is called default, so that the user should name one."""
        models = self.models()
        return [] if DEFAULT_MODEL in models else models

    def hidden(self) -> list[str]:
        """The columns of a dataset that are left out of a selection's result: vectors and predictions."""
        if self.dataset is None:
            return []
        visible = self.dataset.visible_columns()
        return [name for name in self.source.columns if name not in visible]

    def part(self, con: duckdb.DuckDBPyConnection, relation: str) -> Pool:
        """The pool with ``relation``, SQL text, in place of its own."""
        return replace(self, source=source_of(con, relation))


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


def tags_that_grow(pool: Pool, tag: str | None, worker: Any) -> list[str]:
    """The existing tags to which the picks will be added: ``tag``, and the datapool where the worker uses it."""
    named = {} if tag is None else {tag: f"tag {tag!r}"}
    if worker.use_datapool:
        named[DATAPOOL] = "use_datapool"
    return [name for name, what in named.items() if name in tag_names(require_dataset(pool, what))]


def with_unknown_counts(
    con: duckdb.DuckDBPyConnection, config: SelectionConfig, pool: Pool
) -> Pool:
    """The pool whose tasks have ``n_unknown``, the number of samples without predictions, and a note on it.

    Only for tasks used by strategies that do not count such samples themselves (BALANCE, THRESHOLD).
    """
    silent_tasks = {
        entry.input.task
        for entry in config.strategies
        if entry.strategy.type in SILENT_OF_MISSING
        and isinstance(entry.input, Predictions | Scores)
    }
    tasks, notes = dict(pool.tasks), list(pool.notes)
    for name, task in tasks.items():
        objects = part(name, "objects", pool.source.columns)
        if pool.dataset is None or objects is None or silent_tasks.isdisjoint((name, None)):
            continue
        text = f"SELECT count(*) FROM {pool.source.sql} WHERE {objects.sql} IS NULL"
        n_unknown = int(con.execute(text).fetchall()[0][0])
        tasks[name] = replace(task, n_unknown=n_unknown)
        if n_unknown:
            samples, are = ("sample", "is") if n_unknown == 1 else ("samples", "are")
            notes.append(
                f"{n_unknown:,} {samples} whose objects of {name!r} are not known {are} not eligible"
            )
    return replace(pool, tasks=tasks, notes=tuple(notes))


def source_of(con: duckdb.DuckDBPyConnection, relation: str) -> Source:
    """The SQL text of a relation with its columns and their types; reads no row."""
    empty = con.sql(f"FROM {relation} LIMIT 0")
    return Source(relation, dict(zip(empty.columns, empty.types, strict=True)))


def _table(con: duckdb.DuckDBPyConnection, name: str) -> Source:
    """A table of the database; CatalogError, on datasets where the name is close to one of theirs."""
    try:
        return open_source(con, name, in_database=True)
    except CatalogError:
        names = datasets(con)
        if suggestion(name, names):
            raise CatalogError(unknown("dataset", name, names)) from None
        raise


def _of_dataset(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> Pool:
    """The view of a dataset, with its tasks."""
    tasks = {
        name: Task(name, kind, tuple(categories))
        for name, (kind, categories) in dataset.tasks().items()
    }
    return Pool(source_of(con, dataset.view), dataset, tasks)


def _of_parquet(con: duckdb.DuckDBPyConnection, path: Path) -> Pool:
    """A dataset that was saved as a folder of Parquet files, loaded into ``con``."""
    prepare(con)
    loaded = load_folder(con, path)
    if len(loaded) > 1:
        names = ", ".join(one.name for one in loaded)
        raise CatalogError(f"{path} holds several datasets: {names}; give the folder of one")
    return replace(_of_dataset(con, loaded[0]), temporary=True)


def _of_folder(con: duckdb.DuckDBPyConnection, path: Path) -> Pool:
    """A folder of images, imported into ``con`` as a temporary dataset; CatalogError where it has none."""
    from sqlsel.catalog.imports import import_folder

    imported = import_folder(con, path, "data")
    if imported.dataset.count() == 0:
        raise CatalogError(f"{path}: no images in this folder, and no Parquet files")
    pool = _of_dataset(con, imported.dataset)
    return replace(
        pool,
        folder=path,
        temporary=True,
        notes=(*imported.empty, *first_notes(imported.report.lines())),
    )


def first_notes(report_lines: list[str], limit: int = 5) -> tuple[str, ...]:
    """The first ``limit`` lines of an import's report, as notes of a selection, and how many more there are."""
    lines = [line.removeprefix("warning: ") for line in report_lines]
    more = [f"and {len(lines) - limit:,} more; sqlsel import tells them"] if lines[limit:] else []
    return (*lines[:limit], *more)


def require_dataset(pool: Pool, what: str) -> Dataset:
    """The pool's dataset; CatalogError where it has none, which names ``what`` needs it."""
    if pool.dataset is None:
        raise CatalogError(f"{what} needs a dataset: make one with sqlsel import")
    return pool.dataset
