"""Near-duplicates of a dataset: which samples are one of another, as they were found last."""

from __future__ import annotations

import pyarrow as pa

from sqlsel.catalog.database import registered, transaction
from sqlsel.catalog.dataset import Dataset
from sqlsel.catalog.origin import note_origin, origin
from sqlsel.catalog.views import make_views


def put_duplicates(dataset: Dataset, found: pa.Table, model: str) -> int:
    """Keep near-duplicates (sample_id, duplicate_of, distance) in place of those before; give their number.

    The table ``duplicates`` of the dataset is written, and its view made anew, in a transaction of its own. Rows
    without ``duplicate_of``, the samples to keep, are left out. ``model``: whose vectors told; once they change, the
    near-duplicates are forgotten.
    """
    con, table = dataset.con, dataset.table("duplicates")
    with transaction(con), registered(con, found) as given:
        con.execute(
            f"CREATE OR REPLACE TABLE {table} AS SELECT sample_id::VARCHAR AS sample_id, "
            "duplicate_of::VARCHAR AS duplicate_of, distance::DOUBLE AS distance "
            f"FROM {given} WHERE duplicate_of IS NOT NULL ORDER BY encode(sample_id::VARCHAR) ASC"
        )
        note_origin(dataset, "duplicates", model)
        make_views(dataset)
        return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def forget_duplicates(dataset: Dataset, model: str) -> None:
    """Delete the near-duplicates found with the vectors of this model."""
    if origin(dataset, "duplicates") == model:
        dataset.con.execute(f"DROP TABLE {dataset.table('duplicates')}")
