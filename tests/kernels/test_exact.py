"""Float64 arithmetic with the same bits everywhere: tree sums, exponential, sums without order."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlsel.engine.kernels.exact import (
    ExactSum,
    exact_total,
    exp_portable,
    half_squared,
    is_unit,
    squared_norms,
    tree_sum,
    unit_rows,
)

GOLDEN_SUMS = ["0x1.da81ad52b9b74p+1", "0x1.28910c53b4128p+5", "0x1.72b54f68a1171p+8"]
GOLDEN_EXPONENTIALS = [
    "0x1.ff7cfe56f1a9ep-1",
    "0x1.368b2fc6f960ap-1",
    "0x1.78b56362cef38p-2",
    "0x1.620227b598efap-5",
    "0x1.1b48655f37267p-29",
    "0x1.9265e78d4438dp-722",
]
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)


# ---- the tree


def test_a_tree_sum_adds_halves_to_halves_and_the_odd_one_to_the_first() -> None:
    """(a + c) + (b + d) for four; five puts e on top of the first: ((a + c) + e) + (b + d)."""
    a, b, c, d, e = 1.0, 2.0**-53, 2.0**-53, 2.0**-53, 2.0**-52
    assert tree_sum(np.array([a, b, c, d])) == (a + c) + (b + d)
    assert tree_sum(np.array([a, b, c, d, e])) == ((a + c) + e) + (b + d)


@pytest.mark.parametrize("width", [1, 2, 3, 7, 64, 100])
def test_a_tree_sum_is_right_to_a_few_units_in_the_last_place(width: int) -> None:
    rows = np.random.default_rng(width).random((50, width))
    wanted = [math.fsum(row) for row in rows.tolist()]
    assert tree_sum(rows.copy()) == pytest.approx(wanted, rel=1e-15)


def test_the_bits_of_a_tree_sum_are_golden() -> None:
    thirds = np.array([1.0, 10.0, 100.0])[:, None] / np.arange(3.0, 103.0)
    assert [float(s).hex() for s in tree_sum(thirds)] == GOLDEN_SUMS


def test_a_sum_of_nothing_is_zero() -> None:
    assert tree_sum(np.empty((3, 0))).tolist() == [0, 0, 0]


def test_a_row_has_the_same_sum_whatever_else_is_in_its_block() -> None:
    rows = np.random.default_rng(0).normal(size=(300, 77))
    whole = tree_sum(rows.copy())
    for at in (0, 7, 150, 299):
        assert tree_sum(rows[at : at + 1].copy())[0] == whole[at]
        assert tree_sum(rows[at].copy()) == whole[at]


def test_half_squared_distances_of_small_integers_are_exact() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.integers(-9, 9, (2, 40, 13)).astype(np.float32)
    assert half_squared(a, b).tolist() == (((a - b) ** 2).sum(axis=1) / 2).tolist()


def test_half_squared_distances_are_symmetric_and_zero_for_copies() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 40, 13)).astype(np.float32)
    assert np.array_equal(half_squared(a, b), half_squared(b, a))
    assert not half_squared(a, a).any()


def test_half_squared_distances_know_the_last_bit_far_from_the_origin() -> None:
    far = np.array([[2.0**20, 2.0**20]], np.float32)
    near = np.nextafter(far, np.float32(np.inf))
    step = float(near[0, 0]) - float(far[0, 0])
    assert half_squared(far, near).tolist() == [step * step]


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int32])
def test_squared_norms_are_those_of_each_row(kind: Any) -> None:
    rows = (np.random.default_rng(0).normal(size=(700, 5)) * 10).astype(kind)
    wanted = [math.fsum(float(x) ** 2 for x in row) for row in rows]
    assert squared_norms(rows).tolist() == pytest.approx(wanted, rel=1e-15)


# ---- unit length


def test_rows_are_brought_to_unit_length_rounded_once() -> None:
    rows = np.array([[3.0, 4.0], [0.0, 2.0], [0.0, 0.0]])
    out = np.empty((3, 2), np.float32)
    unit_rows(rows, squared_norms(rows), out)
    assert out.tolist() == np.array([[0.6, 0.8], [0, 1], [0, 0]], np.float32).tolist()


def test_doing_it_twice_changes_nothing() -> None:
    rows = np.random.default_rng(0).normal(size=(2000, 96)).astype(np.float32)
    once, twice = np.empty_like(rows), np.empty_like(rows)
    unit_rows(rows, squared_norms(rows), once)
    unit_rows(once, squared_norms(once), twice)
    assert np.array_equal(once, twice)
    assert is_unit(squared_norms(once)).all()


# ---- the exponential


def relative_error(x: float) -> float:
    """How far e^x is off, measured in 40 digits."""
    with localcontext(prec=40):
        true = Decimal(x).exp()
        return float(abs(Decimal(float(exp_portable(np.array([x]))[0])) - true) / true)


def test_the_exponential_is_within_half_a_unit_in_the_last_place_and_a_bit() -> None:
    rng = np.random.default_rng(0)
    xs = np.concatenate([-rng.random(800) * 50, -(10.0 ** rng.uniform(-20, 2.84, 800))])
    assert max(relative_error(x) for x in xs.tolist()) < 2.3e-16


def test_the_exponential_of_zero_is_one_and_far_down_it_is_zero() -> None:
    assert exp_portable(np.array([0.0, -0.0, -701.0, -1e300, -np.inf])).tolist() == [1, 1, 0, 0, 0]


def test_the_exponential_never_rises_with_the_distance() -> None:
    xs = -np.linspace(0, 40, 200_001)
    assert (np.diff(exp_portable(xs)) <= 0).all()


def test_the_bits_of_the_exponential_are_golden() -> None:
    found = exp_portable(np.array([-1e-3, -0.5, -1.0, -np.pi, -20.0, -500.0]))
    assert [float(x).hex() for x in found] == GOLDEN_EXPONENTIALS


# ---- sums without order


@given(st.lists(NUMBERS, max_size=20), st.randoms())
def test_a_running_sum_does_not_know_the_order_of_what_was_added(
    values: list[float], random: Any
) -> None:
    forward, shuffled = ExactSum(), ExactSum()
    for value in values:
        forward.add(value)
    random.shuffle(values)
    for value in values:
        shuffled.add(value)
    assert forward.value == shuffled.value == float(sum(map(Fraction, values), Fraction(0)))


@given(st.lists(NUMBERS, min_size=1, max_size=20), NUMBERS)
def test_what_was_replaced_leaves_no_trace(values: list[float], passing: float) -> None:
    direct, detour = ExactSum(), ExactSum()
    for value in values:
        direct.add(value)
        detour.add(passing)
    for value in values:
        detour.replace(passing, value)
    assert direct.value == detour.value


def test_large_numbers_do_not_swallow_small_ones() -> None:
    total = ExactSum()
    for value in (1e300, 5e-324, -1e300):
        total.add(value)
    assert total.value == 5e-324


@given(st.lists(NUMBERS, max_size=30))
def test_a_total_is_the_exact_sum_rounded_once(values: list[float]) -> None:
    assert exact_total(values) == float(sum(map(Fraction, values), Fraction(0)))


@pytest.mark.parametrize("length", [1 - 1e-4, 1 - 1e-6, 1 + 1e-6, 1 + 1e-4])
def test_a_row_that_is_nearly_at_unit_length_is_brought_there(length: float) -> None:
    rows = np.array([[0.6 * length, 0.8 * length]], np.float32)
    out = np.empty_like(rows)
    unit_rows(rows, squared_norms(rows), out)
    assert squared_norms(out)[0] == pytest.approx(1, abs=2e-7)
