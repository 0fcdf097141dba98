"""One cell of the table of types: a column in a role, on a surface; and what the answer must be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

import sqlsel
import sqlsel.polars as sel
from tests.types.columns import Kind

ROLES = ("number", "vector", "query", "scalar", "class", "key", "by", "preselected")
SURFACES = {
    "duckdb": ("sql",),
    "arrow": ("sql", "arrays", "polars"),
    "polars": ("sql", "arrays", "polars"),
    "pandas": ("sql", "arrays", "polars"),
    "numpy": ("arrays",),
}
N = 8
E = [[1.0, i / 4 + 0.25 * (i % 3)] for i in range(N)]  # vectors to go with a query

SQL = {
    "number": "WEIGHTS(x), key := i",
    "vector": "DIVERSITY(x), key := i",
    "scalar": "DIVERSITY(x), key := i",
    "query": "SIMILARITY(e, query := (SELECT x FROM t WHERE i < 2)), key := i",
    "class": "BALANCE(x, 'uniform'), key := i",
    "key": "WEIGHTS(1), key := x",
    "by": "WEIGHTS(i), by := x, key := i",
    "preselected": "DIVERSITY(e), preselected := x, key := i",
}


def values_of(kind: Kind, role: str) -> list[Any]:
    """The values of eight rows; lists of two where vectors are meant."""
    some = kind.values
    if role in ("class", "by", "preselected"):
        return [some[i % min(3, len(some))] for i in range(N)]
    if role in ("vector", "query"):
        return [[some[i % len(some)], some[(i + 1) % len(some)]] for i in range(N)]
    return some if role == "key" else [some[i % len(some)] for i in range(N)]


def _column(source: str, kind: Kind, role: str) -> Any:
    """The column of a library's type; lists of it where vectors are meant."""
    values = values_of(kind, role)
    if role not in ("vector", "query"):
        return kind.made(values)
    if source == "arrow":
        flat = kind.made([v for pair in values for v in pair])
        return pa.ListArray.from_arrays(pa.array(range(0, 2 * N + 1, 2), pa.int32()), flat)
    if source == "polars":
        return pl.Series([kind.made(pair) for pair in values])
    if source == "pandas":
        return pd.Series([np.asarray(kind.made(pair)) for pair in values])
    return np.stack([kind.made(pair) for pair in values])


def answer(source: str, kind: Kind, surface: str, role: str) -> list[int]:
    """The numbers of the picked rows, in order."""
    if surface == "arrays":
        return _by_arrays(_column(source, kind, role), role, len(values_of(kind, role)))
    if source == "duckdb":
        return _by_sql(_duckdb_table(kind, role), role)
    column = _column(source, kind, role)
    count = len(column)
    rows = {"i": range(count), "w": [1] * count}
    data: Any
    if source == "arrow":
        e = pa.array(E[:count], pa.list_(pa.float32(), 2))
        data = pa.table({**{k: list(v) for k, v in rows.items()}, "x": column, "e": e})
    elif source == "polars":
        e = pl.Series(E[:count], dtype=pl.Array(pl.Float32, 2))
        data = pl.DataFrame({**rows, "x": column, "e": e})
    else:
        data = pd.DataFrame({**rows, "x": column, "e": pd.Series(E[:count])})
    if surface == "polars":
        return _by_polars(data, role, count)
    con = duckdb.connect()
    con.register("t", data)
    return _by_sql(con, role)


def _duckdb_table(kind: Kind, role: str) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    values = values_of(kind, role)
    if role in ("vector", "query"):
        first = kind.made([a for a, _ in values])
        second = kind.made([b for _, b in values])
        pairs = f"SELECT [a.x, b.x] AS x FROM {first} AS a POSITIONAL JOIN {second} AS b"
    else:
        pairs = f"SELECT x FROM {kind.made(values)}"
    con.execute(
        f"CREATE TABLE t AS SELECT x, row_number() OVER () - 1 AS i FROM ({pairs});"
        "ALTER TABLE t ADD COLUMN e FLOAT[2]"
    )
    con.execute(f"UPDATE t SET e = ({E!r})[i + 1]")
    return con


