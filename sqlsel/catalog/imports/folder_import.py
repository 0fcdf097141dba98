"""Imports a folder of images with its ``.lightly`` into a dataset, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from sqlsel.catalog import create_dataset, make_views, prepare, transaction
from sqlsel.catalog.column_names import avoid_names, distinct_names
from sqlsel.catalog.files import changed_files, record_files
from sqlsel.catalog.imports.joined_names import rows_of_samples
from sqlsel.catalog.imports.steps import (
    Imported,
    is_name_free,
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
from sqlsel.readers.join_names import SampleNames, hint
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

    A second import adds and updates; files that did not change are not read reread. ``prune`` also
    drops samples whose files are gone. ``strip_prefix``: taken off the beginning of names in files.
    ``empty`` of the result names tasks, metadata and vectors of which no file matches a sample, and those that were
    left out because their schema is not valid. CatalogError for folders that do not exist or hold no images.
    """
    if not source.is_dir():
        raise CatalogError(f"{source}: no such folder")
    lightly = lightly or source / ".lightly"
    report = Report()
    prepare(con)
    with transaction(con):
        imported = Imported(create_dataset(con, name), report, partly=relevant is not None)
        tasks = read_tasks(lightly, report, imported.empty)
        reread = _import_samples(
            imported, source, relevant, _video_frames(lightly, tasks), prune=prune
        )
        samples = names_of(imported.dataset)
        if not samples:
            none = f"{source}: no images in this folder"
            raise CatalogError(none if relevant is None else f"{none} that {relevant} names")
        names = SampleNames(samples, strip_prefix)
        for task in tasks:
            if is_name_free(imported, f"predictions/{task.name}", task.name, check_task_name):
                _import_predictions(
                    imported, lightly / "predictions" / task.name, task, names, reread=reread
                )
        if (lightly / "metadata").is_dir():
            _import_metadata(imported, lightly, names, reread=reread)
        for file in sorted((lightly / "embeddings").glob("*.csv")):
            if is_name_free(imported, f"embeddings/{file.name}", file.stem, check_model_name):
                _import_embeddings(imported, file, strip_prefix, reread=reread)
        make_views(imported.dataset)
    return imported


def _import_samples(
    imported: Imported, source: Path, relevant: Path | None, frames: list[str], *, prune: bool
) -> bool:
    """List the images and store them as samples; gives whether the set of samples has changed."""
    files = list_samples(source, imported.report, relevant=relevant, frames=frames)
    n_gone, first = (0, "")
    if prune or not imported.partly:
        n_gone, first = drop_samples(imported.dataset, files.select(["file_name"]), keep=not prune)
    if n_gone:
        what = "dropped" if prune else "kept (--prune drops them)"
        imported.report.warn(f"samples whose files are gone are {what}", first, n_gone)
    n_new, n_changed = put_files(imported, files)
    imported.note("samples", n_new + n_changed, "sample_id, file_name, metadata")
    return n_new > 0 or (n_gone > 0 and prune)


def _video_frames(lightly: Path, tasks: Sequence[Task]) -> list[str]:
    """The names of video frames: they have no image files, so names of prediction and metadata files are taken."""
    folders = [lightly / "predictions" / task.name for task in tasks] + [lightly / "metadata"]
    listed = (list_files(f, ".json")["path"].to_pylist() for f in folders if f.is_dir())
    return sorted(frame_names(path for paths in listed for path in paths))


def _import_predictions(
    imported: Imported, folder: Path, task: Task, names: SampleNames, *, reread: bool
) -> None:
    """Import a task: the changed files, or all files where the schema or the samples (``reread``) changed."""
    kind = f"predictions_{task.name}"
    listed = _without_schema(list_files(folder, ".json"))
    other = put_schema(imported, task)
    read_all = reread or other or kind not in imported.dataset.tables()
    paths = (
        listed["path"].to_pylist() if read_all else changed_files(imported.dataset, kind, listed)
    )
    if not paths and not read_all:
        return imported.note(kind, 0, "")
    report = Report()
    put_predictions(
        imported.dataset, task.name, *stream(read_predictions(folder, task, paths, names, report))
    )
    count = join_predictions(imported.dataset, task.name, replace=other)
    # Files that match no sample are read again next time: the samples may come then.
    if count or not _count_unmatched(report):
        record_files(imported.dataset, kind, listed, paths)
    elif len(paths) == len(listed):
        _note_no_match(imported, f"task {task.name!r}", report, names)
    _report_skipped(imported, task.name, report)
    return imported.note(kind, count, "objects, class_distribution, scores")


