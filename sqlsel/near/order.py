"""Sorts samples by a column, highest value first, ties by id: the order in which ``find_duplicates`` keeps them."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlsel.catalog import Dataset
from sqlsel.config.column_lookup import Column, Columns, find, leaves
from sqlsel.errors import CatalogError, unknown
from sqlsel.jobs.sources import open_source
from sqlsel.near.embedded import Embedded
from sqlsel.sqltext.quoting import identifier

_NESTED = ("struct", "list", "array", "map", "union", "variant")


def highest_first(dataset: Dataset, samples: Embedded, column: str) -> Embedded:
    """The samples sorted by a column of their dataset, highest first; NULL and NaN come last.

    CatalogError where there is no such column, or one of a nested type.
    """
    relation = dataset.con.sql(f"FROM {dataset.view} LIMIT 0")
    columns = dict(zip(relation.columns, relation.types, strict=True))
    order_column = _order_column(column, columns, f"dataset {dataset.name!r}")
    return _in_order(dataset.con, samples, _ranks("sample_id", order_column, dataset.view))


def highest_first_of_file(
    con: duckdb.DuckDBPyConnection,
    data: str,
    samples: Embedded,
    column: str,
    *,
    id: str | None = None,
) -> Embedded:
    """The samples of a file sorted by one of its columns; as ``highest_first``."""
    source = open_source(con, data)
    order_column = _order_column(column, source.columns, data)
    key = source.id_column(id) or ""
    return _in_order(con, samples, _ranks(key, order_column, source.sql))


def _order_column(name: str, columns: Columns, where: str) -> Column:
    """The column (or field of a struct) of this name; CatalogError, which begins with ``where``."""
    column = find(name, columns)
    if column is None:
        sortable = [path for path, kind in leaves(columns) if kind.id not in _NESTED]
        raise CatalogError(f"{where}: {unknown('column', name, sortable)}")
    if column.type.id in _NESTED:
        raise CatalogError(
            f"{where}: column {name!r} is {column.kind}; --keep needs numbers, texts or times"
        )
    return column


def _ranks(key: str, column: Column, relation: str) -> str:
    """A query of (id, rank), 1 for the highest value; equal values share a rank, NaN counts as NULL."""
    value = (
        f"CASE WHEN NOT isnan({column.sql}) THEN {column.sql} END"
        if column.may_be_nan
        else column.sql
    )
    rank = f"dense_rank() OVER (ORDER BY {value} DESC NULLS LAST)"
    return f"SELECT {identifier(key)} AS id, {rank} AS rank FROM {relation}"


def _in_order(con: duckdb.DuckDBPyConnection, samples: Embedded, query: str) -> Embedded:
    """The samples sorted by the ranks of ``query``; the sort is stable, so ties stay in the order of ids."""
    ranked = con.sql(query).to_arrow_table()
    places = pc.index_in(samples.ids, value_set=ranked["id"].cast(samples.ids.type))
    ranks = ranked["rank"].take(places).to_numpy()
    order = np.argsort(ranks, kind="stable")
    return replace(samples, ids=samples.ids.take(pa.array(order)), matrix=samples.matrix[order])
