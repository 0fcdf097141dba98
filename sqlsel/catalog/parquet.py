"""Saves a dataset as a folder of Parquet files and loads it again, for people who keep no database.

``<dataset>/samples.parquet``, ``embeddings/<model>.parquet``, ``predictions/<task>.parquet``,
``tags.parquet`` and so on: what a catalogue holds as tables.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from sqlsel.catalog.dataset import Dataset
from sqlsel.catalog.datasets import create_dataset
from sqlsel.catalog.views import make_views
from sqlsel.errors import CatalogError
from sqlsel.sqltext.quoting import identifier, literal
from sqlsel.sqltext.sql_files import query

_FOLDERS = ("embeddings", "predictions")
_NEEDED = "samples.parquet"
_ELSEWHERE = "give another folder with -o, or another --name"


def is_dataset_folder(path: Path) -> bool:
    """Whether the folder is a saved dataset, or has some as subfolders."""
    return any(True for _ in _datasets(path))


def load_folder(con: duckdb.DuckDBPyConnection, path: Path) -> list[Dataset]:
    """Copy the saved datasets of a folder into tables of ``con``, as an import would have made them."""
    loaded = []
    for folder in _datasets(path):
        dataset = create_dataset(con, folder.name)
        for table, file in _tables(folder):
            con.execute(
                f"CREATE OR REPLACE TABLE {dataset.table(table)} AS FROM {literal(str(file))}"
            )
            _restore_types(dataset, table)
        make_views(dataset)
        loaded.append(dataset)
    return loaded


def save_folder(dataset: Dataset, path: Path) -> None:
    """Write the dataset as ``path/<dataset>``, whole or not at all; a saved dataset there is replaced.

    CatalogError where something else is there, or the disk refuses.
    """
    path.mkdir(parents=True, exist_ok=True)
    target = path / dataset.name
    check_folder(target)
    building = Path(tempfile.mkdtemp(prefix=f".{dataset.name}.", suffix=".tmp", dir=path))
    try:
        for table in sorted(dataset.tables()):
            file = building / _file_of(table)
            file.parent.mkdir(exist_ok=True)
            dataset.con.execute(
                f"COPY {dataset.table(table)} TO {literal(str(file))} "
                "(FORMAT parquet, ROW_GROUP_SIZE 50000)"
            )
        building.chmod(0o755)  # mkdtemp makes folders that nobody else can read
        if target.exists():  # a folder cannot be renamed over one that is not empty
            aside = building.with_suffix(".old")
            target.rename(aside)
            building.rename(target)
            shutil.rmtree(aside)
        else:
            building.rename(target)
    except OSError as error:
        raise CatalogError(f"{target}: {error.strerror or error}") from None
    finally:
        shutil.rmtree(building, ignore_errors=True)


def check_folder(folder: Path) -> None:
    """CatalogError where ``save_folder`` would replace a folder with files that it has not written itself."""
    if not os.path.lexists(folder):
        return
    if folder.is_symlink() or not folder.is_dir():
        raise CatalogError(f"{folder}: is no folder, so it is not replaced; {_ELSEWHERE}")
    for file in sorted(folder.rglob("*")):
        if not _is_dataset_file(
            file.relative_to(folder), is_folder=file.is_dir()
        ) or not _is_dataset(folder):
            raise CatalogError(
                f"{folder}: the dataset would replace this folder, which holds "
                f"{file.relative_to(folder)}; {_ELSEWHERE}"
            )


def _is_dataset_file(path: Path, *, is_folder: bool) -> bool:
    """Whether a path, relative to a saved dataset, is one that ``save_folder`` writes."""
    if is_folder:
        return str(path) in _FOLDERS
    return path.suffix == ".parquet" and str(path.parent) in (".", *_FOLDERS)


def _datasets(path: Path) -> Iterator[Path]:
    """The folder itself if it is a saved dataset, else its subfolders that are, by name."""
    if _is_dataset(path):
        yield path
    elif path.is_dir():
        yield from (p for p in sorted(path.iterdir()) if p.name[:1] != "." and _is_dataset(p))


def _is_dataset(path: Path) -> bool:
    """Whether the folder itself is a saved dataset; an unreadable one is not."""
    try:
        return (path / _NEEDED).is_file()
    except PermissionError:
        return False


def _tables(folder: Path) -> Iterator[tuple[str, Path]]:
    """Table name → file, of a saved dataset."""
    for file in sorted(folder.glob("*.parquet")):
        yield file.stem, file
    for kind in _FOLDERS:
        for file in sorted((folder / kind).glob("*.parquet")):
            yield f"{kind}_{file.stem}", file


def _file_of(table: str) -> str:
    """The relative path of a table's file: ``embeddings_NAME`` is ``embeddings/NAME.parquet``."""
    for kind in _FOLDERS:
        if table.startswith(f"{kind}_"):
            return f"{kind}/{table.removeprefix(f'{kind}_')}.parquet"
    return f"{table}.parquet"


def _restore_types(dataset: Dataset, table: str) -> None:
    """Restore what Parquet does not store: FLOAT[n] and primary keys; and migrate a samples table of version 1."""
    con, name = dataset.con, dataset.table(table)
    if table == "samples" and len(con.sql(f"SELECT lightly FROM {name}").types[0].children) == 5:
        con.execute(query("catalog/migrations/pixels").format(d=identifier(dataset.name)))
    if table.startswith("embeddings_"):
        kind = str(con.sql(f"SELECT embedding FROM {name} LIMIT 0").types[0])
        width = con.execute(f"SELECT max(len(embedding)) FROM {name}").fetchall()[0][0]
        if kind == "FLOAT[]" and width:
            con.execute(f"ALTER TABLE {name} ALTER embedding TYPE FLOAT[{int(width)}]")
    keys = {"samples": "sample_id", "tasks": "name", "files": "kind, path", "tag_names": "tag"}
    keys |= {"runs": "run_id", "tags": "tag, sample_id"}
    if table in keys:
        columns = ", ".join(identifier(k.strip()) for k in keys[table].split(","))
        con.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({columns})")
