"""The same picks as Lightly's own engine for samples with objects, and typicality as it computes it."""

from __future__ import annotations

from typing import Any

import lightly_mundig
import numpy as np
import pytest
from parity.objects import Case, brute_force, distances_worth, solve

import sqlsel
from sqlsel import ShortSelection

NEAR = 1e-5  # its scores are float32
KINDS = ("diversity", "similarity", "typicality")


def case_of(seed: int, kinds: tuple[str, ...]) -> Case:
    """Row 0 has objects, so that both begin there; no minimum distance."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 50))
    counts = rng.integers(0, 5, n)
    counts[0] = 2
    x = rng.normal(size=(int(counts.sum()), 4)).astype(np.float32)
    lists = np.split(x, np.cumsum(counts)[:-1])
    given: dict[str, Any] = {
        "similarity": {"query": rng.normal(size=(3, 4)).astype(np.float32)},
        "typicality": {"neighbors": int(rng.integers(2, 12))},
        "diversity": {},
    }
    options = [given[kind] | {"strength": float(rng.choice([0.5, 1, 2, -0.5]))} for kind in kinds]
    w = rng.random(n).astype(np.float32).astype(np.float64)
    return Case(
        [*kinds, "weights"],
        [*([lists] * len(kinds)), w],
        [*options, {"strength": 1.0}],
        np.arange(n),
        np.ones(n, np.bool_),
        rng.random(n) < float(rng.choice([0, 0.1])),
        10,
        {"parts": 2, "size": 8, "cut": seed},
    )


def subparts(lists: list[np.ndarray]) -> tuple[np.ndarray, list[list[int]]]:
    """All objects, and the numbers of each sample's."""
    ends = np.cumsum([len(x) for x in lists]).tolist()
    starts = [0, *ends[:-1]]
    numbers = [list(range(a, b)) for a, b in zip(starts, ends, strict=True)]
    return np.concatenate(lists).astype(np.float32), numbers


def mundig(case: Case) -> list[int]:
    """Its new picks in order."""
    selection = lightly_mundig.Selection()
    for kind, data, option in zip(case.kinds, case.data, case.options, strict=True):
        strength = option["strength"]
        if kind == "weights":
            selection.add_weighting_strategy(data.astype(np.float32), strength)
            continue
        x, numbers = subparts(data)
        if kind == "diversity":
            selection.add_subpart_diversifying_strategy(x, numbers, strength)
        elif kind == "similarity":
            selection.add_subpart_similarity_strategy(x, option["query"], numbers, strength)
        else:
            count = option["neighbors"]
            selection.add_subpart_typicality_strategy(x, numbers, strength, count)
    before = np.flatnonzero(case.preselected).tolist()
    found = selection.run_selection(before, len(case.order), case.budget + len(before))
    return [int(i) for i in found[len(before) :]]


@pytest.mark.parametrize(
    "kinds", [("diversity",), ("similarity",), ("typicality",), KINDS], ids="+".join
)
def test_samples_with_objects_give_lightlys_picks(
    kinds: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parity.objects.NEAR", NEAR)
    compared = 0
    for seed in range(40):
        case = case_of(1000 * len(kinds) + seed, kinds)
        picks, clear, _ = brute_force(case)
        assert solve(case).rows.tolist() == picks
        assert mundig(case)[:clear] == picks[:clear], f"seed {seed}"
        compared += clear
    assert compared > 350


def test_the_minimum_distance_is_of_the_root_mean_square_as_lightlys_is() -> None:
    """Both end where the mean of d² over the objects of every candidate is below the square of the minimum."""
    stopped = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        lists = [
            rng.normal(size=(int(rng.integers(1, 4)), 3)).astype(np.float32) for _ in range(15)
        ]
        least = float(rng.choice([0.7, 1.0, 1.3]))
        x, numbers = subparts(lists)
        selection = lightly_mundig.Selection()
        selection.add_subpart_diversifying_strategy(x, numbers, 1.0, least)
        lightly = selection.run_selection([0], 15, 11)[1:]
        strategy = sqlsel.diversity(lists, min_distance=least, normalize=False)
        with pytest.warns(ShortSelection):
            ours = sqlsel.select(n=15, strategies=[strategy], preselected=[0]).indices.tolist()
        assert ours[: len(lightly)] == lightly, f"seed {seed}"
        if len(lightly) < 10:  # alone, the best candidate is the farthest: nobody is left
            left = np.setdiff1d(np.arange(15), [0, *lightly])
            _, near, _ = distances_worth(lists, [0, *lightly], left)
            assert near.max() < least**2 / 2
            assert ours == lightly
            stopped += 1
    assert stopped > 20


def test_a_minimum_typicality_bars_samples_without_objects() -> None:
    x = np.random.default_rng(0).normal(size=(12, 2)).astype(np.float32)
    lists = [x[i : i + 1] for i in range(12)]
    lists[4] = x[:0]
    strategy = sqlsel.typicality(lists, neighbors=3, min_typicality=0.4, normalize=False)
    with pytest.warns(ShortSelection):
        ours = sqlsel.select(n=12, strategies=[strategy]).indices.tolist()
    kept, numbers = subparts(lists)
    selection = lightly_mundig.Selection()
    selection.add_subpart_typicality_strategy(kept, numbers, 1.0, 3, 0.4)
    assert ours == list(selection.run_selection([], 12, 12))
