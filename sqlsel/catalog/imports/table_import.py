"""Imports predictions or vectors that were read from one file into a dataset, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import pyarrow as pa

from sqlsel.catalog import create_dataset, make_views, prepare, transaction
from sqlsel.catalog.column_names import avoid_names, distinct_names
from sqlsel.catalog.dataset import DEFAULT_MODEL
from sqlsel.catalog.embeddings import vectors_of_objects
from sqlsel.catalog.imports.joined_names import (
    match_or_create_samples,
    rows_of_samples,
    with_sample_ids,
)
from sqlsel.catalog.imports.steps import Imported, is_name_free, put_model, put_schema, stream
from sqlsel.catalog.prediction_tables import join_predictions, put_predictions
from sqlsel.catalog.samples import taken_names
from sqlsel.catalog.table_columns import put_columns
from sqlsel.catalog.taken import check_task_name
from sqlsel.readers import Report, Task


def import_task(  # noqa: PLR0913 - what is put, into what, and how
    con: duckdb.DuckDBPyConnection,
    name: str,
    task: Task,
    samples: Sequence[str],
    batches: Iterable[pa.RecordBatch],
    report: Report,
    *,
    strip_prefix: str = "",
    unknown: bool = False,
) -> Imported:
    """Import one task's predictions (of COCO, YOLO, a pretagging dump) into the dataset ``name``; see import_tasks."""
    return import_tasks(
        con, name, samples, [(task, batches)], report, strip_prefix=strip_prefix, unknown=unknown
    )


def import_tasks(  # noqa: PLR0913 - what is put, into what, and how
    con: duckdb.DuckDBPyConnection,
    name: str,
    samples: Sequence[str],
    tasks: Sequence[tuple[Task, Iterable[pa.RecordBatch]]],
    report: Report,
    *,
    strip_prefix: str = "",
    unknown: bool = False,
) -> Imported:
    """Import the predictions of tasks for the same images into the dataset ``name``.

    In a dataset without samples, ``samples`` become its samples; else they are matched with samples by
    name, and others are left out. InvalidInput where none matches. ``strip_prefix``: removed from the
    beginning of names. ``unknown``: the objects of other samples are not known (NULL); else they have none.
    """
    prepare(con)
    with transaction(con):
        imported = Imported(create_dataset(con, name), report)
        what = f"images of {', '.join(task.name for task, _ in tasks)}"
        own = match_or_create_samples(imported, samples, what, strip_prefix)
        if strangers := sorted(name for name in own if own[name] is None):
            report.warn("predictions of no sample are left out", strangers[0], len(strangers))
        for task, batches in tasks:
            if tasks[1:] and not is_name_free(imported, task.name, task.name, check_task_name):
                continue
            put_schema(imported, task)
            put_predictions(imported.dataset, task.name, *stream(with_sample_ids(batches, own)))
            count = join_predictions(imported.dataset, task.name, unknown=unknown)
            imported.note(f"predictions_{task.name}", count, "objects, class_distribution, scores")
        make_views(imported.dataset)
    return imported


def import_vectors(  # noqa: PLR0913 - what is put, into what, and how
    con: duckdb.DuckDBPyConnection,
    name: str,
    vectors: pa.Table,
    report: Report,
    *,
    model: str = DEFAULT_MODEL,
    task: str | None = None,
    strip_prefix: str = "",
) -> Imported:
    """Import vectors (sample_id, embedding) of one model into the dataset ``name``.

    Other columns become metadata of the samples. In a dataset without samples the ids become its
    samples; else they are matched with samples, and others are left out. InvalidInput where none
    matches. With ``task`` they are the vectors of its objects, whose ids are ``<sample id>#<number from 1>``.
    ``strip_prefix``: removed from the beginning of ids.
    """
    prepare(con)
    with transaction(con):
        imported = Imported(create_dataset(con, name), report)
        if task is not None:
            joined = rows_of_samples(imported, vectors, strip_prefix, objects=True)
            put_model(imported, task, vectors_of_objects(imported.dataset, task, joined, report))
        else:
            joined = rows_of_samples(imported, vectors, strip_prefix)
            put_model(imported, model, joined.select(["sample_id", "embedding"]))
            _put_columns(imported, joined.drop_columns(["embedding"]))
        make_views(imported.dataset)
    return imported


def _put_columns(imported: Imported, columns: pa.Table) -> None:
    """Store the other columns of a table of vectors as metadata, renamed where a name is taken."""
    if columns.num_columns < 2:
        return

    def report_rename(old: str, new: str) -> None:
        imported.report.warn("columns whose name is taken", f"{old} is {new} now")

    table = distinct_names(columns, report_rename)
    table = avoid_names(table, taken_names(imported.dataset, table), report_rename)
    put_columns(imported.dataset, table)
    names = ", ".join(name for name in table.column_names if name != "sample_id")
    imported.note("metadata", len(table), names)
