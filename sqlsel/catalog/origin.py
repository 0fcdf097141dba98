"""The origin of a computed table: a fingerprint of model and settings, stored as the comment of the table."""

from __future__ import annotations

from sqlsel.catalog.dataset import Dataset
from sqlsel.sqltext.quoting import literal


def origin(dataset: Dataset, table: str) -> str | None:
    """The fingerprint of what computed a table; None where it was imported or does not exist."""
    text = "SELECT comment FROM duckdb_tables() WHERE schema_name = ? AND table_name = ?"
    rows = dataset.con.execute(text, [dataset.name, table]).fetchall()
    return rows[0][0] if rows else None


def record_origin(dataset: Dataset, table: str, fingerprint: str) -> None:
    """Store the fingerprint of a table; it is lost when the table is replaced."""
    dataset.con.execute(f"COMMENT ON TABLE {dataset.table(table)} IS {literal(fingerprint)}")
