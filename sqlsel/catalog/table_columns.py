"""Metadata columns that came from a table (of vectors), not from metadata files, which leave them as they are."""

from __future__ import annotations

import pyarrow as pa

from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import Dataset
from sqlsel.errors import CatalogError
from sqlsel.sqltext.quoting import identifier

_KIND = "columns"  # in the table of files, whose paths are their names


def columns_of_tables(dataset: Dataset) -> set[str]:
    """The names of these columns."""
    text = f"SELECT path FROM {dataset.table('files')} WHERE kind = ?"
    return {row[0] for row in dataset.con.execute(text, [_KIND]).fetchall()}


def forget_columns(dataset: Dataset, names: list[str]) -> None:
    """From now on these columns belong to metadata files, whose import may replace them."""
    text = f"DELETE FROM {dataset.table('files')} WHERE kind = ? AND path IN (SELECT unnest(?))"
    dataset.con.execute(text, [_KIND, names])


def put_columns(dataset: Dataset, columns: pa.Table) -> None:
    """Set columns of samples (a table of sample_id and others); samples that are not in it keep their values.

    CatalogError where a column changes its type and the table lacks samples that have a value.
    """
    con, samples = dataset.con, dataset.table("samples")
    new = {name.casefold(): name for name in columns.column_names if name != "sample_id"}
    with registered(con, columns) as table:
        stored = con.sql(f"FROM {samples} LIMIT 0")
        types = dict(zip(stored.columns, map(str, stored.types), strict=True))
        parts = []
        for name, kind in types.items():
            source = new.pop(name.casefold(), None)
            parts.append(
                f"s.{identifier(name)}"
                if source is None
                else _updated_column(dataset, name, kind, table, source)
            )
        parts += [f"m.{identifier(name)}" for name in new.values()]
        con.execute(
            f"CREATE TEMP TABLE sqlsel_samples AS SELECT {', '.join(parts)} FROM {samples} AS s "
            f"LEFT JOIN {table} AS m ON m.sample_id = s.sample_id ORDER BY s.sample_id ASC"
        )
        dataset.replace("samples", "sqlsel_samples", key="sample_id")
    names = pa.table({"path": pa.array(sorted(new.values()), pa.string())})
    with registered(con, names, "sqlsel_columns") as listed:
        con.execute(
            f"INSERT OR REPLACE INTO {dataset.table('files')} SELECT ?, path, 0, 0 FROM {listed}",
            [_KIND],
        )


def _updated_column(dataset: Dataset, name: str, kind: str, table: str, source: str) -> str:
    """The SQL of an existing column: the value in ``table`` for the samples in it, else the stored one."""
    con, column = dataset.con, identifier(name)
    new_type = str(con.sql(f"SELECT {identifier(source)} FROM {table} LIMIT 0").types[0])
    if new_type == kind:
        return f"CASE WHEN m.sample_id IS NULL THEN s.{column} ELSE m.{identifier(source)} END AS {column}"
    n_left = con.execute(
        f"SELECT count({column}) FROM {dataset.table('samples')} ANTI JOIN {table} USING (sample_id)"
    ).fetchall()[0][0]
    if n_left:
        raise CatalogError(
            f"column {name!r} is {kind} in the dataset, {new_type} in the table, which leaves out "
            f"{n_left:,} samples; give it for all samples, or another name"
        )
    return f"m.{identifier(source)} AS {column}"
