"""Stores vectors in a dataset: of samples, one table per model, or of the objects of a task.

The caller holds the transaction.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import OBJECT_VECTORS, Dataset
from sqlsel.catalog.duplicate_tables import forget_duplicates
from sqlsel.catalog.taken import check_model_name
from sqlsel.errors import CatalogError, unknown


def put_vectors(dataset: Dataset, model: str, vectors: pa.Table) -> int:
    """Store vectors (sample_id, embedding) of a model; gives how many samples got one.

    Vectors of other samples stay; ids that are no samples are ignored. CatalogError where the width changes
    and some samples would keep vectors of the old one.
    """
    con, table = dataset.con, f"embeddings_{model}"
    arrow_type = vectors.schema.field("embedding").type
    stored_type = dataset.models().get(model)
    width = arrow_type.list_size if pa.types.is_fixed_size_list(arrow_type) else None
    new_type = f"FLOAT[{width}]" if width else OBJECT_VECTORS
    if new_type != OBJECT_VECTORS:
        check_model_name(dataset, model)
    samples = dataset.table("samples")
    with registered(con, vectors) as name:
        if stored_type is not None and stored_type != new_type:
            _check_replaces(dataset, model, stored_type, new_type, name)
            stored_type = None  # nothing is left to be joined with
        joined = f"FROM {name} SEMI JOIN {samples} USING (sample_id)"
        query = f"SELECT sample_id, embedding::{new_type} AS embedding {joined}"
        if stored_type is not None:
            query += f" UNION ALL FROM {dataset.table(table)} ANTI JOIN {name} USING (sample_id)"
        con.execute(f"CREATE TEMP TABLE sqlsel_vectors AS FROM ({query}) ORDER BY sample_id ASC")
        dataset.replace(table, "sqlsel_vectors")
        forget_duplicates(dataset, model)
        return int(con.execute(f"SELECT count(*) {joined}").fetchall()[0][0])


def _check_replaces(
    dataset: Dataset, model: str, stored_type: str, new_type: str, rows: str
) -> None:
    """CatalogError where vectors of another type leave out samples that have one of the stored type."""
    n_left = dataset.con.execute(
        f"SELECT count(*) FROM {dataset.table(f'embeddings_{model}')} ANTI JOIN {rows} USING (sample_id)"
    ).fetchall()[0][0]
    if n_left:
        raise CatalogError(
            f"embedding {model!r} is {stored_type} in the dataset, the new one is {new_type} and leaves out "
            f"{n_left:,} samples; give the vectors of all samples, or another name of the model"
        )


def vectors_of_objects(dataset: Dataset, task: str, vectors: pa.Table, report: Any) -> pa.Table:
    """Group vectors of objects, with ids ``<sample id>#<number from 1>``, into one list per sample, in their order.

    Samples where an object lacks its vector are left out, with a warning. CatalogError for an unknown task.
    """
    if task not in dataset.tasks():
        raise CatalogError(unknown("task", task, dataset.tasks()))
    table = dataset.table(f"predictions_{task}")
    with registered(dataset.con, vectors) as name:
        lists = dataset.con.sql(
            f"SELECT o.sample_id, list(v.embedding ORDER BY number ASC) AS embedding, "
            "count(v.embedding) AS known, count(*) AS objects FROM (SELECT sample_id, "
            f"unnest(range(1, len(objects) + 1)) AS number FROM {table}) AS o LEFT JOIN {name} AS v "
            "ON v.sample_id = o.sample_id || '#' || number GROUP BY ALL HAVING known > 0 "
            "ORDER BY o.sample_id ASC"
        ).to_arrow_table()
    n_known = pc.sum(lists["known"]).as_py() or 0
    if n_known < len(vectors):
        some = f"{len(vectors) - n_known:,} of {len(vectors):,}"
        report.warn("vectors of ids that are no objects are left out", some)
    whole = pc.equal(lists["known"], lists["objects"])
    if lacking := lists.filter(pc.invert(whole)):
        example = lacking["sample_id"][0].as_py()
        report.warn("samples of which an object has no vector are left out", example, len(lacking))
    return lists.filter(whole).select(["sample_id", "embedding"])
