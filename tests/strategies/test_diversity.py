"""DIVERSITY on rows that can be checked by hand, its options, and the vectors that it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sqlsel
from sqlsel import InvalidInput, ShortSelection, diversity

LINE = np.array([[0.0], [1], [10], [6], [4]])


def picks(strategy: Any, n: int, **options: Any) -> list[int]:
    found: list[int] = sqlsel.select(n=n, strategies=[strategy], **options).indices.tolist()
    return found


def plain(x: Any, **options: Any) -> Any:
    return diversity(x, normalize=False, **options)


def test_each_pick_is_the_farthest_from_all_earlier_ones() -> None:
    assert picks(plain(LINE), 5) == [0, 2, 3, 4, 1]


def test_the_value_is_the_distance_to_the_nearest_earlier_pick_and_the_first_has_none() -> None:
    found = sqlsel.select(n=5, strategies=[plain(LINE)])
    assert np.isnan(found.values[0, 0])
    assert found.values[1:, 0].tolist() == [10, 4, 2, 1]


def test_it_starts_at_the_lowest_id() -> None:
    assert picks(plain(LINE), 1, ids=["e", "d", "c", "a", "b"]) == [3]


def test_numbers_are_compared_as_numbers_and_text_as_text() -> None:
    assert picks(plain(LINE), 1, ids=[10, 9, 100, 11, 12]) == [1]
    assert picks(plain(LINE), 1, ids=["10", "9", "100", "11", "12"]) == [0]


def test_text_ids_compare_by_their_utf8_bytes() -> None:
    assert picks(plain(LINE), 1, ids=["ä", "a", "B", "Z", "é"]) == [2]


def test_start_names_the_id_of_the_first_pick() -> None:
    assert picks(plain(LINE, start="c"), 3, ids=["a", "b", "c", "d", "e"]) == [2, 0, 3]
    assert picks(plain(LINE, start=3), 2) == [3, 0]


def test_start_is_left_out_where_something_is_preselected() -> None:
    assert picks(plain(LINE, start=3), 1, preselected=[0]) == [2]


def test_a_start_that_no_row_has_is_an_error() -> None:
    with pytest.raises(InvalidInput, match=r"^start 9 is not the id of any row$"):
        picks(plain(LINE, start=9), 1)


def test_preselected_samples_repel() -> None:
    assert picks(plain(LINE), 2, preselected=[2]) == [0, 3]


def test_a_minimum_distance_skips_who_is_too_near_and_goes_on() -> None:
    """The weights want row 1 second; it lies too near to row 0, and the others are still picked."""
    strategies = [plain(LINE, min_distance=2, strength=0.01), sqlsel.weights([9, 8, 1, 2, 3])]
    with pytest.warns(ShortSelection):
        found = sqlsel.select(n=5, strategies=strategies)
    assert found.indices.tolist() == [0, 4, 3, 2]
    assert found.stopped_by == "nobody feasible"


def test_exactly_the_minimum_distance_is_allowed() -> None:
    grid = plain(np.array([[0.0], [1], [2], [3]]), min_distance=1)
    assert sorted(picks(grid, 4)) == [0, 1, 2, 3]


def test_just_below_the_minimum_distance_is_not_allowed() -> None:
    x = np.array([[0], [np.nextafter(np.float32(1), np.float32(0))]], np.float32)
    with pytest.warns(ShortSelection):
        assert picks(plain(x, min_distance=1), 2) == [0]


def test_preselected_samples_may_be_nearer_to_each_other_than_the_minimum() -> None:
    assert picks(plain(LINE, min_distance=3), 1, preselected=[0, 1]) == [2]


def test_a_minimum_distance_of_none_or_zero_forbids_nobody() -> None:
    for minimum in (None, 0, 0.0):
        assert len(picks(plain(np.ones((4, 2)), min_distance=minimum), 4)) == 4


def test_a_strength_of_zero_still_keeps_the_minimum_distance() -> None:
    with pytest.warns(ShortSelection):
        assert picks(plain(LINE, min_distance=5, strength=0), 5) == [0, 2]


def test_a_negative_strength_picks_the_nearest() -> None:
    assert picks(plain(LINE, strength=-1), 5) == [0, 1, 4, 3, 2]


def test_vectors_are_brought_to_unit_length_unless_told_otherwise() -> None:
    x = np.array([[1.0, 0], [100, 0], [0.6, 0.8]])
    assert picks(diversity(x), 2) == [0, 2]
    assert picks(plain(x), 2) == [0, 1]


def test_unit_vectors_give_the_same_picks_normalised_or_not() -> None:
    x = np.random.default_rng(0).normal(size=(100, 5))
    x = (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)
    assert picks(diversity(x), 30) == picks(plain(x), 30)


def test_any_scale_and_any_kind_of_number_may_be_normalised() -> None:
    x = np.random.default_rng(0).integers(1, 9, (60, 4))
    usual = picks(diversity(x.astype(np.float64)), 20)
    assert picks(diversity(x), 20) == usual
    assert picks(diversity(x.astype(np.float32) * np.float32(2**60)), 20) == usual
    assert picks(diversity(x.tolist()), 20) == usual


@pytest.mark.parametrize("scale", [1e30, 1e200, 1e-30, 1e-200])
def test_vectors_too_large_or_small_to_be_squared_are_normalised_all_the_same(scale: float) -> None:
    x = np.array([[1.0, 0], [1, 1], [0, 1]])
    found = sqlsel.select(n=3, strategies=[diversity(x * scale)])
    assert found.indices.tolist() == [0, 2, 1]
    assert found.values[1, 0] == pytest.approx(np.sqrt(2))


@pytest.mark.parametrize("scale", [1e17, 1e-15])
def test_values_up_to_1e17_are_compared_as_they_are_when_nothing_is_normalised(
    scale: float,
) -> None:
    x = np.array([[0.0], [1], [3], [2]]) * scale
    assert picks(plain(x), 4) == [0, 2, 1, 3]


def test_a_minimum_distance_above_2_between_unit_vectors_is_noted() -> None:
    strategies = [diversity(np.eye(3), min_distance=2.5)]
    with (
        pytest.warns(ShortSelection),
        pytest.warns(sqlsel.SelectionWarning, match=r"^diversity: min_distance 2\.5 is above 2"),
    ):
        found = sqlsel.select(n=2, strategies=strategies)
    assert found.indices.tolist() == [0]
    assert found.notes == (
        "min_distance 2.5 is above 2, the largest distance of unit vectors: one pick",
    )


# ---- options


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"strength": 1e10},
            ValueError,
            "strength must lie between -1e9 and 1e9, got 10000000000.0",
        ),
        (
            {"strength": -2e9},
            ValueError,
            "strength must lie between -1e9 and 1e9, got -2000000000.0",
        ),
        ({"strength": float("nan")}, ValueError, "strength must be a finite number, got nan"),
        ({"strength": float("inf")}, ValueError, "strength must be a finite number, got inf"),
        ({"strength": True}, TypeError, "strength must be a number, got True"),
        ({"strength": "2"}, TypeError, "strength must be a number, got '2'"),
        ({"strength": None}, TypeError, "strength must be a number, got None"),
        ({"min_distance": -0.1}, ValueError, "min_distance must be at least 0, got -0.1"),
        ({"min_distance": True}, TypeError, "min_distance must be a number, got True"),
        ({"min_distance": "1"}, TypeError, "min_distance must be a number, got '1'"),
        (
            {"min_distance": float("nan")},
            ValueError,
            "min_distance must be a finite number, got nan",
        ),
    ],
)
def test_an_option_out_of_range_is_refused_where_it_is_written(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        diversity(LINE, **options)
    assert str(raised.value) == message


@pytest.mark.parametrize("strength", [1e9, -1e9, 0, np.float32(2), np.int64(3)])
def test_the_ends_of_the_range_and_numbers_of_numpy_are_strengths(strength: Any) -> None:
    assert len(picks(plain(LINE, strength=strength), 5)) == 5


# ---- vectors that cannot be used


BAD_ROWS: dict[str, tuple[Any, bool, str]] = {
    "ragged": (
        [[1, 2], [3, 4], [5]],
        True,
        (
            "embedding: 1 of 3 rows do not have the common length 2 (first at row 2: length 1); "
            "pad, truncate or filter them"
        ),
    ),
    "one number per sample": (
        [1.0, 2.0, 3.0],
        True,
        (
            "embedding: needs one vector per sample (two dimensions), got shape (3,); "
            "put columns together with np.column_stack"
        ),
    ),
    "four dimensions": (
        np.ones((3, 2, 2, 2)),
        True,
        "embedding: needs one vector per sample (two dimensions), got shape (3, 2, 2, 2)",
    ),
    "text": (
        [["a", "b"]],
        True,
        "embedding: needs numbers, got <U1; .astype(float) makes numbers of it",
    ),
    "no dimensions": (np.ones((3, 0)), True, "embedding: the vectors have no dimensions"),
    "NaN": (
        [[1, 2], [3, np.nan], [np.nan, 1]],
        True,
        (
            "embedding: 2 of 3 vectors cannot be used; the first, at row 1, holds NaN or NULL. "
            "Leave them out, or set on_invalid to 'skip'"
        ),
    ),
    "infinity": (
        [[1, 2], [3, 4], [-np.inf, 1]],
        False,
        (
            "embedding: 1 of 3 vectors cannot be used; the first, at row 2, holds infinity. "
            "Leave them out, or set on_invalid to 'skip'"
        ),
    ),
    "a zero vector": (
        [[0, 0], [3, 4], [1, 1]],
        True,
        (
            "embedding: 1 of 3 vectors cannot be used; the first, at row 0, is zero. "
            "Leave them out, or set on_invalid to 'skip'; "
            "with normalize false zero vectors can be used"
        ),
    ),
    "1e30": (
        [[1, 2], [1e30, 4], [1, 1]],
        False,
        (
            "embedding: 1 of 3 vectors cannot be used; the first, at row 1, is too large "
            "(beyond 1e18). Scale them, or set normalize to true"
        ),
    ),
    "1e200": (
        [[1, 2], [1e200, 4], [1, 1]],
        False,
        (
            "embedding: 1 of 3 vectors cannot be used; the first, at row 1, is too large "
            "(beyond 1e18). Scale them, or set normalize to true"
        ),
    ),
}


@pytest.mark.parametrize("given", BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_vectors_that_cannot_be_used_are_refused(given: tuple[Any, bool, str]) -> None:
    x, normalize, message = given
    with pytest.raises(InvalidInput) as raised:
        sqlsel.select(n=1, strategies=[diversity(x, normalize=normalize)])
    assert str(raised.value) == message


def test_zero_vectors_are_vectors_like_others_when_nothing_is_normalised() -> None:
    assert picks(plain([[0.0, 0], [3, 4], [0, 0]]), 2) == [0, 1]


def test_rows_that_cannot_be_used_are_skipped_on_request() -> None:
    x = np.array([[np.nan, 1], [1, 0], [0, 0], [0, 1], [np.inf, 0]])
    with pytest.warns(ShortSelection):
        found = sqlsel.select(n=5, strategies=[diversity(x)], on_invalid="skip")
    assert found.indices.tolist() == [1, 3]
    assert found.n_candidates == 2


def test_rows_outside_the_pool_may_hold_anything() -> None:
    x = np.array([[np.nan, 1], [1, 0], [0, 1]])
    assert picks(diversity(x), 2, candidates=[1, 2]) == [1, 2]


def test_a_skipped_row_says_nothing_about_preselected_ones() -> None:
    x = np.array([[np.nan, 0], [1.0, 0], [0, 1], [-1, 0]])
    assert picks(diversity(x), 2, preselected=[0], on_invalid="skip") == [1, 3]


def test_the_input_is_not_changed() -> None:
    x = np.random.default_rng(0).normal(size=(30, 3)).astype(np.float32)
    before = x.copy()
    picks(diversity(x), 10)
    picks(plain(x), 10)
    assert np.array_equal(x, before)
