"""WEIGHTS whose sum ends the run or must stay in a range, on numbers that can be checked by hand."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import sqlsel
from sqlsel import ShortSelection, diversity, weights

W = [5, 3, 4, 1, 2]


def select(n: int = 5, w: Any = W, *, among: dict[str, Any] | None = None, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ShortSelection)
        return sqlsel.select(n=n, strategies=[weights(w, **options)], **(among or {}))


@pytest.mark.parametrize(
    ("most", "picks"), [(0, []), (1, [0]), (5, [0]), (5.5, [0, 2]), (9, [0, 2]), (10, [0, 2, 1])]
)
def test_the_pick_that_reaches_the_sum_is_the_last(most: float, picks: list[int]) -> None:
    found = select(max_sum=most)
    assert (found.indices.tolist(), found.stopped_by) == (picks, "max_sum")


def test_a_sum_that_is_reached_is_no_short_selection() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(sqlsel.select(n=5, strategies=[weights(W, max_sum=9)])) == 2


def test_the_sum_counts_the_preselected() -> None:
    assert select(max_sum=8, among={"preselected": [1]}).indices.tolist() == [0]
    assert len(select(max_sum=3, among={"preselected": [1]})) == 0


def test_the_sum_is_of_the_weights_as_they_were_given() -> None:
    """Shifted by 3 the first pick would be 8."""
    assert select(w=[5, -3, 4], max_sum=7).indices.tolist() == [0, 2]


def test_the_sum_is_exact() -> None:
    assert len(select(20, [0.1] * 20, max_sum=1.0)) == 10
    assert len(select(20, [0.1] * 20, target_range=[0, 0.9])) == 9


def test_what_would_exceed_the_range_is_passed_over() -> None:
    found = select(target_range=[3, 8.5])
    assert (found.indices.tolist(), found.stopped_by) == ([0, 1], "nobody feasible")
    assert select(target_range=[0, 9], strength=-1).indices.tolist() == [3, 4, 1]


def test_a_falling_sum_lets_in_again_what_had_not_fitted() -> None:
    """5; 4 would exceed 6, so −3; then 4 fits."""
    assert select(w=[5, -3, 4], target_range=[0, 6]).indices.tolist() == [0, 1, 2]


def test_without_strength_the_limits_still_hold() -> None:
    x = np.arange(5.0)[:, None]
    strategies = [diversity(x, normalize=False), weights(W, strength=0, target_range=[0, 8])]
    with pytest.warns(ShortSelection):
        found = sqlsel.select(n=5, strategies=strategies)
    assert found.indices.tolist() == [0, 4, 3]


def test_a_start_that_does_not_fit_is_not_forced() -> None:
    x = np.arange(5.0)[:, None]
    strategies = [
        diversity(x, normalize=False, start=2),
        weights(W, strength=0, target_range=[0, 3]),
    ]
    with pytest.warns(ShortSelection):
        assert sqlsel.select(n=5, strategies=strategies).indices.tolist() == [1]


def test_a_range_picks_through_many_candidates_that_do_not_fit() -> None:
    """Longer than a shortlist: from 9,999 down, what fits under 25,000."""
    found = select(10_000, np.arange(10_000.0), target_range=[0, 25_000])
    left, wanted = 25_000, []
    for row in range(9_999, -1, -1):
        if row <= left:
            wanted.append(row)
            left -= row
    assert found.indices.tolist() == wanted


def test_a_shorter_run_is_the_beginning_of_a_longer_one() -> None:
    w = np.random.default_rng(0).normal(size=300)
    for options in ({"max_sum": 20}, {"target_range": [0, 9]}):
        whole = select(300, w, **options).indices.tolist()
        for n in (1, 5, 12):
            assert select(n, w, **options).indices.tolist() == whole[:n]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_sum": -1}, "max_sum must be at least 0, got -1"),
        ({"max_sum": "9"}, "max_sum must be a number, got '9'"),
        ({"max_sum": float("nan")}, "max_sum must be a finite number, got nan"),
        ({"target_range": 5}, "target_range must be two numbers, such as [10, 20], got 5"),
        ({"target_range": [1]}, "target_range must be two numbers, such as [10, 20], got [1]"),
        (
            {"target_range": [3, 2]},
            "target_range must be two numbers, such as [10, 20]: at least 0 and ascending, got [3, 2]",
        ),
        ({"target_range": [0, "x"]}, "each end of target_range must be a number, got 'x'"),
    ],
)
def test_a_wrong_limit_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        weights(W, **options)
    assert str(raised.value) == message
