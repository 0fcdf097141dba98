"""BALANCE on rows that can be checked by hand, its targets, and what it refuses."""

from __future__ import annotations

from collections import Counter
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

import sqlsel
import sqlsel.polars as sel
from sqlsel import InvalidInput, balance

WEATHER = ["sunny"] * 6 + ["rain"] * 3 + ["snow"] * 3


def picked(strategy: Any, n: int, labels: Any = WEATHER, **options: Any) -> Counter[Any]:
    """How often each class was picked."""
    picks = sqlsel.select(n=n, strategies=[strategy], **options).indices
    return Counter(labels[i] for i in picks)


# ---- targets


def test_a_target_is_reached_where_the_pool_allows_it() -> None:
    target = {"sunny": 0.5, "rain": 0.25, "snow": 0.25}
    assert picked(balance(WEATHER, target), 4) == {"sunny": 2, "rain": 1, "snow": 1}
    assert picked(balance(WEATHER, target), 12) == {"sunny": 6, "rain": 3, "snow": 3}


def test_uniform_is_the_default_and_gives_equal_shares() -> None:
    for strategy in (balance(WEATHER), balance(WEATHER, "uniform")):
        assert picked(strategy, 6) == {"sunny": 2, "rain": 2, "snow": 2}


def test_input_keeps_the_shares_of_the_pool() -> None:
    assert picked(balance(WEATHER, "input"), 4) == {"sunny": 2, "rain": 1, "snow": 1}


def test_uniform_and_input_look_at_the_pool_and_not_at_other_rows() -> None:
    """Without the sunny days rain and snow are the classes present."""
    pool = list(range(6, 12))
    assert picked(balance(WEATHER, "input"), 4, candidates=pool) == {"rain": 2, "snow": 2}
    assert picked(balance(WEATHER), 2, candidates=pool) == {"rain": 1, "snow": 1}


def test_classes_that_are_not_named_are_one_more_class_with_the_rest_of_the_shares() -> None:
    """A half sunny; rain and snow are together the other half."""
    found = picked(balance(WEATHER, {"sunny": 0.5}), 6)
    assert found["sunny"] == 3
    assert found["rain"] + found["snow"] == 3


def test_shares_that_sum_to_one_leave_nothing_for_other_classes() -> None:
    assert picked(balance(WEATHER, {"rain": 0.5, "snow": 0.5}), 4) == {"rain": 2, "snow": 2}


def test_other_ignore_drops_the_mass_of_classes_that_are_not_named() -> None:
    strategy = balance(WEATHER, {"rain": 0.2, "snow": 0.2}, other="ignore")
    found = picked(strategy, 12)
    assert found == {"sunny": 6, "rain": 3, "snow": 3}
    early = picked(strategy, 2, candidates=range(6, 12))
    assert early == {"rain": 1, "snow": 1}


def test_without_other_classes_a_small_target_is_normalised() -> None:
    assert picked(balance(["a", "b"] * 5, {"a": 0.1, "b": 0.1}), 4, ["a", "b"] * 5) == {
        "a": 2,
        "b": 2,
    }


def test_a_target_of_one_class_picks_it_as_long_as_there_is_any() -> None:
    labels = ["bus", "bus", "car", "car", "car"]
    picks = sqlsel.select(n=5, strategies=[balance(labels, {"car": 1.0})]).indices.tolist()
    assert picks[:3] == [2, 3, 4]


def test_preselected_samples_count_towards_the_target() -> None:
    assert picked(balance(WEATHER), 2, preselected=[0]) == {"rain": 1, "snow": 1}


def test_a_negative_strength_leads_away_from_the_target() -> None:
    strategy = balance(WEATHER, {"sunny": 0.5, "rain": 0.25, "snow": 0.25}, strength=-1)
    assert len(picked(strategy, 3)) == 1


def test_the_value_is_the_cross_entropy_reached() -> None:
    found = sqlsel.select(n=2, strategies=[balance(["a", "b"], "uniform")])
    alone = -(0.5 * np.log(1) + 0.5 * np.log(1e-10))
    assert found.values[:, 0].tolist() == pytest.approx([alone, np.log(2)])


# ---- class rows


def test_rows_are_summed_as_they_are_so_five_cars_weigh_five() -> None:
    """One image with four cars is balanced by four images with one bus each."""
    rows = np.array([[4, 0], [0, 1], [0, 1], [0, 1], [0, 1], [4, 0]])
    picks = sqlsel.select(n=5, strategies=[balance(rows, [0.5, 0.5])], preselected=None)
    assert picks.indices.tolist() == [0, 1, 2, 3, 4]


