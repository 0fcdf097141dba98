"""State shared by all calls of the client: the catalogue, the current dataset, and the notes already printed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb

from sqlsel.catalog import connect, prepare
from sqlsel.lightly.store import Record, records


class Session:
    """A catalogue and the current dataset; the file is open only during a call, so that others can use it."""

    def __init__(
        self,
        token: str | None = None,
        dataset_id: str | None = None,
        embedding_id: str | None = None,
        *,
        db: str | Path = "sqlsel.duckdb",
        quiet: bool = False,
    ) -> None:
        self.db = Path(db).absolute()
        self._quiet = quiet
        self._noted: set[str] = set()
        self._dataset_id = dataset_id
        if token:
            self._note("the token is ignored: there is no account, and nothing leaves this machine")
        if embedding_id:
            self._note("embedding_id is ignored: a run says which vectors it uses")

    @property
    def dataset_id(self) -> str:
        """The id of the current dataset: the chosen one, else the only one; ValueError where that leaves it open."""
        return self._current_record().id

    @dataset_id.setter
    def dataset_id(self, dataset_id: str) -> None:
        self._dataset_id = dataset_id

    def _current_record(self) -> Record:
        """The record of the current dataset, by id or name; ValueError where none is chosen and there are several.

        A chosen dataset that is missing is replaced, with a note, by the only one that there is: scripts
        hold ids of Lightly's own server.
        """
        with self._open_catalogue() as con:
            existing = records(con)
        chosen = self._dataset_id
        for record in existing:
            if chosen in (record.id, record.name):
                return record
        if len(existing) != 1:  # with one dataset there is no doubt which is meant
            listed = ", ".join(f"{one.name!r} ({one.id})" for one in existing) or "none yet"
            reason = "no dataset is chosen" if chosen is None else f"there is no dataset {chosen!r}"
            raise ValueError(
                f"{reason} in {self.db.name}: call create_dataset or set_dataset_id_by_name. "
                f"Datasets: {listed}."
            )
        if chosen is not None:
            self._note(f"dataset {chosen!r} is not in {self.db.name}; {existing[0].name!r} is used")
        return existing[0]

    @contextmanager
    def _open_catalogue(self, *, write: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to the catalogue, created for ``write``; without a file an empty database in memory."""
        there = write or self.db.exists()
        with closing(connect(self.db if there else None, write=write)) as con:
            if write:
                prepare(con)
            yield con

    def _note(self, text: str) -> None:
        """Print a note on stderr, each text once per client."""
        if text not in self._noted:
            self._noted.add(text)
            self._print(f"note: {text}")

    def _note_ignored(self, options: dict[str, Any]) -> None:
        """Note which of the options that were set (not None) have no meaning here."""
        names = sorted(name for name, value in options.items() if value is not None)
        if names:
            self._note(f"no meaning here: {', '.join(names)}")

    def _print(self, line: str) -> None:
        """Print a line on stderr, unless the client is quiet."""
        if not self._quiet:
            sys.stderr.write(f"{line}\n")
