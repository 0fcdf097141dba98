"""Stores samples and their metadata in a dataset: new ones are added, changed ones replaced.

The caller holds the transaction.
"""

from __future__ import annotations

import pyarrow as pa

from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import Dataset
from sqlsel.catalog.table_columns import columns_of_tables, forget_columns
from sqlsel.errors import CatalogError
from sqlsel.sqltext.quoting import identifier

BUILT_IN = ("sample_id", "file_name", "sequence_id", "frame", "lightly", "embedding")


def put_samples(dataset: Dataset, samples: pa.Table) -> tuple[int, int]:
    """Add samples (sample_id, file_name, sequence_id, frame, size); gives how many are new, and how many changed.

    Only the size of existing samples is updated, and their measures are dropped with it, since the image changed.
    """
    con, table = dataset.con, dataset.table("samples")
    with registered(dataset.con, samples) as name:
        new = con.execute(
            f"INSERT INTO {table} (sample_id, file_name, sequence_id, frame, lightly) "
            'SELECT sample_id, file_name, sequence_id, frame, struct_pack("sizeInBytes" := size) '
            f"FROM {name} ANTI JOIN {table} USING (sample_id) ORDER BY sample_id ASC"
        ).fetchall()[0][0]
        changed = con.execute(
            f'UPDATE {table} AS s SET lightly = struct_pack("sizeInBytes" := n.size) '
            f"FROM {name} AS n WHERE n.sample_id = s.sample_id AND n.size IS NOT NULL "
            'AND n.size IS DISTINCT FROM s.lightly."sizeInBytes"'
        ).fetchall()[0][0]
    return int(new), int(changed)


def drop_samples(dataset: Dataset, listed: pa.Table, *, keep: bool) -> tuple[int, str]:
    """Delete the samples whose file_name is not ``listed``, unless ``keep``; gives their number and first name."""
    table = dataset.table("samples")
    with registered(dataset.con, listed) as name:
        gone = f"FROM {table} ANTI JOIN {name} ON {name}.file_name = samples.file_name"
        count, first = dataset.con.execute(f"SELECT count(*), min(file_name) {gone}").fetchall()[0]
        if count and not keep:
            dataset.con.execute(f"CREATE TEMP TABLE sqlsel_gone AS SELECT sample_id {gone}")
            models = [f"embeddings_{model}" for model in dataset.models()]
            for one in [*models, "tags", "samples"]:
                dataset.con.execute(
                    f"DELETE FROM {dataset.table(one)} WHERE sample_id IN (FROM sqlsel_gone)"
                )
            dataset.con.execute("DROP TABLE sqlsel_gone")
            dataset.con.execute(f"DROP TABLE IF EXISTS {dataset.table('duplicates')}")
    return int(count), str(first)


def same_metadata(dataset: Dataset, metadata: pa.Table) -> bool:
    """Whether ``metadata`` has the metadata columns of the dataset, in name and type."""
    with registered(dataset.con, metadata.drop_columns(["sample_id"])) as name:
        new = dataset.con.sql(f"FROM {name} LIMIT 0")
        new_types = dict(zip(new.columns, map(str, new.types), strict=True))
    # Types are compared as DuckDB names them: Arrow has several for one of DuckDB's.
    stored = dataset.con.sql(f"FROM {dataset.table('samples')} LIMIT 0")
    types = dict(zip(stored.columns, map(str, stored.types), strict=True))
    others = {*BUILT_IN, *columns_of_tables(dataset)}
    return new_types == {name: kind for name, kind in types.items() if name not in others}


def put_metadata(dataset: Dataset, metadata: pa.Table, *, whole: bool) -> int:
    """Set the metadata of samples (a table of sample_id and columns); gives the number of rows.

    ``whole``: its columns replace all metadata columns; else they must exist, and only these samples change.
    Columns that came from tables (``table_columns``) stay, unless ``metadata`` has them, too.
    """
    con, table = dataset.con, dataset.table("samples")
    names = [name for name in metadata.column_names if name != "sample_id"]
    _check_names(dataset, metadata)
    new_columns = ", ".join(f"m.{identifier(name)}" for name in names)
    forget_columns(dataset, names)
    preserved = [*BUILT_IN[:-1], *sorted(columns_of_tables(dataset))]
    old_columns = ", ".join(f"s.{identifier(name)}" for name in preserved)
    with registered(dataset.con, metadata) as name:
        if whole:
            con.execute(
                f"CREATE TEMP TABLE sqlsel_samples AS SELECT {old_columns}{', ' + new_columns if new_columns else ''} "
                f"FROM {table} AS s LEFT JOIN {name} AS m USING (sample_id) ORDER BY s.sample_id ASC"
            )
            dataset.replace("samples", "sqlsel_samples", key="sample_id")
        elif names:
            values = ", ".join(f"{identifier(n)} = m.{identifier(n)}" for n in names)
            con.execute(
                f"UPDATE {table} AS s SET {values} FROM {name} AS m WHERE m.sample_id = s.sample_id"
            )
    return len(metadata)


def taken_names(dataset: Dataset, metadata: pa.Table) -> set[str]:
    """The names, in lower case, that metadata columns cannot have.

    A STRUCT may have the name of a task: the view joins the fields of both.
    """
    structs = {f.name.casefold() for f in metadata.schema if pa.types.is_struct(f.type)}
    tasks = {name.casefold() for name in dataset.tasks()} - structs
    return {*BUILT_IN, "duplicate_of", *tasks, *(name.casefold() for name in dataset.models())}


def _check_names(dataset: Dataset, metadata: pa.Table) -> None:
    """CatalogError for a column whose name is taken."""
    taken = taken_names(dataset, metadata)
    for name in metadata.column_names:
        if name != "sample_id" and name.casefold() in taken:
            raise CatalogError(
                f"metadata key {name!r} is the name of a task, a model or a column of samples"
            )


def has_sample(dataset: Dataset, sample_id: str) -> bool:
    """Whether the dataset has a sample of this id."""
    text = f"SELECT 1 FROM {dataset.table('samples')} WHERE sample_id = ? LIMIT 1"
    return bool(dataset.con.execute(text, [sample_id]).fetchall())
