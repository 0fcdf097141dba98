"""Chooses the dataset for a folder or a file where the user names none."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from sqlsel.catalog import Dataset, datasets
from sqlsel.catalog.database import registered
from sqlsel.catalog.datasets import database_of
from sqlsel.errors import CatalogError


def name_after(con: duckdb.DuckDBPyConnection, source: Path) -> str:
    """The folder's name, or the file's without its suffix, in lower case and with ``_`` so that SQL needs no quotes."""
    stem = source.resolve().name if source.is_dir() else source.stem
    name = "".join(c if c.isalnum() else "_" for c in stem).strip("_").lower() or "dataset"
    return f"{name}_data" if name == database_of(con).lower() else name


def dataset_of(con: duckdb.DuckDBPyConnection, source: Path, listed: pa.Table) -> str:
    """The dataset called like the folder, else the only one that has its files, else a new one's name.

    ``listed``: path and size. A dataset has the files where most of them are in it, by name and size.
    Raises CatalogError where the dataset of this name has other files under the same names, and where
    several datasets have these files.
    """
    name, names = name_after(con, source), datasets(con)
    if name in names:
        n_same_name, n_same_size = _count_same_files(con, Dataset(con, name), listed)
        if 2 * n_same_size < n_same_name:  # most files differ in size: another folder, or edited
            raise CatalogError(
                f"{source}: dataset {name} has other images under the same names; "
                "give --name another one, or the same where the images have changed"
            )
        return name
    candidates = [
        d for d in names if 2 * _count_same_files(con, Dataset(con, d), listed)[1] > len(listed)
    ]
    if len(candidates) > 1:
        listing = ", ".join(candidates)
        raise CatalogError(f"{source}: its images are in several datasets ({listing}); give --name")
    return candidates[0] if candidates else name


def _count_same_files(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, listed: pa.Table
) -> tuple[int, int]:
    """How many of the files are samples of the dataset by name, and how many by name and size."""
    with registered(con, listed.select(["path", "size"])) as files:
        counts = con.execute(
            'SELECT count(s.lightly."sizeInBytes"), count(*) FILTER (f.size = s.lightly."sizeInBytes") '
            f"FROM {dataset.table('samples')} AS s JOIN {files} AS f ON f.path = s.file_name"
        ).fetchall()[0]
    return int(counts[0]), int(counts[1])
