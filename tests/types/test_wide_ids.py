"""Ids that are numbers are compared by value on every surface, however wide they are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import sqlsel
import sqlsel.polars as sel

SMALL = [10, 9, 100, 1, 33, 2, 0, 11]
BEYOND = [2**127 + value for value in SMALL]
CASES: dict[str, tuple[str, list[Any], Any]] = {
    "HUGEINT": ("HUGEINT", SMALL, pl.Int128),
    "negative HUGEINT": ("HUGEINT", [-value for value in SMALL], pl.Int128),
    "the ends of HUGEINT": ("HUGEINT", [2**127 - 1, -(2**127), 0, 10**38], pl.Int128),
    "UHUGEINT": ("UHUGEINT", SMALL, pl.UInt128),
    "UHUGEINT beyond 2^127": ("UHUGEINT", [*BEYOND, 5, 2**128 - 1], pl.UInt128),
    "DECIMAL": ("DECIMAL(10,2)", [Decimal(v) / 4 for v in SMALL], pl.Decimal(10, 2)),
    "DECIMAL(38,0)": ("DECIMAL(38,0)", [Decimal(v) for v in SMALL], pl.Decimal(38, 0)),
}


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_numbers_as_ids_are_compared_by_value(case: str, *, lossless: bool) -> None:
    kind, ids, polars_kind = CASES[case]
    expected = np.argsort(np.array(ids, object), kind="stable").tolist()
    con = duckdb.connect()
    con.execute(f"SET arrow_lossless_conversion = {lossless}")
    con.execute(f"CREATE TABLE t (i INTEGER, x {kind})")
    con.executemany(
        "INSERT INTO t VALUES (?, ?::VARCHAR)", [(i, str(x)) for i, x in enumerate(ids)]
    )
    statement = "SELECT i FROM t USING STRATEGY {}, key := x"
    found = sqlsel.sql(con, statement.format("WEIGHTS(1)")).fetchall()
    assert [row[0] for row in found] == expected
    texts = [str(value) if kind == "HUGEINT" else value for value in ids]
    column = (
        pl.Series(texts).cast(polars_kind)
        if kind == "HUGEINT"
        else pl.Series(ids, dtype=polars_kind)
    )
    frame = pl.DataFrame({"x": column, "w": [1] * len(ids)})
    ranks = frame.select(sel.rank(sel.weights("w"), n=len(ids), id="x")).to_series()
    assert np.argsort(ranks.to_list()).tolist() == expected
    weights = [sqlsel.weights([1] * len(ids))]
    for array in (ids, np.array(ids, object)):
        assert sqlsel.select(n=len(ids), strategies=weights, ids=array).indices.tolist() == expected
    lottery = [row[0] for row in sqlsel.sql(con, statement.format("RANDOM()")).fetchall()]
    if kind != "DECIMAL(10,2)":  # 2.5 is the text of the number in Python, 2.50 that of the column
        drawn = sqlsel.select(n=len(ids), strategies=[sqlsel.random()], ids=ids)
        assert drawn.indices.tolist() == lottery
    by_polars = frame.select(sel.rank(sel.random(), n=len(ids), id="x")).to_series()
    assert np.argsort(by_polars.to_list()).tolist() == lottery


def test_numbers_of_arrow_as_ids() -> None:
    ids = pa.array([Decimal(value) for value in SMALL], pa.decimal128(38, 0))
    found = sqlsel.select(n=8, strategies=[sqlsel.weights([1] * 8)], ids=ids)
    assert found.indices.tolist() == np.argsort(SMALL).tolist()


def test_bytes_are_ids_where_they_are_text() -> None:
    ids = [b"b", b"a", "ß".encode(), b"10"]
    found = sqlsel.select(n=4, strategies=[sqlsel.random()], ids=ids).indices.tolist()
    texts = [value.decode() for value in ids]
    assert found == sqlsel.select(n=4, strategies=[sqlsel.random()], ids=texts).indices.tolist()
    with pytest.raises(sqlsel.InvalidInput, match=r"the bytes at row 1 are no UTF-8: give .*hex"):
        sqlsel.select(n=1, strategies=[sqlsel.random()], ids=[b"a", b"\xff"])
    con = duckdb.connect()
    for clause, message in (
        ("WEIGHTS(1), key := x", r"key is a BLOB that is no text.*hex\(…\)"),
        ("BALANCE(x)", r"x is a BLOB that is no text.*hex\(…\)"),
    ):
        with pytest.raises(sqlsel.InvalidInput, match=message):
            sqlsel.sql(con, f"SELECT * FROM (SELECT '\\xFF'::BLOB AS x) USING STRATEGY {clause}")
