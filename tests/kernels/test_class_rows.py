"""The quick bound of BALANCE never lies below the score; masses are told alike in all forms."""

from __future__ import annotations

import numpy as np
import pytest

from sqlsel.engine.kernels.class_input import MAX_GROUPS, Classes, as_classes, shared
from sqlsel.engine.objective.class_rows import CLOSED_BOUND, ClassRowField, parabolas
from sqlsel.engine.objective.shares import cross_entropy


def test_a_parabola_lies_above_the_logarithm_and_touches_it_at_the_middle() -> None:
    rng = np.random.default_rng(0)
    ends = 10.0 ** rng.uniform(-8, 8, 500)
    middles = ends * rng.random(500)
    a, b, c = parabolas(middles, ends)
    for share in np.linspace(0, 1, 101):
        x = ends * share
        assert (a + b * x + c * x**2 - np.log1p(x) >= -1e-12 * (1 + np.log1p(ends))).all()
    assert a + b * middles + c * middles**2 == pytest.approx(np.log1p(middles), abs=1e-9)


@pytest.mark.parametrize("form", ["probabilities", "counts", "one class", "sharp", "tiny", "huge"])
@pytest.mark.parametrize("picked", [1, 20, 5000])
def test_the_bound_never_lies_below_minus_the_cross_entropy(form: str, picked: int) -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        classes = int(rng.integers(2, 12))
        rows = rng.dirichlet(np.full(classes, 0.05 if form == "sharp" else 1.0), 400)
        if form == "counts":
            rows = rng.integers(0, 6, (400, classes)).astype(float)
        if form == "one class":
            rows = np.eye(classes)[rng.integers(0, classes, 400)]
        rows *= {"tiny": 1e-9, "huge": 1e9}.get(form, 1.0)
        target = rng.dirichlet(np.ones(classes))
        if seed % 3 == 0:
            target[0] = 0
            target /= target.sum()
        total = rows[rng.integers(0, 400, picked)].sum(axis=0)
        field = ClassRowField(Classes(tuple("abcdefghijkl"[:classes]), rows), target)
        if not field.quick(total):
            continue
        bound, base = field.bound(total)
        assert (bound.astype(np.float64) + base >= -cross_entropy(total + rows, target)).all()


def test_closed_rows_lie_below_all_others() -> None:
    rows = np.random.default_rng(0).dirichlet(np.ones(4), 100)
    field = ClassRowField(Classes(("a", "b", "c", "d"), rows), np.full(4, 0.25))
    field.close(np.array([3]))
    first, _ = field.bound(rows.sum(axis=0))
    field.close(np.array([7]))
    second, _ = field.bound(rows.sum(axis=0))
    assert np.flatnonzero(first < CLOSED_BOUND).tolist() == [3]
    assert np.flatnonzero(second < CLOSED_BOUND).tolist() == [3, 7]


def test_the_bound_is_not_used_while_a_wanted_class_has_no_mass() -> None:
    field = ClassRowField(Classes(("a", "b"), np.eye(2)), np.array([0.5, 0.5]))
    assert not field.quick(np.array([1.0, 0.0]))
    assert field.quick(np.array([1.0, 1.0]))


def test_the_cross_entropy_of_the_target_itself_is_its_entropy() -> None:
    target = np.array([0.5, 0.25, 0.25])
    found = cross_entropy(np.array([[2.0, 1, 1], [4, 0, 0], [0, 0, 0]]), target)
    worst = -np.log(1e-10)
    assert found.tolist() == pytest.approx([1.5 * np.log(2), worst / 2, worst])


# ---- class rows as they enter


def test_equal_rows_are_told_once_up_to_a_number_of_groups() -> None:
    few = (np.eye(5) + 1)[np.arange(1000) % 5]
    many = np.random.default_rng(0).dirichlet(np.ones(5), 2 * MAX_GROUPS)
    told = shared(Classes(tuple("abcde"), few))
    assert told.index is not None
    assert np.array_equal(np.asarray(told.table)[told.index], few)
    assert len(told.table) == 5 <= MAX_GROUPS
    assert shared(Classes(tuple("abcde"), many)).index is None


def test_masses_are_those_of_the_rows_asked_for_in_any_form() -> None:
    labels = ["a", "b", None, "b", "c"]
    rows = np.array([True, True, True, True, False])
    told = as_classes(labels)
    assert told.names == ("a", "b", "c")
    assert told.masses(rows).tolist() == [1, 2, 0]
    matrix = as_classes([[1.0, 0], [0, 2], [0, 0], [3, 0.5], [9, 9]], ["x", "y"])
    assert matrix.masses(rows).tolist() == [4, 2.5]
    assert len(told) == len(matrix) == 5


def test_lists_of_categories_count_and_mappings_weigh() -> None:
    every = np.ones(3, np.bool_)
    lists = as_classes([["car", "car", "bus"], [], ["bus"]])
    assert dict(zip(lists.names, lists.masses(every).tolist(), strict=True)) == {"car": 2, "bus": 2}
    mappings = as_classes([{"car": 0.5, "bus": None}, None, {"bus": 2}])
    assert dict(zip(mappings.names, mappings.masses(every).tolist(), strict=True)) == {
        "car": 0.5,
        "bus": 2,
    }
