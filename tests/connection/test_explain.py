"""EXPLAIN of a statement with clauses: the plan of each selection before DuckDB's own, and nothing is run."""

# ruff: noqa: E501 - a statement on one line is a statement that can be read

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

import sqlsel
from sqlsel.feed import REGISTRY

Con = duckdb.DuckDBPyConnection
ROWS = 4000
CLAUSE = "USING STRATEGY DIVERSITY(embedding), WEIGHTS(score), key := id LIMIT 40"


@pytest.fixture(scope="module")
def images() -> Iterator[Con]:
    with duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false")
        con.execute(
            "CREATE TABLE images AS SELECT i AS id, i % 4 AS part, hash(i) % 1000 / 1000 AS score, "
            f"[sin(i), cos(i), i % 7 + 1]::FLOAT[3] AS embedding FROM range({ROWS}) r(i)"
        )
        con.execute("CREATE SEQUENCE steps")
        con.execute("PREPARE later AS SELECT 42 AS answer")
        yield con


def explained(con: Con, text: str, params: Any = None) -> list[tuple[str, str]]:
    result = sqlsel.sql(con, text, params)
    assert result.columns == ["explain_key", "explain_value"]
    return result.fetchall()


def tables(con: Con) -> set[str]:
    return {name for (name,) in con.execute("SHOW TABLES").fetchall()}


# ---- what is shown


def test_the_selection_comes_first_and_duckdbs_plan_after_it(images: Con) -> None:
    rows = explained(images, f"EXPLAIN SELECT id FROM images {CLAUSE}")
    assert [key for key, _ in rows] == ["selection_plan", "physical_plan"]
    assert rows[0][1].startswith("DIVERSITY: exact, from shortlists")
    assert "WEIGHTS: exact, by order of the values" in rows[0][1]
    assert "images" in rows[1][1]
    assert "__sqlsel_t" in rows[1][1]


