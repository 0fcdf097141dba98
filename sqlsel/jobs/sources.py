"""Data by name: a file, a glob pattern or a table, as the SQL text of a relation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from sqlsel.errors import CatalogError, unknown
from sqlsel.sqltext.quoting import identifier, literal

_READ_BY_DUCKDB = {".parquet", ".csv", ".tsv", ".json", ".ndjson", ".jsonl", ".gz", ".zst"}
_ARROW = {".arrow", ".ipc", ".feather"}
ID_COLUMNS = ("sample_id", "file_name", "id")


@dataclass(frozen=True)
class Source:
    """A relation as SQL text, and its columns with DuckDB's types."""

    sql: str
    columns: dict[str, Any]

    def id_column(self, name: str | None) -> str | None:
        """The column of sample ids: ``name`` (CatalogError if missing), else the first of ID_COLUMNS, or None."""
        if name is not None:
            if name not in self.columns:
                raise CatalogError(unknown("column", name, self.columns))
            return name
        return next((name for name in ID_COLUMNS if name in self.columns), None)


def open_source(con: duckdb.DuckDBPyConnection, data: str, *, in_database: bool = False) -> Source:
    """``data`` as a relation of ``con``: a table when ``in_database``, else a file or a pattern.

    Raises CatalogError when it does not exist or cannot be read.
    """
    text = _table(con, data) if in_database else _file(con, data)
    try:
        relation = con.sql(f"FROM {text} LIMIT 0")
    except duckdb.Error as error:
        raise CatalogError(f"{data}: {str(error).splitlines()[0]}") from None
    return Source(text, dict(zip(relation.columns, relation.types, strict=True)))


def _table(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """The quoted name of a table or view, ``name`` or ``schema.name``; CatalogError where there is none."""
    parts = name.split(".")
    listed = con.execute(
        "SELECT schema_name, table_name FROM (FROM duckdb_tables() SELECT schema_name, table_name "
        "UNION ALL FROM duckdb_views() SELECT schema_name, view_name WHERE NOT internal)"
    ).fetchall()
    # Both spellings name a table; without a schema the search path decides, as in DuckDB.
    names = {t for _, t in listed} | {f"{s}.{t}" for s, t in listed}
    if name in names:
        return (
            identifier(name)
            if (None, name) in listed or name in {t for _, t in listed}
            else ".".join(map(identifier, parts))
        )
    raise CatalogError(unknown("table", name, {t for _, t in listed}))


def _file(con: duckdb.DuckDBPyConnection, data: str) -> str:
    """A file, a glob pattern or a folder of Parquet files as SQL text; DuckDB reads it by its suffix."""
    path = Path(data)
    if path.is_dir():
        if not any(path.glob("*.parquet")):
            raise CatalogError(f"{data}: no Parquet files in this folder")
        return literal(str(path / "*.parquet"))
    pattern = any(c in data for c in "*?[")
    if not pattern and not path.exists():
        raise CatalogError(
            f"{data}: no such file. With a database (--db, db=) it would be the name of a table"
        )
    suffix = path.suffix.lower()
    if suffix in _ARROW:
        return _arrow(con, path)
    if suffix not in _READ_BY_DUCKDB:
        raise CatalogError(
            f"{data}: cannot read {suffix or 'files without an extension'}; "
            "give Parquet, CSV, JSON, NDJSON or Arrow"
        )
    return literal(data)


def _arrow(con: duckdb.DuckDBPyConnection, path: Path) -> str:
    """An Arrow IPC file, registered as a view of ``con``; CatalogError where it is none."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    name = f"arrow:{path.name}"
    try:
        con.register(name, ds.dataset(path, format="ipc"))
    except (pa.ArrowInvalid, OSError):  # it may be in the stream format, which has no footer
        try:
            with pa.memory_map(str(path)) as source:
                con.register(name, pa.ipc.open_stream(source).read_all())
        except (pa.ArrowInvalid, OSError) as error:
            raise CatalogError(f"{path}: {error}") from None
    return identifier(name)
