"""BALANCE over rows without a class: each counts as one average row of the other column."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

import sqlsel
import sqlsel.polars as sel
from sqlsel import balance

AB = {"a": 0.5, "b": 0.5}


def counted(values: Any, n: int, target: Any = "uniform", **options: Any) -> Counter[Any]:
    """How many picks of each value."""
    found = sqlsel.select(n=n, strategies=[balance(values, target, **options)]).indices
    return Counter(str(values[i]) for i in found.tolist())


def test_rows_without_a_class_do_not_stand_in_for_the_classes_asked_for() -> None:
    labels = [None] * 20 + ["a"] * 50 + ["b"] * 50
    assert counted(labels, 20, AB) == {"a": 10, "b": 10}


def test_the_same_in_sql_and_polars() -> None:
    labels = [None] * 20 + ["a"] * 50 + ["b"] * 50
    frame = pl.DataFrame({"id": range(120), "g": labels})
    sql = "SELECT g FROM frame USING STRATEGY BALANCE(g, {'a': .5, 'b': .5}), key := id LIMIT 20"
    found = sqlsel.sql(duckdb.connect().register("frame", frame), sql)
    assert Counter(g for (g,) in found.fetchall()) == {"a": 10, "b": 10}
    picked = frame.filter(sel.select(sel.balance("g", AB), n=20, id="id"))
    assert Counter(picked["g"].to_list()) == {"a": 10, "b": 10}


@pytest.mark.parametrize("scale", [1.0, 8.0, 100.0, 1e-6])
@pytest.mark.parametrize("form", ["uniform", "poisson", "lognormal"])
def test_whatever_the_masses_are_rows_without_any_come_last(form: str, scale: float) -> None:
    rng = np.random.default_rng(3)
    draw = {
        "uniform": rng.integers(1, 101, (60, 2)).astype(float),
        "poisson": rng.poisson(3.0, (60, 2)) + 1.0,
        "lognormal": rng.lognormal(0, 1, (60, 2)),
    }[form]
    masses = np.concatenate([np.zeros((60, 2)), scale * draw])
    picks = sqlsel.select(n=40, strategies=[balance(masses, [0.5, 0.5])]).indices
    assert (picks >= 60).all()


def test_a_power_of_two_over_all_masses_changes_nothing() -> None:
    masses = np.random.default_rng(0).poisson(0.7, (200, 3)).astype(float)
    wanted = [0.5, 0.2, 0.1]
    plain = sqlsel.select(n=60, strategies=[balance(masses, wanted)]).indices.tolist()
    scaled = sqlsel.select(n=60, strategies=[balance(64 * masses, wanted)]).indices.tolist()
    assert plain == scaled


def test_rows_without_a_class_may_fill_what_the_target_leaves() -> None:
    assert counted(["a"] * 50 + [None] * 50, 20, {"a": 0.5}) == {"a": 10, "None": 10}
    both = counted(["a"] * 50 + ["b"] * 20 + [None] * 50, 20, {"a": 0.5})
    assert both["a"] == 10
    assert both["b"] + both["None"] == 10


def test_with_input_the_target_is_the_share_of_rows() -> None:
    assert counted(["a"] * 60 + ["b"] * 20 + [None] * 20, 20, "input") == {
        "a": 12,
        "b": 4,
        "None": 4,
    }
    masses = np.concatenate([np.tile([3.0, 1.0], (50, 1)), np.zeros((50, 2))])
    picks = sqlsel.select(n=20, strategies=[balance(masses, "input")]).indices
    assert (picks < 50).sum() == 10


def test_a_class_called_other_is_a_class_of_its_own() -> None:
    labels = ["other"] * 20 + ["a"] * 20 + ["b"] * 20 + [None] * 20
    found = counted(labels, 20, {"other": 0.5, "a": 0.3})
    assert (found["other"], found["a"], found["b"] + found["None"]) == (10, 6, 4)


def test_without_unnamed_classes_rows_of_none_of_the_named_come_last() -> None:
    labels = ["a"] * 20 + ["b"] * 20 + ["c"] * 40
    assert counted(labels, 20, AB, other="ignore") == {"a": 10, "b": 10}


@pytest.mark.parametrize(
    "values",
    [
        [[], [], ["a"], ["b"], ["a"]],
        [{}, {"a": 0}, {"a": 1}, {"b": 1}, {"a": 2}],
        [[0.0, 0.0], [0, 0], [1, 0], [0, 1], [2, 0]],
    ],
)
def test_nothing_in_any_form_is_no_mass(values: Any) -> None:
    assert set(sqlsel.select(n=3, strategies=[balance(values)]).indices.tolist()) == {2, 3, 4}


def test_with_a_negative_strength_rows_without_a_class_are_not_eligible() -> None:
    labels = ["a", None, "b", "a", None]
    with (
        pytest.warns(sqlsel.ShortSelection),
        pytest.warns(sqlsel.SelectionWarning, match="^balance: 2 rows have no class"),
    ):
        found = sqlsel.select(n=5, strategies=[balance(labels, {"a": 1.0}, strength=-1)])
    assert sorted(found.indices.tolist()) == [0, 2, 3]
    assert any(
        note.startswith("2 rows have no class, and cannot be picked") for note in found.notes
    )


def test_the_result_counts_the_picks_without_a_class() -> None:
    found = sqlsel.select(n=4, strategies=[balance(["a", None, "b", None])])
    assert "2 picks have no class" in found.notes
    con = duckdb.connect()
    con.execute("CREATE TABLE t AS SELECT * FROM (VALUES (1, 'a'), (2, NULL)) v(id, g)")
    result = sqlsel.sql(con, "SELECT id FROM t USING STRATEGY BALANCE(g), key := id LIMIT 2")
    assert len(result.fetchall()) == 2
    notes = (
        con.execute("SELECT 1").fetchall() and sqlsel.sql(con, "FROM sqlsel_runs()").pl()["notes"]
    )
    assert "1 pick has no class" in notes.to_list()[-1]


def test_shares_leave_what_is_left_as_they_are_written() -> None:
    """.4 is left of .2 and .4, exactly as much as is asked for: the lower id decides."""
    labels = ["cloudy", "fog", "sunny"] * 10
    found = sqlsel.select(n=1, strategies=[balance(labels, {"sunny": 0.2, "cloudy": 0.4})])
    assert found.indices.tolist() == [0]
    found = sqlsel.select(n=1, strategies=[balance(labels[::-1], {"sunny": 0.2, "cloudy": 0.4})])
    assert labels[::-1][found.indices[0]] == "fog"
    third = counted(["a", "b", "c", None] * 5, 15, {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
    assert third == {"a": 5, "b": 5, "c": 5}


def test_masses_that_cannot_be_summed_are_refused() -> None:
    with pytest.raises(sqlsel.InvalidInput, match="too large to be summed"):
        sqlsel.select(n=1, strategies=[balance([[1.7e308, 0], [1.7e308, 1e308]])])


def brute_force(
    rows: np.ndarray, target: np.ndarray, pool: np.ndarray, chosen: np.ndarray, n: int
) -> tuple[list[int], int]:
    """The definition, and how many first picks are free of near-ties between rows that differ."""
    empty = ~rows.any(axis=1)
    if (empty & pool).any():
        some = rows[pool & ~empty]
        mean = math.fsum(some.ravel()) / len(some) if len(some) else 1.0
        left = max(1 - math.fsum(target), 0.0)
        rows = np.column_stack([rows, np.where(empty, mean, 0.0)])
        target = np.append(target, left if left >= 1e-9 else 0.0)
    target = target / target.sum()
    mass, waiting, picks = rows[chosen].sum(axis=0), list(np.flatnonzero(pool & ~chosen)), []
    clear = None
    while waiting and len(picks) < n:
        sums = mass + rows[waiting]
        shares = sums / np.maximum(sums.sum(axis=1, keepdims=True), 1e-300)
        entropy = -(target * np.log(np.maximum(shares, 1e-10))).sum(axis=1)
        best = int(entropy.argmin())
        near = np.flatnonzero(entropy - entropy[best] < 1e-10 * max(1.0, entropy[best]))
        if clear is None and (rows[waiting][near] != rows[waiting[best]]).any():
            clear = len(picks)
        picks.append(int(waiting.pop(best)))
        mass = mass + rows[picks[-1]]
    return picks, len(picks) if clear is None else clear


def random_case(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
    rng = np.random.default_rng(seed)
    n, classes = int(rng.integers(2, 40)), int(rng.integers(2, 5))
    form = int(rng.integers(0, 3))
    rows = (
        np.eye(classes)[rng.integers(0, classes, n)],
        rng.poisson(2.0, (n, classes)).astype(float),
        rng.lognormal(0, 1, (n, classes)),
    )[form]
    rows[rng.random(n) < rng.choice([0.1, 0.4, 0.8])] = 0
    shares = rng.dirichlet(np.ones(classes)) * rng.choice([1.0, 0.8, 0.5])
    chosen = rng.random(n) < rng.choice([0, 0, 0.2])
    return rows, shares, np.ones(n, np.bool_), chosen, int(rng.integers(1, n + 1))


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("block", range(5))
def test_random_cases_equal_the_definition_on_every_surface(block: int, step: int) -> None:
    """All on arrays; in SQL and Polars each one, or every fifth."""
    con = duckdb.connect()
    compared = 0
    for seed in range(100 * block, 100 * (block + 1)):
        rows, shares, pool, chosen, n = random_case(seed)
        names = [f"c{k}" for k in range(rows.shape[1])]
        target = dict(zip(names, shares.tolist(), strict=True))
        n = min(n, int((~chosen).sum()))
        if n == 0:
            continue
        wanted, clear = brute_force(rows, shares, pool, chosen, n)
        compared += clear
        strategy = balance(rows, target, classes=names)
        found = sqlsel.select(n=n, strategies=[strategy], preselected=chosen).indices.tolist()
        assert found[:clear] == wanted[:clear], seed
        if seed % step:
            continue
        masses = [dict(zip(names, row, strict=True)) for row in rows.tolist()]
        frame = pl.DataFrame({"id": range(len(rows)), "m": masses, "done": chosen})
        con.register("frame", frame)
        listed = ", ".join(f"'{name}': {share!r}::DOUBLE" for name, share in target.items())
        sql = (
            f"SELECT id FROM frame USING STRATEGY BALANCE(m, MAP {{{listed}}}), "
            f"preselected := done, key := id LIMIT {n}"
        )
        assert [i for (i,) in sqlsel.sql(con, sql).fetchall()] == found, seed
        traced = frame.with_columns(
            r=sel.rank(sel.balance("m", target), n=n, id="id", preselected="done")
        )
        assert traced.drop_nulls("r").sort("r")["id"].to_list() == found, seed
    assert compared > 300
