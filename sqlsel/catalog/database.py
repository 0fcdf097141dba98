"""The catalogue: a DuckDB database in which each dataset is a schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from sqlsel.errors import CatalogError
from sqlsel.sqltext.quoting import identifier
from sqlsel.sqltext.sql_files import macros, query

# Files of sql/, run for each dataset; the first brings version 1 to 2, and so on.
MIGRATIONS: tuple[str, ...] = ("catalog/migrations/pixels",)
SCHEMA_VERSION = 1 + len(MIGRATIONS)
_DAMAGED = ("Corrupt database", "Could not read enough bytes", "checksum")  # in DuckDB's messages
STORAGE = "v1.2.0"  # files that DuckDB from 1.2 on can read


def connect(db: str | Path | None, *, write: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to the file ``db``, read-only unless ``write``; None: a database in memory.

    A file that does not exist is created when ``write``, else it is a CatalogError.
    """
    path = None if db is None else Path(db)
    if path is not None and not path.exists():
        if not write:
            raise CatalogError(f"{db}: no such database")
        if not path.absolute().parent.is_dir():
            raise CatalogError(f"{path.parent}: no such folder")
    new = path is not None and not path.exists()
    if path is not None and not new:
        _check_format(path)
    try:
        con = duckdb.connect(
            ":memory:" if path is None else path,
            read_only=path is not None and not write,
            config={"storage_compatibility_version": STORAGE} if new else {},
        )
    except duckdb.Error as error:
        raise CatalogError(_open_error(str(db), error)) from None
    con.execute("SET enable_progress_bar = false")
    con.execute(query("catalog/return_memory"))
    return con


def _check_format(path: Path) -> None:
    """CatalogError for a file that is no DuckDB database; an empty file is one.

    DuckDB itself may open another format by an extension, and what is written would be lost or fail late.
    """
    try:
        if not path.is_file():  # reading from a pipe could block for ever
            raise CatalogError(f"{path}: is no regular file")
        with path.open("rb") as file:
            head = file.read(12)
    except OSError as error:
        raise CatalogError(f"{path}: {error.strerror or error}") from None
    if head and head[8:] != b"DUCK":
        raise CatalogError(f"{path}: is no DuckDB database")


def _open_error(db: str, error: duckdb.Error) -> str:
    """The message for a database that cannot be opened: damaged, locked by a process, or in DuckDB's words."""
    text = str(error).splitlines()[0]
    if any(word in text for word in _DAMAGED):
        return f"{db}: the database is damaged ({text}); restore it from a copy"
    if "Could not set lock" not in text and "already open" not in text:
        return f"{db}: {text}"
    holder = text.partition("(PID ")[2].partition(")")[0]
    who = f"process {holder}" if holder.isdigit() else "another process"
    return f"{db}: {who} has this database open; close it there, or work on a copy"


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create or migrate the catalogue's tables, and define the score macros on the connection.

    CatalogError where a newer version of sqlsel wrote the catalogue.
    """
    with transaction(con):
        con.execute(query("catalog/create"))
        version = check_version(con)
        if version is None:
            con.execute("INSERT INTO main.sqlsel_catalog VALUES (?)", [SCHEMA_VERSION])
        for step in MIGRATIONS[(version or SCHEMA_VERSION) - 1 :]:
            for name in dataset_names(con):
                con.execute(query(step).format(d=identifier(name)))
        con.execute("UPDATE main.sqlsel_catalog SET schema_version = ?", [SCHEMA_VERSION])
    define_scores(con)


def check_version(con: duckdb.DuckDBPyConnection) -> int | None:
    """The version of the catalogue, None where there is none; CatalogError for a newer one."""
    if not is_catalog(con):
        return None
    version = con.execute("SELECT max(schema_version) FROM main.sqlsel_catalog").fetchall()[0][0]
    if version is not None and version > SCHEMA_VERSION:
        raise CatalogError(
            f"the catalogue has schema version {version}, this sqlsel knows {SCHEMA_VERSION}; "
            "use the newer sqlsel that wrote it"
        )
    return None if version is None else int(version)


def dataset_names(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The names of all datasets, sorted: the schemas that have a view ``catalog``."""
    text = (
        "SELECT DISTINCT schema_name FROM duckdb_views() WHERE view_name = 'catalog' "
        "AND NOT internal ORDER BY schema_name ASC"
    )
    return [row[0] for row in con.execute(text).fetchall()]


def is_catalog(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the database is a catalogue, which may hold no dataset yet."""
    text = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'sqlsel_catalog'"
    return bool(con.execute(text).fetchall()[0][0])


def define_scores(con: duckdb.DuckDBPyConnection) -> None:
    """Define the macros of ``sql/scores/`` and ``sql/macros/`` as temporary macros of the connection."""
    for _, text in [*macros("scores"), *macros("macros")]:
        con.execute(text)


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Context: a transaction, committed at the end, rolled back at an error; they cannot be nested."""
    con.execute("BEGIN TRANSACTION")
    try:
        yield
        con.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # DuckDB has rolled back already where it failed itself
            con.execute("ROLLBACK")
        raise


@contextmanager
def registered(
    con: duckdb.DuckDBPyConnection, data: Any, name: str = "sqlsel_rows"
) -> Iterator[str]:
    """Context: Arrow data as a view of the connection; gives the name of the view."""
    con.register(name, data)
    try:
        yield name
    finally:
        with suppress(duckdb.Error):  # an aborted transaction refuses this too
            con.unregister(name)


def is_one_of(con: duckdb.DuckDBPyConnection, sql: str, table: str, names: list[str]) -> str:
    """A SQL condition: the text of ``sql`` is one of ``names``, which are stored in the temporary table ``table``."""
    with registered(con, pa.table({"name": pa.array(names, pa.string())}), "sqlsel_names") as rows:
        con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM {rows}")
    return f"{sql}::VARCHAR IN (SELECT name FROM {table})"
