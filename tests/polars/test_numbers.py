"""Weights, thresholds and conditions: which columns are numbers, what null and NaN mean."""

from __future__ import annotations

import datetime as dt
import math
import operator
import warnings
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

import sqlsel.polars as sel
from sqlsel import InvalidInput, SelectionWarning, ShortSelection

NAN, INF = float("nan"), float("inf")
WHOLE = [
    pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.UInt128,
    pl.Decimal(38, 0),
]  # fmt: skip
FLOATS = [pl.Float16, pl.Float32, pl.Float64, pl.Decimal(12, 3)]


def traced(column: pl.Series, n: int, *given: Any, **options: Any) -> pl.DataFrame:
    """Rank, gain and values of each row, by the weights of a column."""
    strategies = given or (sel.weights("w"),)
    return (
        column.alias("w")
        .to_frame()
        .select(sel.trace(*strategies, n=n, **options))
        .unnest("selection")
    )


def picked(column: pl.Series, n: int, *given: Any, **options: Any) -> list[int]:
    """The numbers of the picked rows, in order."""
    found = traced(column, n, *given, **options).with_row_index()
    return found.filter("selected").sort("rank")["index"].to_list()


# ---- weights


@pytest.mark.parametrize("dtype", [*WHOLE, *FLOATS], ids=str)
def test_weights_of_any_numbers(dtype: Any) -> None:
    found = traced(pl.Series([3, None, 5, 0, 4]).cast(dtype), 3)
    assert found["rank"].to_list() == [3, None, 1, None, 2]
    assert found["weights"].to_list() == [3.0, None, 5.0, None, 4.0]
    gains = [math.log(5), math.log(9 / 5), math.log(12 / 9)]
    assert found.sort("rank", nulls_last=True)["gain"][:3].to_list() == pytest.approx(
        gains, rel=1e-6
    )


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        (pl.UInt64, [2**64 - 1, 2**63, 1]),
        (pl.Int128, [2**126, 2**100, -(2**20)]),
        (pl.UInt128, [2**127, 2**64, 0]),
        (pl.Decimal(38, 2), [Decimal("1e30"), Decimal("1.5"), Decimal("1.25")]),
        (pl.Float32, [3e38, 1e-38, 0]),
    ],
)
def test_weights_may_be_large(dtype: Any, values: list[Any]) -> None:
    assert picked(pl.Series(values[::-1], dtype=dtype), 3) == [2, 1, 0]


def test_booleans_count_as_0_and_1() -> None:
    found = traced(pl.Series([False, None, True, True]), 3)
    assert found["rank"].to_list() == [3, None, 1, 2]
    assert found["weights"].to_list() == [0.0, None, 1.0, 1.0]


def test_a_column_of_nothing_but_null_has_no_candidates() -> None:
    for dtype in (pl.Null, pl.Float64, pl.Int128, pl.Boolean, pl.Decimal(10, 2)):
        with pytest.warns(ShortSelection):
            assert picked(pl.Series([None, None], dtype=dtype), 1) == []


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
@pytest.mark.parametrize("dtype", [pl.Float16, pl.Float32, pl.Float64], ids=str)
def test_a_weight_that_is_not_finite_is_refused_or_skipped(bad: float, dtype: Any) -> None:
    column = pl.Series([1, None, bad, 3, bad], dtype=dtype)
    message = f"w: 2 of 5 values are NaN or infinite; the first, at row 2, is {bad}. Leave them out, or set"
    with pytest.raises(InvalidInput) as raised:
        picked(column, 1)
    assert str(raised.value).startswith(message)
    assert picked(column, 2, on_invalid="skip") == [3, 0]


def test_weights_of_rows_that_are_no_candidates_are_not_looked_at() -> None:
    frame = pl.DataFrame({"w": [NAN, 1.0, 3.0, INF], "ok": [False, True, True, False]})
    assert frame.filter(sel.select(pl.col("ok"), sel.weights("w"), n=1))["w"].to_list() == [3.0]
    with pytest.raises(InvalidInput, match="1 of 4 values"):
        frame.select(
            sel.rank(pl.col("ok"), sel.weights("w"), n=1, preselected=pl.col("w").is_nan())
        )


NO_NUMBERS: dict[str, tuple[pl.Series, str]] = {
    "Date": (pl.Series([dt.date(2024, 1, 1)]), "; take .dt.epoch()"),
    "Datetime(time_unit='us', time_zone=None)": (pl.Series([dt.datetime(2024, 1, 1)]), "; take .dt.epoch()"),
    "Time": (pl.Series([dt.time(1)]), "; take .dt.hour()"),
    "Duration(time_unit='us')": (pl.Series([dt.timedelta(1)]), "; take .dt.total_seconds()"),
    "String": (pl.Series(["1"]), "; cast it, as in pl.col(…).cast(pl.Float64)"),
    "Categorical": (
        pl.Series(["a"], dtype=pl.Categorical),
        "; give each category a number with .replace_strict({…}, return_dtype=pl.Float64)",
    ),
    "Struct({'a': Int64, 'b': Int64})": (
        pl.Series([{"a": 1, "b": 2}]),
        "; name one of its fields (a, b), as in 'column.field'",
    ),
    "List(Int64)": (pl.Series([[1]]), "; reduce it to one number per row"),
    "Array(Float64, shape=(1,))": (
        pl.Series([[1.0]], dtype=pl.Array(pl.Float64, 1)),
        "; reduce it to one number per row",
    ),
    "Binary": (pl.Series([b"1"]), "; make numbers of it first"),
    "Object": (pl.Series([object()], dtype=pl.Object), "; make numbers of it first"),
}  # fmt: skip


