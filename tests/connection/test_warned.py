"""What is probably not as it was meant is warned of in SQL as on arrays, once, at the caller's line."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

import sqlsel
from sqlsel import SelectionWarning, ShortSelection
from sqlsel.cli.main import _run

Con = duckdb.DuckDBPyConnection


@pytest.fixture
def con() -> Iterator[Con]:
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE t AS SELECT i AS id, [1.0, i::DOUBLE] AS e, i::DOUBLE AS w, "
            "CASE WHEN i % 2 = 0 THEN 'cat' ELSE 'dog' END AS g FROM range(10) r(i)"
        )
        yield con


def warned(con: Con, text: str) -> list[Any]:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        sqlsel.sql(con, text)
    assert {w.filename for w in found} <= {__file__}
    return [(w.category, str(w.message)) for w in found]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("RANDOM() LIMIT 30", "10 samples selected of 30 asked: all candidates are selected"),
        (
            "DEDUPLICATE(e, min_distance := 1.9) LIMIT 5",
            "1 samples selected of 5 asked: every other candidate is closer than min_distance to a pick",
        ),
        (
            "THRESHOLD(w > 99), RANDOM() LIMIT 5",
            "0 samples selected of 5 asked: no row is a candidate; look at WHERE, the thresholds, NULL",
        ),
        (
            "RANDOM(), by := g LIMIT 7",
            "10 samples selected of 14 asked: all candidates are selected",
        ),
        ("RANDOM() LIMIT 4 OFFSET 8", "2 samples selected of 4 asked: OFFSET leaves no more"),
    ],
)
def test_a_short_selection_is_warned_of(con: Con, text: str, message: str) -> None:
    found = warned(con, f"SELECT id FROM t USING STRATEGY {text}")
    assert [category for category, _ in found] == [ShortSelection]
    assert found[0][1].startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "RANDOM() LIMIT 10",
        "RANDOM()",
        "THRESHOLD(w > 5), RANDOM() LIMIT 100%",
        "WEIGHTS(w, max_sum := 5) LIMIT 8",
        "DEDUPLICATE(e, min_distance := 0.5)",
        "WEIGHTS(w - 5) LIMIT 3",
    ],
)
def test_what_was_asked_for_is_not_warned_of(con: Con, text: str) -> None:
    assert warned(con, f"SELECT id FROM t USING STRATEGY {text}") == []


def test_a_class_of_the_target_that_does_not_occur_is_warned_of(con: Con) -> None:
    text = "SELECT id FROM t USING STRATEGY BALANCE(g, {'cat': .5, 'xylophone': .2}) LIMIT 4"
    message = "BALANCE: class 'xylophone' of the target does not occur"
    assert warned(con, text) == [(SelectionWarning, message)]
    strategy = sqlsel.balance(["cat", "dog"] * 5, {"cat": 0.5, "xylophone": 0.2})
    with pytest.warns(SelectionWarning, match="^balance: class 'xylophone' of the target") as w:
        sqlsel.select(n=4, strategies=[strategy])
    assert [one.filename for one in w] == [__file__]


def test_two_selections_in_one_statement_are_both_warned_of(con: Con) -> None:
    one = "(SELECT id FROM t USING STRATEGY RANDOM() LIMIT {})"
    found = warned(con, f"{one.format(20)} UNION ALL {one.format(30)}")
    assert sorted(message[:31] for _, message in found) == [
        "10 samples selected of 20 asked",
        "10 samples selected of 30 asked",
    ]


def test_two_selections_in_one_statement_are_both_reported(con: Con) -> None:
    one = "(SELECT id FROM t USING STRATEGY WEIGHTS(w) LIMIT {})"
    found = sqlsel.sql(con, f"{one.format(2)} UNION ALL {one.format(3)}")
    lines = repr(found).splitlines()[1:]
    assert sorted(lines) == [f"{n} picked of 10 candidates; ended by: budget" for n in (2, 3)]


def test_two_selections_in_one_statement_are_two_lines_of_the_log(con: Con) -> None:
    one = "(SELECT id FROM t USING STRATEGY WEIGHTS(w) LIMIT {})"
    for _ in range(20):  # they run side by side, and either may end first
        sqlsel.sql(con, f"{one.format(2)} UNION ALL {one.format(3)}")
        log = sqlsel.sql(con, "SELECT n_selected FROM sqlsel_runs() LIMIT 2").fetchall()
        assert sorted(log) == [(2,), (3,)]


def test_a_configuration_that_selects_fewer_is_warned_of(con: Con) -> None:
    table = con.sql("FROM t").to_arrow_table()
    config = {
        "n_samples": 30,
        "strategies": [{"input": {"type": "RANDOM"}, "strategy": {"type": "WEIGHTS"}}],
    }
    with pytest.warns(ShortSelection, match="^10 samples selected of 30 asked") as found:
        sqlsel.run(config, table)
    assert [one.filename for one in found] == [__file__]


def test_the_program_reports_both_selections_of_a_statement(capfd: Any) -> None:
    one = "(SELECT i FROM range(9) r(i) USING STRATEGY WEIGHTS(i) LIMIT {})"
    assert _run(["sql", f"{one.format(2)} UNION ALL {one.format(3)}"], debug=True) == 0
    told = capfd.readouterr().err
    assert all(f"{n} samples selected of {n} asked, from 9 candidates" in told for n in (2, 3))


def test_the_program_says_it_once(con: Con, tmp_path: Path) -> None:
    import subprocess

    path = tmp_path / "t.parquet"
    con.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    text = f"SELECT id FROM '{path}' USING STRATEGY BALANCE(g, {{'cat': .5, 'yak': .2}}) LIMIT 40"
    done = subprocess.run(
        [sys.executable, "-m", "sqlsel", "sql", text], capture_output=True, text=True, check=True
    )
    assert done.stderr.count("fewer than asked: all candidates are selected") == 1
    assert done.stderr.count("class 'yak' of the target does not occur") == 1
    assert "Warning" not in done.stderr


@pytest.mark.parametrize(
    "strategy",
    ["DIVERSITY([w])", "SIMILARITY([w], query := [1.0])", "TYPICALITY([w], neighbors := 2)"],
)
def test_vectors_of_one_dimension_at_unit_length_are_warned_of(con: Con, strategy: str) -> None:
    message = "vectors of one dimension are all 1 or -1 at unit length; set normalize to false"
    text = f"SELECT id FROM t WHERE w > 0 USING STRATEGY {strategy} LIMIT 3"
    ((category, found),) = warned(con, text)
    assert category is SelectionWarning
    assert found == f"{strategy.partition('(')[0]}: {message}"
    as_they_are = text.replace(") LIMIT", ", normalize := false) LIMIT")
    assert warned(con, as_they_are) == []


def test_vectors_of_one_dimension_are_told_on_arrays() -> None:
    with pytest.warns(SelectionWarning, match="^diversity: vectors of one dimension are all 1 or"):
        sqlsel.select([[1.0], [2.0], [3.0]], n=2)


@pytest.mark.parametrize(("n", "why"), [(5, "budget"), (9, "all rows")])
def test_arrays_say_why_a_selection_ended(n: int, why: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ShortSelection)
        assert sqlsel.select(np.eye(5), n=n).stopped_by == why
