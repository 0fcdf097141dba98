"""The table ``duplicates`` of a dataset: the near-duplicates as ``sqlsel duplicates --save`` last computed them."""

from __future__ import annotations

import pyarrow as pa

from sqlsel.catalog.database import registered, transaction
from sqlsel.catalog.dataset import Dataset
from sqlsel.catalog.views import make_views


def put_duplicates(dataset: Dataset, duplicates: pa.Table, model: str) -> int:
    """Replace the near-duplicates by these (sample_id, duplicate_of, distance); gives how many there are.

    Rows with NULL as ``duplicate_of``, the samples to keep, are left out. ``model``: whose vectors were compared;
    when they change, the table is dropped. The view is created again, all in one transaction.
    """
    con, table = dataset.con, dataset.table("duplicates")
    with transaction(con), registered(con, duplicates) as rows:
        con.execute(
            f"CREATE OR REPLACE TABLE {table} AS SELECT sample_id::VARCHAR AS sample_id, "
            "duplicate_of::VARCHAR AS duplicate_of, distance::DOUBLE AS distance "
            f"FROM {rows} WHERE duplicate_of IS NOT NULL ORDER BY encode(sample_id::VARCHAR) ASC"
        )
        dataset.record_origin("duplicates", model)
        make_views(dataset)
        return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def forget_duplicates(dataset: Dataset, model: str) -> None:
    """Drop the near-duplicates if they were computed from the vectors of this model, which have changed."""
    if dataset.origin("duplicates") == model:
        dataset.con.execute(f"DROP TABLE {dataset.table('duplicates')}")
