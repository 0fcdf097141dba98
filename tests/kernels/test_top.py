"""The best few of many scores."""

from __future__ import annotations

import numpy as np
import pytest

from sqlsel.engine.kernels.top import best_rows


@pytest.mark.parametrize("seed", range(20))
def test_the_best_rows_are_those_of_a_full_sort_with_ties_to_the_lowest_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 6, 60).astype(float)
    scores[rng.random(60) < 0.2] = -np.inf
    order = rng.permutation(60)
    usable = [row for row in range(60) if scores[row] > -np.inf]
    for size in (1, 2, 7, 30, 59, 60, 100):
        wanted = sorted(usable, key=lambda row: (-scores[row], order[row]))[:size]
        assert sorted(best_rows(scores, order, size).tolist()) == sorted(wanted)


def test_infinite_scores_are_the_best_and_minus_infinity_never_counts() -> None:
    scores = np.array([1.0, np.inf, -np.inf, np.inf, 2.0])
    order = np.array([0, 4, 1, 3, 2])
    assert best_rows(scores, order, 1).tolist() == [3]
    assert sorted(best_rows(scores, order, 9).tolist()) == [0, 1, 3, 4]


def test_of_nobody_nobody_is_best() -> None:
    nobody = np.empty(0)
    assert best_rows(nobody, nobody.astype(np.int64), 3).tolist() == []
    assert best_rows(np.full(4, -np.inf), np.arange(4), 3).tolist() == []
