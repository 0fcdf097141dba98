"""Rows of one class each: their terms are those of whole rows, and picks among many classes those of the definition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import sqlsel
from sqlsel.engine.kernels import class_input as classes_module
from sqlsel.engine.kernels.class_input import Classes, as_classes
from sqlsel.engine.kernels.singles import Singles, singles
from sqlsel.engine.objective.shares import cross_entropy
from sqlsel.engine.objective.single_shares import SingleShares
from sqlsel.engine.optimizer import selection as run_module


def _objective(table: Any, target: Any, picked: Sequence[int] = ()) -> SingleShares:
    objective = SingleShares(1.0, target, tuple(map(str, range(len(target)))))
    objective.alone = True
    found = singles(np.asarray(table))
    assert found is not None
    objective.group_values(found)
    objective.add_all(np.array(picked))
    return objective


@pytest.mark.parametrize("count", [1, 2, 7, 300])
def test_the_entropies_are_those_of_whole_rows(count: int) -> None:
    rng = np.random.default_rng(count)
    for n_picked in (0, 1, 40):
        target = rng.dirichlet(np.ones(count))
        table = np.eye(count)[rng.integers(0, count, 50)] * rng.choice([1.0, 2.5, 1e-3], (50, 1))
        table[7] = 0
        picked = rng.integers(0, 50, n_picked)
        objective = _objective(table, target, picked.tolist())
        exact = -cross_entropy(table[picked].sum(axis=0) + table, target)
        found = objective.terms(np.arange(50), objective.total)
        assert found == pytest.approx(exact, rel=1e-12, abs=1e-12)
        for pick in (3, 3, 7):
            before = cross_entropy(table[picked].sum(axis=0)[None], target)[0]
            objective.add(pick, float(pick))
            picked = np.append(picked, pick)
            after = cross_entropy(table[picked].sum(axis=0)[None], target)[0]
            assert objective.result_values([pick], [])[0] == pytest.approx(
                after, rel=1e-12, abs=1e-12
            )
            start = before if table[picked[:-1]].sum() else 1.0
            gain = np.log(max(start, 1e-8)) - np.log(max(after, 1e-8))
            assert objective.gains([pick], [])[0] == pytest.approx(gain, rel=1e-9, abs=1e-9)


def test_what_rounding_leaves_is_within_the_slack_of_the_objective() -> None:
    """Nearly all is asked of one class, so its entropy is the small difference of two large numbers."""
    target = np.array(
        [
            0.9985903393656618,
            0.0014096559146544916,
            1.1522826784080111e-09,
            3.4701012211033372e-09,
            9.729993245678895e-11,
        ]
    )
    objective = _objective(np.eye(5), target)
    found = objective.terms(np.arange(5), objective.total)
    exact = -cross_entropy(np.eye(5), objective.target)
    slack = np.array([objective.slack(term) for term in found.tolist()])
    assert (np.abs(found - exact) <= slack).all()
    keys = [float(objective.tie_key(float(group))) for group in range(5)]
    assert (np.abs(np.array(keys) - found) <= slack).all()


def test_rows_of_several_classes_and_of_many_masses_stay_a_table() -> None:
    assert singles(np.array([[1.0, 0], [0.5, 0.5]])) is None
    assert singles(np.diag(np.arange(1.0, 20))) is None


def test_categories_take_no_table_of_classes_by_classes() -> None:
    found = as_classes(np.arange(100_000))
    assert isinstance(found.table, Singles)
    assert found.table.shape == (100_000, 100_000)
    rows = np.zeros(100_000, np.bool_)
    rows[[3, 70_000]] = True
    assert np.flatnonzero(found.masses(rows)).tolist() == [3, 70_000]


def test_masses_of_a_class_are_summed_exactly() -> None:
    table = Singles(np.array([0, 0, 0, 1, -1]), np.array([1e16, 1.0, 1.0, 2.0, 0.0]), 2)
    assert table.sums(np.ones(5)).tolist() == [1e16 + 2, 2.0]
    assert Classes(("a", "b"), table).masses(np.ones(5, np.bool_)).tolist() == [1e16 + 2, 2.0]
    assert table.sums(np.zeros(5)).tolist() == [0.0, 0.0]


def _one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of one class each are handled as rows of several."""
    monkeypatch.setattr(classes_module, "MAX_GROUPS", 0)
    monkeypatch.setattr(classes_module, "singles", lambda table: None)

    def whole(classes: Classes) -> Classes:
        table = classes.table
        assert isinstance(table, Singles)
        wide = np.zeros(table.shape)
        some = np.flatnonzero(table.places >= 0)
        wide[some, table.places[some]] = table.masses[some]
        return Classes(classes.names, wide if classes.index is None else wide[classes.index])

    monkeypatch.setattr("sqlsel.engine.strategies.balance.shared", whole)


@pytest.mark.filterwarnings("ignore::sqlsel.errors.SelectionWarning")
@pytest.mark.parametrize("count", [40, 128, 200, pytest.param(600, marks=pytest.mark.slow)])
@pytest.mark.parametrize("target", ["uniform", "input", {"3": 0.5, "5": 0.2}])
@pytest.mark.parametrize("strength", [2, -1])
def test_picks_among_many_classes_are_those_of_rows_told_one_by_one(
    count: int, target: Any, strength: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(count)
    labels = [None if c == 7 else str(c) for c in (rng.zipf(1.3, 700) % count).tolist()]
    x = rng.normal(size=(700, 3)).astype(np.float32)
    shares = sqlsel.balance(labels, target, strength=strength)
    cases = [[sqlsel.diversity(x), shares], [shares]]
    grouped = [sqlsel.select(n=40, strategies=case).indices.tolist() for case in cases]
    _one_by_one(monkeypatch)
    assert [sqlsel.select(n=40, strategies=case).indices.tolist() for case in cases] == grouped


@pytest.mark.parametrize("seed", range(4))
def test_two_columns_of_many_classes_decide_together(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(seed)
    labels = [rng.integers(0, count, 400) for count in (60, 9)]
    x = rng.normal(size=(400, 3)).astype(np.float32)
    both = [sqlsel.balance(column) for column in labels]
    cases = [both, [*both, sqlsel.diversity(x)]]
    grouped = [sqlsel.select(n=40, strategies=case).indices.tolist() for case in cases]
    _one_by_one(monkeypatch)
    assert [sqlsel.select(n=40, strategies=case).indices.tolist() for case in cases] == grouped


@pytest.mark.parametrize("kept", [48, 0])
def test_kinds_of_classes_and_lists_of_their_own_give_the_same_picks(
    kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    labels = rng.zipf(1.2, 900) % 45
    x = rng.normal(size=(900, 4)).astype(np.float32)
    strategies = [sqlsel.diversity(x), sqlsel.balance(labels, strength=3)]
    whole = sqlsel.select(n=100, strategies=strategies).indices.tolist()
    monkeypatch.setattr("sqlsel.engine.optimizer.plan._MOST_LISTED_APART", kept)
    monkeypatch.setattr(run_module, "_LISTED", 400)
    assert sqlsel.select(n=100, strategies=strategies).indices.tolist() == whole


def test_classes_that_lie_one_after_the_other_are_all_picked_from() -> None:
    labels = np.repeat(np.arange(5_000), 4)
    found = sqlsel.select(n=5_001, strategies=[sqlsel.balance(labels)]).indices
    assert found[:5_000].tolist() == list(range(0, 20_000, 4))
    assert found[5_000] == 1
