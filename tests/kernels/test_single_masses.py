"""Rows of one class each: their cross-entropies, and picks among many classes as without class groups."""

from __future__ import annotations

import numpy as np
import pytest

import sqlsel
from sqlsel.kernels import classes as classes_module
from sqlsel.kernels.classes import MAX_SINGLE
from sqlsel.objective.shares import Shares, cross_entropy
from sqlsel.objective.single_masses import SingleMasses
from sqlsel.optimizer import plan as plan_module


@pytest.mark.parametrize("count", [1, 2, 7, 300])
def test_the_entropies_are_those_of_whole_rows(count: int) -> None:
    rng = np.random.default_rng(count)
    for total in (
        np.zeros(count),
        rng.integers(0, 5, count).astype(float),
        rng.random(count) * 1e6,
    ):
        target = rng.dirichlet(np.ones(count))
        table = np.eye(count)[rng.integers(0, count, 50)] * rng.choice([1.0, 2.5, 1e-3], (50, 1))
        table[7] = 0
        single = SingleMasses.of(table)
        assert single is not None
        found = single.cross_entropies(total, target)
        assert found == pytest.approx(cross_entropy(total + table, target), rel=1e-12, abs=1e-12)


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
    table, total = np.eye(5), np.array([0.0, 0.0, 0.0, 0.0, 0.0])
    objective = Shares(1.0, target, tuple("abcde"))
    objective.alone = True
    objective.tell_by_group(table)
    found = objective.terms(table, total)
    exact = -cross_entropy(total + table, objective.target)
    slack = np.array([objective.slack(term) for term in found.tolist()])
    assert (np.abs(found - exact) <= slack).all()


def test_rows_of_several_classes_and_of_many_masses_are_left_to_the_definition() -> None:
    assert SingleMasses.of(np.array([[1.0, 0], [0.5, 0.5]])) is None
    assert SingleMasses.of(np.diag(np.arange(1.0, 20))) is None


@pytest.mark.parametrize("count", [128, 129, 200, 600])
@pytest.mark.parametrize("target", ["uniform", "input"])
def test_picks_among_many_classes_are_those_without_class_groups(
    count: int, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(count)
    labels = rng.zipf(1.3, 700) % count
    x = rng.normal(size=(700, 3)).astype(np.float32)
    both = [sqlsel.diversity(x), sqlsel.balance(labels, target, strength=2)]
    grouped = [
        sqlsel.select(n=60, strategies=chosen).indices.tolist() for chosen in (both, both[1:])
    ]
    for module in (classes_module, plan_module):
        monkeypatch.setattr(module, "MAX_SINGLE", 0)
    one_by_one = [
        sqlsel.select(n=60, strategies=chosen).indices.tolist() for chosen in (both, both[1:])
    ]
    assert grouped == one_by_one


def test_more_classes_than_groups_are_picked_from_as_well() -> None:
    labels = np.arange(MAX_SINGLE + 10) % (MAX_SINGLE + 5)
    found = sqlsel.select(n=3, strategies=[sqlsel.balance(labels)]).indices.tolist()
    assert found == [0, 1, 2]