def test_probabilities_mappings_lists_and_categories_say_the_same() -> None:
    labels = ["a", "b", "b", "c", "a", "c", "b"]
    forms: list[Any] = [
        labels,
        np.array(labels),
        np.array(labels, object),
        [[label] for label in labels],
        [{label: 1.0} for label in labels],
    ]
    target = {"a": 0.3, "b": 0.3, "c": 0.4}
    found = [sqlsel.select(n=5, strategies=[balance(f, target)]).indices.tolist() for f in forms]
    one_hot = (np.array(labels)[:, None] == ["a", "b", "c"]).astype(float)
    strategy = balance(one_hot, target, classes=["a", "b", "c"])
    found.append(sqlsel.select(n=5, strategies=[strategy]).indices.tolist())
    assert all(picks == found[0] for picks in found)


@pytest.mark.parametrize(
    "labels", [[True, False, True, True], [1, 2, 1, 1], ["x", None, "x", "x"]], ids=str
)
def test_booleans_integers_and_missing_values_are_categories(labels: list[Any]) -> None:
    assert len(sqlsel.select(n=4, strategies=[balance(labels)])) == 4


def test_booleans_are_named_as_in_sql() -> None:
    found = sqlsel.select(n=2, strategies=[balance([False, False, True], {"true": 1.0})])
    assert found.indices.tolist()[0] == 2
    found = sqlsel.select(n=2, strategies=[balance([False, False, True], {True: 1.0})])
    assert found.indices.tolist()[0] == 2


def test_integers_are_named_by_their_digits_or_as_they_are() -> None:
    for target in ({2: 1.0}, {"2": 1.0}):
        assert sqlsel.select(n=1, strategies=[balance([1, 1, 2], target)]).indices.tolist() == [2]


def test_a_sample_without_a_class_is_eligible_and_comes_last() -> None:
    """It counts in a column of target 0."""
    labels = ["a", None, "b", "a", "b"]
    picks = sqlsel.select(n=5, strategies=[balance(labels)]).indices.tolist()
    assert picks == [0, 2, 3, 4, 1]


def test_a_pool_without_any_class_is_picked_by_id() -> None:
    found = sqlsel.select(n=2, strategies=[balance([None, None, None])])
    assert found.indices.tolist() == [0, 1]


def test_a_list_of_shares_follows_the_order_of_the_classes() -> None:
    assert picked(balance(WEATHER, [0, 1, 0]), 3) == {"snow": 3}  # rain, snow, sunny


def test_there_may_be_hundreds_of_classes() -> None:
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(200), 2))
    picks = sqlsel.select(n=4, strategies=[balance(labels)]).indices
    assert picks.tolist() == sorted(np.unique(labels, return_index=True)[1])[:4]


@pytest.mark.slow
def test_each_of_hundreds_of_classes_is_picked_before_any_is_picked_twice() -> None:
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(300), 3))
    picks = sqlsel.select(n=300, strategies=[balance(labels)]).indices
    assert len(np.unique(labels[picks])) == 300


# ---- what it says


def test_a_name_of_a_class_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^classes has 'a' twice; each position needs a name"):
        balance(np.eye(3), classes=["a", "b", "a"])


@pytest.mark.parametrize("labels", [WEATHER, np.array(WEATHER), [None, "a"], [0, 1], np.arange(3)])
def test_names_of_positions_are_refused_where_a_row_has_one_class(labels: Any) -> None:
    with pytest.raises(InvalidInput, match=r"holds a class per row; leave classes out$"):
        sqlsel.select(n=1, strategies=[balance(labels, classes=["a", "b"])])


