"""A column of whole numbers with gaps, which pandas makes floating-point, has classes as integers have."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import sqlsel
import sqlsel.polars as sel

WHOLE: list[Any] = [1, 1, 2, None, 1]
TARGET = {"1": 0.5, "2": 0.5}
CLAUSE = "SELECT i FROM t USING STRATEGY BALANCE(c, {'1': 0.5, '2': 0.5}), key := i, on_invalid := "


def by_sql(column: Any, on_invalid: str = "error") -> list[int]:
    con = duckdb.connect()
    frame = pl.DataFrame if isinstance(column, pl.Series) else pd.DataFrame
    con.register("t", frame({"c": column, "i": list(range(len(column)))}))
    return [r[0] for r in sqlsel.sql(con, f"{CLAUSE}'{on_invalid}' LIMIT 3").fetchall()]


def by_arrays(column: Any, on_invalid: Any = "error") -> list[int]:
    strategies = [sqlsel.balance(column, TARGET)]
    return sqlsel.select(n=3, strategies=strategies, on_invalid=on_invalid).indices.tolist()


def by_polars(column: Any, on_invalid: Any = "error") -> list[int]:
    frame = pl.DataFrame({"c": column, "i": range(len(column))})
    found = sel.rows(frame, sel.balance("c", TARGET), n=3, id="i", on_invalid=on_invalid)
    return found["i"].to_list()


def test_whole_numbers_are_classes_by_their_integers() -> None:
    series = pl.Series(WHOLE, dtype=pl.Float64)
    answers = [by_sql(pd.Series(WHOLE)), by_sql(series), by_polars(series)]
    answers += [by_arrays(c) for c in (pd.Series(WHOLE), series, WHOLE, [1.0, 1, 2, None, 1])]
    assert answers == [[0, 2, 1]] * 7
    assert by_arrays(np.array([1.0, 1, 2, 2, 1])) == [0, 2, 1]


@pytest.mark.parametrize("odd", [float("nan"), 1.5, float("inf"), 1e30])
def test_other_numbers_are_refused_and_nan_may_be_skipped(odd: float) -> None:
    array = np.array([1.0, 1, 2, odd, 1])
    series = pl.Series(array)
    for answer, column, message in (
        (by_sql, series, "c is DOUBLE; BALANCE needs categories: bin the numbers"),
        (
            by_polars,
            series,
            r"c is Float64; balance needs categories: bin the numbers with .cut\(\)",
        ),
        (by_arrays, array, "at row 3 is no category; bin numbers or cast them to text"),
    ):
        with pytest.raises(sqlsel.InvalidInput, match=message):
            answer(column)
        if np.isnan(odd):
            assert answer(column, "skip") == [0, 2, 1]
