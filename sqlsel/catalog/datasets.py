"""The datasets of a catalogue: which there are, one of them by name, a new one."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from sqlsel.catalog.database import check_version, dataset_names
from sqlsel.catalog.dataset import Dataset
from sqlsel.catalog.views import make_views
from sqlsel.errors import CatalogError, unknown
from sqlsel.sqltext.quoting import identifier
from sqlsel.sqltext.sql_files import query

RESERVED = ("main", "information_schema", "pg_catalog", "temp", "system")


def datasets(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The names of all datasets of the database."""
    return [] if check_version(con) is None else dataset_names(con)


def open_dataset(
    con: duckdb.DuckDBPyConnection,
    name: str | None = None,
    having: Callable[[Dataset], bool] | None = None,
) -> Dataset:
    """The dataset of this name; without one the only one that is not of crops, or that ``having`` holds for.

    Raises CatalogError where that leaves it open.
    """
    known = datasets(con)
    if name is None and known:
        every = [Dataset(con, one) for one in known]
        whole = [one for one in every if not one.is_cropped()]
        if len(whole) == 1 and (having is None or having(whole[0])):
            return whole[0]
        chosen = [one for one in every if having(one)] if having else []
        chosen = whole if len(whole) == 1 and not chosen else chosen
        if len(chosen) == 1:
            return chosen[0]
        raise CatalogError(
            f"there are several datasets: {', '.join(known)}; name one of them (--data, data=)"
        )
    if name is None or not known:
        raise CatalogError("the database holds no dataset; make one with sqlsel import")
    if name not in known:
        raise CatalogError(unknown("dataset", name, known))
    return Dataset(con, name)


def create_dataset(con: duckdb.DuckDBPyConnection, name: str) -> Dataset:
    """The dataset of this name, made if it does not exist."""
    for known in datasets(con):
        if name.casefold() == known.casefold():
            return Dataset(con, known)
    if not name or name.casefold() in (*RESERVED, database_of(con).casefold()):
        raise CatalogError(
            f"a dataset cannot be called {name!r}, since its database or DuckDB has that name; "
            "choose another one with --name"
        )
    con.execute(query("catalog/dataset").format(d=identifier(name)))
    made = Dataset(con, name)
    make_views(made)
    return made


def database_of(con: duckdb.DuckDBPyConnection) -> str:
    """The name that DuckDB gives the database: that of its file, without the ending."""
    return str(con.execute("SELECT current_database()").fetchall()[0][0])
