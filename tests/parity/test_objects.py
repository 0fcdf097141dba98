"""Objects, typicality and limited sums: the picks are those of the definition, in order."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import pytest
from parity.objects import KINDS, Case, brute_force, generate, solve

COMBINATIONS = [c for size in (1, 2, 3) for c in combinations(KINDS, size) if c != ("balance",)]
CASES = 30


@cache
def defined(seed: int, kinds: tuple[str, ...]) -> tuple[list[int], int, str]:
    """What the definition says of a case; two tests ask for it."""
    return brute_force(generate(seed, kinds))


def seeds(kinds: tuple[str, ...], half: int) -> range:
    first = 1000 * COMBINATIONS.index(kinds) + half * CASES // 2
    return range(first, first + CASES // 2)


HALVES = pytest.mark.parametrize("half", [0, pytest.param(1, marks=pytest.mark.slow)])


@HALVES
@pytest.mark.parametrize("kinds", COMBINATIONS, ids="+".join)
def test_picks_equal_the_definition_in_order(kinds: tuple[str, ...], half: int) -> None:
    compared = picked = 0
    for seed in seeds(kinds, half):
        case = generate(seed, kinds)
        wanted, clear, ended = defined(seed, kinds)
        found = solve(case)
        name = f"generate({seed}, {kinds})"
        assert found.rows.tolist()[:clear] == wanted[:clear], name
        if clear == len(wanted):
            assert (found.rows.tolist(), found.stopped_by) == (wanted, ended), name
        compared, picked = compared + clear, picked + len(wanted)
    assert compared > 0.6 * picked


@pytest.mark.parametrize("halves", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_generated_cases_cover_what_they_are_meant_to_cover(halves: int) -> None:
    every = [
        (seed, kinds)
        for kinds in COMBINATIONS
        for half in range(halves)
        for seed in seeds(kinds, half)
    ]
    cases = [generate(*one) for one in every]
    ended = [defined(*one)[2] for one in every]
    assert all(ended.count(why) > 50 * halves for why in ("budget", "max_sum", "nobody feasible"))
    for trait in (has_empty_samples, sum_may_fall, has_preselected, has_negative_strength):
        assert sum(map(trait, cases)) > 50 * halves, trait.__name__


def has_empty_samples(case: Case) -> bool:
    lists = [x for kind, x in zip(case.kinds, case.data, strict=True) if kind == "diversity"]
    return any(len(sample) == 0 for x in lists for sample in x)


def sum_may_fall(case: Case) -> bool:
    return any(
        kind == "weights" and "target_range" in option and bool((x < 0).any())
        for kind, x, option in zip(case.kinds, case.data, case.options, strict=True)
    )


def has_preselected(case: Case) -> bool:
    return bool(case.preselected.any())


def has_negative_strength(case: Case) -> bool:
    return any(option["strength"] < 0 for option in case.options)


@pytest.mark.parametrize(
    "kinds", [("diversity",), ("diversity", "weights"), ("typicality", "diversity")]
)
def test_a_shorter_run_is_the_beginning_of_a_longer_one(kinds: tuple[str, ...]) -> None:
    for seed in range(15):
        case = generate(50_000 + seed, kinds)
        whole = solve(case).rows.tolist()
        case.budget = max(1, case.budget // 2)
        assert solve(case).rows.tolist() == whole[: case.budget]
