"""The datasets of a catalogue: list, open by name, create."""

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
    """The dataset ``name``; without a name the only one, not counting datasets of crops.

    ``having``: a condition. Where there are several, or the only one does not meet it, the only dataset that
    does is taken; where none does, the only one all the same. CatalogError where none or several are left.
    """
    names = datasets(con)
    if name is None and names:
        all_datasets = [Dataset(con, one) for one in names]
        not_crops = [one for one in all_datasets if not one.is_cropped()]
        if len(not_crops) == 1 and (having is None or having(not_crops[0])):
            return not_crops[0]
        matching = [one for one in all_datasets if having(one)] if having else []
        matching = not_crops if len(not_crops) == 1 and not matching else matching
        if len(matching) == 1:
            return matching[0]
        raise CatalogError(
            f"there are several datasets: {', '.join(names)}; name one of them (--data, data=)"
        )
    if name is None or not names:
        raise CatalogError("the database holds no dataset; make one with sqlsel import")
    if name not in names:
        raise CatalogError(unknown("dataset", name, names))
    return Dataset(con, name)


def create_dataset(con: duckdb.DuckDBPyConnection, name: str) -> Dataset:
    """The dataset of this name (case is ignored), created if it does not exist; CatalogError for a reserved name."""
    for existing in datasets(con):
        if name.casefold() == existing.casefold():
            return Dataset(con, existing)
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
    """The name that DuckDB gives the database: its file name without the suffix."""
    return str(con.execute("SELECT current_database()").fetchall()[0][0])