@pytest.mark.parametrize(
    ("text", "candidates", "picks"),
    [
        (f"SELECT id FROM images {CLAUSE}", ROWS, 40),
        ("FROM images USING STRATEGY RANDOM()", ROWS, ROWS),
        ("SELECT id FROM images USING STRATEGY WEIGHTS(score) LIMIT 10%", ROWS, ROWS // 10),
        ("SELECT id FROM images USING STRATEGY WEIGHTS(score) LIMIT 999999999", ROWS, ROWS),
        ("SELECT id FROM images USING STRATEGY WEIGHTS(score) LIMIT 30 + 4", ROWS, 34),
        ("SELECT i.id FROM images i JOIN images j USING (id) USING STRATEGY WEIGHTS(i.score) LIMIT 5", ROWS, 5),
        (f"SELECT id FROM (SELECT * FROM images WHERE true) {CLAUSE}", ROWS, 40),
        (f"WITH few AS (FROM images) SELECT id FROM few {CLAUSE}", ROWS, 40),
        ("SELECT id FROM images USING STRATEGY THRESHOLD(true) LIMIT 7", ROWS, 7),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::sqlsel.ShortSelection")
def test_without_a_filter_the_estimated_rows_are_the_rows(
    images: Con, text: str, candidates: int, picks: int
) -> None:
    facts = sqlsel.sql(images, text).facts[-1]
    assert (facts.n_candidates, facts.n_selected) == (candidates, picks)
    plan = explained(images, f"EXPLAIN {text}")[0][1]
    assert f"about {candidates:,} candidates, {picks:,} picks" in plan


def test_with_a_filter_they_are_duckdbs_estimate(images: Con) -> None:
    text = (
        "SELECT id FROM images WHERE id < 1000 USING STRATEGY WEIGHTS(score), THRESHOLD(part < 3)"
    )
    plan = explained(images, f"EXPLAIN {text}")[0][1]
    found = re.search(r"about ([\d,]+) candidates", plan)
    assert found is not None
    assert 0 < int(found[1].replace(",", "")) < ROWS / 2


def test_the_memory_grows_with_rows_and_dimensions(images: Con) -> None:
    said = []
    for items in ("WEIGHTS(score)", "DIVERSITY(embedding)", "DIVERSITY(list_concat(embedding, embedding, embedding))"):  # fmt: skip
        plan = explained(images, f"EXPLAIN SELECT id FROM images USING STRATEGY {items} LIMIT 5")[
            0
        ][1]
        found = re.search(r"about ([\d.]+) MiB of memory \(free: [\d.]+ [GM]iB\)", plan)
        assert found is not None
        assert re.search(r"about [\d.]+ s to select, after the scan", plan)
        said.append(float(found[1]))
    assert said == sorted(set(said))


def test_each_clause_has_a_row_in_the_order_of_the_text(images: Con) -> None:
    text = (
        "SELECT id FROM (SELECT * FROM images USING STRATEGY RANDOM() LIMIT 9) USING STRATEGY WEIGHTS(score) LIMIT 3 "
        f"UNION ALL SELECT id FROM images {CLAUSE}"
    )
    rows = explained(images, f"EXPLAIN {text}")
    assert [key for key, _ in rows] == ["selection_plan"] * 3 + ["physical_plan"]
    assert [value.split(":")[0] for _, value in rows[:3]] == ["RANDOM", "WEIGHTS", "DIVERSITY"]
    assert "4,000 candidates, 9 picks" in rows[0][1]


def test_a_clause_that_reads_a_cte_of_the_statement_is_shown_without_figures(images: Con) -> None:
    text = f"WITH few AS (FROM images), picked AS (SELECT * FROM few {CLAUSE}) SELECT count(*) FROM picked"
    rows = explained(images, f"EXPLAIN {text}")
    assert [key for key, _ in rows] == ["selection_plan", "physical_plan"]
    assert "DIVERSITY" in rows[0][1]


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("SELECT id FROM images WHERE id > ? USING STRATEGY WEIGHTS(score * ?) LIMIT ?", [5, 2, 3]),
        ("SELECT id FROM images WHERE id > $2 USING STRATEGY WEIGHTS(score) LIMIT $1", [3, 5]),
        ("SELECT id FROM images WHERE id > $low USING STRATEGY DIVERSITY(embedding) LIMIT $n", {"low": 5, "n": 3}),
    ],
)  # fmt: skip
def test_parameters_are_bound(images: Con, text: str, params: Any) -> None:
    rows = explained(images, f"EXPLAIN {text}", params)
    assert [key for key, _ in rows] == ["selection_plan", "physical_plan"]
    rows = explained(images, f"EXPLAIN ANALYZE {text}", params)
    assert "3 picks" in rows[0][1]


def test_json_is_duckdbs_own_with_our_row_before_it(images: Con) -> None:
    rows = explained(images, f"EXPLAIN (FORMAT json) SELECT id FROM images {CLAUSE}")
    assert [key for key, _ in rows] == ["selection_plan", "physical_plan"]
    assert json.loads(rows[1][1])[0]["name"]
    rows = explained(images, f"EXPLAIN (FORMAT json, ANALYZE) SELECT id FROM images {CLAUSE}")
    assert [key for key, _ in rows] == ["selection_plan", "analyzed_plan"]
    assert "operator" in json.loads(rows[1][1])


def test_only_the_last_statement_is_shown(images: Con) -> None:
    text = f"CREATE OR REPLACE TEMP TABLE one AS SELECT id FROM images {CLAUSE}; EXPLAIN SELECT id FROM images USING STRATEGY RANDOM();;"
    rows = explained(images, text)
    assert [key for key, _ in rows] == ["selection_plan", "physical_plan"]
    assert "RANDOM" in rows[0][1]
    found = sqlsel.sql(images, f"EXPLAIN SELECT id FROM images {CLAUSE}; SELECT 1 AS one")
    assert (found.columns, found.fetchall()) == (["one"], [(1,)])


@pytest.mark.parametrize(
    "text",
    [
        "EXPLAIN SELECT count(*) FROM images", "EXPLAIN (FORMAT json) SELECT 42 AS a", "EXPLAIN CREATE TABLE made AS FROM images",
        "EXPLAIN EXECUTE later", "EXPLAIN SELECT 'USING STRATEGY RANDOM()' AS a", "explain (format html) select 1",
    ],
)  # fmt: skip
def test_without_a_clause_it_is_duckdbs_own(images: Con, text: str) -> None:
    assert explained(images, text) == images.execute(text).fetchall()


# ---- nothing is run


def test_no_table_is_made_and_no_row_changed(images: Con) -> None:
    before = tables(images)
    for text in (
        f"CREATE TABLE made AS SELECT id FROM images {CLAUSE}",
        f"INSERT INTO images (id) SELECT id + 1000000 FROM images {CLAUSE}",
        f"DELETE FROM images WHERE id IN (SELECT id FROM images {CLAUSE})",
        f"CREATE VIEW seen AS SELECT id FROM images {CLAUSE}",
    ):
        assert explained(images, f"EXPLAIN {text}")[0][0] == "selection_plan"
    assert tables(images) == before
    assert images.execute("SELECT count(*) FROM images").fetchall() == [(ROWS,)]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT error('run') FROM images USING STRATEGY WEIGHTS(score)",
        "SELECT id FROM images WHERE error('run') USING STRATEGY DIVERSITY(embedding) LIMIT 5",
        "SELECT id FROM images USING STRATEGY WEIGHTS(error('run')) LIMIT 5",
        "SELECT id FROM images USING STRATEGY DIVERSITY(error('run')::FLOAT[3]) LIMIT 5",
        "SELECT id FROM images USING STRATEGY WEIGHTS(score), THRESHOLD(error('run')), key := error('run') LIMIT 10%",
        "SELECT id FROM images USING STRATEGY SIMILARITY(embedding, query := (SELECT error('run')::FLOAT[3])) LIMIT 5",
        "SELECT id FROM images USING STRATEGY WEIGHTS(score) LIMIT (SELECT error('run')::BIGINT)",
    ],
)
def test_what_would_fail_is_not_run(images: Con, text: str) -> None:
    assert explained(images, f"EXPLAIN {text}")[0][0] == "selection_plan"
    with pytest.raises(duckdb.Error, match="run"):
        sqlsel.sql(images, text)
    assert len(REGISTRY) == 0


