"""Who asks for a cosine is told how it is said with a distance, in the words of the surface."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sqlsel
import sqlsel.polars as sel

VECTORS = np.eye(3)


@pytest.mark.parametrize("module", [sqlsel, sel])
def test_a_similarity_is_told_as_a_distance(module: Any) -> None:
    with pytest.raises(TypeError, match=r"a cosine of 0\.95 is a distance of 0\.3162 .*: min_dist"):
        module.diversity(VECTORS, similarity=0.95)


@pytest.mark.parametrize("module", [sqlsel, sel])
def test_a_metric_is_told_that_there_is_one(module: Any) -> None:
    for strategy in (module.diversity, module.typicality):
        with pytest.raises(TypeError, match=r"sqrt\(2 - 2 \* cosine\).*leave metric out"):
            strategy(VECTORS, metric="cosine")


def test_all_other_slips_are_told_by_python() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'similarity'"):
        sqlsel.weights([1.0], similarity=0.95)
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        sqlsel.diversity(VECTORS, colour=1)


def test_the_distance_that_is_told_is_the_cosine() -> None:
    cosine = 0.95
    a, b = np.array([1.0, 0]), np.array([cosine, np.sqrt(1 - cosine**2)])
    assert abs(np.linalg.norm(a - b) - 0.3162) < 1e-4
