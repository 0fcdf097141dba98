"""The numbers of fulfilment against enumeration and real draws, and its reasons on pools made for each of them."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import duckdb
import numpy as np
import pytest

import sqlsel
from sqlsel.engine.objective.fulfilment import Fulfilment
from sqlsel.engine.objective.lowest_distance import lowest_distance
from sqlsel.engine.objective.random_choice import count_band, mean_band

pytestmark = pytest.mark.filterwarnings("ignore::sqlsel.ShortSelection")

# ---- numbers


@pytest.mark.parametrize("seed", range(60))
def test_the_lowest_distance_is_that_of_all_choices(seed: int) -> None:
    rng = np.random.default_rng(seed)
    classes = int(rng.integers(1, 5))
    labels = rng.integers(0, classes, int(rng.integers(1, 9)))
    before = rng.integers(0, 4, classes).astype(float)
    rows = int(rng.integers(1, len(labels) + 1))
    target = rng.random(classes) * (rng.random(classes) < 0.7)
    target = target / target.sum() if target.sum() else np.full(classes, 1 / classes)
    pool = np.bincount(labels, minlength=classes).astype(float)
    every = [
        np.abs((before + np.bincount(labels[list(chosen)], minlength=classes)) / (before.sum() + rows) - target).sum()
        for chosen in combinations(range(len(labels)), rows)
    ]  # fmt: skip
    assert lowest_distance(target, before, pool, rows) == pytest.approx(min(every), abs=1e-12)


@pytest.mark.parametrize(("size", "marked", "drawn"), [(300, 40, 30), (50, 45, 20), (1000, 3, 200)])
def test_the_band_of_a_count_is_that_of_2000_draws(size: int, marked: int, drawn: int) -> None:
    rng = np.random.default_rng(1)
    counts = rng.hypergeometric(marked, size - marked, drawn, 2000)
    band = count_band(size, marked, drawn)
    assert band.mean == pytest.approx(counts.mean(), abs=4 * counts.std() / 2000**0.5)
    low, high = (counts < band.low).mean(), (counts > band.high).mean()
    assert low <= 0.065
    assert high <= 0.065
    # One step further inside, more than 5 % would lie outside.
    assert (counts <= band.low).mean() >= 0.035
    assert (counts >= band.high).mean() >= 0.035


@pytest.mark.parametrize(("size", "drawn"), [(300, 30), (60, 40), (5000, 100)])
def test_the_band_of_a_mean_is_that_of_2000_draws(size: int, drawn: int) -> None:
    rng = np.random.default_rng(2)
    values = rng.random(size) ** 2
    means = np.array([rng.choice(values, drawn, replace=False).mean() for _ in range(2000)])
    band = mean_band(values, drawn)
    assert (means < band.low).mean() == pytest.approx(0.05, abs=0.02)
    assert (means > band.high).mean() == pytest.approx(0.05, abs=0.02)
    assert band.mean == values.mean()


@pytest.mark.parametrize(("size", "marked", "drawn"), [(0, 0, 0), (5, 0, 3), (5, 5, 5), (1, 1, 1)])
def test_a_band_of_the_only_choice_has_no_width(size: int, marked: int, drawn: int) -> None:
    band = count_band(size, marked, drawn)
    assert band.low == band.mean == band.high


# ---- reasons


def review(table: str, clause: str) -> dict[str, Fulfilment]:
    """The lines of a selection from ``table``, by their names."""
    con = duckdb.connect()
    con.execute(f"CREATE TABLE t AS {table}")
    result: Any = sqlsel.sql(con, f"SELECT id FROM t USING STRATEGY {clause}")
    return {line.strategy: line for line in result.fulfilment}


PHOTOS = """SELECT i AS id, CASE WHEN i < 5 THEN 'square' WHEN i < 150 THEN 'portrait' ELSE 'landscape' END AS shape,
    (i * 7919 % 313) / 313 AS score, [1 + i * 31 % 17, i % 13] AS place FROM range(313) r(i)"""
THIRDS = "{'square': 1/3, 'portrait': 1/3, 'landscape': 1/3}"


def test_a_target_that_the_pool_cannot_fill_names_the_class() -> None:
    lines = review(PHOTOS, f"BALANCE(shape, {THIRDS}), key := id LIMIT 40")
    square = lines["BALANCE square"]
    assert (square.reason, square.because) == (
        "limited by the pool",
        "5 square among 313 candidates, and all were picked",
    )
    assert square.figures == {"picked": 5, "before": 0, "candidates": 5}
    assert square.best == square.reached == 5 / 40
    for other in ("BALANCE portrait", "BALANCE landscape"):
        assert lines[other].reason == "limited by the pool"
        assert lines[other].because == "it fills the place of square"
    assert lines["BALANCE"].reason == "limited by the pool"
    assert lines["BALANCE"].reached == lines["BALANCE"].best


def test_the_pool_is_the_cause_beside_other_strategies_too() -> None:
    lines = review(PHOTOS, f"BALANCE(shape, {THIRDS}), WEIGHTS(score), key := id LIMIT 40")
    assert lines["BALANCE square"].reason == "limited by the pool"


def test_two_samples_cannot_hold_three_classes() -> None:
    lines = review(PHOTOS, f"BALANCE(shape, {THIRDS}), key := id LIMIT 2")
    assert lines["BALANCE"].reason == "too few samples"
    missing = next(line for line in lines.values() if line.reached == 0 and line.measure == "share")
    assert (missing.reason, missing.because) == ("too few samples", "2 samples for 3 classes")


def test_none_of_a_class_that_was_asked_for_is_not_met() -> None:
    lines = review(PHOTOS, "BALANCE(shape, {'square': 0.2, 'portrait': 0.8}), key := id LIMIT 1")
    assert lines["BALANCE square"].reached == 0
    assert lines["BALANCE square"].reason == "too few samples"


def test_a_target_that_no_choice_comes_nearer_to_is_met() -> None:
    table = "SELECT i AS id, ['a', 'b', 'c'][1 + i % 3] AS g FROM range(90) r(i)"
    lines = review(table, "BALANCE(g, 'uniform'), key := id LIMIT 4")
    assert {line.reason for line in lines.values()} == {"met"}


def test_another_strategy_that_pulls_elsewhere_is_a_trade_off() -> None:
    table = "SELECT i AS id, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END AS g, CASE WHEN i % 2 = 0 THEN 9.0 ELSE 1e-3 END AS w FROM range(90) r(i)"  # noqa: E501
    lines = review(table, "BALANCE(g, 'uniform'), WEIGHTS(w, strength := 9), key := id LIMIT 20")
    assert lines["BALANCE"].reason == "trade-off"
    assert lines["BALANCE"].best == 0
    assert lines["BALANCE"].because == "alone it could come within 0 of the target"


def test_what_was_selected_before_is_named() -> None:
    table = "SELECT i AS id, CASE WHEN i < 20 THEN 'a' ELSE 'b' END AS g FROM range(60) r(i)"
    lines = review(
        table, "BALANCE(g, {'a': 0.1, 'b': 0.9}), key := id, preselected := id < 20 LIMIT 10"
    )
    assert lines["BALANCE a"].reason == "preselected"
    assert lines["BALANCE a"].because == "20 of 30 were selected before"


def test_a_selection_that_others_ended_has_too_few_samples() -> None:
    table = "SELECT i AS id, 'g' || i % 2 AS g, CASE WHEN i % 2 = 0 THEN 1 ELSE 5 END AS w FROM range(60) r(i)"
    lines = review(table, "BALANCE(g), WEIGHTS(w, target_range := [0, 8]), key := id LIMIT 40")
    assert (lines["BALANCE"].reason, lines["BALANCE"].because) == (
        "too few samples",
        "no other candidate may be picked",
    )


def test_shares_count_what_was_selected_before() -> None:
    table = "SELECT i AS id, CASE WHEN i < 20 THEN 'a' ELSE 'b' END AS g FROM range(60) r(i)"
    lines = review(table, "BALANCE(g, 'uniform'), key := id, preselected := id < 10 LIMIT 10")
    assert (lines["BALANCE a"].reached, lines["BALANCE b"].reached) == (0.5, 0.5)
    assert lines["BALANCE"].reason == "met"


def test_a_minimum_distance_that_ended_the_run_is_named() -> None:
    lines = review(
        PHOTOS, "DIVERSITY(place, min_distance := 9, normalize := false), key := id LIMIT 40"
    )
    line = lines["DIVERSITY"]
    assert line.reason == "minimum distance"
    assert line.because == "no other candidate is 9 or more from all picks"
    assert line.reached is not None
    assert line.reached >= 9


def test_a_direction_without_a_number_is_never_met() -> None:
    lines = review(PHOTOS, "DIVERSITY(place), WEIGHTS(score), key := id LIMIT 10")
    assert "met" not in {line.reason for line in lines.values()}
    alone = review(PHOTOS, "WEIGHTS(score), key := id LIMIT 10")["WEIGHTS"]
    assert (alone.reason, alone.because) == ("", "no choice of this size has a better mean")
    assert alone.reached == alone.best


def test_a_mean_that_gave_way_says_what_it_would_reach_alone() -> None:
    line = review(PHOTOS, "DIVERSITY(place), WEIGHTS(score), key := id LIMIT 10")["WEIGHTS"]
    best = sorted((i * 7919 % 313) / 313 for i in range(313))[-10:]
    assert line.reason == "trade-off"
    assert line.because == f"alone it would reach {sum(best) / 10:.4g}"


def test_strategies_alike_are_named_by_their_input() -> None:
    table = "SELECT i AS id, 'g' || i % 2 AS g, 'h' || i % 3 AS h FROM range(60) r(i)"
    lines = review(table, "BALANCE(g), BALANCE(h), key := id LIMIT 12")
    assert {"BALANCE(g)", "BALANCE(h)", "BALANCE(g) g0", "BALANCE(h) h2"} <= set(lines)
