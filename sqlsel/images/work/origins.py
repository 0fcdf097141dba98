"""A computed table: whether this very model computed it, and which files have to be computed (again)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sqlsel.catalog import Dataset
from sqlsel.catalog.files import changed_files, forget, record_files
from sqlsel.errors import CatalogError


@dataclass(frozen=True)
class Computed:
    """A table of a dataset, and the fingerprint of the model and settings that compute it now."""

    dataset: Dataset
    table: str
    fingerprint: str

    @property
    def is_current(self) -> bool:
        """Whether the stored table was computed with the same model and settings."""
        return self.dataset.origin(self.table) == self.fingerprint

    @property
    def is_computed(self) -> bool:
        """Whether the stored table was computed, with any settings, rather than imported."""
        return self.dataset.origin(self.table) is not None

    @property
    def _kind(self) -> str:
        """The kind under which the table's files are recorded."""
        return f"computed_{self.table}"

    def check(self, what: str, *, replace: bool) -> None:
        """CatalogError where the table exists with another origin, unless it may be replaced."""
        if replace or self.is_current or self.table not in self.dataset.tables():
            return
        raise CatalogError(
            f"{what} of dataset {self.dataset.name} comes from an import, another model or other "
            "settings; give another name, or --force to replace it"
        )

    def outdated(self, listed: pa.Table, present: str | None = None) -> pa.Table:
        """The files (path, size, modified) that are new, changed, or without a result.

        ``present``: a query of the paths that have a result, by default the samples in the table.
        """
        if not self.is_current:
            return listed
        present = present or f"SELECT sample_id FROM {self.dataset.table(self.table)}"
        paths = set(changed_files(self.dataset, self._kind, listed, present))
        return filter_rows(listed, [path in paths for path in listed["path"].to_pylist()])

    def clear(self) -> None:
        """Drop the table if it has another origin."""
        if not self.is_current:
            self.dataset.con.execute(f"DROP TABLE IF EXISTS {self.dataset.table(self.table)}")
            forget(self.dataset, self._kind)

    def note(self, listed: pa.Table, paths: list[Any]) -> None:
        """Record the origin of the table, and that the files ``paths`` are in it as they are listed."""
        if self.table in self.dataset.tables():
            self.dataset.record_origin(self.table, self.fingerprint)
        record_files(self.dataset, self._kind, listed, paths)


def filter_rows(table: pa.Table, which: list[bool]) -> pa.Table:
    """The rows of a table for which ``which`` is true."""
    return table.filter(pa.array(which, pa.bool_()))