def _by_sql(con: duckdb.DuckDBPyConnection, role: str) -> list[int]:
    limit = 1 if role == "by" else N
    statement = f"SELECT i FROM t USING STRATEGY {SQL[role]} LIMIT {limit}"
    try:
        return [row[0] for row in sqlsel.sql(con, statement).fetchall()]
    finally:
        con.close()


def _strategies(role: str, x: Any, e: Any, i: Any) -> list[Any]:
    made: dict[str, Callable[[], Any]] = {
        "number": lambda: sqlsel.weights(x),
        "vector": lambda: sqlsel.diversity(x),
        "scalar": lambda: sqlsel.diversity(x),
        "query": lambda: sqlsel.similarity(e, x[:2]),
        "class": lambda: sqlsel.balance(x, "uniform"),
        "by": lambda: sqlsel.weights(i),
        "preselected": lambda: sqlsel.diversity(e),
    }
    return [made.get(role, lambda: sqlsel.weights([1] * len(i)))()]


def _by_arrays(column: Any, role: str, count: int) -> list[int]:
    option = {"key": "ids", "by": "by", "preselected": "preselected"}.get(role)
    given = {} if option is None else {option: column}
    strategies = _strategies(role, column, np.array(E[:count]), list(range(count)))
    n = 1 if role == "by" else N
    return sqlsel.select(n=n, strategies=strategies, **given).indices.tolist()


def _by_polars(data: Any, role: str, count: int) -> list[int]:
    named: dict[str, Any] = {
        "number": sel.weights("x"),
        "vector": sel.diversity("x"),
        "scalar": sel.diversity("x"),
        "query": sel.similarity("e", pl.col("x").head(2)),
        "class": sel.balance("x", "uniform"),
        "by": sel.weights("i"),
        "key": sel.weights("w"),
        "preselected": sel.diversity("e"),
    }
    options: dict[str, Any] = {"by": "x"} if role == "by" else {}
    if role == "preselected":
        options = {"preselected": "x"}
    id_column = "x" if role == "key" else "i"
    found = sel.rows(data, named[role], n=1 if role == "by" else N, id=id_column, **options)
    return list(found["i"].to_list() if isinstance(found, pl.DataFrame) else found["i"].to_pylist())


def expected(kind: Kind, role: str) -> list[int] | None:
    """What the answer must be, from the meaning of the values; None where they have none in this role."""
    values = values_of(kind, role)
    rows = list(range(len(values)))
    try:
        if role in ("number", "vector"):
            numbers = np.array(values, np.float64)
            made = sqlsel.weights(numbers) if role == "number" else sqlsel.diversity(numbers)
            return sqlsel.select(n=N, strategies=[made]).indices.tolist()
        if role == "query":
            queries = np.array(values[:2], np.float64)
            return sqlsel.select(n=N, strategies=[sqlsel.similarity(E, queries)]).indices.tolist()
    except (TypeError, ValueError):
        return None
    if role == "class":
        texts = [str(value) for value in values]
        return sqlsel.select(n=N, strategies=[sqlsel.balance(texts, "uniform")]).indices.tolist()
    if role == "key":
        return sorted(rows, key=lambda row: _compared(values[row]))
    if role == "by":
        order = kind.order or sorted(set(map(_hashable, values)))
        groups = [_hashable(value) for value in values]
        return [max(row for row in rows if groups[row] == value) for value in order if value in groups]
    if role == "preselected" and all(value in (True, False) for value in values):
        chosen = [bool(value) for value in values]
        return sqlsel.select(E, n=N, preselected=chosen).indices.tolist()
    return None


def _compared(value: Any) -> Any:
    """Numbers by value, all else by its text."""
    if isinstance(value, bytes):
        return value.decode()
    number = not isinstance(value, bool) and hasattr(value, "__add__") and hasattr(value, "__abs__")
    return value if number else str(value)


def _hashable(value: Any) -> Any:
    return str(value) if isinstance(value, (list, dict)) else value
