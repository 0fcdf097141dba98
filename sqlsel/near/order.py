"""The order in which samples are kept: by a column, highest first, and by their ids where it is equal."""

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
    """The samples in the order of a column of their dataset; those without a value come last.

    CatalogError where there is no such column, or one that has no order.
    """
    relation = dataset.con.sql(f"FROM {dataset.view} LIMIT 0")
    columns = dict(zip(relation.columns, relation.types, strict=True))
    found = _ordered(column, columns, f"dataset {dataset.name!r}")
    return _in_order(dataset.con, samples, _ranks("sample_id", found, dataset.view))


def highest_first_of_file(
    con: duckdb.DuckDBPyConnection,
    data: str,
    samples: Embedded,
    column: str,
    *,
    id: str | None = None,
) -> Embedded:
    """The samples of a file in the order of one of its columns."""
    source = open_source(con, data)
    found = _ordered(column, source.columns, data)
    key = source.id_column(id) or ""
    return _in_order(con, samples, _ranks(key, found, source.sql))


def _ordered(name: str, columns: Columns, where: str) -> Column:
    found = find(name, columns)
    if found is None:
        known = [path for path, kind in leaves(columns) if kind.id not in _NESTED]
        raise CatalogError(f"{where}: {unknown('column', name, known)}")
    if found.type.id in _NESTED:
        raise CatalogError(
            f"{where}: column {name!r} is {found.kind}; --keep needs numbers, texts or times"
        )
    return found


def _ranks(key: str, column: Column, relation: str) -> str:
    """A query of ids and the ranks of their values, from the highest; NaN is no value."""
    value = (
        f"CASE WHEN NOT isnan({column.sql}) THEN {column.sql} END"
        if column.may_be_nan
        else column.sql
    )
    rank = f"dense_rank() OVER (ORDER BY {value} DESC NULLS LAST)"
    return f"SELECT {identifier(key)} AS id, {rank} AS rank FROM {relation}"


def _in_order(con: duckdb.DuckDBPyConnection, samples: Embedded, query: str) -> Embedded:
    ranked = con.sql(query).to_arrow_table()
    places = pc.index_in(samples.ids, value_set=ranked["id"].cast(samples.ids.type))
    ranks = ranked["rank"].take(places).to_numpy()
    order = np.argsort(ranks, kind="stable")
    return replace(samples, ids=samples.ids.take(pa.array(order)), matrix=samples.matrix[order])
