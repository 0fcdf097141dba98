"""Puts the predictions of a task into a dataset, with the scores of every sample.

All of it runs in the transaction of the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from sqlsel.catalog.crop_tables import drop_changed_crops
from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import OBJECTS, Dataset
from sqlsel.catalog.schema_tables import replace_table
from sqlsel.catalog.taken import check_task_name
from sqlsel.sqltext.quoting import identifier
from sqlsel.sqltext.sql_files import query

_FIELDS = {
    "classification": ("category_id", "score", "probabilities"),
    "object-detection": ("category_id", "score", "bbox", "probabilities"),
    "semantic-segmentation": ("category_id", "score", "segmentation", "probabilities"),
    "instance-segmentation": ("category_id", "score", "bbox", "segmentation", "probabilities"),
    "keypoint-detection": ("category_id", "score", "bbox", "keypoints", "probabilities"),
}


def put_task(dataset: Dataset, name: str, kind: str, categories: Sequence[tuple[int, str]]) -> bool:
    """Store a task's schema; give whether it is another one than before."""
    check_task_name(dataset, name)
    before = dataset.tasks().get(name)
    if before == (kind, list(categories)):
        return False
    told = [{"id": number, "name": text} for number, text in categories]
    dataset.con.execute(
        f"INSERT OR REPLACE INTO {dataset.table('tasks')} VALUES (?, ?, ?)", [name, kind, told]
    )
    return before is not None


def put_predictions(
    dataset: Dataset, task: str, batches: Iterable[pa.RecordBatch], schema: Any
) -> None:
    """Score the predictions in ``batches``, for ``join_predictions`` to put in place."""
    kind = dataset.tasks()[task][0]
    errors: list[BaseException] = []
    reader = pa.RecordBatchReader.from_batches(schema, _noting(batches, errors))
    fields = ", ".join(f"'{name}': o.{name}" for name in _FIELDS[kind])
    text = query("catalog/scored_objects")
    with registered(dataset.con, reader) as name:
        try:
            dataset.con.execute(text.format(scored="sqlsel_scored", raw=name, fields=fields))
        except duckdb.Error:
            if errors:  # DuckDB tells a text only, with a traceback in it
                raise errors[0] from None
            raise


def _noting(
    batches: Iterable[pa.RecordBatch], errors: list[BaseException]
) -> Iterator[pa.RecordBatch]:
    """The batches; what goes wrong with them, Ctrl-C included, is put into ``errors`` too."""
    try:
        yield from batches
    except BaseException as error:
        errors.append(error)
        raise


def join_predictions(
    dataset: Dataset, task: str, *, anew: bool = False, unknown: bool = False
) -> int:
    """Make the task's table anew: what was put, else what was there, with scores of all samples.

    ``anew``: without what was there. ``unknown``: of a sample that neither tells of it is not known
    which objects it has (NULL); else it has none. Gives how many samples got other predictions.
    """
    con, table = dataset.con, f"predictions_{task}"
    kind, categories = dataset.tasks()[task]
    given = "(SELECT sample_id, objects FROM sqlsel_scored)"
    if table in dataset.tables() and not anew:
        given = (
            "(FROM sqlsel_scored UNION ALL SELECT sample_id, objects "
            f"FROM {dataset.table(table)} ANTI JOIN sqlsel_scored USING (sample_id))"
        )
    more = query("catalog/objectness") if kind in OBJECTS else ""
    more += query("catalog/keypoints") if kind == "keypoint-detection" else ""
    text = query("catalog/predictions").format(
        d=identifier(dataset.name),
        given=given,
        absent="NULL" if unknown else "[]",
        classes=len(categories),
        more=more,
    )
    con.execute(f"CREATE TEMP TABLE sqlsel_predictions AS\n{text}")
    if table in dataset.tables():
        drop_changed_crops(dataset, task, "sqlsel_predictions")
    replace_table(dataset, table, "sqlsel_predictions")
    text = (
        f"SELECT count(*) FROM sqlsel_scored SEMI JOIN {dataset.table('samples')} USING (sample_id)"
    )
    count = int(con.execute(text).fetchall()[0][0])
    con.execute("DROP TABLE sqlsel_scored")
    return count
