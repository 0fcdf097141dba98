"""The client's table in a catalogue: for each dataset its type and its folders."""

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
    """A dataset: its type, the folder of its images (``input``), and the folder that holds its ``.lightly``."""

    name: str
    type: str = DatasetType.IMAGES
    input: str | None = None
    lightly: str | None = None

    @property
    def id(self) -> str:
        return id_of("dataset", self.name)


def id_of(*parts: str) -> str:
    """24 hexadecimal digits, as Lightly's ids; a hash of the parts, so the same in each session."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def records(con: duckdb.DuckDBPyConnection) -> list[Record]:
    """A record for each dataset of the catalogue, also for those that were created without the client."""
    stored: dict[str, Record] = {}
    text = "SELECT 1 FROM duckdb_tables() WHERE table_name = 'sqlsel_lightly'"
    if con.execute(text).fetchall():
        rows = con.execute(f"SELECT dataset, type, input, lightly FROM {_TABLE}").fetchall()
        stored = {row[0]: Record(*row) for row in rows}
    return [stored.get(name, Record(name)) for name in datasets(con)]


def put_record(con: duckdb.DuckDBPyConnection, record: Record) -> None:
    """Store a record; replaces the one of the same name."""
    con.execute(query("lightly/create"))
    row = [record.name, str(record.type), record.input, record.lightly]
    con.execute(f"INSERT OR REPLACE INTO {_TABLE} VALUES (?, ?, ?, ?)", row)


def runs(con: duckdb.DuckDBPyConnection, record: Record) -> list[tuple[Any, ...]]:
    """The runs of a dataset, oldest first: (id, milliseconds since 1970, n_selected, n_asked, version)."""
    table = Dataset(con, record.name).table("runs")
    return con.execute(
        f"SELECT run_id, epoch_ms(created), n_selected, n_asked, version FROM {table} "
        "ORDER BY created ASC, run_id ASC"
    ).fetchall()
