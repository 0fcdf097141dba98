"""What made a table of a dataset: a fingerprint, kept as the comment of the table."""

from __future__ import annotations

from sqlsel.catalog.dataset import Dataset
from sqlsel.sqltext.quoting import literal


def origin(dataset: Dataset, table: str) -> str | None:
    """What computed a table of the dataset; None where it was imported, or is not there."""
    text = "SELECT comment FROM duckdb_tables() WHERE schema_name = ? AND table_name = ?"
    found = dataset.con.execute(text, [dataset.name, table]).fetchall()
    return found[0][0] if found else None


def note_origin(dataset: Dataset, table: str, fingerprint: str) -> None:
    """Record what computed a table; the record goes when the table is replaced."""
    dataset.con.execute(f"COMMENT ON TABLE {dataset.table(table)} IS {literal(fingerprint)}")
