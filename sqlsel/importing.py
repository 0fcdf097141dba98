"""From the folders and files that people have to a dataset of the catalogue, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from sqlsel.catalog import Dataset, create_dataset, prepare, transaction
from sqlsel.catalog.dataset import DEFAULT_MODEL
from sqlsel.catalog.names import beside, told_apart
from sqlsel.catalog.store import (
    drop_samples,
    join_predictions,
    put_metadata,
    put_predictions,
    put_samples,
    put_task,
    put_vectors,
    remember,
    same_metadata,
    taken_names,
    unread,
    vectors_of_objects,
)
from sqlsel.errors import CatalogError, InvalidInput
from sqlsel.ingest import Report, Task
from sqlsel.ingest.embeddings import read_embeddings
from sqlsel.ingest.folder import list_files, list_samples
from sqlsel.ingest.frames import frame_names
from sqlsel.ingest.metadata import read_metadata, read_schema
from sqlsel.ingest.predictions import OBJECTS, read_predictions, read_tasks


@dataclass
class Imported:
    """What an import made: one line per table, and what was left out."""

    dataset: Dataset
    report: Report
    tables: list[tuple[str, int, str]] = field(default_factory=list)  # name, rows, columns
    changed: bool = False
    partly: bool = False  # only some images were asked for

    def note(self, table: str, rows: int, columns: str) -> None:
        """A table that was looked at, and how many of its rows are new or replaced."""
        self.tables.append((table, rows, columns))
        self.changed = self.changed or rows > 0


def import_folder(
    con: duckdb.DuckDBPyConnection,
    source: Path,
    name: str,
    *,
    lightly: Path | None = None,
    relevant: Path | None = None,
    prune: bool = False,
) -> Imported:
    """Read a folder of images with its ``.lightly`` into the dataset ``name``.

    A second import adds and updates; files that did not change are not read again. ``prune`` also
    drops samples whose files are gone. Raises CatalogError for folders that are not there or hold
    no images, ConfigError for schemas that are not valid.
    """
    if not source.is_dir():
        raise CatalogError(f"{source}: no such folder")
    lightly = lightly or source / ".lightly"
    report = Report()
    prepare(con)
    with transaction(con):
        done = Imported(create_dataset(con, name), report, partly=relevant is not None)
        tasks = read_tasks(lightly, report) if (lightly / "predictions").is_dir() else []
        again = _samples(done, source, relevant, _frames(lightly, tasks), prune=prune)
        names = _names(done.dataset)
        if not names:
            raise CatalogError(f"{source}: no images in this folder")
        for task in tasks:
            _predictions(done, lightly / "predictions" / task.name, task, names, again=again)
        if (lightly / "metadata").is_dir():
            _metadata(done, lightly, names, again=again)
        for file in sorted((lightly / "embeddings").glob("*.csv")):
            _embeddings(done, file, again=again)
        done.dataset.join()
    return done


def import_task(
    con: duckdb.DuckDBPyConnection,
    name: str,
    task: Task,
    samples: Sequence[str],
    batches: Iterable[pa.RecordBatch],
    report: Report,
) -> Imported:
    """Put one task's predictions (of COCO, YOLO, a pretagging dump) into the dataset ``name``.

    In a dataset without samples, ``samples`` become its samples; else others are left out.
    """
    prepare(con)
    with transaction(con):
        done = Imported(create_dataset(con, name), report)
        if done.dataset.count() == 0:
            _put_names(done, samples)
        elif strangers := sorted(set(samples) - _names(done.dataset)):
            report.warn("predictions of no sample are left out", strangers[0], len(strangers))
        _put_schema(done, task)
        put_predictions(done.dataset, task.name, *_stream(batches))
        count = join_predictions(done.dataset, task.name)
        done.note(f"predictions_{task.name}", count, "objects, class_distribution, scores")
        done.dataset.join()
    return done


def import_vectors(
    con: duckdb.DuckDBPyConnection,
    name: str,
    vectors: pa.Table,
    report: Report,
    *,
    model: str = DEFAULT_MODEL,
    task: str | None = None,
) -> Imported:
    """Put vectors (sample_id, embedding) of one model into the dataset ``name``.

    In a dataset without samples the ids become its samples; else other ids are left out. With
    ``task`` they are the vectors of its objects, whose ids are ``<sample id>#<number from 1>``.
    """
    prepare(con)
    with transaction(con):
        done = Imported(create_dataset(con, name), report)
        if task is not None:
            _put_vectors(done, task, vectors_of_objects(done.dataset, task, vectors, report))
        else:
            if done.dataset.count() == 0:
                _put_names(done, vectors.column("sample_id").to_pylist())
            _put_vectors(done, model, vectors)
        done.dataset.join()
    return done


def _samples(
    done: Imported, source: Path, relevant: Path | None, frames: list[str], *, prune: bool
) -> bool:
    """List the images; give whether there are others than before."""
    found = list_samples(source, done.report, relevant=relevant, frames=frames)
    table = pa.table(
        {
            "sample_id": found["file_name"],
            "file_name": found["file_name"],
            "sequence_id": found["sequence"],
            "frame": found["frame"],
            "size": found["size"],
        }
    )
    gone, first = (0, "")
    if prune or not done.partly:
        gone, first = drop_samples(done.dataset, found.select(["file_name"]), keep=not prune)
    if gone and not prune:
        done.report.warn("samples whose files are gone are kept (--prune drops them)", first, gone)
    new, changed = put_samples(done.dataset, table)
    done.note("samples", new + changed, "sample_id, file_name, metadata")
    return new > 0 or (gone > 0 and prune)


def _put_names(done: Imported, names: Sequence[str]) -> None:
    nothing = pa.nulls(len(names))
    table = pa.table(
        {
            "sample_id": pa.array(names, pa.string()),
            "file_name": pa.array(names, pa.string()),
            "sequence_id": nothing.cast(pa.string()),
            "frame": nothing.cast(pa.int32()),
            "size": nothing.cast(pa.int64()),
        }
    )
    new, changed = put_samples(done.dataset, table)
    done.note("samples", new + changed, "sample_id, file_name")


def _names(dataset: Dataset) -> frozenset[str]:
    rows = dataset.con.execute(f"SELECT sample_id FROM {dataset.table('samples')}").fetchall()
    return frozenset(row[0] for row in rows)


def _frames(lightly: Path, tasks: Sequence[Task]) -> list[str]:
    """Video frames have no files of their own: predictions and metadata name them."""
    folders = [lightly / "predictions" / task.name for task in tasks] + [lightly / "metadata"]
    listed = (list_files(f, ".json")["path"].to_pylist() for f in folders if f.is_dir())
    return sorted(frame_names(path for paths in listed for path in paths))


def _predictions(
    done: Imported, folder: Path, task: Task, names: frozenset[str], *, again: bool
) -> None:
    """Read the files that changed; all of them where the schema did, or the samples."""
    kind = f"predictions_{task.name}"
    listed = _without_schema(list_files(folder, ".json"))
    other = _put_schema(done, task)
    anew = again or other or kind not in done.dataset.tables()
    paths = listed["path"].to_pylist() if anew else unread(done.dataset, kind, listed)
    if not paths and not anew:
        return done.note(kind, 0, "")
    report = Report()
    put_predictions(
        done.dataset, task.name, *_stream(read_predictions(folder, task, paths, names, report))
    )
    count = join_predictions(done.dataset, task.name, anew=other)
    remember(done.dataset, kind, listed, paths)
    _tell(done, task.name, report)
    return done.note(kind, count, "objects, class_distribution, scores")


def _tell(done: Imported, task: str, report: Report) -> None:
    """What was left out of a task; files of images that were not asked for are only counted."""
    for one in report.skipped:
        if done.partly and "there is no sample" in one.reason:
            done.report.warn("files of other images are left out", f"{task}/{one.path}")
        else:
            done.report.skip(f"{task}/{one.path}", one.reason)
    report.skipped.clear()
    done.report.add(report)


def _put_schema(done: Imported, task: Task) -> bool:
    told = [(category.id, category.name) for category in task.categories]
    return put_task(done.dataset, task.name, task.type, told)


def _stream(batches: Iterable[pa.RecordBatch]) -> tuple[Iterator[pa.RecordBatch], pa.Schema]:
    """The batches as DuckDB reads them: the sample and its objects."""
    schema = pa.schema([("sample_id", pa.string()), ("objects", OBJECTS)])
    return (batch.select(["sample_id", "objects"]) for batch in batches), schema


def _without_schema(listed: pa.Table) -> pa.Table:
    """The files without the schema; an image called schema.png has its file in another place."""
    paths = listed["path"].to_pylist()
    return listed.filter(pa.array([path != "schema.json" for path in paths], pa.bool_()))


def _metadata(done: Imported, lightly: Path, names: frozenset[str], *, again: bool) -> None:
    """Read the files that changed; all of them where the columns did, or samples came.

    All of them too where there are videos, whose file speaks of the frames that have none.
    """
    folder, dataset = lightly / "metadata", done.dataset
    listed = _without_schema(list_files(folder, ".json"))
    schema = list_files(folder, "schema.json")
    changed = unread(dataset, "metadata", listed)
    anew = again or bool(unread(dataset, "metadata_schema", schema))
    if not changed and not anew:
        return done.note("metadata", 0, "")
    read = partial(_read_metadata, done, folder, names=names, fields=read_schema(lightly))
    every = listed["path"].to_pylist()
    found = None if anew or dataset.has_frames() else read(changed)
    if found is None or not same_metadata(dataset, found):
        anew, found = True, read(every, all_samples=True)
    put_metadata(dataset, found, whole=anew)
    remember(dataset, "metadata", listed, every)
    remember(dataset, "metadata_schema", schema, schema["path"].to_pylist())
    columns = ", ".join(name for name in found.column_names if name != "sample_id")
    return done.note("metadata", len(found), columns)


def _read_metadata(done: Imported, folder: Path, paths: Sequence[str], **told: Any) -> pa.Table:
    report = done.report

    def renamed(old: str, new: str) -> None:
        report.warn("keys whose name is taken", f"{old} is {new} now")

    found = read_metadata(folder, paths, report=report, **told).drop_columns(["file"])
    return beside(told_apart(found, renamed), taken_names(done.dataset, found), renamed)


def _embeddings(done: Imported, file: Path, *, again: bool) -> None:
    """Read a file of vectors where it changed, or the samples did."""
    stat = file.stat()
    listed = pa.table({"path": [file.name], "size": [stat.st_size], "modified": [stat.st_mtime_ns]})
    if not again and not unread(done.dataset, "embeddings", listed):
        return done.note(f"embeddings_{file.stem}", 0, "")
    try:
        vectors = read_embeddings(file, done.report)
    except InvalidInput as error:
        return done.report.skip(file.name, str(error).removeprefix(f"{file}: "))
    _put_vectors(done, file.stem, vectors)
    return remember(done.dataset, "embeddings", listed, [file.name])


def _put_vectors(done: Imported, model: str, vectors: pa.Table) -> None:
    count = put_vectors(done.dataset, model, vectors)
    if count < len(vectors) and not done.partly:
        some = f"{len(vectors) - count:,} of {len(vectors):,}"
        done.report.warn("vectors of ids that are no samples are left out", some)
    done.note(f"embeddings_{model}", count, done.dataset.models()[model])
