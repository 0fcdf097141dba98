"""WEIGHTS on rows that can be checked by hand, its options, and the numbers that it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sqlsel
from sqlsel import InvalidInput, ShortSelection, weights


def picks(w: Any, n: int, **options: Any) -> list[int]:
    found: list[int] = sqlsel.select(n=n, strategies=[weights(w)], **options).indices.tolist()
    return found


def test_the_highest_weights_are_picked_and_ties_go_to_the_lowest_id() -> None:
    assert picks([1, 5, 3, 5, 2], 4) == [1, 3, 2, 4]


def test_a_negative_strength_picks_the_lowest() -> None:
    found = sqlsel.select(n=3, strategies=[weights([1, 5, 3, 5, 0], strength=-1)])
    assert found.indices.tolist() == [4, 0, 2]


def test_the_value_is_the_weight_as_it_was_given() -> None:
    found = sqlsel.select(n=3, strategies=[weights([-1.0, 2.0, 0.5])])
    assert found.values[:, 0].tolist() == [2.0, 0.5, -1.0]


def test_negative_weights_are_shifted_and_that_is_said() -> None:
    found = sqlsel.select(n=3, strategies=[weights([-3.0, -1.0, -2.0])])
    assert found.indices.tolist() == [1, 2, 0]
    assert found.notes == ("weights are shifted by 3, so that the smallest is 0",)


def test_only_the_pool_decides_about_the_shift() -> None:
    found = sqlsel.select(n=2, strategies=[weights([-3.0, 1.0, 2.0])], candidates=[1, 2])
    assert found.notes == ()


def test_weights_of_mixed_signs_keep_their_order_to_the_end() -> None:
    assert picks([-1, 3, -2, 2, 0.5], 5) == [1, 3, 4, 0, 2]


def test_tiny_weights_keep_their_order() -> None:
    assert picks([1e-300, 3e-300, 2e-300], 3) == [1, 2, 0]


def test_huge_weights_keep_their_order() -> None:
    assert picks([1e300, 1.7e308, 1.6e308], 3) == [1, 2, 0]


def test_two_weights_multiply_their_sums() -> None:
    """5 · 1 < 3 · 3 first; then (3 + 5) · (3 + 1) < (3 + 1) · (3 + 6)."""
    strategies = [weights([5, 3, 1]), weights([1, 3, 6])]
    assert sqlsel.select(n=3, strategies=strategies).indices.tolist() == [1, 2, 0]


def test_the_scale_of_a_weight_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.random(50), rng.random(50)
    found = [
        sqlsel.select(n=10, strategies=[weights(a * s), weights(b)]).indices.tolist()
        for s in (1, 1024, 2.0**-10)
    ]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("exponent", [-4, -30, -60, -900, 10])
def test_weights_below_the_floor_count_by_their_ratio(exponent: int) -> None:
    """U is at least 1e-8; a tiny unit must not make all weights alike beside another strategy."""
    rng = np.random.default_rng(2)
    a, b = rng.random(50) + 1e-3, rng.random(50)
    found = [
        sqlsel.select(n=10, strategies=[weights(a * s), weights(b, strength=0.5)])
        for s in (1, 2.0**exponent)
    ]
    assert found[0].indices.tolist() == found[1].indices.tolist()
    assert (found[1].values[:, 0] == a[found[1].indices] * 2.0**exponent).all()


@pytest.mark.parametrize("scale", [1.0, 2.0**10, 2.0**40, 2.0**-40])
def test_weights_below_the_floor_count_by_their_ratio_beside_large_ones(scale: float) -> None:
    """The first pick is the row with the greatest product, whatever the unit of the weights."""
    a = np.array([1e-12, 1e-9, 0.0, 5.0])
    b = np.array([1.0, 1e-2, 1e6, 1e-14])
    found = sqlsel.select(n=1, strategies=[weights(a * scale), weights(b)])
    assert found.indices.tolist() == [1]
    assert found.gain[0] == pytest.approx(np.log(1e-9 * scale) + np.log(1e-2))
    assert found.values[0].tolist() == [1e-9 * scale, 1e-2]


def test_weights_of_the_widest_range_do_not_overflow() -> None:
    a = np.array([5e-324, 1e-300, 1.0, 1e300])
    found = sqlsel.select(n=4, strategies=[weights(a), weights([1.0, 1.0, 1.0, 1.0])])
    assert found.indices.tolist() == [3, 0, 1, 2]
    assert np.isfinite(found.gain).all()


def test_a_sum_of_tiny_weights_is_limited_as_they_were_given() -> None:
    tiny = np.array([5, 3, 4, 1, 2]) * 1e-12
    found = sqlsel.select(n=5, strategies=[weights(tiny, max_sum=8.5e-12), weights([1] * 5)])
    assert (found.indices.tolist(), found.stopped_by) == ([0, 2], "max_sum")


def test_rows_outside_the_pool_do_not_decide_how_weights_are_scaled() -> None:
    tiny = np.array([1e300, 1, 3, 2]) * np.array([1, 1e-12, 1e-12, 1e-12])
    strategies = [weights(tiny), weights([1, 1, 1, 1.01])]
    assert sqlsel.select(n=1, strategies=strategies, candidates=[1, 2, 3]).indices.tolist() == [2]


def test_the_gain_is_the_rise_of_the_logarithm_of_the_sum() -> None:
    found = sqlsel.select(n=3, strategies=[weights([4, 2, 2], strength=2)])
    assert found.gain.tolist() == pytest.approx(
        [2 * np.log(4), 2 * np.log(6 / 4), 2 * np.log(8 / 6)]
    )


def test_preselected_samples_count_into_the_sum() -> None:
    found = sqlsel.select(n=1, strategies=[weights([4, 2, 2])], preselected=[0])
    assert found.gain.tolist() == pytest.approx([np.log(6 / 4)])


@pytest.mark.parametrize("kind", [np.float32, np.int8, np.uint64, np.bool_])
def test_any_kind_of_number_is_a_weight(kind: Any) -> None:
    assert picks(np.array([0, 1, 0, 1], kind), 2) == [1, 3]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            [1.0, np.nan, np.inf],
            (
                "weights: 2 of 3 values are NaN or infinite; the first, at row 1, is nan. "
                "Leave them out, or set on_invalid to 'skip'"
            ),
        ),
        (
            [[1, 2], [3, 4]],
            "weights: needs one number per sample, got shape (2, 2); give one column, as in x[:, 0]",
        ),
        (
            ["a", "b"],
            "weights: needs numbers, got <U1; .astype(float) makes numbers of it",
        ),
        ([1, {}], "weights: needs numbers, got object; make numbers of it first"),
        (
            [1, np.nan],
            (
                "weights: 1 of 2 values are NaN or infinite; the first, at row 1, is nan. "
                "Leave them out, or set on_invalid to 'skip'"
            ),
        ),
        ([1j, 2], "weights: needs numbers, got complex128; give the real part, with .real"),
    ],
)
def test_numbers_that_cannot_be_used_are_refused(given: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        picks(given, 1)
    assert str(raised.value) == message


def test_nan_and_infinity_are_skipped_on_request() -> None:
    with pytest.warns(ShortSelection):
        found = picks([1.0, np.nan, np.inf, 2.0, -np.inf], 5, on_invalid="skip")
    assert found == [3, 0]


def test_rows_outside_the_pool_may_hold_nan() -> None:
    assert picks([np.nan, 1.0, 2.0], 1, candidates=[1, 2]) == [2]


def test_an_option_out_of_range_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match=r"^strength must lie between -1e9 and 1e9, got 1e[+]20$"):
        weights([1], strength=1e20)
    with pytest.raises(TypeError, match=r"^strength must be a number, got False$"):
        weights([1], strength=False)


def test_all_weights_zero_leave_the_order_of_ids() -> None:
    assert picks([0, 0, 0], 3, ids=["c", "a", "b"]) == [1, 2, 0]
