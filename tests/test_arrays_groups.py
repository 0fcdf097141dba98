"""``sqlsel.select(by=…)``: a selection for each group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sqlsel
from sqlsel import InvalidInput, ShortSelection

RNG = np.random.default_rng(0)
X, W = RNG.normal(size=(90, 5)), RNG.random(90)
VIDEO = RNG.choice(["b", "a", "c"], 90)
LABEL = RNG.choice(["cat", "dog"], 90)


def strategies(rows: Any) -> list[Any]:
    x, labels = X[rows], LABEL[rows]
    return [
        sqlsel.diversity(x),
        sqlsel.weights(W[rows]),
        sqlsel.balance(labels, "uniform"),
        sqlsel.typicality(x, neighbors=3),
        sqlsel.similarity(x, X[:2]),
    ]


@pytest.mark.parametrize("count", [{"n": 4}, {"proportion": 0.25}])
def test_each_group_is_selected_from_as_if_it_were_alone(count: dict[str, Any]) -> None:
    ids = np.array([f"s{(7 * i) % 90:02}" for i in range(90)])
    done = np.zeros(90, np.bool_)
    done[[3, 11, 40]] = True
    given: dict[str, Any] = {**count, "n_counts": "total", "seed": 5}
    every = [*strategies(slice(None)), sqlsel.random()]
    found = sqlsel.select(by=VIDEO, ids=ids, preselected=done, strategies=every, **given)
    rows, ranks, gains, values = [], [], [], []
    for video in ("a", "b", "c"):
        part = np.flatnonzero(video == VIDEO)
        alone = [*strategies(part), sqlsel.random()]
        one = sqlsel.select(ids=ids[part], preselected=done[part], strategies=alone, **given)
        rows += part[one.indices].tolist()
        ranks += one.rank.tolist()
        gains += one.gain.tolist()
        values += one.values.tolist()
    assert found.indices.tolist() == rows
    assert found.rank.tolist() == ranks
    assert found.gain.tolist() == gains
    np.testing.assert_array_equal(found.values, values)
    assert (found.n_candidates, found.stopped_by) == (87, "budget")


def test_groups_come_in_ascending_order_and_missing_ones_last() -> None:
    by = [3, None, 1, 3, float("nan"), 2]
    with pytest.warns(ShortSelection, match="6 samples selected of 8"):
        found = sqlsel.select(n=2, strategies=[sqlsel.weights(np.arange(6))], by=by)
    assert found.indices.tolist() == [2, 5, 3, 0, 4, 1]


def test_a_group_that_is_short_is_told_of() -> None:
    with pytest.warns(ShortSelection, match="5 samples selected of 6 asked: all candidates"):
        found = sqlsel.select(n=3, strategies=[sqlsel.random()], X=np.eye(5), by=list("aabbb"))
    assert found.stopped_by == "all rows"


def test_a_bad_row_is_told_by_its_number_among_all_rows() -> None:
    x = np.eye(6)
    x[4] = np.nan
    with pytest.raises(InvalidInput, match="at row 4"):
        sqlsel.select(x, n=1, by=list("aabbbb"))


def test_progress_hears_of_every_pick() -> None:
    heard: list[tuple[int, int]] = []
    sqlsel.select(np.eye(6), n=2, by=[1, 1, 1, 2, 2, 2], progress=lambda *x: heard.append(x))
    assert heard[-1] == (4, 4)
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)


@pytest.mark.parametrize(
    ("by", "message"),
    [([1, 2], r"by: needs one value per row \(3\)"), ([1, "a", None], "cannot be compared")],
)
def test_groups_that_make_no_sense_are_refused(by: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        sqlsel.select(np.eye(3), n=1, by=np.array(by, object))


def test_an_empty_input_has_no_groups() -> None:
    found = sqlsel.select(np.empty((0, 2)), proportion=0.5, by=[])
    assert len(found) == 0


def test_expressions_and_names_are_not_arrays() -> None:
    pl = pytest.importorskip("polars")
    with pytest.raises(TypeError, match="text 'embedding'"):
        sqlsel.select(n=1, strategies=[sqlsel.diversity("embedding")])
    with pytest.raises(TypeError, match=r"sqlsel\.polars"):
        sqlsel.select(n=1, strategies=[sqlsel.diversity(pl.col("embedding"))])


def test_text_numbers_and_missing_values_are_told_apart() -> None:
    nan = float("nan")
    by = ["z", nan, "nan", "z", nan, "nan"]
    found = sqlsel.select(np.eye(6), n=1, by=by)
    assert found.indices.tolist() == [2, 0, 1]


@pytest.mark.parametrize("ids", [np.array([10, 9, 11], object), [2**63, 9, 2**63 + 1]])
def test_whole_numbers_of_any_type_are_ordered_by_value(ids: Any) -> None:
    found = sqlsel.select(n=2, strategies=[sqlsel.weights([1, 1, 1])], ids=ids)
    assert found.indices.tolist() == [1, 0]


@pytest.mark.parametrize("ids", [["a", None, "c"], [1, float("nan"), 2], [1.5, 2, 3]])
def test_a_missing_or_broken_id_is_refused(ids: Any) -> None:
    with pytest.raises(InvalidInput, match="ids"):
        sqlsel.select(np.eye(3), n=2, ids=ids)
