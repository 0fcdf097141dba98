"""A folder of images as the samples of a dataset."""

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
    """The images below ``root`` (path, size, modified), their dataset, and the report."""

    root: Path
    listed: pa.Table
    imported: Imported

    @property
    def dataset(self) -> Dataset:
        return self.imported.dataset

    @property
    def report(self) -> Report:
        return self.imported.report

    def close(self, unfinished: Unfinished) -> None:
        """Report failed files, drop the unfinished work, and create the views again; results are stored by then."""
        for path, reason in unfinished.failed():
            self.report.skip(path, reason)
        unfinished.drop()
        make_views(self.dataset)


def open_folder(
    con: duckdb.DuckDBPyConnection, root: Path, name: str | None, relevant: Path | None = None
) -> Folder:
    """Store the images of the folder as samples of the dataset ``name`` (None: chosen by the images).

    CatalogError for a folder that does not exist or holds no images.
    """
    if not root.is_dir():
        raise CatalogError(f"{root}: no such folder")
    report = Report()
    files = list_samples(root, report, relevant=relevant)
    if len(files) == 0:
        raise CatalogError(f"{root}: no images in this folder")
    listed = files.select(["file_name", "size", "modified"]).rename_columns(
        ["path", "size", "modified"]
    )
    prepare(con)
    with transaction(con):
        dataset = create_dataset(con, name or dataset_of(con, root, listed))
        imported = Imported(dataset, report, partly=relevant is not None)
        n_new, _ = put_files(imported, files)
        if n_new:  # metadata and predictions of these samples were left out by the last import
            forget_imports(dataset)
            imported.note("samples", n_new, "sample_id, file_name")
    if relevant is None:
        _warn_of_missing_files(dataset, files, report)
    return Folder(root, listed, imported)


def _warn_of_missing_files(dataset: Dataset, files: pa.Table, report: Report) -> None:
    """Warn of samples whose files are no longer in the folder; they stay in the dataset."""
    with registered(dataset.con, files.select(["file_name"])) as name:
        count, first = dataset.con.execute(
            f"SELECT count(*), min(file_name) FROM {dataset.table('samples')} AS s "
            f'ANTI JOIN {name} USING (file_name) WHERE s.lightly."sizeInBytes" IS NOT NULL'
        ).fetchall()[0]
    if count:
        report.warn(
            "samples whose files are gone are kept (import --prune drops them)", first, count
        )
