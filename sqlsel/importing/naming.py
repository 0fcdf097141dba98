"""Which dataset a folder or a file belongs to, where the user names none."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from sqlsel.catalog import Dataset, datasets
from sqlsel.catalog.database import registered
from sqlsel.catalog.datasets import database_of


def name_after(con: duckdb.DuckDBPyConnection, source: Path) -> str:
    """The folder's name, or the file's without its ending, as a name that needs no quotes."""
    stem = source.resolve().name if source.is_dir() else source.stem
    name = "".join(c if c.isalnum() else "_" for c in stem).strip("_").lower() or "dataset"
    return f"{name}_data" if name == database_of(con).lower() else name


def dataset_of(con: duckdb.DuckDBPyConnection, source: Path, listed: pa.Table) -> str:
    """The dataset called like the folder, else the only one that has its files, else a new one's name.

    ``listed``: path and size. A dataset has the files where most of them are in it, by name and size.
    """
    name, known = name_after(con, source), datasets(con)
    if name in known:
        return name
    having = [one for one in known if 2 * _shared(con, Dataset(con, one), listed) > len(listed)]
    return having[0] if len(having) == 1 else name


def _shared(con: duckdb.DuckDBPyConnection, dataset: Dataset, listed: pa.Table) -> int:
    with registered(con, listed.select(["path", "size"])) as files:
        found = con.execute(
            f"SELECT count(*) FROM {dataset.table('samples')} AS s JOIN {files} AS f "
            'ON f.path = s.file_name AND f.size = s.lightly."sizeInBytes"'
        ).fetchall()
    return int(found[0][0])
