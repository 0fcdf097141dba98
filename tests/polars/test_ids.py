"""Ids settle ties and feed the lottery as keys do in SQL; what cannot be an id is refused."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

import sqlsel
import sqlsel.polars as sel
from sqlsel import InvalidInput, SelectionWarning
from sqlsel.engine.strategies.lottery import hashed

TEXTS = ["Z", "a", "b", "é", "10", "9", "", " ", "aa", "ß", "𝄞", "\uffff", "0b"]
DAYS = [
    dt.datetime(2024, 2, 1),
    dt.datetime(1969, 12, 31, 23, 59, 59, 123000),
    dt.datetime(2024, 10, 1, 12),
]
WHOLE = [10, 9, 100, 1, 33, 2]
PLAIN = [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64]

KEYS: dict[str, pl.Series] = {
    **{str(dtype): pl.Series(WHOLE).cast(dtype) for dtype in PLAIN},
    "Int64 to its ends": pl.Series([0, -(2**63), 2**63 - 1, -1, 1]),
    "UInt64 to its end": pl.Series([2**64 - 1, 2**63, 0, 2**63 - 1, 2**53 + 1, 2**53], dtype=pl.UInt64),
    "Decimal(38, 0)": pl.Series([*WHOLE, 10**37, -5], dtype=pl.Int128).cast(pl.Decimal(38, 0)),
    "Decimal(10, 2)": pl.Series(WHOLE).cast(pl.Decimal(10, 2)),
    "String": pl.Series(TEXTS),
    "Categorical": pl.Series(TEXTS, dtype=pl.Categorical),
    "Enum": pl.Series(TEXTS, dtype=pl.Enum(TEXTS)),
    "Binary": pl.Series([text.encode() for text in TEXTS]),
    "Date": pl.Series([day.date() for day in DAYS]),
    "Time": pl.Series([dt.time(12), dt.time(0, 0, 0, 7), dt.time(23, 59, 59)]),
    **{f"Datetime({unit})": pl.Series(DAYS).cast(pl.Datetime(unit)) for unit in ("ms", "us", "ns")},
    "UUID": pl.Series([str(uuid.UUID(int=(i * 7919) ** 9 % 2**128)) for i in range(1, 9)]),
}  # fmt: skip


def ordered(keys: pl.Series, strategy: Any, **options: Any) -> list[Any]:
    """The keys in the order of the picks, of shuffled rows in which nothing else differs."""
    frame = pl.DataFrame({"k": keys, "w": [1] * len(keys)}).sample(fraction=1, shuffle=True, seed=4)
    ranked = frame.with_columns(sel.rank(strategy, n=len(keys), id="k", **options))
    return ranked.sort("rank")["k"].to_list()


def by_sql(con: duckdb.DuckDBPyConnection, keys: pl.Series, strategy: str) -> list[Any]:
    """The same of a statement over the column as DuckDB reads it."""
    con.register("samples", pl.DataFrame({"k": keys, "w": [1] * len(keys)}))
    statement = f"SELECT k FROM samples USING STRATEGY {strategy}, key := k"
    found = (
        sqlsel.sql(con, statement).arrow()["k"].cast(pl.DataFrame({"k": keys}).to_arrow()["k"].type)
    )
    return pl.Series(found).cast(keys.dtype).to_list()


@pytest.mark.parametrize("kind", KEYS)
def test_ties_go_to_the_lowest_id_as_in_sql(kind: str, reader: duckdb.DuckDBPyConnection) -> None:
    keys = KEYS[kind]
    found = ordered(keys, sel.weights("w"))
    assert found == by_sql(reader, keys, "WEIGHTS(w)")
    assert len(set(found)) == len(keys)


@pytest.mark.parametrize("kind", KEYS)
def test_the_lottery_draws_as_in_sql(kind: str, reader: duckdb.DuckDBPyConnection) -> None:
    keys = KEYS[kind]
    drawn = ordered(keys, sel.random(), seed=5)
    assert drawn == ordered(keys, sel.random(seed=5)) == by_sql(reader, keys, "RANDOM(seed := 5)")
    assert drawn != ordered(keys, sel.random(seed=6)) or len(keys) < 4


def test_integers_are_ordered_by_value_and_text_by_its_bytes() -> None:
    for kind in ("Int8", "UInt64", "Int64 to its ends", "UInt64 to its end"):
        assert ordered(KEYS[kind], sel.weights("w")) == sorted(KEYS[kind])
    for kind in ("String", "Categorical", "Enum"):
        assert ordered(KEYS[kind], sel.weights("w")) == sorted(TEXTS, key=str.encode)
    assert ordered(KEYS["Binary"], sel.weights("w")) == sorted(KEYS["Binary"])
    assert ordered(pl.Series(["b", "é", "Z", "a"]), sel.weights("w")) == ["Z", "a", "b", "é"]


@pytest.mark.parametrize("kind", ["Date", "Time", "Datetime(ms)", "Datetime(us)", "Datetime(ns)"])
def test_times_are_ordered_by_value(kind: str) -> None:
    assert ordered(KEYS[kind], sel.weights("w")) == sorted(KEYS[kind])


@pytest.mark.parametrize("dtype", [pl.Int128, pl.UInt128])
def test_integers_of_128_bits_are_as_those_of_sql(
    dtype: Any, reader: duckdb.DuckDBPyConnection
) -> None:
    """DuckDB's HUGEINT comes as Decimal(38, 0), whose ids are ordered as text."""
    keys = pl.Series([*WHOLE, 2**100], dtype=dtype)
    wide = keys.cast(pl.Decimal(38, 0))
    assert ordered(keys, sel.weights("w")) == by_sql(reader, wide, "WEIGHTS(w)")
    assert ordered(keys, sel.random(), seed=5) == by_sql(reader, wide, "RANDOM(seed := 5)")