@pytest.mark.parametrize("kind", NO_NUMBERS)
def test_what_is_no_number_is_refused_with_a_remedy(kind: str) -> None:
    column, remedy = NO_NUMBERS[kind]
    for what, strategy in (
        ("weights", sel.weights("w")),
        ("threshold", sel.threshold("w", ">", 0)),
    ):
        with pytest.raises(InvalidInput) as raised:
            picked(column, 1, strategy)
        assert str(raised.value).splitlines()[0] == f"w is {kind}; {what} needs numbers{remedy}"


def test_the_remedies_that_messages_name_do_it() -> None:
    w = pl.col("w")
    days = [dt.datetime(2024, 1, d, d) for d in (2, 3, 1)]
    levels = pl.Series(["mid", "high", "low"], dtype=pl.Categorical)
    numbers = {"low": 1, "mid": 2, "high": 3}
    mended = [
        (pl.Series(days), w.dt.epoch()),
        (pl.Series([d.date() for d in days]), w.dt.epoch()),
        (pl.Series([d.time() for d in days]), w.dt.hour()),
        (pl.Series([d - dt.datetime(2024, 1, 1) for d in days]), w.dt.total_seconds()),
        (pl.Series(["2", "3", "1"]), w.cast(pl.Float64)),
        (levels, w.replace_strict(numbers, return_dtype=pl.Float64)),
        (pl.Series([{"a": 2}, {"a": 3}, {"a": 1}]), "w.a"),
        (pl.Series([[2, 0], [3, 0], [1, 0]]), w.list.sum()),
    ]
    for column, remedy in mended:
        assert picked(column, 3, sel.weights(remedy)) == [1, 0, 2]


# ---- thresholds and conditions

SIGNS = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
VALUES = [1.0, None, 2.0, NAN, 3.0, INF, -INF, 2.0]


@pytest.mark.parametrize("sign", SIGNS)
def test_null_and_nan_pass_no_threshold(sign: Any) -> None:
    passing = [i for i, v in enumerate(VALUES) if v is not None and v == v and SIGNS[sign](v, 2)]  # noqa: PLR0124
    found = picked(pl.Series(VALUES), len(passing), sel.threshold("w", sign, 2))
    assert found == passing
    with pytest.warns(ShortSelection):
        assert picked(pl.Series(VALUES), len(passing) + 1, sel.threshold("w", sign, 2)) == passing


@pytest.mark.parametrize("dtype", [*WHOLE, pl.Float32, pl.Decimal(12, 3)], ids=str)
def test_thresholds_of_any_numbers(dtype: Any) -> None:
    column = pl.Series([1, None, 2, 3]).cast(dtype)
    assert picked(column, 2, sel.threshold("w", ">=", 2)) == [2, 3]
    assert picked(column, 1, sel.threshold("w", "<", 1.5)) == [0]


def test_preselected_rows_need_not_pass() -> None:
    frame = pl.DataFrame({"w": [5.0, 4, 3, 2], "done": [False, False, False, True]})
    strategies = [sel.weights("w", max_sum=7), sel.threshold("w", ">", 2.5)]
    ranks = frame.select(sel.rank(*strategies, n=3, preselected="done")).to_series()
    assert ranks.to_list() == [1, None, None, None]  # 2 and 5 reach 7


def test_a_bare_condition_that_nan_meets_warns_and_a_threshold_does_not() -> None:
    column = pl.Series([1.0, NAN, 30.0])
    with pytest.warns(
        SelectionWarning, match=r"^a condition is met by rows in which .* sel\.threshold\("
    ):
        assert picked(column, 2, pl.col("w") > 20) == [1, 2]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert picked(column, 1, sel.threshold("w", ">", 20)) == [2]
        assert picked(column, 1, pl.col("w") < 20) == [0]
        assert picked(column, 1, pl.col("w").fill_nan(None) > 20) == [2]


@pytest.mark.parametrize(
    ("column", "passing"),
    [
        (pl.Series([True, None, False, True]), [0, 3]),
        (pl.Series([None, None, None], dtype=pl.Boolean), []),
        (pl.Series([None, None]), []),
    ],
)
def test_null_meets_no_condition(column: pl.Series, passing: list[int]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ShortSelection)
        assert picked(column, 4, pl.col("w")) == passing


@pytest.mark.parametrize("given", [[1, 0], [1.0, 0.0], ["true", "false"], [[True], [False]]])
def test_a_condition_that_is_not_boolean_is_refused(given: list[Any]) -> None:
    column = pl.Series(given)
    with pytest.raises(InvalidInput) as raised:
        picked(column, 1, pl.col("w"))
    message = (
        f"condition w is {column.dtype}; it must be Boolean; a strategy is made by sel.diversity(…)"
    )
    assert str(raised.value).splitlines()[0] == message
    with pytest.raises(InvalidInput, match=r"^preselected w is .*; it must be Boolean; cast it: "):
        picked(column, 1, sel.random(), preselected="w")
