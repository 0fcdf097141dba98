"""Targets of balance: what is refused, what is warned of, which rows the classes are of."""

from __future__ import annotations

import warnings
from typing import Any

import polars as pl
import pytest

import sqlsel.polars as sel
from sqlsel import InvalidInput, SelectionWarning

NAN = float("nan")


def ranks(frame: pl.DataFrame, target: Any, *given: Any, n: int = 2, **options: Any) -> list[Any]:
    found = frame.select(sel.rank(*given, sel.balance("c", target, **options), n=n))
    return found.to_series().to_list()


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        ({"a": -0.1}, ValueError, "target of 'a' must be a number of at least 0, got -0.1"),
        ({"a": NAN}, ValueError, "target of 'a' must be a finite number, got nan"),
        ({"a": "0.5"}, TypeError, "target of 'a' must be a number, got '0.5'"),
        ({"a": True}, TypeError, "target of 'a' must be a number, got True"),
        (
            {"a": 0, "b": 0.0},
            ValueError,
            "target is empty; name at least one class with a share above 0",
        ),
        ({}, ValueError, "target is empty; name at least one class with a share above 0"),
        ([], ValueError, "target is empty; name at least one class with a share above 0"),
        ([0.5, -1], ValueError, "target of '1' must be a number of at least 0, got -1"),
        (
            "unifrom",
            ValueError,
            "target must be 'uniform', 'input' or class shares, got 'unifrom'. Did you mean 'uniform'?",
        ),
        (3, TypeError, "target must be 'uniform', 'input' or class shares, got int"),
        (None, TypeError, "target must be 'uniform', 'input' or class shares, got NoneType"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused_when_it_is_written(
    target: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        sel.balance("c", target)
    assert str(raised.value) == message


def test_shares_above_1_are_normalised_with_a_warning() -> None:
    frame = pl.DataFrame({"c": ["a", "b", "c", "a", "b", "c"]})
    told = "balance: the target's shares sum to 4; they are normalised and other classes get 0"
    with pytest.warns(SelectionWarning) as warned:
        found = ranks(frame, {"a": 1, "b": 3}, n=4)
    assert [str(w.message) for w in warned] == [told]
    assert found == ranks(frame, {"a": 0.25, "b": 0.75}, n=4)


def test_shares_of_1_in_all_do_not_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ranks(pl.DataFrame({"c": ["a", "b", "c"]}), {"a": 0.1, "b": 0.2, "c": 0.7})


def test_a_class_that_does_not_occur_is_warned_of_once_in_all_groups() -> None:
    frame = pl.DataFrame({"c": ["bus", "cat"] * 20, "g": range(40)})
    expr = sel.rank(sel.balance("c", {"bus": 0.5, "xylophone": 0.5}), n=1).over("g")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("default")
        frame.select(expr)
    assert [str(w.message) for w in warned] == [
        "balance: class 'xylophone' of the target does not occur",
        "balance: class 'bus' of the target does not occur",
    ]


@pytest.mark.parametrize(
    ("column", "target", "message"),
    [
        (
            ["sunny", "cloudy"],
            {"suny": 0.5},
            "BALANCE: unknown class 'suny'. Did you mean 'sunny'? Classes: cloudy, sunny",
        ),
        ([{"a": 1, "b": 2}], {"x": 0.5}, "BALANCE: unknown class 'x'. Classes: a, b"),
        ([[1, 2]], {"x": 0.5}, "BALANCE: unknown class 'x'. Classes: 0, 1"),
        ([[1, 2]], [0.1, 0.2, 0.3], "BALANCE: the target lists 3 shares for 2 classes"),
    ],
)
def test_a_class_that_cannot_be_is_refused(column: Any, target: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        ranks(pl.DataFrame({"c": column}), target)
    assert str(raised.value).splitlines()[0] == message


def test_names_of_positions_must_be_as_many() -> None:
    frame = pl.DataFrame({"c": [[1, 2]]})
    with pytest.raises(InvalidInput, match=r"^c: 3 class names for rows of 2 masses"):
        ranks(frame, {"a": 0.5}, classes=["a", "b", "c"])


def test_one_of_two_similar_names_may_be_absent_where_the_target_names_both() -> None:
    frame = pl.DataFrame({"c": ["class_1", "class_2", "class_1"], "g": [1, 1, 2]})
    target = {"class_1": 0.5, "class_2": 0.5}
    with pytest.warns(SelectionWarning, match=r"^balance: class 'class_2' of the target does not"):
        found = frame.select(sel.rank(sel.balance("c", target), n=1).over("g"))
    assert found.to_series().to_list() == [1, None, 1]


def test_other_classes_are_one_more_class_or_are_ignored() -> None:
    """Half a and half all others; or half a and half b, with what they have, whatever the others are."""
    frame = pl.DataFrame({"c": ["a"] * 9 + ["x"] * 9 + ["y"] * 9})
    picked = frame.filter(sel.select(sel.balance("c", {"a": 0.5}), n=8))["c"]
    assert (picked == "a").sum() == 4
    one_b = pl.DataFrame({"c": ["a", "a", "b", "x", "x"]})
    found = ranks(one_b, {"a": 0.5, "b": 0.5}, n=5, other="ignore")
    assert found == [1, 3, 2, 4, 5]  # x is of no class that is asked for


# ---- the classes are those of candidates and preselected rows


def test_classes_of_rows_that_are_no_candidates_do_not_count() -> None:
    frame = pl.DataFrame(
        {"c": ["a", "b", "a", "c", "c", "c", "b"], "ok": [True] * 3 + [False] * 3 + [True]}
    )
    alone = frame.filter("ok")
    for target in ("uniform", "input", {"a": 0.3, "b": 0.3}):
        within = ranks(frame, target, pl.col("ok"), n=4)
        assert [r for r, ok in zip(within, frame["ok"], strict=True) if ok] == ranks(
            alone, target, n=4
        )
    with pytest.warns(SelectionWarning, match="class 'c' of the target does not occur"):
        ranks(frame, {"a": 0.5, "c": 0.5}, pl.col("ok"))


@pytest.mark.parametrize(
    "bad",
    [
        pl.Series([[1.0, 0.0], [NAN, 1.0], [0.0, 1.0]]),
        pl.Series([[1.0, 0.0], [1.0], [0.0, 1.0]]),
        pl.Series([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]),
        pl.Series([{"a": 1.0, "b": 0}, {"a": NAN, "b": 0}, {"a": 0.0, "b": 1}]),
        pl.Series([{"a": 1.0}, {"a": -1.0}, {"b": 1.0}], dtype=pl.Map(pl.String, pl.Float64)),
    ],
    ids=lambda column: f"{column.dtype}, {column[1]}",
)
def test_masses_of_rows_that_are_no_candidates_are_not_looked_at(bad: pl.Series) -> None:
    frame = pl.DataFrame({"c": bad, "ok": [True, False, True]})
    assert ranks(frame, "uniform", pl.col("ok")) == [1, None, 2]
    with pytest.raises(InvalidInput):
        ranks(frame, "uniform")
    with pytest.raises(InvalidInput):
        frame.select(sel.rank(pl.col("ok"), sel.balance("c"), n=1, preselected=~pl.col("ok")))
