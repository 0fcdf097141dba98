"""What all calls of the client share: the catalogue, the dataset that is spoken of, and notes."""

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
    """A catalogue and the current dataset; the catalogue is open only while a call runs."""

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
        """The id of the current dataset; of the newest one where none was chosen."""
        return self._record().id

    @dataset_id.setter
    def dataset_id(self, dataset_id: str) -> None:
        self._dataset_id = dataset_id

    def _record(self) -> Record:
        """The current dataset; ValueError where there is none."""
        with self._opened() as con:
            known = records(con)
        named = self._dataset_id
        for record in known:
            if named in (record.id, record.name):
                return record
        if len(known) != 1:
            listed = ", ".join(f"{one.name!r} ({one.id})" for one in known) or "none yet"
            asked = "no dataset is chosen" if named is None else f"there is no dataset {named!r}"
            raise ValueError(
                f"{asked} in {self.db.name}: call create_dataset or set_dataset_id_by_name. "
                f"Datasets: {listed}."
            )
        if named is not None:
            self._note(f"dataset {named!r} is not in {self.db.name}; {known[0].name!r} is used")
        return known[0]

    @contextmanager
    def _opened(self, *, write: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """The catalogue, made if it is to be written; an empty one where there is none yet."""
        there = write or self.db.exists()
        with closing(connect(self.db if there else None, write=write)) as con:
            if write:
                prepare(con)
            yield con

    def _note(self, text: str) -> None:
        """Say once what has another meaning here, or none."""
        if text not in self._noted:
            self._noted.add(text)
            self._say(f"note: {text}")

    def _ignored(self, options: dict[str, Any]) -> None:
        """Say which options have no meaning here."""
        given = sorted(name for name, value in options.items() if value is not None)
        if given:
            self._note(f"no meaning here: {', '.join(given)}")

    def _say(self, line: str) -> None:
        if not self._quiet:
            sys.stderr.write(f"{line}\n")
