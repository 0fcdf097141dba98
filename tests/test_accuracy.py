"""DIVERSITY is worth labels where the pool is redundant or has a long tail."""

from __future__ import annotations

import pytest
from accuracy import Gain, gains

# Published means, random and DIVERSITY, in percent of balanced accuracy.
SHOWN = {
    ("redundant", 50): (77.1, 86.1),
    ("redundant", 100): (85.0, 92.2),
    ("redundant", 200): (87.9, 93.8),
    ("long tail", 50): (61.1, 77.1),
    ("long tail", 100): (68.1, 82.8),
    ("long tail", 200): (76.3, 83.0),
}


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, int], Gain]:
    return {(gain.pool, gain.n): gain for gain in gains("redundant", "long tail")}


@pytest.mark.slow
@pytest.mark.parametrize("case", SHOWN, ids=lambda case: f"{case[0]}-{case[1]}".replace(" ", "-"))
def test_diversity_beats_random_by_half_of_the_gap_shown(
    case: tuple[str, int], found: dict[tuple[str, int], Gain]
) -> None:
    random, diversity = SHOWN[case]
    gain = found[case]
    assert (gain.diversity - gain.random).mean() >= (diversity - random) / 2
    assert gain.wins >= 18
