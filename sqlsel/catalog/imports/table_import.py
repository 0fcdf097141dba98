"""From one file of predictions or vectors to a dataset, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import pyarrow as pa

from sqlsel.catalog import create_dataset, make_views, prepare, transaction
from sqlsel.catalog.column_names import beside, told_apart
from sqlsel.catalog.dataset import DEFAULT_MODEL
from sqlsel.catalog.embeddings import vectors_of_objects
from sqlsel.catalog.imports.joined_names import of_samples, renamed, sample_of_each
from sqlsel.catalog.imports.steps import Imported, has_place, put_model, put_schema, stream
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
    """Put one task's predictions (of COCO, YOLO, a pretagging dump) into the dataset ``name``."""
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
    """Put the predictions of tasks for the same images into the dataset ``name``.

    In a dataset without samples, ``samples`` become its samples; else each is joined to the sample
    that its name means, and others are left out. InvalidInput where none is a sample.
    ``strip_prefix``: taken off the beginning of names. ``unknown``: what is on other samples of the
    dataset is not known; else there are no objects on them.
    """
    prepare(con)
    with transaction(con):
        done = Imported(create_dataset(con, name), report)
        what = f"images of {', '.join(task.name for task, _ in tasks)}"
        own = sample_of_each(done, samples, what, strip_prefix)
        if strangers := sorted(name for name in own if own[name] is None):
            report.warn("predictions of no sample are left out", strangers[0], len(strangers))
        for task, batches in tasks:
            if tasks[1:] and not has_place(done, task.name, task.name, check_task_name):
                continue
            put_schema(done, task)
            put_predictions(done.dataset, task.name, *stream(renamed(batches, own)))
            count = join_predictions(done.dataset, task.name, unknown=unknown)
            done.note(f"predictions_{task.name}", count, "objects, class_distribution, scores")
        make_views(done.dataset)
    return done


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
    """Put vectors (sample_id, embedding) of one model into the dataset ``name``.

    Other columns become metadata of the samples. In a dataset without samples the ids become its
    samples; else each is joined to the sample that it means, and others are left out. InvalidInput
    where none is a sample. With ``task`` they are the vectors of its objects, whose ids are
    ``<sample id>#<number from 1>``. ``strip_prefix``: taken off the beginning of ids.
    """
    prepare(con)
    with transaction(con):
        done = Imported(create_dataset(con, name), report)
        if task is not None:
            joined = of_samples(done, vectors, strip_prefix, objects=True)
            put_model(done, task, vectors_of_objects(done.dataset, task, joined, report))
        else:
            joined = of_samples(done, vectors, strip_prefix)
            put_model(done, model, joined.select(["sample_id", "embedding"]))
            _put_columns(done, joined.drop_columns(["embedding"]))
        make_views(done.dataset)
    return done


def _put_columns(done: Imported, columns: pa.Table) -> None:
    """Put the other columns of a table of vectors beside the metadata."""
    if columns.num_columns < 2:
        return

    def renamed(old: str, new: str) -> None:
        done.report.warn("columns whose name is taken", f"{old} is {new} now")

    table = told_apart(columns, renamed)
    table = beside(table, taken_names(done.dataset, table), renamed)
    put_columns(done.dataset, table)
    names = ", ".join(name for name in table.column_names if name != "sample_id")
    done.note("metadata", len(table), names)
