"""The totals of a growing set, for gains, against the definition in float64."""

from __future__ import annotations

import numpy as np
import pytest

from sqlsel.engine.kernels.growing import totals_of_growing_set
from sqlsel.engine.kernels.nearest import Geometry, Points


def total(x: np.ndarray) -> float:
    """Σ ½ d² to the nearest other row; 0 for fewer than two."""
    if len(x) < 2:
        return 0.0
    d = ((x[:, None].astype(np.float64) - x[None]) ** 2).sum(axis=2)
    np.fill_diagonal(d, np.inf)
    return float(d.min(axis=1).sum() / 2)


@pytest.mark.parametrize("count", [0, 1, 2, 255, 256, 257, 600])
def test_they_are_those_of_the_definition(count: int) -> None:
    x = np.random.default_rng(count).normal(size=(count, 5)).astype(np.float32)
    found = totals_of_growing_set(Points(x, Geometry(5)), count)
    steps = [i for i in range(count) if i < 5 or i % 37 == 0 or i > count - 3]
    assert found[steps] == pytest.approx([total(x[:i]) for i in steps], rel=1e-5, abs=1e-6)


def test_the_points_before_are_compared_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).normal(size=(900, 3)).astype(np.float32)
    points = Points(x, Geometry(3))
    whole = totals_of_growing_set(points, 900)
    monkeypatch.setattr("sqlsel.engine.kernels.growing._BEFORE", 100)
    assert totals_of_growing_set(points, 900) == pytest.approx(whole, rel=1e-12)


def test_copies_have_no_distance() -> None:
    x = np.ones((300, 4), np.float32)
    assert totals_of_growing_set(Points(x, Geometry(4)), 2).tolist() == [0.0, 0.0]
