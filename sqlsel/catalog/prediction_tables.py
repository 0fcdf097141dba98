"""Stores the predictions of a task in a dataset, with the active-learning scores of every sample.

The caller holds the transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from sqlsel.catalog.crop_tables import drop_changed_crops
from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import Dataset
from sqlsel.catalog.taken import check_task_name
from sqlsel.readers.prediction_rules import LISTS
from sqlsel.readers.read_model import OBJECT_TYPES
from sqlsel.sqltext.quoting import identifier
from sqlsel.sqltext.sql_files import query


def put_task(dataset: Dataset, name: str, kind: str, categories: Sequence[tuple[int, str]]) -> bool:
    """Store a task's type and categories; gives whether the task existed and they have changed."""
    check_task_name(dataset, name)
    before = dataset.tasks().get(name)
    if before == (kind, list(categories)):
        return False
    rows = [{"id": number, "name": text} for number, text in categories]
    dataset.con.execute(
        f"INSERT OR REPLACE INTO {dataset.table('tasks')} VALUES (?, ?, ?)", [name, kind, rows]
    )
    return before is not None


def put_predictions(
    dataset: Dataset, task: str, batches: Iterable[pa.RecordBatch], schema: Any
) -> None:
    """Score the predictions in ``batches`` into the temporary table sqlsel_scored, for ``join_predictions``."""
    kind = dataset.tasks()[task][0]
    errors: list[BaseException] = []
    reader = pa.RecordBatchReader.from_batches(schema, _collecting_errors(batches, errors))
    keys = ("category_id", "score", *LISTS[kind], "probabilities")
    fields = ", ".join(f"'{key}': o.{key}" for key in keys)
    text = query("catalog/scored_objects")
    with registered(dataset.con, reader) as name:
        try:
            dataset.con.execute(text.format(scored="sqlsel_scored", raw=name, fields=fields))
        except duckdb.Error:
            if errors:  # DuckDB turns an error of the reader into text with a traceback in it
                raise errors[0] from None
            raise


def _collecting_errors(
    batches: Iterable[pa.RecordBatch], errors: list[BaseException]
) -> Iterator[pa.RecordBatch]:
    """The batches; an error while they are read, Ctrl-C included, is also appended to ``errors``."""
    try:
        yield from batches
    except BaseException as error:
        errors.append(error)
        raise


def join_predictions(
    dataset: Dataset, task: str, *, replace: bool = False, unknown: bool = False
) -> int:
    """Write the task's table, a row per sample: the new predictions, else the stored ones, and scores.

    ``replace``: drop the stored ones. ``unknown``: samples without either have NULL as objects (not
    known); else an empty list. Gives how many samples got new predictions.
    """
    con, table = dataset.con, f"predictions_{task}"
    kind, categories = dataset.tasks()[task]
    predictions = "(SELECT sample_id, objects FROM sqlsel_scored)"
    if table in dataset.tables() and not replace:
        predictions = (
            "(FROM sqlsel_scored UNION ALL SELECT sample_id, objects "
            f"FROM {dataset.table(table)} ANTI JOIN sqlsel_scored USING (sample_id))"
        )
    more_columns = query("catalog/objectness") if kind in OBJECT_TYPES else ""
    more_columns += query("catalog/keypoints") if kind == "keypoint-detection" else ""
    text = query("catalog/predictions").format(
        d=identifier(dataset.name),
        given=predictions,
        absent="NULL" if unknown else "[]",
        classes=len(categories),
        more=more_columns,
    )
    con.execute(f"CREATE TEMP TABLE sqlsel_predictions AS\n{text}")
    if table in dataset.tables():
        # Here, while the old table can still be compared with the new one.
        drop_changed_crops(dataset, task, "sqlsel_predictions")
    dataset.replace(table, "sqlsel_predictions")
    text = (
        f"SELECT count(*) FROM sqlsel_scored SEMI JOIN {dataset.table('samples')} USING (sample_id)"
    )
    count = int(con.execute(text).fetchall()[0][0])
    con.execute("DROP TABLE sqlsel_scored")
    return count
