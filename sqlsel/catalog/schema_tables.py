"""Replaces a table of a dataset by a temporary one."""

from __future__ import annotations

from sqlsel.catalog.dataset import Dataset


def replace_table(dataset: Dataset, table: str, temporary: str, key: str | None = None) -> None:
    """Replace ``table`` of the dataset by ``temporary``, which is dropped; ``key``: the primary key's column.

    The views of the dataset have to be made again afterwards.
    """
    con = dataset.con
    con.execute(f"CREATE OR REPLACE TABLE {dataset.table(table)} AS FROM {temporary}")
    if key is not None:
        con.execute(f"ALTER TABLE {dataset.table(table)} ADD PRIMARY KEY ({key})")
    con.execute(f"DROP TABLE {temporary}")