NAMED = {
    "mappings": [{"a": 1.0}, {"b": 2.0}],
    "lists of classes": [["a", "b"], ["b"]],
    "a frame": pl.DataFrame({"a": [1.0, 0.0], "b": [0.0, 1.0]}),
    "structs": pl.Series([{"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 1.0}]),
}


@pytest.mark.parametrize("form", NAMED)
def test_names_of_positions_are_refused_where_the_input_has_names(form: str) -> None:
    with pytest.raises(InvalidInput, match=r"names its classes itself; leave classes out$"):
        sqlsel.select(n=1, strategies=[balance(NAMED[form], classes=["x", "y"])])


@pytest.mark.parametrize("value", ["{'a': 1.0}", "MAP {'a': 1.0}", "['a', 'b']"])
def test_names_of_positions_are_refused_for_names_in_sql_and_on_frames(value: str) -> None:
    con = duckdb.connect()
    con.execute(f"CREATE TABLE t AS SELECT i, {value} AS g FROM range(3) r(i)")
    clause = "BALANCE(g, 'uniform', classes := ['x', 'y'])"
    message = r"classes names the positions of lists of masses, and g names its classes itself; leave classes out"
    with pytest.raises(InvalidInput, match=message):
        sqlsel.sql(con, f"SELECT i FROM t USING STRATEGY {clause} LIMIT 1").fetchall()
    frame = con.sql("FROM t").pl()
    with pytest.raises(InvalidInput, match=message):
        frame.sel.rows(sel.balance("g", classes=["x", "y"]), n=1)


def test_names_of_positions_are_refused_in_sql_and_on_frames_too() -> None:
    frame = pl.DataFrame({"id": [1, 2], "g": ["a", "b"]})
    con = duckdb.connect()
    con.register("frame", frame)
    text = "SELECT id FROM frame USING STRATEGY BALANCE(g, classes := ['a', 'b']) LIMIT 1"
    said = "classes names the positions of lists of masses, and g holds a class per row"
    with pytest.raises(InvalidInput, match=said):
        sqlsel.sql(con, text)
    with pytest.raises(InvalidInput, match=said):
        frame.filter(sel.select(sel.balance("g", classes=["a", "b"]), n=1))


def test_shares_above_one_are_normalised_and_that_is_said() -> None:
    with pytest.warns(sqlsel.SelectionWarning, match="^balance: the target's shares sum to 3"):
        found = sqlsel.select(n=3, strategies=[balance(WEATHER, {"rain": 2, "snow": 1})])
    assert found.notes == (
        "the target's shares sum to 3; they are normalised and other classes get 0",
    )
    assert Counter(WEATHER[i] for i in found.indices) == {"rain": 2, "snow": 1}


def test_a_class_that_does_not_occur_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InvalidInput) as raised:
        sqlsel.select(n=3, strategies=[balance(WEATHER, {"suny": 0.5})])
    assert str(raised.value) == (
        "BALANCE: unknown class 'suny'. Did you mean 'sunny'? Classes: rain, snow, sunny"
    )


def test_an_unknown_class_of_named_positions_is_refused_with_a_suggestion() -> None:
    strategy = balance(np.eye(3), {"buss": 1.0}, classes=["car", "bus", "tram"])
    with pytest.raises(InvalidInput) as raised:
        sqlsel.select(n=1, strategies=[strategy])
    assert str(raised.value) == (
        "BALANCE: unknown class 'buss'. Did you mean 'bus'? Classes: car, bus, tram"
    )


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"target": "unifrom"},
            ValueError,
            (
                "target must be 'uniform', 'input' or class shares, got 'unifrom'. "
                "Did you mean 'uniform'?"
            ),
        ),
        (
            {"target": "equal"},
            ValueError,
            "target must be 'uniform', 'input' or class shares, got 'equal'",
        ),
        (
            {"target": {"a": -0.5, "b": 1}},
            ValueError,
            "target of 'a' must be a number of at least 0, got -0.5",
        ),
        ({"target": {"a": True}}, TypeError, "target of 'a' must be a number, got True"),
        ({"target": {"a": "x"}}, TypeError, "target of 'a' must be a number, got 'x'"),
        (
            {"target": {"a": float("nan")}},
            ValueError,
            "target of 'a' must be a finite number, got nan",
        ),
        (
            {"target": {}},
            ValueError,
            "target is empty; name at least one class with a share above 0",
        ),
        (
            {"target": {"a": 0}},
            ValueError,
            "target is empty; name at least one class with a share above 0",
        ),
        (
            {"target": []},
            ValueError,
            "target is empty; name at least one class with a share above 0",
        ),
        (
            {"target": 3},
            TypeError,
            "target must be 'uniform', 'input' or class shares, got int",
        ),
        ({"other": "drop"}, ValueError, "other must be 'class' or 'ignore', got 'drop'"),
        ({"strength": True}, TypeError, "strength must be a number, got True"),
    ],
)
def test_an_option_out_of_range_is_refused_where_it_is_written(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        balance(["a", "b"], **options)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        (
            balance([0.5, 1.5]),
            "BALANCE: 0.5 at row 0 is no category; bin numbers or cast them to text",
        ),
        (
            balance(np.array(["a", 0.5], object)),
            "BALANCE: 0.5 is no category; bin numbers or cast them to text",
        ),
        (
            balance([[1.0, -1.0], [1.0, np.nan]]),
            "BALANCE: 2 rows have a negative, infinite or NaN mass; the first is row 0",
        ),
        (
            balance(np.eye(2), classes=["a"]),
            "BALANCE: 1 class names for rows of 2 masses",
        ),
        (
            balance(["a", "b"], [1, 2, 3]),
            "BALANCE: the target lists 3 shares for 2 classes",
        ),
        (
            balance(np.array([["a", "b"], ["c", "d"]])),
            "BALANCE: needs class masses as numbers, got <U1",
        ),
    ],
)
def test_classes_that_cannot_be_used_are_refused(strategy: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        sqlsel.select(n=1, strategies=[strategy])
    assert str(raised.value) == message