def test_no_run_is_logged(images: Con) -> None:
    sqlsel.load(images)
    count = "SELECT count(*) FROM sqlsel_runs()"
    before = images.execute(count).fetchall()
    result = sqlsel.sql(images, f"EXPLAIN SELECT id FROM images {CLAUSE}")
    assert result.facts == ()
    assert images.execute(count).fetchall() == before


def test_a_mistake_is_told_as_without_explain(images: Con) -> None:
    with pytest.raises(sqlsel.ClauseError, match="did you mean WEIGHTS"):
        sqlsel.sql(images, "EXPLAIN SELECT id FROM images USING STRATEGY WIEGHTS(score)")
    with pytest.raises(duckdb.BinderException, match='"skore"'):
        sqlsel.sql(images, "EXPLAIN SELECT id FROM images USING STRATEGY WEIGHTS(skore)")
    with pytest.raises(sqlsel.InvalidInput, match="LIMIT must be a whole number"):
        sqlsel.sql(images, "EXPLAIN SELECT id FROM images USING STRATEGY WEIGHTS(score) LIMIT -1")


# ---- EXPLAIN ANALYZE runs


@pytest.mark.parametrize(
    "rest",
    [
        CLAUSE,
        "WHERE id < 700 USING STRATEGY DIVERSITY(embedding, min_distance := 1.2) LIMIT 300",
        "USING STRATEGY WEIGHTS(score), by := part, THRESHOLD(id < 3000) LIMIT 3",
        "USING STRATEGY THRESHOLD(id < 9)",
    ],
)
@pytest.mark.filterwarnings("ignore::sqlsel.ShortSelection")
def test_analyze_shows_the_facts_of_the_run(images: Con, rest: str) -> None:
    result = sqlsel.sql(images, f"EXPLAIN ANALYZE SELECT id FROM images {rest}")
    (facts,) = result.facts
    (key, plan), (other, _) = result.fetchall()
    assert (key, other) == ("selection_plan", "analyzed_plan")
    head, scan, prepare, select = plan.split("\n")
    assert head == (", ".join(facts.strategies) or "thresholds only")
    groups = "" if facts.groups is None else f" in {facts.groups} groups"
    assert scan.endswith(f" s  {facts.n_input:,} rows fed{groups}")
    assert prepare.endswith(f" s  {facts.n_candidates:,} candidates")
    ended = f"{facts.refreshes:,} refreshes; ended by: {facts.stopped_by}"
    assert select.endswith(f" s  {facts.n_selected:,} picks, {ended}")
    for line, name, seconds in (
        (scan, "scan", facts.scan_seconds),
        (prepare, "prepare", facts.prepare_seconds),
        (select, "select", facts.seconds),
    ):
        assert line.split()[:2] == [name, f"{seconds:.3f}"]


def test_the_facts_that_analyze_shows_are_those_of_the_statement(images: Con) -> None:
    text = "SELECT id FROM images WHERE id < 1000 USING STRATEGY DIVERSITY(embedding), THRESHOLD(part < 3), by := part LIMIT 7"
    alone = sqlsel.sql(images, text)
    shown = sqlsel.sql(images, f"EXPLAIN ANALYZE {text}").facts[0]
    facts = alone.facts[0]
    for name in ("n_input", "n_candidates", "n_selected", "stopped_by", "groups", "strategies"):
        assert getattr(shown, name) == getattr(facts, name)
    assert (shown.n_input, shown.n_selected, len(alone)) == (750, 21, 21)


