"""The datasets of a catalogue as the client sees them: with an id, a kind, and folders."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import duckdb

from sqlsel.catalog import Dataset, datasets
from sqlsel.lightly.names import DatasetType
from sqlsel.sqltext.sql_files import query

_TABLE = "main.sqlsel_lightly"


@dataclass(frozen=True)
class Record:
    """A dataset: its kind, the folder of its images, and the folder that holds its ``.lightly``."""

    name: str
    type: str = DatasetType.IMAGES
    input: str | None = None
    lightly: str | None = None

    @property
    def id(self) -> str:
        return id_of("dataset", self.name)


def id_of(*parts: str) -> str:
    """24 hexadecimal digits, the same for the same parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def records(con: duckdb.DuckDBPyConnection) -> list[Record]:
    """All datasets of the catalogue, those that the client did not make among them."""
    kept: dict[str, Record] = {}
    text = "SELECT 1 FROM duckdb_tables() WHERE table_name = 'sqlsel_lightly'"
    if con.execute(text).fetchall():
        rows = con.execute(f"SELECT dataset, type, input, lightly FROM {_TABLE}").fetchall()
        kept = {row[0]: Record(*row) for row in rows}
    return [kept.get(name, Record(name)) for name in datasets(con)]


def put(con: duckdb.DuckDBPyConnection, record: Record) -> None:
    """Keep a record, in the place of the one of the same name."""
    con.execute(query("lightly/create"))
    row = [record.name, str(record.type), record.input, record.lightly]
    con.execute(f"INSERT OR REPLACE INTO {_TABLE} VALUES (?, ?, ?, ?)", row)


def runs(con: duckdb.DuckDBPyConnection, record: Record) -> list[tuple[Any, ...]]:
    """The runs of a dataset, the oldest first: id, milliseconds since 1970, picks, asked, version."""
    table = Dataset(con, record.name).table("runs")
    return con.execute(
        f"SELECT run_id, epoch_ms(created), n_selected, n_asked, version FROM {table} "
        "ORDER BY created ASC, run_id ASC"
    ).fetchall()
