"""Ties: exact ones go to the lowest id, and a pool full of them does not cost much memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import sqlsel

ROWS = 10_000
LIMIT = 100 << 20  # bytes; a matrix of all pairs would take 400 MB


def peak_of(strategies: Sequence[Any], n: int) -> tuple[list[int], int]:
    """The picks, and the most memory that was in use at any time."""
    tracemalloc.start()
    try:
        picks = sqlsel.select(n=n, strategies=strategies).indices.tolist()
        return picks, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def cloud(rows: int, dimension: int = 8) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(rows, dimension)).astype(np.float32)


@pytest.mark.parametrize("beside", ["categories", "equal weights", "two weights"])
def test_a_first_pick_among_thousands_of_equals_needs_no_matrix_of_all_pairs(beside: str) -> None:
    labels = np.random.default_rng(1).integers(0, 4, ROWS)
    other = {
        "categories": sqlsel.balance([f"class {label}" for label in labels]),
        "equal weights": sqlsel.weights(np.ones(ROWS)),
        "two weights": sqlsel.weights(labels % 2),
    }[beside]
    _, peak = peak_of([other, sqlsel.diversity(cloud(ROWS), normalize=False)], n=5)
    assert peak < LIMIT


def test_a_pool_where_only_copies_are_left_needs_no_matrix_of_all_pairs() -> None:
    copies = cloud(10).repeat(ROWS // 10, axis=0)
    picks, peak = peak_of([sqlsel.diversity(copies, normalize=False)], n=15)
    assert sorted(row // (ROWS // 10) for row in picks[:10]) == list(range(10))
    assert picks[10:] == [1, 2, 3, 4, 5]
    assert peak < LIMIT


def test_equal_products_of_different_factors_are_ties_and_go_to_the_lowest_id() -> None:
    pairs = np.array([(3, 4), (2, 6), (12, 1), (1, 12), (4, 3), (6, 2)], float)
    for turned in (pairs, pairs[::-1], np.roll(pairs, 2, axis=0)):
        strategies = [sqlsel.weights(turned[:, 0]), sqlsel.weights(turned[:, 1])]
        assert sqlsel.select(n=1, strategies=strategies).indices.tolist() == [0]


def test_equal_products_whose_logarithms_round_apart_are_ties_too() -> None:
    """ln 2 + ln 5 and ln 1 + ln 10 differ in their last digit, as float64 has them: decimals decide."""
    for product in range(2, 100):
        pairs = [(a, product // a) for a in range(1, product + 1) if product % a == 0]
        for turned in (np.array(pairs, float), np.array(pairs[::-1], float)[1:]):
            strategies = [sqlsel.weights(turned[:, 0]), sqlsel.weights(turned[:, 1])]
            assert sqlsel.select(n=1, strategies=strategies).indices.tolist() == [0], product


def test_a_product_larger_by_one_unit_in_the_last_place_wins_against_a_lower_id() -> None:
    above = np.nextafter(4.0, 5.0)
    strategies = [sqlsel.weights([2.0, 3.0, 3.0]), sqlsel.weights([6.0, 4.0, above])]
    assert sqlsel.select(n=1, strategies=strategies).indices.tolist() == [2]


def test_the_sign_of_a_strength_counts_where_a_tie_is_decided() -> None:
    """3 / 2 and 6 / 4, which are equal; as products they would not be."""
    strategies = [sqlsel.weights([2.0, 4.0], strength=-1), sqlsel.weights([3.0, 6.0])]
    assert sqlsel.select(n=1, strategies=strategies).indices.tolist() == [0]


def test_the_floor_is_the_same_where_a_tie_is_decided() -> None:
    """2⁻²⁴ and 2⁻²⁵ lie just above it: with the other weights the products are equal."""
    tiny, other = [2.0**-24, 2.0**-25, 1.0], [1.0, 2.0, 0.0]
    strategies = [sqlsel.weights(tiny), sqlsel.weights(other)]
    assert sqlsel.select(n=1, strategies=strategies).indices.tolist() == [0]


def test_a_distance_larger_by_one_unit_of_float32_wins_against_a_lower_id() -> None:
    above = np.nextafter(np.float32(1), np.float32(2))
    x = np.array([[0, 0], [0, 1], [1, 0], [-above, 0]], np.float32)
    assert sqlsel.select(n=2, strategies=[sqlsel.diversity(x, normalize=False)]).indices[1] == 3


def test_a_near_tie_far_from_the_origin_is_decided_by_the_vectors_as_they_are() -> None:
    far = np.float32(2**22)  # there float32 has steps of 0.5; products of such numbers know nothing
    x = np.array([[0, 0], [3, 4], [5.5, 0], [0, -5]], np.float32) + far
    strategies = [sqlsel.diversity(x, normalize=False)]
    assert sqlsel.select(n=4, strategies=strategies).indices.tolist() == [0, 2, 3, 1]


def test_on_a_grid_every_tie_goes_to_the_lowest_id() -> None:
    x = np.stack(np.meshgrid(np.arange(5.0), np.arange(5.0)), axis=2).reshape(25, 2)
    strategies = [sqlsel.diversity(x, normalize=False)]
    assert sqlsel.select(n=6, strategies=strategies).indices.tolist() == [0, 24, 4, 20, 12, 2]


def test_ids_and_not_places_break_ties() -> None:
    x = np.ones((5, 2))
    picks = sqlsel.select(x, n=5, ids=[30, 10, 50, 20, 40]).indices.tolist()
    assert picks == [1, 3, 0, 4, 2]
