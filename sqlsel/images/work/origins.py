"""Whether a table was computed by this very model, and of which files it has to be computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sqlsel.catalog import Dataset
from sqlsel.catalog.files import changed_files, forget, record_files
from sqlsel.catalog.origin import origin, record_origin
from sqlsel.errors import CatalogError


@dataclass(frozen=True)
class Computed:
    """A table of a dataset, and the fingerprint of what computes it now."""

    dataset: Dataset
    table: str
    fingerprint: str

    @property
    def mine(self) -> bool:
        """Whether the table as it is was computed in the same way."""
        return origin(self.dataset, self.table) == self.fingerprint

    @property
    def is_computed(self) -> bool:
        """Whether something computed the table, be it in another way."""
        return origin(self.dataset, self.table) is not None

    @property
    def _kind(self) -> str:
        return f"computed_{self.table}"

    def check(self, what: str, *, replace: bool) -> None:
        """CatalogError where the table exists and something else made it, unless it may be replaced."""
        if replace or self.mine or self.table not in self.dataset.tables():
            return
        raise CatalogError(
            f"{what} of dataset {self.dataset.name} comes from an import, another model or other "
            "settings; give another name, or --force to replace it"
        )

    def lacking(self, listed: pa.Table, present: str | None = None) -> pa.Table:
        """The files (path, size, modified) that are new or changed since, or whose results have gone.

        ``present``: a query of the paths of which there are results [the samples in the table].
        """
        if not self.mine:
            return listed
        present = present or f"SELECT sample_id FROM {self.dataset.table(self.table)}"
        paths = set(changed_files(self.dataset, self._kind, listed, present))
        return only(listed, [path in paths for path in listed["path"].to_pylist()])

    def clear(self) -> None:
        """Drop what something else computed."""
        if not self.mine:
            self.dataset.con.execute(f"DROP TABLE IF EXISTS {self.dataset.table(self.table)}")
            forget(self.dataset, self._kind)

    def note(self, listed: pa.Table, paths: list[Any]) -> None:
        """The table is there, and the files ``paths`` are in it as they are listed."""
        if self.table in self.dataset.tables():
            record_origin(self.dataset, self.table, self.fingerprint)
        record_files(self.dataset, self._kind, listed, paths)


def only(table: pa.Table, which: list[bool]) -> pa.Table:
    """Some rows of a table."""
    return table.filter(pa.array(which, pa.bool_()))