def test_the_numbers_of_the_lottery_are_hashes_of_the_ids_alone() -> None:
    for ids in (pl.Series([4, 9, 2]), pl.Series(["x", "y", "é"])):
        trace = sel.trace(sel.random(seed=3), n=3, id="k")
        values = ids.alias("k").to_frame().select(trace).unnest("selection")["random"]
        assert values.to_list() == hashed(ids.to_list(), 3).tolist()


def test_points_in_time_are_the_same_ids_in_every_time_zone(
    con: duckdb.DuckDBPyConnection,
) -> None:
    """In autumn the hour from 2 to 3 comes twice."""
    instants = pl.Series([dt.datetime(2024, 10, 27, 0, 30), dt.datetime(2024, 10, 27, 1, 30)])
    utc = pl.concat([instants, pl.Series(DAYS)]).dt.replace_time_zone("UTC")
    con.execute("SET TimeZone = 'UTC'")
    drawn = by_sql(con, utc, "RANDOM(seed := 1)")
    for zone in ("Europe/Berlin", "Asia/Kolkata", "America/New_York"):
        local = utc.dt.convert_time_zone(zone)
        for strategy, expected in ((sel.weights("w"), sorted(utc)), (sel.random(seed=1), drawn)):
            found = pl.Series(ordered(local, strategy), dtype=local.dtype)
            assert found.dt.convert_time_zone("UTC").to_list() == expected


def test_durations_are_ids() -> None:
    keys = pl.Series([dt.timedelta(1), dt.timedelta(10), dt.timedelta(seconds=-3)])
    assert ordered(keys, sel.weights("w")) == sorted(keys)
    assert ordered(keys, sel.random(seed=1)) == ordered(keys[::-1], sel.random(seed=1))


def test_an_expression_may_be_the_id() -> None:
    frame = pl.DataFrame({"folder": ["b", "a"], "i": [1, 2], "w": [1, 1]})
    name = pl.format("{}/{}", "folder", "i")
    assert frame.select(sel.rank(sel.weights("w"), n=2, id=name)).to_series().to_list() == [2, 1]
    assert frame.select(sel.rank(sel.weights("w"), n=2)).to_series().to_list() == [1, 2]


