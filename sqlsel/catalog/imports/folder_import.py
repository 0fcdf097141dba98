"""From a folder of images with its ``.lightly`` to a dataset, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from sqlsel.catalog import create_dataset, make_views, prepare, transaction
from sqlsel.catalog.column_names import beside, told_apart
from sqlsel.catalog.files import remember, unread
from sqlsel.catalog.imports.joined_names import of_samples
from sqlsel.catalog.imports.steps import (
    Imported,
    has_place,
    names_of,
    put_files,
    put_model,
    put_schema,
    stream,
)
from sqlsel.catalog.prediction_tables import join_predictions, put_predictions
from sqlsel.catalog.samples import (
    drop_samples,
    put_metadata,
    same_metadata,
    taken_names,
)
from sqlsel.catalog.taken import check_model_name, check_task_name
from sqlsel.errors import CatalogError, ConfigError, InvalidInput
from sqlsel.readers import Report, Task
from sqlsel.readers.embeddings import read_embeddings
from sqlsel.readers.folder_files import list_files, list_samples
from sqlsel.readers.frames import frame_names
from sqlsel.readers.join_names import Names, hint
from sqlsel.readers.metadata import read_metadata, read_schema
from sqlsel.readers.predictions import read_predictions, read_tasks


def import_folder(  # noqa: PLR0913 - what is read, into what, and how
    con: duckdb.DuckDBPyConnection,
    source: Path,
    name: str,
    *,
    lightly: Path | None = None,
    relevant: Path | None = None,
    prune: bool = False,
    strip_prefix: str = "",
) -> Imported:
    """Read a folder of images with its ``.lightly`` into the dataset ``name``.

    A second import adds and updates; files that did not change are not read again. ``prune`` also
    drops samples whose files are gone. ``strip_prefix``: taken off the beginning of names in files.
    What joins no sample at all is in ``empty`` of the result, and so are schemas that are not valid, which cost their
    task or the metadata. Raises CatalogError for folders that are not there or hold no images.
    """
    if not source.is_dir():
        raise CatalogError(f"{source}: no such folder")
    lightly = lightly or source / ".lightly"
    report = Report()
    prepare(con)
    with transaction(con):
        done = Imported(create_dataset(con, name), report, partly=relevant is not None)
        tasks = read_tasks(lightly, report, done.empty)
        again = _samples(done, source, relevant, _frames(lightly, tasks), prune=prune)
        samples = names_of(done.dataset)
        if not samples:
            none = f"{source}: no images in this folder"
            raise CatalogError(none if relevant is None else f"{none} that {relevant} names")
        names = Names(samples, strip_prefix)
        for task in tasks:
            if has_place(done, f"predictions/{task.name}", task.name, check_task_name):
                _predictions(done, lightly / "predictions" / task.name, task, names, again=again)
        if (lightly / "metadata").is_dir():
            _metadata(done, lightly, names, again=again)
        for file in sorted((lightly / "embeddings").glob("*.csv")):
            if has_place(done, f"embeddings/{file.name}", file.stem, check_model_name):
                _embeddings(done, file, strip_prefix, again=again)
        make_views(done.dataset)
    return done


def _samples(
    done: Imported, source: Path, relevant: Path | None, frames: list[str], *, prune: bool
) -> bool:
    """List the images; give whether there are others than before."""
    found = list_samples(source, done.report, relevant=relevant, frames=frames)
    gone, first = (0, "")
    if prune or not done.partly:
        gone, first = drop_samples(done.dataset, found.select(["file_name"]), keep=not prune)
    if gone:
        what = "dropped" if prune else "kept (--prune drops them)"
        done.report.warn(f"samples whose files are gone are {what}", first, gone)
    new, changed = put_files(done, found)
    done.note("samples", new + changed, "sample_id, file_name, metadata")
    return new > 0 or (gone > 0 and prune)


def _frames(lightly: Path, tasks: Sequence[Task]) -> list[str]:
    """Video frames have no files of their own: predictions and metadata name them."""
    folders = [lightly / "predictions" / task.name for task in tasks] + [lightly / "metadata"]
    listed = (list_files(f, ".json")["path"].to_pylist() for f in folders if f.is_dir())
    return sorted(frame_names(path for paths in listed for path in paths))


def _predictions(done: Imported, folder: Path, task: Task, names: Names, *, again: bool) -> None:
    """Read the files that changed; all of them where the schema did, or the samples."""
    kind = f"predictions_{task.name}"
    listed = _without_schema(list_files(folder, ".json"))
    other = put_schema(done, task)
    anew = again or other or kind not in done.dataset.tables()
    paths = listed["path"].to_pylist() if anew else unread(done.dataset, kind, listed)
    if not paths and not anew:
        return done.note(kind, 0, "")
    report = Report()
    put_predictions(
        done.dataset, task.name, *stream(read_predictions(folder, task, paths, names, report))
    )
    count = join_predictions(done.dataset, task.name, anew=other)
    if count or not _strangers(report):
        remember(done.dataset, kind, listed, paths)
    elif len(paths) == len(listed):
        _joins_none(done, f"task {task.name!r}", report, names)
    _tell(done, task.name, report)
    return done.note(kind, count, "objects, class_distribution, scores")


def _strangers(report: Report) -> int:
    """How many files belong to no sample."""
    return sum(one.is_stranger for one in report.skipped)


def _joins_none(done: Imported, what: str, report: Report, names: Names) -> None:
    """Note that no file is of a sample; of a part of the images that may be right."""
    if not done.partly:
        count = f"{_strangers(report):,} files" if _strangers(report) > 1 else "1 file"
        done.empty.append(f"{what}: {count}, of no sample; {hint(names)}")


def _tell(done: Imported, task: str, report: Report) -> None:
    """What was left out of a task; files of images that were not asked for are only counted."""
    for one in report.skipped:
        if done.partly and "there is no sample" in one.reason:
            done.report.warn("files of other images are left out", f"{task}/{one.path}")
        else:
            done.report.skip(f"{task}/{one.path}", one.reason)
    report.skipped.clear()
    done.report.add(report)


def _without_schema(listed: pa.Table) -> pa.Table:
    """The files without the schema; an image called schema.png has its file in another place."""
    paths = listed["path"].to_pylist()
    return listed.filter(pa.array([path != "schema.json" for path in paths], pa.bool_()))


def _metadata(done: Imported, lightly: Path, names: Names, *, again: bool) -> None:
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
    try:
        fields = read_schema(lightly)
    except ConfigError as error:
        done.empty.append(str(error))
        return None
    read = partial(_read_metadata, done, folder, names=names, fields=fields)
    every, report = listed["path"].to_pylist(), Report()
    found, joins = (None, False) if anew or dataset.has_frames() else read(changed, report=report)
    if found is None or not same_metadata(dataset, found):
        anew, report = True, Report()
        found, joins = read(every, report=report, all_samples=True)
    done.report.add(report)
    put_metadata(dataset, found, whole=anew)
    if joins or not _strangers(report):
        remember(dataset, "metadata", listed, every)
    elif anew or changed == every:
        _joins_none(done, "metadata", report, names)
    remember(dataset, "metadata_schema", schema, schema["path"].to_pylist())
    columns = ", ".join(name for name in found.column_names if name != "sample_id")
    return done.note("metadata", len(found), columns)


def _read_metadata(
    done: Imported, folder: Path, paths: Sequence[str], report: Report, **told: Any
) -> tuple[pa.Table, bool]:
    """The metadata of the samples, and whether any file is of a sample."""

    def renamed(old: str, new: str) -> None:
        report.warn("keys whose name is taken", f"{old} is {new} now")

    read = read_metadata(folder, paths, report=report, **told)
    found = told_apart(read.drop_columns(["file"]), renamed)
    table = beside(found, taken_names(done.dataset, found), renamed)
    return table, read["file"].null_count < len(read)


def _embeddings(done: Imported, file: Path, strip_prefix: str, *, again: bool) -> None:
    """Read a file of vectors where it changed, or the samples did."""
    stat = file.stat()
    listed = pa.table({"path": [file.name], "size": [stat.st_size], "modified": [stat.st_mtime_ns]})
    if not again and not unread(done.dataset, "embeddings", listed):
        return done.note(f"embeddings_{file.stem}", 0, "")
    try:
        vectors = read_embeddings(file, done.report)
    except InvalidInput as error:
        return done.report.skip(file.name, str(error).removeprefix(f"{file}: "))
    try:
        vectors = of_samples(done, vectors, strip_prefix)
    except InvalidInput as error:
        return None if done.partly else done.empty.append(f"{file.name}: {error}")
    put_model(done, file.stem, vectors)
    return remember(done.dataset, "embeddings", listed, [file.name])
