"""What is said of candidates off the shortlist is never below what they score, samples without objects included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sqlsel.engine.kernels.nearest import Geometry
from sqlsel.engine.kernels.object_lists import WITHOUT, Objects, offsets_of
from sqlsel.engine.objective.object_spread import ObjectSpread
from sqlsel.engine.objective.object_sums import ObjectSums
from sqlsel.engine.objective.object_values import ObjectField
from sqlsel.engine.objective.protocol import Span


def values_of(rng: np.random.Generator, scale: float) -> np.ndarray:
    """Values of which the least may be far from 0, and samples without objects among them."""
    values = scale * (rng.random(12) + rng.random())
    values[rng.random(12) < 0.3] = WITHOUT
    return values


@pytest.mark.parametrize("strength", [2.0, 1.0, 0.5, -0.5, -1.0])
@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1.0, 50.0])
def test_no_term_rises_more_than_its_span_allows(strength: float, scale: float) -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        objective = ObjectSums(strength)
        then = scale * float(rng.random())
        objective.add_all(np.array([[then, then]]))
        values = values_of(rng, scale)
        before = objective.terms(values, then)
        objective.add(np.array([0, scale * rng.random()]), 0.0)
        risen = objective.terms(values, objective.total) - before
        span = Span(values.min(keepdims=True), values.max(keepdims=True))
        assert risen.max() <= objective.max_increases(span, then)[0] + 1e-12


def test_no_sample_is_farther_than_its_bound_nor_nearer_than_the_one_from_below() -> None:
    rng = np.random.default_rng(1)
    for seed in range(30):
        counts = rng.integers(0, 4, 40)
        x = rng.normal(size=(int(counts.sum()), 5)).astype(np.float32)
        column = Objects(x, offsets_of(counts))
        picks = rng.normal(size=(6, 5)).astype(np.float32)
        wide = ((x[:, None].astype(float) - picks[None]) ** 2).sum(axis=2).min(axis=1) / 2
        exact = [
            part.mean() if len(part) else WITHOUT for part in np.split(wide, column.offsets[1:-1])
        ]
        for strength in (1.0, -1.0):
            field: Any = ObjectSpread(strength, 0.0, Geometry(5)).field(column)
            assert isinstance(field, ObjectField)
            field.add_picks(picks)
            rows = slice(0, 40) if seed % 2 else rng.permutation(40)
            field.refresh(rows, 0)
            assert (np.sign(strength) * (field.values - exact) >= 0).all()
            assert np.abs(field.values - exact).max() < 1e-4
