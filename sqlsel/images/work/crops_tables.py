"""Stores crops in their tables: those of the new dataset, and those beside the task's predictions."""

from __future__ import annotations

import pyarrow as pa

from sqlsel.catalog import Dataset
from sqlsel.catalog.crop_tables import drop_orphaned_crops, put_crops
from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import DEFAULT_MODEL
from sqlsel.catalog.embeddings import put_vectors
from sqlsel.catalog.imports.steps import Imported, stream
from sqlsel.catalog.measure_tables import put_measures
from sqlsel.catalog.prediction_tables import join_predictions, put_predictions, put_task
from sqlsel.catalog.samples import put_metadata, put_samples
from sqlsel.catalog.unfinished import Unfinished
from sqlsel.images.work.embed_work import one_width
from sqlsel.readers.batches import OBJECTS
from sqlsel.readers.read_model import OBJECT_DETECTION
from sqlsel.sqltext.quoting import identifier, literal
from sqlsel.sqltext.sql_files import query

_GOOD = "FROM sqlsel_crops WHERE reason IS NULL"


def store_crops(
    imported: Imported,
    parent: Dataset,
    task: str,
    padding: float,
    unfinished: Unfinished,
    listed: pa.Table,
) -> None:
    """Replace the crops of processed images, and delete those of images that failed or are not ``listed``."""
    con, dataset = parent.con, imported.dataset
    with registered(con, unfinished.done("path, crops")) as name:
        text = query("catalog/crops").format(
            d=identifier(parent.name),
            predictions=identifier(f"predictions_{task}"),
            task=literal(task),
            padding=repr(padding),
            made=name,
        )
        con.execute(text)
    processed = {
        *unfinished.done("path")["path"].to_pylist(),
        *(path for path, _ in unfinished.failed()),
    }
    unchanged = [path for path in listed["path"].to_pylist() if path not in processed]
    drop_orphaned_crops(dataset, pa.table({"parent_id": pa.array(unchanged, pa.string())}))
    _store_samples(imported)
    _store_predictions(dataset, task, parent.tasks()[task][1])
    _delete_outdated(parent, task, unchanged)
    _store_object_tables(parent, task)
    failed = con.execute(
        "SELECT sample_id, reason FROM sqlsel_crops WHERE reason IS NOT NULL ORDER BY ALL ASC"
    ).fetchall()
    for crop, reason in failed:
        imported.report.skip(crop, reason)
    for path, reason in unfinished.failed():
        imported.report.skip(path, reason)
    con.execute("DROP TABLE sqlsel_crops")


def _store_samples(imported: Imported) -> None:
    """Store samples, metadata, measures and vectors of the dataset of crops."""
    dataset, con = imported.dataset, imported.dataset.con
    names = con.sql(
        "SELECT sample_id, file_name, NULL::VARCHAR AS sequence_id, NULL::INTEGER AS frame, "
        f'lightly."sizeInBytes" AS size {_GOOD}'
    ).to_arrow_table()
    put_samples(dataset, names)
    is_new = "parent_id" not in dataset.columns("samples")
    metadata = "SELECT sample_id, parent_id, object, category, score, bbox"
    put_metadata(dataset, con.sql(f"{metadata} {_GOOD}").to_arrow_table(), whole=is_new)
    put_measures(dataset, con.sql(f"SELECT sample_id, lightly.* {_GOOD}").to_arrow_table())
    imported.note(
        "samples", len(names), "sample_id, file_name, parent_id, category, score, lightly"
    )
    vectors = con.sql(f"SELECT sample_id, embedding {_GOOD} AND embedding IS NOT NULL")
    if embedded := vectors.to_arrow_table():
        put_vectors(dataset, DEFAULT_MODEL, one_width(embedded))
        kind = dataset.models()[DEFAULT_MODEL]
        imported.note(f"embeddings_{DEFAULT_MODEL}", len(embedded), kind)


def _store_predictions(dataset: Dataset, task: str, categories: list[tuple[int, str]]) -> None:
    """Store the task in the dataset of crops: one object per crop, with its box in the crop's own pixels."""
    put_task(dataset, task, OBJECT_DETECTION, categories)
    objects = (
        "SELECT sample_id, [{'category_id': category_id, 'score': score, 'bbox': own_bbox, "
        "'probabilities': probabilities, 'segmentation': NULL::INTEGER[], "
        f"'keypoints': NULL::DOUBLE[]}}] AS objects {_GOOD}"
    )
    schema = pa.schema([("sample_id", pa.string()), ("objects", OBJECTS)])
    rows = dataset.con.sql(objects).to_arrow_table().cast(schema)
    put_predictions(dataset, task, *stream(rows.to_batches()))
    join_predictions(dataset, task)


def _delete_outdated(parent: Dataset, task: str, unchanged: list[str]) -> None:
    """Delete the rows on crops of all images not in ``unchanged``; imported vectors stay."""
    tables = {f"crops_{task}", f"embeddings_{task}"} & parent.tables()
    names = pa.table({"file_name": pa.array(unchanged, pa.string())})
    with registered(parent.con, names) as files:
        for table in sorted(tables):
            if table.startswith("crops_") or parent.origin(table):
                parent.con.execute(
                    f"DELETE FROM {parent.table(table)} WHERE sample_id NOT IN (SELECT sample_id "
                    f"FROM {parent.table('samples')} SEMI JOIN {files} USING (file_name))"
                )


def _store_object_tables(parent: Dataset, task: str) -> None:
    """Store ``lightly`` and vectors of the objects beside the predictions, as lists in the order of the objects."""
    text = "SELECT parent_id AS sample_id, list({} ORDER BY object ASC) AS {} FROM sqlsel_crops"
    measured = parent.con.sql(f"{text.format('lightly', 'lightly')} GROUP BY ALL")
    put_crops(parent, task, measured.to_arrow_table())
    whole = "HAVING count(embedding) = count(*)"  # a sample counts with all of its objects
    vectors = parent.con.sql(
        f"{text.format('embedding', 'embedding')} GROUP BY ALL {whole} ORDER BY sample_id ASC"
    ).to_arrow_table()
    if vectors:
        put_vectors(parent, task, vectors)
