"""Bounds of distances are never violated and exact ones are exact, also far from the origin."""

from __future__ import annotations

import numpy as np
import pytest

from sqlsel.engine.kernels.exact import half_squared
from sqlsel.engine.kernels.nearest import (
    Geometry,
    Points,
    choose_geometry,
    exact_nearest,
    lower_to_points,
)

SHAPES = {
    "normal": lambda x, rng: x,
    "unit": lambda x, rng: x / np.linalg.norm(x, axis=1, keepdims=True),
    "far": lambda x, rng: x + 1000 * rng.normal(size=x.shape[1]),
    "very far": lambda x, rng: 1e7 + x * 1e-2,
    "two far clouds": lambda x, rng: x + 3e4 * (np.arange(len(x)) % 2)[:, None],
    "wild scales": lambda x, rng: x * 10.0 ** rng.uniform(-6, 6, (len(x), 1)),
    "copies": lambda x, rng: x[rng.integers(0, max(1, len(x) // 8), len(x))],
    "grid": lambda x, rng: np.rint(x * 2),
    "nearly copies": lambda x, rng: x[:1] + 1e-6 * x,
}
KINDS = list(SHAPES)


def cloud(kind: str, seed: int, rows: int, dimension: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, dimension))
    return np.asarray(SHAPES[kind](x, rng), np.float32)


def true_nearest(rows: np.ndarray, points: np.ndarray) -> np.ndarray:
    return np.array([half_squared(points, row).min(initial=np.inf) for row in rows])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dimension", [1, 3, 64, 513])
def test_bounds_hold_from_above_and_from_below(kind: str, dimension: int) -> None:
    for seed in range(3):
        x = cloud(kind, seed, 120, dimension)
        rows, picks = x, x[np.random.default_rng(seed).integers(0, 120, 40)]
        true = true_nearest(rows, picks)
        for geometry in (choose_geometry(x), Geometry(dimension)):
            for from_above in (True, False):
                values = np.full(len(rows), np.inf, np.float32)
                points = Points(picks, geometry)
                lower_to_points(values, rows, geometry.norms(rows), points, from_above=from_above)
                wide = values.astype(np.float64)
                assert (wide >= true if from_above else wide <= true).all()


def test_bounds_only_fall_and_take_account_of_all_points() -> None:
    x = cloud("normal", 0, 400, 8)
    geometry = choose_geometry(x)
    once, steps = (np.full(400, np.inf, np.float32) for _ in range(2))
    norms = geometry.norms(x)
    lower_to_points(once, x, norms, Points(x[:300], geometry), from_above=True)
    for at in range(0, 300, 7):
        before = steps.copy()
        points = Points(x[at : min(at + 7, 300)], geometry)
        lower_to_points(steps, x, norms, points, from_above=True)
        assert (steps <= before).all()
    assert steps == pytest.approx(once, abs=1e-4)


def test_the_bound_is_tight_enough_to_be_of_use() -> None:
    x = cloud("unit", 0, 500, 128)
    geometry = choose_geometry(x)
    values = np.full(500, np.inf, np.float32)
    lower_to_points(values, x, geometry.norms(x), Points(x[:50], geometry), from_above=True)
    assert (values - true_nearest(x, x[:50])).max() < 1e-4


@pytest.mark.parametrize("kind", KINDS)
def test_exact_values_have_the_bits_of_the_fixed_tree(kind: str) -> None:
    for seed, dimension in ((0, 1), (1, 5), (2, 100)):
        x = cloud(kind, seed, 200, dimension)
        picks = x[::3]
        for geometry in (choose_geometry(x), Geometry(dimension)):
            found = exact_nearest(x, Points(picks, geometry))
            assert np.array_equal(found, true_nearest(x, picks))


@pytest.mark.parametrize("kind", KINDS)
def test_known_upper_bounds_change_no_exact_value(kind: str) -> None:
    x = cloud(kind, 4, 200, 16)
    points = Points(x[:30], choose_geometry(x))
    upper = np.full(200, np.inf, np.float32)
    lower_to_points(
        upper, x, points.geometry.norms(x), Points(x[:20], points.geometry), from_above=True
    )
    found = exact_nearest(x, points, upper.astype(np.float64))
    assert np.array_equal(found, true_nearest(x, x[:30]))


@pytest.mark.parametrize("kind", KINDS)
def test_among_others_a_row_is_not_its_own_neighbour(kind: str) -> None:
    x = cloud(kind, 5, 80, 6)
    found = exact_nearest(x, Points(x, choose_geometry(x)), others=True)
    half = np.array([half_squared(x, row) for row in x])
    np.fill_diagonal(half, np.inf)
    assert np.array_equal(found, half.min(axis=1))


def test_without_points_the_distance_is_infinite() -> None:
    x = cloud("normal", 0, 5, 3)
    nobody = Points(x[:0], Geometry(3))
    assert exact_nearest(x, nobody).tolist() == [np.inf] * 5
    values = np.full(5, np.inf, np.float32)
    lower_to_points(values, x, Geometry(3).norms(x), nobody, from_above=True)
    assert np.isinf(values).all()


def test_one_sample_has_no_other() -> None:
    x = cloud("normal", 0, 1, 3)
    assert exact_nearest(x, Points(x, Geometry(3)), others=True).tolist() == [np.inf]


def test_a_cloud_is_centred_only_where_it_lies_far_from_the_origin() -> None:
    assert choose_geometry(cloud("normal", 0, 500, 8)).centre is None
    assert choose_geometry(cloud("very far", 0, 500, 8)).centre is not None
    assert choose_geometry(np.empty((0, 8), np.float32)).centre is None
