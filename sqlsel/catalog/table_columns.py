"""Columns that samples have from tables, beside the metadata of their files."""

from __future__ import annotations

import pyarrow as pa

from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import Dataset
from sqlsel.catalog.schema_tables import replace_table
from sqlsel.errors import CatalogError
from sqlsel.sqltext.quoting import identifier

_KIND = "columns"  # in the table of files, whose paths are their names


def columns_of_tables(dataset: Dataset) -> set[str]:
    """The names of these columns."""
    text = f"SELECT path FROM {dataset.table('files')} WHERE kind = ?"
    return {row[0] for row in dataset.con.execute(text, [_KIND]).fetchall()}


def forget_columns(dataset: Dataset, names: list[str]) -> None:
    """Metadata files tell of these columns from now on."""
    text = f"DELETE FROM {dataset.table('files')} WHERE kind = ? AND path IN (SELECT unnest(?))"
    dataset.con.execute(text, [_KIND, names])


def put_columns(dataset: Dataset, columns: pa.Table) -> None:
    """Set columns of the samples in a table (sample_id and others); other samples keep their values.

    CatalogError where a column has another type than before and is not given for all samples.
    """
    con, samples = dataset.con, dataset.table("samples")
    new = {name.casefold(): name for name in columns.column_names if name != "sample_id"}
    with registered(con, columns) as table:
        have = con.sql(f"FROM {samples} LIMIT 0")
        before = dict(zip(have.columns, map(str, have.types), strict=True))
        parts = []
        for name, kind in before.items():
            given = new.pop(name.casefold(), None)
            parts.append(
                f"s.{identifier(name)}"
                if given is None
                else _updated(dataset, name, kind, table, given)
            )
        parts += [f"m.{identifier(name)}" for name in new.values()]
        con.execute(
            f"CREATE TEMP TABLE sqlsel_samples AS SELECT {', '.join(parts)} FROM {samples} AS s "
            f"LEFT JOIN {table} AS m ON m.sample_id = s.sample_id ORDER BY s.sample_id ASC"
        )
        replace_table(dataset, "samples", "sqlsel_samples", key="sample_id")
    names = pa.table({"path": pa.array(sorted(new.values()), pa.string())})
    with registered(con, names, "sqlsel_columns") as listed:
        con.execute(
            f"INSERT OR REPLACE INTO {dataset.table('files')} SELECT ?, path, 0, 0 FROM {listed}",
            [_KIND],
        )


def _updated(dataset: Dataset, name: str, kind: str, table: str, given: str) -> str:
    """A column that was there, with the values of the table where it has the sample."""
    con, column = dataset.con, identifier(name)
    other = str(con.sql(f"SELECT {identifier(given)} FROM {table} LIMIT 0").types[0])
    if other == kind:
        return f"CASE WHEN m.sample_id IS NULL THEN s.{column} ELSE m.{identifier(given)} END AS {column}"
    left = con.execute(
        f"SELECT count({column}) FROM {dataset.table('samples')} ANTI JOIN {table} USING (sample_id)"
    ).fetchall()[0][0]
    if left:
        raise CatalogError(
            f"column {name!r} is {kind} in the dataset, {other} in the table, which leaves out "
            f"{left:,} samples; give it for all samples, or another name"
        )
    return f"m.{identifier(given)} AS {column}"