def _count_unmatched(report: Report) -> int:
    """How many skipped files match no sample."""
    return sum(one.is_unmatched for one in report.skipped)


def _note_no_match(imported: Imported, what: str, report: Report, names: SampleNames) -> None:
    """Note that no file matches a sample; not where only some images are imported, since then it may be right."""
    if not imported.partly:
        count = f"{_count_unmatched(report):,} files" if _count_unmatched(report) > 1 else "1 file"
        imported.empty.append(f"{what}: {count}, of no sample; {hint(names)}")


def _report_skipped(imported: Imported, task: str, report: Report) -> None:
    """Report the skipped files of a task; files of images outside of the relevant ones are only counted."""
    for one in report.skipped:
        if imported.partly and "there is no sample" in one.reason:
            imported.report.warn("files of other images are left out", f"{task}/{one.path}")
        else:
            imported.report.skip(f"{task}/{one.path}", one.reason)
    report.skipped.clear()
    imported.report.add(report)


def _without_schema(listed: pa.Table) -> pa.Table:
    """The files without ``schema.json`` at the top of the folder; that of an image schema.png has another path."""
    paths = listed["path"].to_pylist()
    return listed.filter(pa.array([path != "schema.json" for path in paths], pa.bool_()))


def _import_metadata(
    imported: Imported, lightly: Path, names: SampleNames, *, reread: bool
) -> None:
    """Import metadata: the changed files, or all files where the schema, the columns or the samples changed.

    All of them, too, where there are videos: the file of a video holds for the frames that have none.
    """
    folder, dataset = lightly / "metadata", imported.dataset
    listed = _without_schema(list_files(folder, ".json"))
    schema = list_files(folder, "schema.json")
    changed = changed_files(dataset, "metadata", listed)
    read_all = reread or bool(changed_files(dataset, "metadata_schema", schema))
    if not changed and not read_all:
        return imported.note("metadata", 0, "")
    try:
        fields = read_schema(lightly)
    except ConfigError as error:
        imported.empty.append(str(error))
        return None
    read = partial(_read_metadata, imported, folder, names=names, fields=fields)
    every, report = listed["path"].to_pylist(), Report()
    metadata, joins = (
        (None, False) if read_all or dataset.has_frames() else read(changed, report=report)
    )
    if metadata is None or not same_metadata(dataset, metadata):
        read_all, report = True, Report()
        metadata, joins = read(every, report=report, all_samples=True)
    imported.report.add(report)
    put_metadata(dataset, metadata, whole=read_all)
    if joins or not _count_unmatched(report):
        record_files(dataset, "metadata", listed, every)
    elif read_all or changed == every:
        _note_no_match(imported, "metadata", report, names)
    record_files(dataset, "metadata_schema", schema, schema["path"].to_pylist())
    columns = ", ".join(name for name in metadata.column_names if name != "sample_id")
    return imported.note("metadata", len(metadata), columns)


def _read_metadata(
    imported: Imported, folder: Path, paths: Sequence[str], report: Report, **options: Any
) -> tuple[pa.Table, bool]:
    """The metadata of the samples, with free column names, and whether any file matches a sample."""

    def report_rename(old: str, new: str) -> None:
        report.warn("keys whose name is taken", f"{old} is {new} now")

    read = read_metadata(folder, paths, report=report, **options)
    distinct = distinct_names(read.drop_columns(["file"]), report_rename)
    table = avoid_names(distinct, taken_names(imported.dataset, distinct), report_rename)
    return table, read["file"].null_count < len(read)


def _import_embeddings(imported: Imported, file: Path, strip_prefix: str, *, reread: bool) -> None:
    """Import a file of vectors where it or the samples (``reread``) changed."""
    stat = file.stat()
    listed = pa.table({"path": [file.name], "size": [stat.st_size], "modified": [stat.st_mtime_ns]})
    if not reread and not changed_files(imported.dataset, "embeddings", listed):
        return imported.note(f"embeddings_{file.stem}", 0, "")
    try:
        vectors = read_embeddings(file, imported.report)
    except InvalidInput as error:
        return imported.report.skip(file.name, str(error).removeprefix(f"{file}: "))
    try:
        vectors = rows_of_samples(imported, vectors, strip_prefix)
    except InvalidInput as error:
        return None if imported.partly else imported.empty.append(f"{file.name}: {error}")
    put_model(imported, file.stem, vectors)
    return record_files(imported.dataset, "embeddings", listed, [file.name])
