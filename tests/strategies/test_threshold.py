"""``sqlsel.threshold`` on arrays: six operations, and who never passes."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

import sqlsel
from sqlsel import InvalidInput, ShortSelection

OPERATIONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@pytest.mark.parametrize("sign", OPERATIONS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.uint8])
def test_rows_that_meet_the_condition_are_picked_by_id(sign: Any, dtype: Any) -> None:
    values = np.random.default_rng(0).integers(0, 5, 60).astype(dtype)
    wanted = [row for row in range(60) if OPERATIONS[sign](values[row].item(), 2)]
    found = sqlsel.select(n=len(wanted), strategies=[sqlsel.threshold(values, sign, 2)])
    assert found.indices.tolist() == wanted
    assert found.n_candidates == len(wanted)
    assert found.values.shape == (len(wanted), 0)


@pytest.mark.parametrize("sign", OPERATIONS)
def test_nan_never_passes_and_infinity_is_a_number(sign: Any) -> None:
    values = np.array([np.nan, -np.inf, np.inf, 1.0, np.nan])
    wanted = [row for row in (1, 2, 3) if OPERATIONS[sign](values[row], 1)]
    found = sqlsel.select(n=len(wanted), strategies=[sqlsel.threshold(values, sign, 1)])
    assert found.indices.tolist() == wanted


def test_thresholds_cut_the_pool_before_anything_looks_at_it() -> None:
    """The mean distance of similarity, the shift of weights, NaN in vectors: all are of the rows that pass."""
    rng = np.random.default_rng(1)
    x, sharp = rng.normal(size=(50, 4)), rng.random(50)
    x[sharp <= 0.4] = np.nan
    weights = np.where(sharp > 0.4, rng.random(50), -100)
    kept = np.flatnonzero(sharp > 0.4)
    others = [sqlsel.similarity(x, np.ones((1, 4))), sqlsel.weights(weights)]
    found = sqlsel.select(n=9, strategies=[*others, sqlsel.threshold(sharp, ">", 0.4)])
    alone = [sqlsel.similarity(x[kept], np.ones((1, 4))), sqlsel.weights(weights[kept])]
    wanted = sqlsel.select(n=9, strategies=alone)
    assert found.indices.tolist() == kept[wanted.indices].tolist()
    assert found.values.tolist() == wanted.values.tolist()


def test_preselected_rows_need_not_pass_and_a_proportion_counts_all() -> None:
    x = np.eye(10)
    found = sqlsel.select(
        proportion=0.4,
        strategies=[sqlsel.diversity(x), sqlsel.threshold(np.arange(10), ">=", 5)],
        preselected=[0, 1],
    )
    assert found.indices.tolist() == [5, 6, 7, 8]


def test_several_thresholds_must_all_be_met() -> None:
    values = np.arange(10)
    both = [sqlsel.threshold(values, ">", 3), sqlsel.threshold(values, "<", 6)]
    with pytest.warns(ShortSelection, match="2 samples selected of 5"):
        assert sqlsel.select(n=5, strategies=both).indices.tolist() == [4, 5]


def test_deduplicate_is_diversity_with_a_minimum_distance() -> None:
    x = [[1.0, 0], [1, 0.001], [0, 1]]
    strategy = sqlsel.deduplicate(x, 0.1)
    assert isinstance(strategy, sqlsel.deduplicate)
    with pytest.warns(ShortSelection):
        assert sqlsel.select(n=3, strategies=[strategy]).indices.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: sqlsel.threshold([1], "=>", 2), ValueError, "operation must be one of '<'"),
        (lambda: sqlsel.threshold([1], ">", "2"), TypeError, "bound must be a number, got '2'"),
        (lambda: sqlsel.threshold([1], ">", float("nan")), ValueError, "bound must be a finite"),
        (lambda: sqlsel.threshold([1], ">", True), TypeError, "bound must be a number"),
        (lambda: sqlsel.deduplicate([[1]], None), TypeError, "min_distance must be a number"),
        (lambda: sqlsel.deduplicate([[1]], -1), ValueError, "min_distance must be at least 0"),
    ],
)
def test_a_threshold_that_makes_no_sense_is_refused(make: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("values", [["a", "b"], [[1], [2]], [None, "a"]])
def test_what_is_no_number_is_refused(values: Any) -> None:
    with pytest.raises(InvalidInput, match="threshold: needs"):
        sqlsel.select(n=1, strategies=[sqlsel.threshold(values, ">", 0)])


def test_of_several_thresholds_all_must_be_met() -> None:
    values = np.arange(10)
    low, high = sqlsel.threshold(values, ">=", 3), sqlsel.threshold(values, "<", 6)
    for both in ([low, high], [high, low]):
        assert sqlsel.select(n=3, strategies=both).indices.tolist() == [3, 4, 5]
