"""What a configuration selects from: a table, files, or a dataset with its tasks and tags."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from sqlsel.catalog import Dataset, datasets, open_dataset, prepare
from sqlsel.catalog.database import define_scores, in_table
from sqlsel.catalog.parquet import is_dataset_folder, load_folder
from sqlsel.catalog.pool import objects_of, sequences
from sqlsel.catalog.tags import condition, tag_names
from sqlsel.config import Faults, Task
from sqlsel.errors import CatalogError, ConfigError, suggestion, unknown
from sqlsel.ingest import Report
from sqlsel.ingest.relevant import Relevant
from sqlsel.scan.sources import Source, open_source

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
        """The column of an embedding model (its file, in a Worker's configuration, named after it)."""
        if name is None or self.dataset is None or name in self.source.columns:
            return name
        models = [m for m in self.dataset.models() if m not in self.tasks]
        name = name if name in models else Path(name).stem
        return "embedding" if models and name == models[0] else name

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
        con.register("data", data)
        data, in_database = "data", True
    path = Path(data)
    if not in_database and path.is_dir():
        if is_dataset_folder(path):
            return _of_parquet(con, path)
        if (path / ".lightly").is_dir() or not any(path.glob("*.parquet")):
            return _of_folder(con, path)
    return Pool(_table(con, str(data)) if in_database else open_source(con, str(data)))


def restricted(
    con: duckdb.DuckDBPyConnection,
    pool: Pool,
    worker: Any,
    tag: str | None,
    *,
    embeds: bool,
    faults: Faults,
) -> Pool:
    """The part of the pool that a worker's configuration, and a tag, leave: objects, names, samples.

    ``embeds``: whether vectors will be asked for. What there is not is noted in ``faults``; without
    the objects that are the samples nothing else can be compared with the data.
    """
    if worker.object_level_task is not None:
        with faults.at("worker_config.object_level.task_name"):
            pool = _of_objects(con, pool, worker.object_level_task, embeds=embeds)
        faults.check()
    if worker.relevant_filenames_file is not None:
        with faults.at("worker_config.relevant_filenames_file"):
            pool = _named_in(con, pool, worker.relevant_filenames_file)
    if tag is not None:
        with faults.at():
            pool = _tagged(con, pool, tag)
    return pool


def _of_objects(con: duckdb.DuckDBPyConnection, pool: Pool, task: str, *, embeds: bool) -> Pool:
    dataset = needed(pool, "object_level")
    pool = pool.part(con, objects_of(dataset, task))
    if embeds and "embedding" not in pool.source.columns:
        raise CatalogError(
            f"task {task!r} has no vectors of its objects; make them with sqlsel crops {task} "
            "--model FILE.onnx --images DIR -o DIR --db FILE, or import them with "
            f"sqlsel import vectors FILE --task {task}"
        )
    return pool


def _named_in(con: duckdb.DuckDBPyConnection, pool: Pool, name: str) -> Pool:
    """The samples that the lines of a file name; notes tell of lines that name none."""
    file = _relevant(con, pool, name)
    relevant, report = Relevant(file), Report()
    names = _wanted(con, pool, relevant)
    among = in_table(con, "file_name", "sqlsel_relevant", names)
    pool = pool.part(con, f"(FROM {pool.source.sql} WHERE {among})")
    relevant.report_missing(file, report)
    return replace(pool, notes=(*pool.notes, *_shortened(report.lines())))


def _tagged(con: duckdb.DuckDBPyConnection, pool: Pool, tag: str) -> Pool:
    where = condition(needed(pool, "a tag as the pool"), tag)
    pool = pool.part(con, f"(FROM {pool.source.sql} WHERE {where})")
    if not con.execute(f"FROM {pool.source.sql} LIMIT 1").fetchall():
        raise CatalogError(f"the pool is empty: no sample of the data is in tag {tag!r}")
    return pool


def in_sequences(
    con: duckdb.DuckDBPyConnection, pool: Pool, length: int, categories: Collection[str]
) -> Pool:
    """Runs of ``length`` frames as samples; a note counts the frames that are left over."""
    for name in ("sequence_id", "file_name"):
        if name not in pool.source.columns:
            raise CatalogError(
                f"selected_sequence_length: the data has no column {name!r}; it needs a dataset"
            )
    define_scores(con)
    made = pool.part(con, sequences(pool.source.sql, pool.source.columns, length, categories))
    counts = [
        int(con.execute(f"SELECT count(*) FROM {p.source.sql}").fetchall()[0][0])
        for p in (pool, made)
    ]
    notes = [f"a sample is a run of {length} frames"]
    if left := counts[0] - length * counts[1]:
        notes.append(
            f"{left:,} frames are left over: the last of their sequence, fewer than {length}"
        )
    return replace(made, notes=(*pool.notes, *notes))


def growing(pool: Pool, tag: str | None, worker: Any) -> list[str]:
    """The tags that grow by the picks, ``tag`` and the datapool, as far as there are such tags."""
    named = {} if tag is None else {tag: f"tag {tag!r}"}
    if worker.use_datapool:
        named[DATAPOOL] = "use_datapool"
    return [name for name, what in named.items() if name in tag_names(needed(pool, what))]


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
    from sqlsel.importing import import_folder

    done = import_folder(con, path, "data")
    if done.dataset.count() == 0:
        raise CatalogError(f"{path}: no images in this folder, and no Parquet files")
    pool = _of_dataset(con, done.dataset)
    return replace(pool, folder=path, temporary=True, notes=_shortened(done.report.lines()))


def _shortened(lines: list[str], shown: int = 5) -> tuple[str, ...]:
    """What was left out, as notes beside a selection."""
    told = [line.removeprefix("warning: ") for line in lines]
    more = [f"and {len(told) - shown:,} more; sqlsel import tells them"] if told[shown:] else []
    return (*told[:shown], *more)


def _wanted(con: duckdb.DuckDBPyConnection, pool: Pool, relevant: Relevant) -> list[str]:
    if "file_name" not in pool.source.columns:
        raise CatalogError("relevant_filenames_file needs a column 'file_name' in the data")
    rows = con.execute(f"SELECT DISTINCT file_name FROM {pool.source.sql}").fetchall()
    return [row[0] for row in rows if relevant.wants(row[0])]


def needed(pool: Pool, what: str) -> Dataset:
    """The pool's dataset; CatalogError where it has none."""
    if pool.dataset is None:
        raise CatalogError(f"{what} needs a dataset: make one with sqlsel import")
    return pool.dataset


def _relevant(con: duckdb.DuckDBPyConnection, pool: Pool, name: str) -> Path:
    """The file of this name: in the folder that is read, here, or beside the catalogue."""
    places: list[Path] = [Path(name)]
    if pool.folder is not None:
        places = [pool.folder / ".lightly" / name, pool.folder / name, Path(name)]
    text = "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
    if (database := con.execute(text).fetchall()[0][0]) is not None:
        beside = Path(database).parent
        below = sorted(beside.glob("*/.lightly")) if not Path(name).is_absolute() else []
        named = [one for one in below if pool.dataset and one.parent.name == pool.dataset.name]
        folders = [
            beside,
            beside / ".lightly",
            *(named or below if len(named or below) == 1 else []),
        ]
        places += [folder / name for folder in folders]
    for place in places:
        if place.is_file():
            return place
    where = ", ".join(dict.fromkeys(str(place.parent) for place in places))
    raise ConfigError(
        f"worker_config.relevant_filenames_file: {name}: no such file in {where}; give its path"
    )
