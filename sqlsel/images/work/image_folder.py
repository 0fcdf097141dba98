"""A folder of images, and the dataset that it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from sqlsel.catalog import Dataset, create_dataset, make_views, prepare, transaction
from sqlsel.catalog.database import registered
from sqlsel.catalog.files import forget_imports
from sqlsel.catalog.imports.dataset_names import dataset_of
from sqlsel.catalog.imports.steps import Imported, put_files
from sqlsel.catalog.unfinished import Unfinished
from sqlsel.errors import CatalogError
from sqlsel.readers import Report
from sqlsel.readers.folder_files import list_samples


@dataclass(frozen=True)
class Folder:
    """The images below ``root`` (path, size, modified), and what becomes of them."""

    root: Path
    listed: pa.Table
    done: Imported

    @property
    def dataset(self) -> Dataset:
        return self.done.dataset

    @property
    def report(self) -> Report:
        return self.done.report

    def close(self, unfinished: Unfinished) -> None:
        """The results are in their tables: tell what failed, and make the views anew."""
        for path, reason in unfinished.failed():
            self.report.skip(path, reason)
        unfinished.drop()
        make_views(self.dataset)


def open_folder(
    con: duckdb.DuckDBPyConnection, root: Path, name: str | None, relevant: Path | None = None
) -> Folder:
    """The folder as samples of the dataset ``name``, made if need be; new images become samples.

    Raises CatalogError for a folder that is not there, or without images.
    """
    if not root.is_dir():
        raise CatalogError(f"{root}: no such folder")
    report = Report()
    found = list_samples(root, report, relevant=relevant)
    if len(found) == 0:
        raise CatalogError(f"{root}: no images in this folder")
    listed = found.select(["file_name", "size", "modified"]).rename_columns(
        ["path", "size", "modified"]
    )
    prepare(con)
    with transaction(con):
        dataset = create_dataset(con, name or dataset_of(con, root, listed))
        done = Imported(dataset, report, partly=relevant is not None)
        new, _ = put_files(done, found)
        if new:
            forget_imports(dataset)
            done.note("samples", new, "sample_id, file_name")
    if relevant is None:
        _tell_of_gone(dataset, found, report)
    return Folder(root, listed, done)


def _tell_of_gone(dataset: Dataset, found: pa.Table, report: Report) -> None:
    """Warn of samples whose files are no longer in the folder; they stay in the dataset."""
    with registered(dataset.con, found.select(["file_name"])) as name:
        count, first = dataset.con.execute(
            f"SELECT count(*), min(file_name) FROM {dataset.table('samples')} AS s "
            f'ANTI JOIN {name} USING (file_name) WHERE s.lightly."sizeInBytes" IS NOT NULL'
        ).fetchall()[0]
    if count:
        report.warn(
            "samples whose files are gone are kept (import --prune drops them)", first, count
        )
