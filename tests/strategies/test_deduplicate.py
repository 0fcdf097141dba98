"""DEDUPLICATE: the picks are those of DIVERSITY with a minimum distance, and it needs one."""

from __future__ import annotations

import numpy as np
import pytest

import sqlsel


def brute_force(vectors: np.ndarray, least: float) -> list[int]:
    """Farthest-first from row 0, until the farthest row left is nearer than ``least`` to a pick."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    picks = [0]
    while len(picks) < len(unit):
        nearest = np.min([np.linalg.norm(unit - unit[pick], axis=1) for pick in picks], axis=0)
        nearest[picks] = -1
        if nearest.max() < least:
            break
        picks.append(int(nearest.argmax()))
    return picks


@pytest.mark.parametrize("least", [0.05, 0.3, 0.9, 2.0])
@pytest.mark.filterwarnings("ignore::sqlsel.errors.ShortSelection")
def test_no_two_picks_are_closer_than_the_distance_and_no_other_row_could_be_added(
    least: float,
) -> None:
    rng = np.random.default_rng(3)
    vectors = rng.standard_normal((80, 3)).astype(np.float32)
    vectors[40:] = vectors[:40] * rng.uniform(0.5, 2, (40, 1)) + 1e-3 * vectors[40:]
    found = sqlsel.select(n=80, strategies=[sqlsel.deduplicate(vectors, least)])
    assert found.indices.tolist() == brute_force(vectors.astype(np.float64), least)
    same = sqlsel.select(n=80, strategies=[sqlsel.diversity(vectors, min_distance=least)])
    assert found.indices.tolist() == same.indices.tolist()


def test_a_distance_is_needed_and_checked() -> None:
    with pytest.raises(TypeError, match=r"^deduplicate needs min_distance; options: "):
        sqlsel.deduplicate([[1.0, 0]])  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"^min_distance must be a number, got None$"):
        sqlsel.deduplicate([[1.0, 0]], None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^min_distance must be at least 0, got -1$"):
        sqlsel.deduplicate([[1.0, 0]], -1)
    with pytest.raises(TypeError, match="deduplicate has no option cosine"):
        sqlsel.deduplicate([[1.0, 0]], cosine=0.9)  # type: ignore[call-arg]


def test_vectors_are_compared_at_unit_length_unless_told_otherwise() -> None:
    vectors = [[1.0, 0], [2.0, 0], [0, 1.0]]
    assert len(sqlsel.select(proportion=1.0, strategies=[sqlsel.deduplicate(vectors, 0.5)])) == 2
    plain = sqlsel.deduplicate(vectors, 0.5, normalize=False)
    assert len(sqlsel.select(proportion=1.0, strategies=[plain])) == 3
