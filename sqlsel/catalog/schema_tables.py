"""A table in place of another of the same name."""

from __future__ import annotations

from sqlsel.catalog.dataset import Dataset


def replace_table(dataset: Dataset, table: str, temporary: str, key: str | None = None) -> None:
    """The temporary table under its name in the dataset; views over it are dropped before."""
    con = dataset.con
    con.execute(f"CREATE OR REPLACE TABLE {dataset.table(table)} AS FROM {temporary}")
    if key is not None:
        con.execute(f"ALTER TABLE {dataset.table(table)} ADD PRIMARY KEY ({key})")
    con.execute(f"DROP TABLE {temporary}")
