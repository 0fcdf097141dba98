"""Same rows, same options: same picks, whatever computes them and in whatever pieces and order."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import replace
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy._core._multiarray_umath import __cpu_features__
from parity.brute_force import Case, half_squared_distances
from parity.cases import COMBINATIONS, generate, prepare, solve, split_of

import sqlsel
from sqlsel.engine.optimizer import selection
from sqlsel.engine.optimizer.greedy import select
from sqlsel.engine.optimizer.partition import Partition
from sqlsel.engine.optimizer.plan import make_plan, part_of
from sqlsel.engine.optimizer.pool import Pool
from sqlsel.engine.optimizer.selection import Problem, _add_preselected, eligible

TESTS = Path(__file__).parents[1]


EACH = pytest.mark.parametrize("kinds", COMBINATIONS, ids="+".join)
HALVES = pytest.mark.parametrize("half", [0, pytest.param(1, marks=pytest.mark.slow)])


def cases(kinds: Sequence[str], count: int, first: int = 0) -> list[Case]:
    """Of the rows of all pools but the first 30 on average, since half of their number is picked."""
    return [
        generate(500_000 + first + seed, list(kinds), most=60 if seed else 120)
        for seed in range(count)
    ]


# ---- pieces


@EACH
@HALVES
def test_the_number_of_partitions_changes_no_pick(kinds: tuple[str, ...], half: int) -> None:
    for case in cases(kinds, 4)[half::2]:
        whole = solve(case, split=None).rows.tolist()
        for parts in (3, 16):
            cut = replace(case, shape=case.shape | {"parts": parts})
            assert solve(cut).rows.tolist() == whole


@EACH
@HALVES
def test_partitions_with_copies_of_the_objectives_change_no_pick(
    kinds: tuple[str, ...], half: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in another process: the copies are never told of a pick, and totals say all that is needed."""
    some = cases(kinds, 4)[half::2]
    whole = [solve(case, size=2).rows.tolist() for case in some]
    monkeypatch.setattr(
        selection, "Partition", lambda plan, *rest: Partition(deepcopy(plan), *rest)
    )
    assert [solve(case, size=2).rows.tolist() for case in some] == whole


@EACH
@HALVES
def test_the_size_of_the_shortlist_changes_no_pick(kinds: tuple[str, ...], half: int) -> None:
    for case in cases(kinds, 4, first=100)[half::2]:
        usual = solve(case, size=None).rows.tolist()
        for size in (1, 2, 7, 1000):
            assert solve(case, size=size).rows.tolist() == usual


@EACH
@HALVES
def test_the_order_in_which_rows_arrive_changes_no_pick(kinds: tuple[str, ...], half: int) -> None:
    rng = np.random.default_rng(11)
    for case in cases(kinds, 4, first=200)[half::2]:
        turned = rng.permutation(len(case.order))
        other = replace(
            case,
            data=[x[turned] for x in case.data],
            order=case.order[turned],
            waiting=case.waiting[turned],
            preselected=case.preselected[turned],
        )
        assert turned[solve(other).rows].tolist() == solve(case).rows.tolist()


@pytest.mark.parametrize("ids", ["numbers", "text"])
def test_shuffled_rows_with_their_ids_give_the_same_ids(ids: str) -> None:
    rng = np.random.default_rng(4)
    x, w = rng.normal(size=(300, 6)), rng.integers(0, 4, 300)
    labels = rng.integers(0, 3, 300)
    names = np.array([i * 7 + 3 for i in range(300)])
    if ids == "text":
        names = np.array([f"camera/{name}.jpg" for name in names])
    found = []
    for turned in (np.arange(300), rng.permutation(300), rng.permutation(300)):
        strategies = [
            sqlsel.diversity(x[turned]),
            sqlsel.weights(w[turned]),
            sqlsel.balance(labels[turned]),
            sqlsel.random(strength=0.5),
        ]
        picks = sqlsel.select(n=40, strategies=strategies, ids=names[turned], seed=5)
        found.append(names[turned][picks.indices].tolist())
    assert found[0] == found[1] == found[2]


