"""One cell of the table of types: a column in a role, on a surface; and what the answer must be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
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


Con = duckdb.DuckDBPyConnection


def answer(con: Con, source: str, kind: Kind, surface: str, role: str) -> list[int]:
    """The numbers of the picked rows, in order."""
    if surface == "arrays":
        return _by_arrays(_column(source, kind, role), role, len(values_of(kind, role)))
    if source == "duckdb":
        _make_table(con, kind, role)
        return _by_sql(con, role)
    data = _table(source, _column(source, kind, role))
    if surface == "polars":
        return _by_polars(data, role, len(data))
    con.execute("DROP TABLE IF EXISTS t")
    return _by_sql(con, role, data)


def _table(source: str, column: Any) -> Any:
    """A table of the library with the column x, row numbers, equal weights and vectors."""
    count = len(column)
    rows: dict[str, list[Any]] = {"i": list(range(count)), "w": [1] * count}
    if source == "arrow":
        return pa.table({**rows, "x": column, "e": pa.array(E[:count], pa.list_(pa.float32(), 2))})
    if source == "polars":
        e = pl.Series(E[:count], dtype=pl.Array(pl.Float32, 2))
        return pl.DataFrame({**rows, "x": column, "e": e})
    return pd.DataFrame({**rows, "x": column, "e": pd.Series(E[:count])})


def _make_table(con: Con, kind: Kind, role: str) -> None:
    """The same as a table t of DuckDB."""
    values = values_of(kind, role)
    if role in ("vector", "query"):
        first = kind.made([a for a, _ in values])
        second = kind.made([b for _, b in values])
        pairs = f"SELECT [a.x, b.x] AS x FROM {first} AS a POSITIONAL JOIN {second} AS b"
    else:
        pairs = f"SELECT x FROM {kind.made(values)}"
    con.execute(
        "CREATE OR REPLACE TEMP TABLE t AS "
        f"SELECT x, i - 1 AS i, ({E!r}::FLOAT[2][])[i] AS e "
        f"FROM (SELECT x, row_number() OVER () AS i FROM ({pairs}))"
    )


def _by_sql(con: Con, role: str, t: Any = None) -> list[int]:
    """The answer of a statement; DuckDB finds the variable t where there is no table t."""
    limit = 1 if role == "by" else N
    statement = f"SELECT i FROM t USING STRATEGY {SQL[role]} LIMIT {limit}"
    return [row[0] for row in sqlsel.sql(con, statement).fetchall()]


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
    if role in ("number", "vector", "query", "scalar"):
        return _of_numbers(values, role)
    if role == "class":
        balanced = sqlsel.balance([str(value) for value in values], "uniform")
        return sqlsel.select(n=N, strategies=[balanced]).indices.tolist()
    if role == "key":
        return sorted(range(len(values)), key=lambda row: _compared(values[row]))
    if role == "by":
        return _of_groups(kind, values)
    if any(value not in (True, False) for value in values):
        return None
    chosen = [bool(value) for value in values]
    return sqlsel.select(E, n=N, preselected=chosen).indices.tolist()


def _of_numbers(values: list[Any], role: str) -> list[int] | None:
    if role == "scalar" and not isinstance(values[0], list):
        return None  # a number is no vector
    try:
        numbers = np.array(values, np.float64)
    except (TypeError, ValueError):
        return None
    made = {
        "number": lambda: sqlsel.weights(numbers),
        "vector": lambda: sqlsel.diversity(numbers),
        "scalar": lambda: sqlsel.diversity(numbers),
        "query": lambda: sqlsel.similarity(E, numbers[:2]),
    }
    try:
        return sqlsel.select(n=N, strategies=[made[role]()]).indices.tolist()
    except sqlsel.InvalidInput:
        return None


def _of_groups(kind: Kind, values: list[Any]) -> list[int]:
    groups = [_hashable(value) for value in values]
    order = kind.order or sorted(set(groups))
    last = {group: row for row, group in enumerate(groups)}
    return [last[group] for group in order if group in last]


def _compared(value: Any) -> Any:
    """Numbers by value, all else by its text."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, timedelta):
        return value
    number = not isinstance(value, bool) and hasattr(value, "__add__") and hasattr(value, "__abs__")
    return value if number else str(value)


def _hashable(value: Any) -> Any:
    return str(value) if isinstance(value, (list, dict)) else value
