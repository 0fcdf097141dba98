"""The database that a command writes into: opened, or made and taken away again where the command fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlsel.cli import stopping


@contextmanager
def database(db: str | None, worth_keeping: Callable[[Any], bool] | None = None) -> Iterator[Any]:
    """A connection; after a failure a file that this command made is removed unless it is ``worth_keeping``.

    One that could not be opened, or had tables when it was, is another process's.
    """
    from sqlsel.catalog import connect

    new = db is not None and not Path(db).exists()
    ours = False
    try:
        with stopping.held_off():
            con = connect(db, write=True)
            ours = new and not con.execute("SELECT count(*) FROM duckdb_tables()").fetchall()[0][0]
        with closing(con):
            try:
                yield con
            except BaseException:
                kept = worth_keeping is not None and worth_keeping(con)
                ours = ours and not kept
                raise
    except BaseException:
        if ours:
            remove(db)
        raise


def remove(db: str | None) -> None:
    """Remove a database and what DuckDB has beside it."""
    for name in (db, f"{db}.wal") if db else ():
        Path(name).unlink(missing_ok=True)
