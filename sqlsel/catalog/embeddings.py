"""Puts vectors into a dataset: of samples, one table per model, or of the objects of a task.

All of it runs in the transaction of the caller.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import OBJECT_VECTORS, Dataset
from sqlsel.catalog.duplicate_tables import forget_duplicates
from sqlsel.catalog.schema_tables import replace_table
from sqlsel.catalog.taken import check_model_name
from sqlsel.errors import CatalogError, unknown


def put_vectors(dataset: Dataset, model: str, vectors: pa.Table) -> int:
    """Replace the vectors (sample_id, embedding) of the samples in it; give how many they are."""
    con, table = dataset.con, f"embeddings_{model}"
    kind = vectors.schema.field("embedding").type
    have = dataset.models().get(model)
    width = kind.list_size if pa.types.is_fixed_size_list(kind) else None
    told = f"FLOAT[{width}]" if width else OBJECT_VECTORS
    if told != OBJECT_VECTORS:
        check_model_name(dataset, model)
    samples = dataset.table("samples")
    with registered(con, vectors) as name:
        if have is not None and have != told:
            _check_replaces(dataset, model, have, told, name)
            have = None
        known = f"FROM {name} SEMI JOIN {samples} USING (sample_id)"
        given = f"SELECT sample_id, embedding::{told} AS embedding {known}"
        if have is not None:
            given += f" UNION ALL FROM {dataset.table(table)} ANTI JOIN {name} USING (sample_id)"
        con.execute(f"CREATE TEMP TABLE sqlsel_vectors AS FROM ({given}) ORDER BY sample_id ASC")
        replace_table(dataset, table, "sqlsel_vectors")
        forget_duplicates(dataset, model)
        return int(con.execute(f"SELECT count(*) {known}").fetchall()[0][0])


def _check_replaces(dataset: Dataset, model: str, have: str, told: str, given: str) -> None:
    """CatalogError where vectors of another width do not replace all that there are."""
    left = dataset.con.execute(
        f"SELECT count(*) FROM {dataset.table(f'embeddings_{model}')} ANTI JOIN {given} USING (sample_id)"
    ).fetchall()[0][0]
    if left:
        raise CatalogError(
            f"embedding {model!r} is {have} in the dataset, the new one is {told} and leaves out "
            f"{left:,} samples; give the vectors of all samples, or another name of the model"
        )


def vectors_of_objects(dataset: Dataset, task: str, vectors: pa.Table, report: Any) -> pa.Table:
    """The vectors of objects (``<sample id>#<number>``) as one list per sample, in their order.

    Samples of which an object has no vector are left out, with a warning.
    """
    if task not in dataset.tasks():
        raise CatalogError(unknown("task", task, dataset.tasks()))
    table = dataset.table(f"predictions_{task}")
    with registered(dataset.con, vectors) as name:
        found = dataset.con.sql(
            f"SELECT o.sample_id, list(v.embedding ORDER BY number ASC) AS embedding, "
            "count(v.embedding) AS known, count(*) AS objects FROM (SELECT sample_id, "
            f"unnest(range(1, len(objects) + 1)) AS number FROM {table}) AS o LEFT JOIN {name} AS v "
            "ON v.sample_id = o.sample_id || '#' || number GROUP BY ALL HAVING known > 0 "
            "ORDER BY o.sample_id ASC"
        ).to_arrow_table()
    known = pc.sum(found["known"]).as_py() or 0
    if known < len(vectors):
        some = f"{len(vectors) - known:,} of {len(vectors):,}"
        report.warn("vectors of ids that are no objects are left out", some)
    whole = pc.equal(found["known"], found["objects"])
    if lacking := found.filter(pc.invert(whole)):
        example = lacking["sample_id"][0].as_py()
        report.warn("samples of which an object has no vector are left out", example, len(lacking))
    return found.filter(whole).select(["sample_id", "embedding"])
