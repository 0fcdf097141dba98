"""How far the limits of WEIGHTS, and strategies over objects, say that they were reached."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

import sqlsel

Con = duckdb.DuckDBPyConnection
pytestmark = pytest.mark.filterwarnings("ignore::sqlsel.ShortSelection")


@pytest.fixture
def clips(con: Con) -> Con:
    con.execute(
        "CREATE TABLE clips AS SELECT * FROM (VALUES (1, 5, [[0]]), (2, 3, [[1], [3]]), (3, 4, []), "
        "(4, 1, [[9]]), (5, 2, [[9]])) v(id, seconds, crops)"
    )
    return con


def lines(con: Con, clause: str) -> list[tuple[str, str, str, str]]:
    """(strategy, asked, reached, why) of each line, as printed."""
    result: Any = sqlsel.sql(con, f"SELECT id FROM clips USING STRATEGY {clause}")
    printed = [line.texts() for line in result.fulfilment]
    return [(one.strategy, one.asked, one.reached, one.why) for one in printed]


def test_a_sum_that_ended_the_run_is_met(clips: Con) -> None:
    assert lines(clips, "WEIGHTS(seconds, max_sum := 8), key := id LIMIT 9") == [
        ("WEIGHTS", "high", "mean 4.5", "no choice of this size has a better mean"),
        ("WEIGHTS max_sum", "at least 8", "sum 9", "met"),
    ]


@pytest.mark.parametrize(
    ("options", "reached", "why"),
    [
        ("LIMIT 1", "sum 5", "too few samples"),
        ("LIMIT 9", "sum 15", "limited by the pool"),
        (", preselected := id > 1 LIMIT 9", "sum 15", "limited by the pool"),
    ],
)
def test_a_sum_that_was_not_reached_says_why(
    clips: Con, options: str, reached: str, why: str
) -> None:
    found = lines(clips, f"WEIGHTS(seconds, max_sum := 20), key := id {options}")
    assert found[1] == ("WEIGHTS max_sum", "at least 20", reached, why)


@pytest.mark.parametrize(
    ("ends", "options", "reached", "why"),
    [
        ("[5, 9]", "LIMIT 3", "sum 9", "met"),
        ("[6, 9]", "LIMIT 1", "sum 5", "too few samples"),
        ("[10, 12]", "WEIGHTS(id, max_sum := 1) LIMIT 3", "sum 4", "max_sum"),
        ("[20, 90]", "LIMIT 9", "sum 15", "limited by the pool"),
        ("[1, 4]", "preselected := id < 3 LIMIT 9", "sum 8", "preselected"),
    ],
)
def test_a_range_says_whether_the_sum_lies_in_it(
    clips: Con, ends: str, options: str, reached: str, why: str
) -> None:
    more = options if options.startswith("LIMIT") else f", {options}"
    found = lines(clips, f"WEIGHTS(seconds, target_range := {ends}) , key := id {more}")
    line = next(one for one in found if "target_range" in one[0])
    assert line[2:] == (reached, why)


def test_a_minimum_distance_is_met_by_a_single_sample(clips: Con) -> None:
    clause = "WEIGHTS(seconds, max_sum := 4), DIVERSITY([seconds, 1], min_distance := 0.01)"
    assert lines(clips, f"{clause}, key := id LIMIT 9")[-1][3] == "met: a single sample"


def test_a_minimum_typicality_is_what_was_asked_and_why_no_more_was_picked(clips: Con) -> None:
    clause = "TYPICALITY([seconds], neighbors := 2, normalize := false, min_typicality := 0.4)"
    ((name, asked, _, why),) = lines(clips, f"{clause} LIMIT 9")
    assert (name, asked, why) == (
        "TYPICALITY",
        "high, min_typicality 0.4",
        "threshold: no other candidate passes min_typicality 0.4",
    )


def test_samples_without_objects_count_in_no_mean(clips: Con) -> None:
    clause = "SIMILARITY(crops, query := [9], normalize := false), key := id"
    ((_, _, reached, why),) = lines(clips, clause)
    assert (
        reached == f"mean {(2 + 2.71828182845 ** (-6 / 4.6) + 2.71828182845 ** (-9 / 4.6)) / 4:.4g}"
    )
    assert why == "no choice of this size has a better mean"
    ((_, _, reached, why),) = lines(clips, f"THRESHOLD(len(crops) = 0), {clause}")
    assert (reached, why) == ("–", "no objects")


def test_of_many_classes_the_farthest_from_their_target_are_named_and_the_others_counted() -> None:
    con = duckdb.connect()
    con.execute("CREATE TABLE t AS SELECT i AS id, 'c' || (i % 50) AS g FROM range(500) r(i)")
    share = "{'c0': 0.5, " + ", ".join(f"'c{k}': 0.01" for k in range(1, 50)) + "}"
    result = sqlsel.sql(
        con, f"SELECT id FROM t USING STRATEGY BALANCE(g, {share}), key := id LIMIT 40"
    )
    lines = result.fulfilment
    assert len(lines) == 22
    assert [lines[0].strategy, lines[1].strategy] == ["BALANCE", "BALANCE c0"]
    assert lines[-1].strategy.endswith("30 classes nearer to it")
