"""Balance: which columns have classes or masses, what null means, and what is said of targets."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

import sqlsel
import sqlsel.polars as sel
from sqlsel import InvalidInput

NAN, INF = float("nan"), float("inf")
WHOLE = [
    pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.UInt128,
    pl.Decimal(38, 0), pl.Decimal(5, 0),
]  # fmt: skip
FLOATS = [pl.Float16, pl.Float32, pl.Float64, pl.Decimal(12, 3)]
CODES = [1, 1, 2, None, 3, 2, 1, 3, None, 1]
TARGET = {"1": 0.25, 2: 0.25, "3": 0.5}  # a key may be the value or its text
MASSES = np.array([[2, 0, 1], [0, 1, 0], [0, 0, 0], [4, 4, 4], [1, 0, 8], [0, 3, 0], [5, 0, 0]])
SHARES = {"a": 0.5, "b": 0.25, "c": 0.25}


def traced(
    column: Any, target: Any = "uniform", *, n: int | None = None, **options: Any
) -> list[Any]:
    """Rank, gain and value of every row, balanced by a column."""
    frame = pl.DataFrame({"c": column})
    expr = sel.trace(sel.balance("c", target, **options), n=n or len(frame))
    return frame.select(expr).unnest("selection").drop("selected").rows()


def first_line(error: pytest.ExceptionInfo[Any]) -> str:
    return str(error.value).splitlines()[0]


# ---- categories


def test_picks_bring_the_shares_to_the_target() -> None:
    frame = pl.DataFrame({"c": ["a"] * 60 + ["b"] * 30 + ["c"] * 10})
    for target, n, counts in (
        ("uniform", 12, {"a": 4, "b": 4, "c": 4}),
        ("input", 20, {"a": 12, "b": 6, "c": 2}),
        ({"a": 0.25, "c": 0.25}, 12, {"a": 3, "b": 6, "c": 3}),
        ({"a": 0, "b": 1}, 5, {"b": 5}),
    ):
        picked = frame.filter(sel.select(sel.balance("c", target), n=n))["c"]
        assert Counter(picked) == counts


@pytest.mark.parametrize("dtype", WHOLE, ids=str)
def test_integers_are_categories_by_their_text(dtype: Any) -> None:
    texts = pl.Series([None if code is None else str(code) for code in CODES])
    assert traced(pl.Series(CODES).cast(dtype), TARGET) == traced(texts, TARGET)
    lists = pl.Series([[str(code)] if code else [] for code in CODES])
    assert [row[0] for row in traced(lists, TARGET)] == [row[0] for row in traced(texts, TARGET)]


@pytest.mark.parametrize(
    "dtype", [pl.Categorical, pl.Enum(["é", "c", "B", "a"])], ids=["cat", "enum"]
)
def test_categoricals_are_their_text(dtype: Any) -> None:
    texts = pl.Series(["a", "B", None, "é", "a", "c", "a", "B"])
    for target in ("uniform", "input", {"a": 0.5, "é": 0.5}):
        assert traced(texts.cast(dtype), target) == traced(texts, target)
        lists = [texts[i : i + 2].to_list() for i in range(7)]
        expected = traced(pl.Series(lists), target)
        assert traced(pl.Series(lists, dtype=pl.List(dtype)), target) == expected
        assert traced(pl.Series(lists, dtype=pl.Array(dtype, 2)), target) == expected


def test_booleans_are_true_and_false() -> None:
    given = [True, False, None, True, True]
    texts = [None if value is None else str(value).lower() for value in given]
    for target in ("uniform", {"true": 0.2, "false": 0.8}, {True: 0.2, False: 0.8}):
        assert traced(given, target) == traced(texts, target)
    assert traced([[v] for v in given], "uniform") == traced([[v] for v in texts], "uniform")


def test_a_row_without_a_class_is_a_candidate_and_comes_last() -> None:
    rows = traced(["a", None, "b", "a"], {"a": 0.5, "b": 0.5})
    assert [rank for rank, _, _ in rows] == [1, 4, 2, 3]
    assert [round(value, 3) for _, _, value in rows] == [
        11.513,
        round(0.5 * math.log(8), 3),
        0.693,
        round(0.5 * math.log(4.5), 3),
    ]
    for nothing in (None, [], [None]):
        lists = pl.Series([["a"], nothing, ["b"], ["a"]], dtype=pl.List(pl.String))
        assert [rank for rank, _, _ in traced(lists, {"a": 0.5, "b": 0.5})] == [1, 4, 2, 3]


@pytest.mark.parametrize(
    "dtype", [pl.Null, pl.String, pl.Int64, pl.List(pl.String), pl.List(pl.Float64)]
)
def test_without_any_class_the_lowest_ids_are_picked(dtype: Any) -> None:
    column = pl.Series([None] * 3, dtype=dtype)
    assert [rank for rank, _, _ in traced(column, "uniform", n=2)] == [1, 2, None]


# ---- masses


def reference(masses: np.ndarray) -> list[Any]:
    """The same from an array."""
    strategy = sqlsel.balance(masses.astype(float), SHARES, classes=list("abc"))
    found = sqlsel.select(n=len(masses), strategies=[strategy])
    rows: list[Any] = [None] * len(masses)
    for i, row in enumerate(found.indices.tolist()):
        rows[row] = (i + 1, found.gain[i], found.values[i, 0])
    return rows


@pytest.mark.parametrize("dtype", [*WHOLE[:-1], *FLOATS], ids=str)
def test_masses_of_any_numbers_in_any_form(dtype: Any) -> None:
    """Lists and arrays by position, structs by field, maps by key; a null list has no mass, a null in it is 0."""
    rows: list[Any] = [[None if m == 0 else m for m in row] for row in MASSES.tolist()]
    rows.insert(2, None)
    expected = reference(np.insert(MASSES, 2, 0, axis=0))
    lists = pl.Series(rows, dtype=pl.List(pl.Int64)).cast(pl.List(dtype))
    for column in (lists, lists.cast(pl.Array(dtype, 3))):
        assert traced(column, SHARES, classes=["a", "b", "c"]) == expected
        assert traced(column, list(SHARES.values())) == expected
    named = [row and dict(zip("cab", [row[2], *row[:2]], strict=True)) for row in rows]
    struct = pl.Series(named, dtype=pl.Struct(dict.fromkeys("cab", pl.Int64)))
    assert traced(struct.cast(pl.Struct(dict.fromkeys("cab", dtype))), SHARES) == expected
    maps = pl.Series(named, dtype=pl.Map(pl.String, pl.Int64)).cast(pl.Map(pl.String, dtype))
    assert traced(maps, SHARES) == expected


def test_lists_of_categories_are_counts() -> None:
    lists = [[name for name, m in zip("abc", row, strict=True) for _ in range(m)] for row in MASSES]
    assert traced(pl.Series(lists), SHARES) == reference(MASSES)
    turned = [[*names[::-1], None] for names in lists]
    assert traced(pl.Series(turned), SHARES) == reference(MASSES)


def test_keys_of_maps_may_be_integers_or_categories() -> None:
    rows = [{1: 2.0}, {2: 1.0, 1: 0.5}, {}, None]
    by_text = [row and {str(k): v for k, v in row.items()} for row in rows]
    target = {"1": 0.5, 2: 0.5}
    expected = traced(pl.Series(by_text, dtype=pl.Map(pl.String, pl.Float64)), target)
    assert traced(pl.Series(rows, dtype=pl.Map(pl.Int16, pl.Float64)), target) == expected
    assert traced(pl.Series(by_text, dtype=pl.Map(pl.Categorical, pl.Float64)), target) == expected


@pytest.mark.parametrize("bad", [-1.0, NAN, INF])
def test_a_mass_that_is_no_mass_is_refused(bad: float) -> None:
    lists = pl.Series([[1.0, 2.0], None, [0.0, bad], [bad, 1.0]])
    struct = pl.Series([{"a": 1.0}, None, {"a": bad}, {"a": bad}])
    maps = pl.Series([{"a": 1.0}, {}, {"b": bad}, {"a": bad}], dtype=pl.Map(pl.String, pl.Float64))
    for column in (lists, lists.list.to_array(2), struct, maps):
        with pytest.raises(InvalidInput) as raised:
            traced(column)
        message = "c: 2 rows have a negative, infinite or NaN mass; the first is row 2"
        assert first_line(raised) == message
        frame = pl.DataFrame({"c": column, "k": list("xyzw")})
        expr = sel.rank(sel.balance("c"), n=1, id="k")
        with pytest.raises(InvalidInput, match=r"the first is row 2 \(id 'z'\)\n"):
            frame.select(expr)


# ---- refused

REFUSED: dict[str, tuple[pl.Series, str]] = {
    **{
        str(dtype): (
            pl.Series([1.5], dtype=dtype) if dtype.is_float() else pl.Series([Decimal("1.5")], dtype=dtype),
            (f"c is {dtype}; balance needs categories: bin the numbers with .cut() or .qcut(), "
            "or cast them to pl.String"),
        )
        for dtype in FLOATS
    },
    **{
        str(column.dtype): (
            column,
            (f"c is {column.dtype}; balance needs categories: take a part of it, such as .dt.year(), "
            "or cast it to pl.String"),
        )
        for column in (
            pl.Series([dt.date(2024, 1, 1)]), pl.Series([dt.datetime(2024, 1, 1)]), pl.Series([dt.time(1)]),
            pl.Series([dt.timedelta(1)]), pl.Series([[dt.date(2024, 1, 1)]]),
        )
    },
    "bytes": (pl.Series([b"a"]), "c is Binary; balance needs categories: cast it to pl.String"),
    "bytes in lists": (pl.Series([[b"a"]]), "c is List(Binary); balance needs categories: cast it to pl.String"),
    "objects": (pl.Series([object()], dtype=pl.Object), "c is Object; balance needs categories: cast it to pl.String"),
    "lists of lists": (pl.Series([[[1]]]), "c is List(List(Int64)); balance needs categories, or one number per class"),
    "lists of structs": (
        pl.Series([[{"a": 1}]]),
        "c is List(Struct({'a': Int64})); balance needs categories, or one number per class",
    ),
    "struct of text": (pl.Series([{"a": 1, "b": "x"}]), "c.b is String; class masses must be numbers"),
    "map of text": (
        pl.Series([{"a": "x"}], dtype=pl.Map(pl.String, pl.String)),
        "c: a value is String; class masses must be numbers",
    ),
    "lengths": (
        pl.Series([[1, 2], None, [1, 2], [3]]),
        "c: class rows of different lengths: 2 and 1 (row 3)",
    ),
    "empty lists": (
        pl.Series([None, [], []], dtype=pl.List(pl.Float64)),
        "c: the list is empty (row 1); it needs one number per class",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_classes_is_refused_with_a_remedy(name: str) -> None:
    column, message = REFUSED[name]
    with pytest.raises(InvalidInput) as raised:
        traced(column)
    assert first_line(raised) == message
