"""The query sets of SIMILARITY: the datasets of the database, and files and folders under names of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import duckdb

from sqlsel.catalog import connect, datasets, open_dataset
from sqlsel.catalog.parquet import is_dataset_folder
from sqlsel.catalog.tags import condition, tag_names
from sqlsel.config import Faults, QuerySet
from sqlsel.jobs.pools import open_pool, source_of
from sqlsel.jobs.sources import Source, open_source
from sqlsel.sqltext.quoting import identifier


def query_sets(
    con: duckdb.DuckDBPyConnection, files: Mapping[str, str], faults: Faults
) -> dict[str, QuerySet]:
    """The query sets by name: each dataset of the database, and each of ``files`` (name → path), which wins.

    A file that cannot be read is noted in ``faults``.
    """
    sets: dict[str, QuerySet] = {}
    for name in datasets(con):
        other = open_dataset(con, name)
        source = source_of(con, other.view)
        tags = {tag: condition(other, tag) for tag in tag_names(other)}
        sets[name] = QuerySet(source.sql, source.columns, tags)
    for number, (name, file) in enumerate(files.items()):
        with faults.at():
            folder = _is_folder_of_images(Path(file))
            source = _read_folder(con, file, number) if folder else open_source(con, file)
            sets[name] = QuerySet(source.sql, source.columns)
    return sets


def _is_folder_of_images(path: Path) -> bool:
    """Whether ``path`` is a folder of images or a saved dataset, rather than one of plain Parquet files."""
    if not path.is_dir():
        return False
    own = is_dataset_folder(path) or (path / ".lightly").is_dir()
    return own or not any(path.glob("*.parquet"))


def _read_folder(con: duckdb.DuckDBPyConnection, folder: str, number: int) -> Source:
    """The samples of a folder as a relation of ``con``; each tag is a boolean column.

    They are read in a database of their own, since ``con`` may be read-only, and registered as an Arrow table.
    """
    with closing(connect(None)) as other:
        pool = open_pool(other, folder, in_database=False)
        dataset, columns = pool.dataset, pool.source.columns
        tags = [tag for tag in (tag_names(dataset) if dataset else []) if tag not in columns]
        more = [f", {condition(dataset, tag)} AS {identifier(tag)}" for tag in tags if dataset]
        rows = other.sql(f"SELECT *{''.join(more)} FROM {pool.source.sql}").to_arrow_table()
    name = f"sqlsel_queries_{number}"
    con.register(name, rows)
    return source_of(con, name)
