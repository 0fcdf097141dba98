"""The same picks as Lightly's own engine, and better ones where that has a defect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightly_mundig
import numpy as np
import pytest
from parity.brute_force import brute_force
from parity.cases import COMBINATIONS, solve
from parity.mundig import mundig, mundig_case

import sqlsel

NEAR = 1e-5  # its scores are float32


@pytest.mark.parametrize("count", [12, pytest.param(25, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kinds", COMBINATIONS, ids="+".join)
def test_small_pools_give_lightlys_picks_in_lightlys_order(
    kinds: tuple[str, ...], count: int
) -> None:
    complete = 0
    for seed in range(count):
        case = mundig_case(1000 * COMBINATIONS.index(kinds) + seed, kinds, least=20, most=200)
        picks, clear = brute_force(case, NEAR)
        assert solve(case).rows.tolist()[:clear] == mundig(case)[:clear], f"seed {seed}"
        complete += clear == len(picks)
    assert complete >= count // 3


@pytest.mark.parametrize("kinds", COMBINATIONS, ids="+".join)
def test_larger_pools_give_lightlys_set(kinds: tuple[str, ...]) -> None:
    compared = 0
    for seed in range(100):
        case = mundig_case(70_000 + seed, kinds, least=400, most=800)
        case.budget = 20
        picks, clear = brute_force(case, NEAR)
        if clear == len(picks):
            assert set(solve(case).rows.tolist()) == set(mundig(case)), f"seed {seed}"
            compared += 1
        if compared == 3:
            return
    pytest.fail(f"only {compared} cases are free of near-ties")


def theirs(add: Callable[[Any], Any], rows: int, n: int) -> list[int]:
    selection = lightly_mundig.Selection()
    add(selection)
    found: list[int] = selection.run_selection([], rows, n)
    return found


def apart(picks: list[int], x: np.ndarray) -> float:
    """The smallest distance between any two picks."""
    chosen = x[picks].astype(np.float64)
    gaps = np.sqrt(((chosen[:, None] - chosen[None]) ** 2).sum(axis=2))
    return float(gaps[np.triu_indices(len(picks), 1)].min())


def test_at_the_minimum_distance_sqlsel_skips_where_lightly_stops() -> None:
    """The weights want the row beside the first pick; two others are far enough from it."""
    x = np.array([[0], [0.1], [1], [5]], np.float32)
    w = np.array([3, 2.5, 0.2, 0.1], np.float32)

    def add(selection: Any) -> None:
        selection.add_diversifying_strategy(x, 0.01, 0.3)
        selection.add_weighting_strategy(w, 1.0)

    strategies = [
        sqlsel.diversity(x, strength=0.01, min_distance=0.3, normalize=False),
        sqlsel.weights(w),
    ]
    with pytest.warns(sqlsel.ShortSelection):
        ours = sqlsel.select(n=4, strategies=strategies).indices.tolist()
    assert len(theirs(add, 4, 4)) < 3
    assert sorted(ours) == [0, 2, 3]
    assert apart(ours, x) >= 0.3


def test_a_target_of_one_class_picks_that_class_first() -> None:
    is_car = np.array([0, 0, 1, 1])
    rows = np.stack([is_car, 1 - is_car], axis=1).astype(np.float32)
    lightly = theirs(lambda s: s.add_balancing_strategy(rows, [1.0, 0.0], 1.0), 4, 2)
    labels = ["car" if car else "bus" for car in is_car]
    ours = sqlsel.select(n=2, strategies=[sqlsel.balance(labels, {"car": 1.0})]).indices.tolist()
    assert not is_car[lightly[0]]
    assert ours == [2, 3]


def test_weights_that_are_all_negative_still_count() -> None:
    w = np.array([-1, -3, -0.5], np.float32)
    assert theirs(lambda s: s.add_weighting_strategy(w, 1.0), 3, 3) == [0, 1, 2]
    assert sqlsel.select(n=3, strategies=[sqlsel.weights(w)]).indices.tolist() == [2, 0, 1]


def test_asking_for_more_than_there_is_repeats_nobody() -> None:
    x = np.random.default_rng(0).normal(size=(6, 2)).astype(np.float32)
    lightly = theirs(lambda s: s.add_diversifying_strategy(x, 1.0, None), 6, 9)
    assert lightly[6:] == [0, 0, 0]
    with pytest.warns(sqlsel.ShortSelection, match="6 samples selected of 9 asked"):
        assert sorted(sqlsel.select(x, n=9).indices.tolist()) == list(range(6))


def test_wrong_lengths_are_an_error_that_can_be_caught_and_no_panic() -> None:
    x = np.zeros((3, 2), np.float32)

    def add(selection: Any) -> None:
        selection.add_diversifying_strategy(x, 1.0, None)
        selection.add_weighting_strategy(np.ones(5, np.float32), 1.0)

    with pytest.raises(BaseException, match="IncompatibleShape") as panic:
        theirs(add, 3, 2)
    assert not isinstance(panic.value, Exception)
    with pytest.raises(sqlsel.InvalidInput, match="inputs of different lengths"):
        sqlsel.select(n=2, strategies=[sqlsel.diversity(x), sqlsel.weights(np.ones(5))])


def test_ragged_vectors_are_an_error_that_names_the_row_and_no_panic() -> None:
    with pytest.raises(BaseException, match="OutOfBounds") as panic:
        theirs(lambda s: s.add_diversifying_strategy([[1, 2], [3]], 1.0, None), 2, 1)
    assert not isinstance(panic.value, Exception)
    with pytest.raises(sqlsel.InvalidInput, match="first at row 1: length 1"):
        sqlsel.select([[1, 2], [3], [4, 5]], n=1)


def test_a_preselected_row_that_does_not_exist_is_an_error_and_no_panic() -> None:
    w = np.ones(3, np.float32)
    selection = lightly_mundig.Selection()
    selection.add_weighting_strategy(w, 1.0)
    with pytest.raises(BaseException, match="bigger than the number of samples") as panic:
        selection.run_selection([7], 3, 2)
    assert not isinstance(panic.value, Exception)
    with pytest.raises(sqlsel.InvalidInput, match="row numbers must lie between 0 and 2"):
        sqlsel.select(n=1, strategies=[sqlsel.weights(w)], preselected=[7])


def test_nan_is_refused_and_not_passed_on() -> None:
    w = np.array([1, np.nan, 2], np.float32)
    x = np.array([[1, 0], [np.nan, 0], [0, 1]], np.float32)
    assert len(theirs(lambda s: s.add_weighting_strategy(w, 1.0), 3, 2)) == 2
    assert len(theirs(lambda s: s.add_diversifying_strategy(x, 1.0, None), 3, 2)) == 2
    for strategy in (sqlsel.weights(w), sqlsel.diversity(x)):
        with pytest.raises(sqlsel.InvalidInput, match="NaN"):
            sqlsel.select(n=2, strategies=[strategy])


def test_an_infinite_weight_is_refused_and_not_turned_into_index_order() -> None:
    w = np.array([1, np.inf, 2, 3], np.float32)
    assert theirs(lambda s: s.add_weighting_strategy(w, 1.0), 4, 3) == [1, 0, 2]
    with pytest.raises(sqlsel.InvalidInput, match="infinite"):
        sqlsel.select(n=3, strategies=[sqlsel.weights(w)])


def test_data_far_from_the_origin_keep_their_order() -> None:
    x = (np.random.default_rng(0).normal(size=(150, 4)) + 1024).astype(np.float32)
    wide = x.astype(np.float64)
    wanted, near = [0], ((wide - wide[0]) ** 2).sum(axis=1)
    while len(wanted) < 40:
        wanted.append(int(near.argmax()))
        near = np.minimum(near, ((wide - wide[wanted[-1]]) ** 2).sum(axis=1))
    lightly = theirs(lambda s: s.add_diversifying_strategy(x, 1.0, None), 150, 40)
    ours = sqlsel.select(n=40, strategies=[sqlsel.diversity(x, normalize=False)])
    assert lightly != wanted
    assert ours.indices.tolist() == wanted


def test_the_minimum_distance_holds_far_from_the_origin() -> None:
    x = (np.arange(40).reshape(-1, 1) / 32 + 128).astype(np.float32)
    lightly = theirs(lambda s: s.add_diversifying_strategy(x, 1.0, 1 / 32), 40, 40)
    ours = sqlsel.select(
        n=40, strategies=[sqlsel.diversity(x, min_distance=1 / 32, normalize=False)]
    )
    assert len(lightly) < 40
    assert len(ours) == 40


def test_the_picks_do_not_depend_on_the_order_of_the_rows() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(50, 3)).astype(np.float32)
    turned = rng.permutation(50)
    lightly = theirs(lambda s: s.add_diversifying_strategy(x, 1.0, None), 50, 10)
    again = theirs(lambda s: s.add_diversifying_strategy(x[turned], 1.0, None), 50, 10)
    assert set(turned[again].tolist()) != set(lightly)
    ours = sqlsel.select(x, n=10).indices.tolist()
    shuffled = sqlsel.select(x[turned], n=10, ids=turned).indices
    assert turned[shuffled].tolist() == ours


def test_a_sample_preselected_twice_counts_once() -> None:
    x = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)
    selection = lightly_mundig.Selection()
    selection.add_diversifying_strategy(x, 1.0, None)
    assert len(set(selection.run_selection([3, 3], 10, 4))) == 3
    ours = sqlsel.select(x, n=4, preselected=[3, 3], n_counts="total").indices.tolist()
    assert len(set(ours) | {3}) == 4
