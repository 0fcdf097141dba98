"""The database that a command writes into: opened, or created and removed again where the command fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlsel.cli import stopping


@contextmanager
def database(db: str | None, worth_keeping: Callable[[Any], bool] | None = None) -> Iterator[Any]:
    """A connection to ``db`` for writing (None: in memory), closed in the end.

    After a failure the file is removed if this call created it, unless ``worth_keeping(connection)``.
    """
    from sqlsel.catalog import connect

    did_not_exist = db is not None and not Path(db).exists()
    remove_it = False
    try:
        # Ctrl-C between the creation of the file and this note of it would leave an empty database.
        # If the file holds tables by now, or cannot be opened, another process has created it meanwhile.
        with stopping.delayed_interrupt():
            con = connect(db, write=True)
            remove_it = (
                did_not_exist
                and not con.execute("SELECT count(*) FROM duckdb_tables()").fetchall()[0][0]
            )
        with closing(con):
            try:
                yield con
            except BaseException:
                has_work = worth_keeping is not None and worth_keeping(con)
                remove_it = remove_it and not has_work
                raise
    except BaseException:
        if remove_it:
            remove(db)
        raise


def remove(db: str | None) -> None:
    """Remove a database file and DuckDB's write-ahead log beside it; None and missing files are no error."""
    for name in (db, f"{db}.wal") if db else ():
        Path(name).unlink(missing_ok=True)