def test_analyze_shows_each_selection_in_the_order_in_which_it_ran(images: Con) -> None:
    text = "SELECT id FROM (SELECT * FROM images USING STRATEGY RANDOM() LIMIT 9) USING STRATEGY WEIGHTS(score) LIMIT 3"
    rows = explained(images, f"EXPLAIN ANALYZE {text}")
    assert [key for key, _ in rows] == ["selection_plan", "selection_plan", "analyzed_plan"]
    assert "9 picks" in rows[0][1]
    assert "9 rows fed" in rows[1][1]
    assert "3 picks" in rows[1][1]


def test_analyze_of_create_table_makes_the_table(images: Con) -> None:
    explained(images, f"EXPLAIN ANALYZE CREATE TEMP TABLE made AS SELECT id FROM images {CLAUSE}")
    assert images.execute("SELECT count(*) FROM made").fetchall() == [(40,)]
    images.execute("DROP TABLE made")


@pytest.mark.parametrize(
    ("clause", "line"),
    [
        ("TYPICALITY(embedding)", "TYPICALITY: exact, every vector compared with every other; above 20,000 from a graph (hnswlib)"),
        ("TYPICALITY(embedding, approximate := true)", "TYPICALITY: approximate, neighbours from a graph (hnswlib)"),
        ("TYPICALITY(embedding, approximate := false)", "TYPICALITY: exact, every vector compared with every other"),
        ("WEIGHTS(score, max_sum := 9)", "WEIGHTS: ends with the pick that brings the sum to 9"),
        ("WEIGHTS(score, target_range := [1, 9])", "WEIGHTS: the sum does not exceed the upper end of [1, 9]"),
    ],
)  # fmt: skip
def test_a_plan_says_how_neighbours_are_found_and_what_a_sum_limits(
    images: Con, clause: str, line: str
) -> None:
    ((_, plan), *_) = explained(
        images, f"EXPLAIN SELECT id FROM images USING STRATEGY {clause} LIMIT 3"
    )
    assert line in plan.split("\n")


def test_analyze_says_what_was_approximate(images: Con) -> None:
    text = "SELECT id FROM images USING STRATEGY TYPICALITY(embedding, approximate := true) LIMIT 3"
    ((_, plan), *_) = explained(images, f"EXPLAIN ANALYZE {text}")
    note = plan.split("\n")[-1]
    assert note.startswith(
        "note     typicality of 4,000 rows is approximate (hnswlib), recall of 20 "
    )


# ---- what is easily lost


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id FROM images WHERE nextval('steps') > 0 USING STRATEGY DIVERSITY(embedding) LIMIT 5",
        "SELECT id FROM images USING STRATEGY WEIGHTS(score) LIMIT nextval('steps')",
    ],
)
def test_nothing_at_all_is_run(images: Con, text: str) -> None:
    images.execute("CREATE OR REPLACE SEQUENCE steps").fetchall()
    explained(images, f"EXPLAIN {text}")
    assert images.execute("SELECT nextval('steps')").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("SELECT id FROM images WHERE id > $1 USING STRATEGY WEIGHTS(score) LIMIT $2", [5, 3]),
        (f"WITH few AS (FROM images), picked AS (SELECT * FROM few {CLAUSE}) FROM picked", None),
        (f"SELECT id FROM images WHERE error('run') {CLAUSE}", None),
    ],
)  # fmt: skip
def test_a_transaction_goes_on_after_explain(images: Con, text: str, params: Any) -> None:
    images.execute("BEGIN")
    try:
        assert explained(images, f"EXPLAIN {text}", params)[0][0] == "selection_plan"
        assert images.execute("SELECT 1").fetchall() == [(1,)]
    finally:
        images.execute("ROLLBACK")


def test_positional_parameters_give_figures_as_named_ones_do(images: Con) -> None:
    text = "EXPLAIN SELECT id FROM images WHERE id >= $1 USING STRATEGY WEIGHTS(score) LIMIT $2"
    assert "candidates" in explained(images, text, [0, 5])[0][1]


def test_a_share_counts_the_rows_before_the_thresholds(images: Con) -> None:
    text = "EXPLAIN SELECT id FROM images USING STRATEGY WEIGHTS(score), THRESHOLD(id < 1000) LIMIT 10%"
    assert "400 picks" in explained(images, text)[0][1]


def test_the_caret_stands_under_the_mistake(images: Con) -> None:
    text = "EXPLAIN SELECT nope FROM images USING STRATEGY WEIGHTS(score)"
    with pytest.raises(duckdb.BinderException) as caught:
        sqlsel.sql(images, text)
    line, caret = str(caught.value).split("\n")[-2:]
    assert line[caret.index("^") :].startswith("nope")