# ---- machines


def environments() -> dict[str, dict[str, str]]:
    """What other machines would compute with, as far as this one can play them."""
    given = {f"{n} threads": {"OPENBLAS_NUM_THREADS": n, "OMP_NUM_THREADS": n} for n in ("1", "2")}
    for core in ("Haswell", "Sandybridge", "Prescott"):
        if core != "Haswell" or __cpu_features__.get("AVX2"):
            given[core] = {"OPENBLAS_CORETYPE": core, "OPENBLAS_NUM_THREADS": "2"}
    features = [name for name in ("X86_V3", "X86_V4", "AVX512_ICL") if __cpu_features__.get(name)]
    if features:
        given["no " + ", ".join(features)] = {"NPY_DISABLE_CPU_FEATURES": " ".join(features)}
    return given


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_threads_processors_and_libraries_change_no_pick(every: bool) -> None:
    given = environments()
    if not every:  # the two that are least alike
        given = {name: given[name] for name in ("1 threads", "Prescott")}
    with ThreadPoolExecutor(2) as pool:
        hashes = dict(pool.map(hash_of_picks, given.items()))
    assert len(hashes) >= (5 if every else 2)
    assert len(set(hashes.values())) == 1, hashes


def hash_of_picks(given: tuple[str, dict[str, str]]) -> tuple[str, str]:
    name, changed = given
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    done = subprocess.run(
        [sys.executable, "-m", "parity.picks_hash"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": path} | changed,
        cwd=TESTS,
    )
    assert (done.returncode, done.stderr) == (0, ""), name
    return name, done.stdout.strip()


# ---- partitions that forget


class Forgetful:
    """A partition whose process dies now and then: a new one takes over that knows of nothing."""

    def __init__(self, make: Any, rng: np.random.Generator) -> None:
        self._make, self._rng, self._part = make, rng, make()
        self.forgot = 0

    def bounds(self, start: int, batches: Any, totals: Any, size: int) -> Any:
        if start > 0 and self._rng.random() < 0.6:
            self._part = self._make()
            self.forgot += 1
        return self._part.bounds(start, batches, totals, size)

    def rows(self, numbers: Any) -> Any:
        return self._part.rows(numbers)


def solve_forgetting(case: Case, seed: int) -> tuple[list[int], int]:
    """Row numbers of the picks, and how often a partition forgot."""
    problem = Problem(prepare(case), case.order, case.waiting, case.preselected, case.budget)
    plan, groups, columns = make_plan(problem.prepared)
    _add_preselected(problem, plan, groups, columns)
    waiting = eligible(problem)
    rng = np.random.default_rng(seed)

    def maker(rows: Any) -> Any:
        given = [part_of(column, rows) for column in columns]
        return lambda: Partition(plan, case.order[rows], given, groups[rows], waiting[rows])

    parts = [Forgetful(maker(rows), rng) for rows in split_of(case)]
    picks = select(Pool(parts), plan, case.budget, size=1)
    place = np.argsort(case.order)
    return place[picks.order].tolist(), sum(part.forgot for part in parts)


@EACH
def test_partitions_that_forget_are_told_again_and_change_no_pick(kinds: tuple[str, ...]) -> None:
    forgot = 0
    for seed, case in enumerate(cases(kinds, 6, first=300)):
        picks, times = solve_forgetting(case, seed)
        assert picks == solve(case).rows.tolist(), f"seed {seed}"
        forgot += times
    assert forgot >= 3


# ---- what must follow from what


@EACH
@HALVES
def test_more_picks_begin_with_the_fewer_ones(kinds: tuple[str, ...], half: int) -> None:
    for case in cases(kinds, 4, first=400)[half::2]:
        longest = solve(replace(case, budget=len(case.order) + 1)).rows.tolist()
        for budget in (1, 2, 5, len(longest) // 2 + 1):
            picks = solve(replace(case, budget=budget)).rows.tolist()
            assert picks == longest[:budget]


@pytest.mark.parametrize("minimum", [0.2, 0.7, 1.2])
def test_more_picks_begin_with_the_fewer_ones_also_at_a_minimum_distance(minimum: float) -> None:
    x = np.random.default_rng(8).normal(size=(200, 4))
    strategies = [sqlsel.diversity(x, min_distance=minimum)]
    with pytest.warns(sqlsel.ShortSelection):
        longest = sqlsel.select(n=200, strategies=strategies).indices.tolist()
    for n in range(1, len(longest), 7):
        assert sqlsel.select(n=n, strategies=strategies).indices.tolist() == longest[:n]


@EACH
@HALVES
def test_selecting_twice_with_the_first_preselected_is_selecting_once(
    kinds: tuple[str, ...], half: int
) -> None:
    for case in cases(kinds, 6, first=500)[half::2]:
        both = solve(case).rows.tolist()
        for first in (1, len(both) // 2):
            seen = case.preselected.copy()
            seen[both[:first]] = True
            if not np.array_equal(case.waiting | case.preselected, case.waiting | seen):
                pytest.fail("a pick was no candidate")
            rest = replace(case, preselected=seen, budget=case.budget - len(both[:first]))
            assert solve(rest).rows.tolist() == both[first:]


@EACH
@HALVES
def test_the_order_of_the_strategies_changes_no_pick(kinds: tuple[str, ...], half: int) -> None:
    for case in cases(kinds, 4, first=600)[half::2]:
        usual = solve(case).rows.tolist()
        for turned in permutations(range(len(case.kinds))):
            other = replace(
                case,
                kinds=[case.kinds[j] for j in turned],
                data=[case.data[j] for j in turned],
                options=[case.options[j] for j in turned],
            )
            assert solve(other).rows.tolist() == usual


@EACH
@HALVES
def test_neither_preselected_nor_excluded_samples_are_picked_and_nobody_twice(
    kinds: tuple[str, ...], half: int
) -> None:
    for case in cases(kinds, 4, first=700)[half::2]:
        picks = solve(case).rows.tolist()
        allowed = np.flatnonzero(case.waiting & ~case.preselected).tolist()
        assert len(set(picks)) == len(picks)
        assert set(picks) <= set(allowed)


@pytest.mark.parametrize("kinds", [k for k in COMBINATIONS if "weights" in k], ids="+".join)
def test_weights_times_eight_change_no_pick(kinds: tuple[str, ...]) -> None:
    for case in cases(kinds, 6, first=800):
        scaled = [
            x * 8 if kind == "weights" else x for kind, x in zip(case.kinds, case.data, strict=True)
        ]
        assert solve(replace(case, data=scaled)).rows.tolist() == solve(case).rows.tolist()


@pytest.mark.parametrize("kinds", [("diversity",), ("diversity", "weights")], ids="+".join)
def test_vectors_times_a_power_of_two_change_no_pick(kinds: tuple[str, ...]) -> None:
    for case in cases(kinds, 6, first=900):
        for option in case.options:
            option.pop("min_distance", None)
        scaled = [
            x * np.float32(4) if kind == "diversity" else x
            for kind, x in zip(case.kinds, case.data, strict=True)
        ]
        assert solve(replace(case, data=scaled)).rows.tolist() == solve(case).rows.tolist()


def test_a_strategy_of_strength_zero_changes_no_pick() -> None:
    rng = np.random.default_rng(6)
    x, w = rng.normal(size=(100, 4)), rng.random(100)
    alone = sqlsel.select(x, n=20).indices.tolist()
    strategies = [sqlsel.diversity(x), sqlsel.weights(w, strength=0)]
    assert sqlsel.select(n=20, strategies=strategies).indices.tolist() == alone


def test_a_strength_scaled_with_all_others_changes_no_pick() -> None:
    rng = np.random.default_rng(6)
    x, w = rng.normal(size=(200, 4)), rng.random(200)
    found = [
        sqlsel.select(
            n=50, strategies=[sqlsel.diversity(x, strength=s), sqlsel.weights(w, strength=2 * s)]
        ).indices.tolist()
        for s in (0.25, 1, 8)
    ]
    assert found[0] == found[1] == found[2]


def test_copies_are_never_both_picked_while_anybody_else_is_left() -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        distinct = int(rng.integers(2, 20))
        copy = rng.integers(0, distinct, 60)
        x = rng.normal(size=(distinct, 3))[copy]
        n = len(np.unique(copy))
        picks = sqlsel.select(x, n=n).indices
        assert len(np.unique(copy[picks])) == n


def test_a_far_point_that_is_added_is_picked_next() -> None:
    x = np.random.default_rng(1).normal(size=(50, 3))
    far = np.vstack([x, [[90.0, 0, 0]]])
    strategies = [sqlsel.diversity(far, normalize=False)]
    assert sqlsel.select(n=2, strategies=strategies).indices.tolist() == [0, 50]


# ---- what theory promises


def radius(half: np.ndarray, chosen: Sequence[int]) -> float:
    return float(np.sqrt(2 * half[:, list(chosen)].min(axis=1).max()))


@pytest.mark.parametrize("chunk", range(4))
def test_the_radius_is_at_most_twice_the_best_possible_one(chunk: int) -> None:
    """Gonzalez 1985; the distance between the picks proves it."""
    for seed in range(50 * chunk, 50 * chunk + 50):
        rng = np.random.default_rng(seed)
        rows, n = int(rng.integers(4, 12)), int(rng.integers(1, 5))
        x = rng.normal(size=(rows, 2)).astype(np.float32)
        half = half_squared_distances(x)
        best = min(radius(half, chosen) for chosen in combinations(range(rows), n))
        strategies = [sqlsel.diversity(x, normalize=False)]
        found = sqlsel.select(n=min(n + 1, rows), strategies=strategies)
        reached = radius(half, found.indices.tolist()[:n])
        assert reached <= 2 * best * (1 + 1e-12)
        if (
            len(found) > n
        ):  # n + 1 samples that lie D apart: no choice of n has a radius below D / 2
            apart = np.sqrt(2 * half[np.ix_(found.indices, found.indices)])
            assert apart[np.triu_indices(n + 1, 1)].min() / 2 <= best * (1 + 1e-12)


def test_insertion_distances_of_diversity_alone_never_grow() -> None:
    x = np.random.default_rng(3).normal(size=(500, 8))
    distances = sqlsel.select(x, n=100).values[1:, 0]
    assert (np.diff(distances) <= 0).all()


def test_weights_alone_are_a_sort_by_weight_and_id() -> None:
    w = np.random.default_rng(3).integers(0, 20, 500)
    picks = sqlsel.select(n=200, strategies=[sqlsel.weights(w)]).indices.tolist()
    assert picks == sorted(range(500), key=lambda row: (-w[row], row))[:200]


@pytest.mark.parametrize("n", [10, 60, 150])
def test_balance_of_labels_reaches_the_best_shares_that_the_pool_allows(n: int) -> None:
    counts = np.array([200, 60, 20, 8, 4])
    labels = np.random.default_rng(2).permutation(np.repeat(np.arange(5), counts))
    picks = sqlsel.select(n=n, strategies=[sqlsel.balance(labels, "uniform")]).indices
    reached = np.bincount(labels[picks], minlength=5)
    missing = np.maximum(n / 5 - counts, 0).sum()
    assert np.abs(reached - n / 5).sum() == pytest.approx(2 * missing)
