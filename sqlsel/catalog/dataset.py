"""One dataset of a catalogue, which is a schema: its tables, models, tasks and columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from sqlsel.sqltext.quoting import identifier, literal

DEFAULT_MODEL = "default"
OBJECT_VECTORS = "FLOAT[][]"  # a vector for each object of a sample
MEASURES = (
    "sharpness",
    "snr",
    "sizeInBytes",
    "luminance",
    "uniformRowRatio",
    "width",
    "height",
    "shape",
    "mean",
    "std",
    "sumOfValues",
    "sumOfSquares",
)


@dataclass(frozen=True)
class Dataset:
    """A dataset by name, on a connection; each call queries the database."""

    con: duckdb.DuckDBPyConnection
    name: str

    def table(self, name: str) -> str:
        """The quoted SQL name of a table of the dataset, which need not exist."""
        return f"{identifier(self.name)}.{identifier(name)}"

    @property
    def view(self) -> str:
        """The SQL name of the view with a row per sample: metadata, vectors, predictions."""
        return self.table("catalog")

    def tables(self) -> set[str]:
        """The names of the dataset's tables, without views."""
        text = "SELECT table_name FROM duckdb_tables() WHERE schema_name = ?"
        return {row[0] for row in self.con.execute(text, [self.name]).fetchall()}

    def models(self) -> dict[str, Any]:
        """The embedding models and the DuckDB types of their vectors, the default first, then by name.

        The vectors of a task's objects are one of them, under the task's name.
        """
        text = (
            "SELECT table_name, data_type FROM duckdb_columns() WHERE schema_name = ? "
            "AND table_name LIKE 'embeddings\\_%' ESCAPE '\\' AND column_name = 'embedding'"
        )
        models = {
            name.removeprefix("embeddings_"): kind
            for name, kind in self.con.execute(text, [self.name]).fetchall()
        }
        return dict(sorted(models.items(), key=lambda one: (one[0] != DEFAULT_MODEL, one[0])))

    def tasks(self) -> dict[str, tuple[str, list[tuple[int, str]]]]:
        """Task name → (type, [(id, name) of each category, in the order of class vectors])."""
        rows = self.con.execute(f"SELECT name, type, categories FROM {self.table('tasks')}")
        return {
            name: (kind, [(c["id"], c["name"]) for c in categories])
            for name, kind, categories in rows.fetchall()
        }

    def visible_columns(self) -> set[str]:
        """The columns that a selection's result has: those of samples and of objects, no vectors or predictions."""
        own = self.columns("samples")
        return {*own, "parent_id", "object", "category", "score", "bbox", "frames"}

    def count(self) -> int:
        """The number of samples."""
        return int(
            self.con.execute(f"SELECT count(*) FROM {self.table('samples')}").fetchall()[0][0]
        )

    def is_cropped(self) -> bool:
        """Whether its samples are crops of the objects of another dataset."""
        return "source" in self.tables()

    def has_frames(self) -> bool:
        """Whether some samples are frames of videos."""
        text = f"SELECT 1 FROM {self.table('samples')} WHERE frame IS NOT NULL LIMIT 1"
        return bool(self.con.execute(text).fetchall())

    def columns(self, table: str) -> list[str]:
        """The columns of a table of the dataset."""
        return list(self.con.sql(f"FROM {self.table(table)} LIMIT 0").columns)

    def replace(self, table: str, temporary: str, key: str | None = None) -> None:
        """Replace a table by ``temporary``, which is dropped; ``key``: the primary key's column.

        The views of the dataset have to be made again afterwards.
        """
        self.con.execute(f"CREATE OR REPLACE TABLE {self.table(table)} AS FROM {temporary}")
        if key is not None:
            self.con.execute(f"ALTER TABLE {self.table(table)} ADD PRIMARY KEY ({key})")
        self.con.execute(f"DROP TABLE {temporary}")

    def origin(self, table: str) -> str | None:
        """The fingerprint of what computed a table; None where it was imported or does not exist."""
        text = "SELECT comment FROM duckdb_tables() WHERE schema_name = ? AND table_name = ?"
        rows = self.con.execute(text, [self.name, table]).fetchall()
        return rows[0][0] if rows else None

    def record_origin(self, table: str, fingerprint: str) -> None:
        """Store the fingerprint of a table, as its comment; it is lost when the table is replaced."""
        self.con.execute(f"COMMENT ON TABLE {self.table(table)} IS {literal(fingerprint)}")