def test_start_names_the_first_pick_by_its_id() -> None:
    e = np.eye(4, dtype=np.float32)
    frame = pl.DataFrame({"e": e, "i": [40, 30, 20, 10], "s": ["d", "c", "é", "a"]})
    for id, start, row in (
        ("i", 30, 1),
        ("i", "30", 1),
        ("s", "é", 2),
        (None, 3, 3),
        ("s", "a", 3),
    ):
        ranks = frame.select(sel.rank(sel.diversity("e", start=start), n=1, id=id)).to_series()
        assert ranks.arg_min() == row
    with pytest.warns(
        SelectionWarning, match=r"^start 5 is not the id of any row here; the first pick is that"
    ):
        ranks = frame.select(sel.rank(sel.diversity("e", start=5), n=1, id="i")).to_series()
    assert ranks.arg_min() == 3


# ---- refused


def told(ids: pl.Series) -> str:
    """The first line of the error."""
    frame = pl.DataFrame({"k": ids, "w": [1] * len(ids)})
    with pytest.raises(InvalidInput) as raised:
        frame.select(sel.rank(sel.weights("w"), n=1, id="k"))
    return str(raised.value).splitlines()[0]


@pytest.mark.parametrize(
    "ids",
    [
        pl.Series([1.5]), pl.Series([1.0], dtype=pl.Float32), pl.Series([1], dtype=pl.Float16), pl.Series([[1]]),
        pl.Series([[1]], dtype=pl.Array(pl.Int64, 1)), pl.Series([{"a": 1}]), pl.Series([True]),
        pl.Series([object()], dtype=pl.Object), pl.Series([{"a": 1}], dtype=pl.Map(pl.String, pl.Int64)),
    ],
    ids=lambda ids: str(ids.dtype),
)  # fmt: skip
def test_what_cannot_be_an_id_is_refused(ids: pl.Series) -> None:
    cast = "" if ids.dtype.is_nested() else "; cast it: pl.col(…).cast(pl.String)"
    assert told(ids) == f"id k is {ids.dtype}; ids must be integers, text or times{cast}"


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (["a", None, "b", None], "id k is null at row 1; every sample needs an id"),
        ([1, 2, None], "id k is null at row 2; every sample needs an id"),
        ([None, None], "id k is null at row 0; every sample needs an id"),
        ([3, 1, 2, 1], "id k 1 occurs more than once; ids must be unique"),
        (["x", "é", "é"], "id k 'é' occurs more than once; ids must be unique"),
        ([b"x", b"x"], "id k 'x' occurs more than once; ids must be unique"),
        ([b"\xff", b"x"], "id k is Binary that is no text; encode it: pl.col('k').bin.encode('hex')"),
    ],
)  # fmt: skip
def test_ids_must_be_there_and_be_unique(ids: list[Any], message: str) -> None:
    assert told(pl.Series(ids)) == message


def test_the_remedy_for_bytes_does_it() -> None:
    frame = pl.DataFrame({"k": [b"\xff", b"\x00"], "w": [1, 1]})
    expr = sel.rank(sel.weights("w"), n=1, id=pl.col("k").bin.encode("hex"))
    assert frame.select(expr).to_series().to_list() == [None, 1]


def test_ids_need_be_unique_within_a_group_only() -> None:
    frame = pl.DataFrame({"g": [1, 1, 2, 2], "k": ["b", "a", "b", "a"], "w": [1, 1, 1, 1]})
    assert frame.select(
        sel.rank(sel.weights("w"), n=2, id="k").over("g")
    ).to_series().to_list() == [2, 1, 2, 1]
    with pytest.raises(InvalidInput, match="occurs more than once"):
        frame.select(sel.rank(sel.weights("w"), n=2, id="k"))


def test_ids_of_rows_that_are_no_candidates_must_be_unique_too() -> None:
    frame = pl.DataFrame({"k": ["a", "b", "b"], "w": [1, 2, 3]})
    with pytest.raises(InvalidInput, match="occurs more than once"):
        frame.select(sel.rank(sel.weights("w"), pl.col("w") < 3, n=2, id="k"))
