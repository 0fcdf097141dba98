"""From one file of predictions or vectors to a dataset, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import pyarrow as pa

from sqlsel.catalog import create_dataset, make_views, prepare, transaction
from sqlsel.catalog.dataset import DEFAULT_MODEL
from sqlsel.catalog.predictions import join_predictions, put_predictions
from sqlsel.catalog.vectors import vectors_of_objects
from sqlsel.importing.steps import Imported, names_of, put_model, put_names, put_schema, stream
from sqlsel.ingest import Report, Task


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
            put_names(done, samples)
        elif strangers := sorted(set(samples) - names_of(done.dataset)):
            report.warn("predictions of no sample are left out", strangers[0], len(strangers))
        put_schema(done, task)
        put_predictions(done.dataset, task.name, *stream(batches))
        count = join_predictions(done.dataset, task.name)
        done.note(f"predictions_{task.name}", count, "objects, class_distribution, scores")
        make_views(done.dataset)
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
            put_model(done, task, vectors_of_objects(done.dataset, task, vectors, report))
        else:
            if done.dataset.count() == 0:
                put_names(done, vectors.column("sample_id").to_pylist())
            put_model(done, model, vectors)
        make_views(done.dataset)
    return done
