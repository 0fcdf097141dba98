"""``by := expression`` is the statement once per group: compared with WHERE, and with DuckDB's own groups."""

# ruff: noqa: E501 - a statement on one line is a statement that can be read

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

import sqlsel
from sqlsel.feed import REGISTRY
from tests.connection.data import COMBINATIONS, Data, make

Con = duckdb.DuckDBPyConnection
pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlsel.SelectionWarning"
)  # tests/connection/test_warned.py
ROWS = 400
VIDEOS = ["b", "a", None, "c"]  # of very different sizes
LIST = "id, video, selection_rank() AS r, selection_gain() AS g, selection_values() AS v"


@pytest.fixture(scope="module")
def data() -> Data:
    return make(ROWS, seed=7)


@pytest.fixture(scope="module")
def loaded(data: Data) -> Iterator[Con]:
    """The table of all tests of this folder, each row in one of four videos."""
    rng = np.random.default_rng(11)
    videos = [VIDEOS[i] for i in rng.choice(4, ROWS, p=[0.5, 0.3, 0.15, 0.05])]
    images = data.table.append_column("video", pa.array(videos))
    with duckdb.connect() as con:
        con.execute("CREATE TABLE images AS FROM images")
        assert images.num_rows == ROWS
        yield con


def clause(name: str) -> str:
    return COMBINATIONS[name][0].replace("{table}", "images")


def rows(con: Con, sql: str) -> list[tuple[Any, ...]]:
    return sqlsel.sql(con, sql).fetchall()


def once_per_group(con: Con, rest: str, listed: str = LIST) -> list[tuple[Any, ...]]:
    """What one statement per video gives, by ascending video, NULL last."""
    wheres = ["video = 'a'", "video = 'b'", "video = 'c'", "video IS NULL"]
    found: list[tuple[Any, ...]] = []
    for where in wheres:
        found += rows(con, f"SELECT {listed} FROM images WHERE {where} USING STRATEGY {rest}")
    return found


@pytest.mark.parametrize("name", COMBINATIONS)
def test_by_gives_what_one_statement_per_group_gives(loaded: Con, name: str) -> None:
    rest = f"{clause(name)}, key := id LIMIT 9"
    expected = once_per_group(loaded, rest)
    assert len({row[1] for row in expected}) == 4
    for threads in (1, 2, 4) if name in {"everything", "balance"} else (4,):
        loaded.execute(f"SET threads = {threads}")
        text = f"SELECT {LIST} FROM images USING STRATEGY by := video, {rest}"
        assert rows(loaded, text) == expected


@pytest.mark.parametrize(
    "rest",
    [
        "DIVERSITY(embedding), key := name",
        "DIVERSITY(embedding), key := id LIMIT 5 OFFSET 3",
        "WEIGHTS(score), RANDOM(), seed := 5, key := id LIMIT 12.5%",
        "DIVERSITY(embedding), THRESHOLD(score > 0.6), key := id LIMIT 10%",
        "BALANCE(label, 'input'), THRESHOLD(score > 0.95), THRESHOLD(label <> 'bus'), key := id LIMIT 40%",
        "DIVERSITY(embedding), preselected := done OR id % 50 = 0, key := id LIMIT 6",
        "WEIGHTS(score), preselected := id % 5 = 0, n_counts := 'total', key := id LIMIT 30%",
        "DIVERSITY(embedding), THRESHOLD(score > 0.7), preselected := done, n_counts := 'total', key := id LIMIT 20% OFFSET 2",
        "DIVERSITY(embedding), WEIGHTS(CASE WHEN id % 3 > 0 THEN score END), key := id LIMIT 7",
        "WEIGHTS(CASE WHEN id % 7 = 0 THEN 'nan'::DOUBLE ELSE score END), on_invalid := 'skip', key := id LIMIT 5",
        "DIVERSITY(CASE WHEN id % 7 = 0 THEN embedding[1:3] ELSE embedding::FLOAT[] END), on_invalid := 'skip', key := id LIMIT 5",
        "THRESHOLD(score < 0.3), key := -id LIMIT 4",
        "DIVERSITY(embedding) LIMIT 5",
        "DIVERSITY(embedding), BALANCE(label, 'uniform') LIMIT 3%",
    ],
)
def test_limits_thresholds_and_options_hold_per_group(loaded: Con, rest: str) -> None:
    expected = once_per_group(loaded, rest)
    assert len(expected) > 3
    assert rows(loaded, f"SELECT {LIST} FROM images USING STRATEGY by := video, {rest}") == expected


def test_a_group_without_some_class_is_balanced_as_if_it_were_alone(con: Con) -> None:
    con.execute(
        "CREATE TABLE images AS SELECT i AS id, ['a', 'b', 'c', NULL][i % 4 + 1] AS video, i / 10 AS score, "
        "CASE WHEN i % 4 = 1 THEN 'car' ELSE ['car', 'bus', 'van'][i // 4 % 3 + 1] END AS label, "
        "[sin(i), cos(i)]::FLOAT[2] AS embedding FROM range(1, 61) r(i)"
    )
    for target in ("'uniform'", "'input'", "{'bus': 0.5, 'van': 0.2}"):
        rest = f"BALANCE(label, {target}, strength := 3), DIVERSITY(embedding), key := id LIMIT 6"
        expected = once_per_group(con, rest, "id, video, selection_rank() AS r")
        text = "SELECT id, video, selection_rank() AS r FROM images USING STRATEGY by := video, "
        assert rows(con, text + rest) == expected


def test_the_order_of_the_rows_does_not_matter_where_there_is_a_key(loaded: Con) -> None:
    rest = "USING STRATEGY DIVERSITY(embedding), WEIGHTS(score), by := video, key := id LIMIT 8"
    loaded.execute("CREATE OR REPLACE TABLE shuffled AS FROM images ORDER BY hash(id)")
    assert rows(loaded, f"SELECT {LIST} FROM shuffled {rest}") == rows(
        loaded, f"SELECT {LIST} FROM images {rest}"
    )


def test_many_groups_of_one_row_each(loaded: Con) -> None:
    found = rows(
        loaded,
        "SELECT id, selection_rank() FROM images USING STRATEGY DIVERSITY(embedding), by := id LIMIT 3",
    )
    assert found == [(i, 1) for i in range(1, ROWS + 1)]


# ---- facts


def test_the_facts_of_a_grouped_run_are_the_sums_of_its_groups(loaded: Con) -> None:
    rest = "DIVERSITY(embedding, min_distance := 0.6), key := id, preselected := done LIMIT 20"
    wheres = ["video = 'a'", "video = 'b'", "video = 'c'", "video IS NULL"]
    parts = [
        sqlsel.sql(loaded, f"SELECT id FROM images WHERE {w} USING STRATEGY {rest}").facts[0]
        for w in wheres
    ]
    whole = sqlsel.sql(loaded, f"SELECT id FROM images USING STRATEGY by := video, {rest}").facts[0]
    assert (whole.groups, parts[0].groups) == (4, None)
    assert whole.n_input == sum(p.n_input for p in parts) == ROWS
    assert whole.n_candidates == sum(p.n_candidates for p in parts)
    assert whole.n_selected == sum(p.n_selected for p in parts)
    assert whole.n_asked == sum(p.n_asked or 0 for p in parts) == 80
    assert whole.stopped_by == "nobody feasible"  # the small video ended early
    assert {p.stopped_by for p in parts} == {"nobody feasible", "budget"}


def test_the_log_says_how_many_groups_there_were(loaded: Con) -> None:
    sqlsel.load(loaded)
    sqlsel.sql(loaded, "SELECT id FROM images USING STRATEGY WEIGHTS(score), by := video LIMIT 2")
    found = loaded.execute(
        "SELECT groups, n_input, n_asked, n_selected, stopped_by FROM sqlsel_runs() LIMIT 1"
    ).fetchall()
    assert found == [(4, ROWS, 8, 8, "budget")]


def test_progress_counts_the_picks_of_all_groups(loaded: Con) -> None:
    said: list[tuple[int, int]] = []
    sqlsel.sql(
        loaded,
        "SELECT id FROM images USING STRATEGY DIVERSITY(embedding), by := video LIMIT 6",
        progress=lambda done, budget: said.append((done, budget)),
    )
    assert said[-1] == (24, 24)
    assert [done for done, _ in said] == sorted(done for done, _ in said)
    assert {budget for _, budget in said} == {24}


# ---- errors


@pytest.mark.parametrize(
    "item",
    [
        "WEIGHTS(CASE WHEN id = 77 THEN 'inf'::DOUBLE ELSE score END)",
        "DIVERSITY(CASE WHEN id IN (77, 78) THEN [0, 0, 0, 0, 0, 0, 0, 0]::FLOAT[8] ELSE embedding END)",
        "DIVERSITY(CASE WHEN id = 77 THEN embedding[1:3] ELSE embedding::FLOAT[] END)",
        "BALANCE(CASE WHEN id = 77 THEN [-1, 1, 1] ELSE shares END)",
        "WEIGHTS(score), DIVERSITY(CASE WHEN id = 77 THEN ['nan'::FLOAT, 1, 1, 1, 1, 1, 1, 1]::FLOAT[8] ELSE embedding END)",
    ],
)
def test_the_message_names_the_row_of_the_block_as_it_does_without_by(
    loaded: Con, item: str
) -> None:
    with pytest.raises(sqlsel.InvalidInput) as alone:
        rows(loaded, f"SELECT id FROM images USING STRATEGY {item}, key := id LIMIT 3")
    with pytest.raises(sqlsel.InvalidInput) as grouped:
        rows(
            loaded,
            f"SELECT id FROM images USING STRATEGY {item}, key := id, by := video LIMIT 3",
        )
    assert str(grouped.value) == str(alone.value)
    assert "row" in str(alone.value)
    assert len(REGISTRY) == 0


def test_an_error_in_one_group_gives_no_rows_of_the_others(loaded: Con) -> None:
    with pytest.raises(sqlsel.InvalidInput):
        sqlsel.sql(
            loaded,
            "CREATE TABLE made AS SELECT id FROM images USING STRATEGY "
            "WEIGHTS(CASE WHEN video = 'c' THEN 'nan'::DOUBLE ELSE score END), by := video LIMIT 1",
        )
    assert loaded.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'made'"
    ).fetchall() == [(0,)]


# ---- the groups are DuckDB's own


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("TINYINT", "(3), (-1), (NULL), (3)"),
        ("UBIGINT", "(3), (18446744073709551615), (0)"),
        ("FLOAT", "(1.5), ('nan'), ('-inf'), (NULL), ('inf'), (1.5)"),
        ("HUGEINT", "(170141183460469231731687303715884105727), (-5), (170141183460469231731687303715884105726)"),
        ("DECIMAL(30, 2)", "(12345678901234567890.12), (12345678901234567890.11), (-1)"),
        ("DATE", "('2024-01-02'), ('infinity'), ('-infinity'), ('1900-01-01'), (NULL)"),
        ("TIME", "('10:00:00.000001'), ('09:59:59'), ('10:00:00.000002')"),
        ("TIMESTAMP_NS", "('2024-01-02 00:00:00'), ('2024-01-02 00:00:00.000000001')"),
        ("TIMESTAMPTZ", "('2024-01-02 00:00:00+02'), ('2024-01-01 22:00:00+00'), ('2024-01-01 21:59:59+00')"),
        ("UUID", "('b0000000-0000-0000-0000-000000000000'), ('10000000-0000-0000-0000-000000000000')"),
        ("BLOB", "('\\xFF'), ('\\x00'), (''), (NULL)"),
        ("VARCHAR", "('a'), ('B'), ('ä'), (''), ('a' || chr(0)), ('a ')"),
        ("BOOLEAN", "(true), (NULL), (false)"),
        ("STRUCT(n INTEGER, t VARCHAR)", "({'n': 2, 't': 'b'}), ({'n': 10, 't': 'a'}), ({'n': 2, 't': 'a'}), ({'n': 2, 't': 'b'})"),
        ("STRUCT(a STRUCT(b INTEGER))", "({'a': {'b': 2}}), ({'a': {'b': 1}})"),
        ("sky", "('rain'), ('clear'), (NULL), ('cloudy')"),
        ("DOUBLE", "('0.0'), ('-0.0'), ('1.0')"),
        ("STRUCT(a INTEGER)", "({'a': NULL}), (NULL), ({'a': 1})"),
    ],
)  # fmt: skip
def test_groups_and_their_order_are_those_of_duckdb(loaded: Con, kind: str, values: str) -> None:
    loaded.execute("CREATE TYPE IF NOT EXISTS sky AS ENUM ('sunny', 'cloudy', 'rain', 'clear')")
    loaded.execute(f"CREATE OR REPLACE TABLE t (x {kind}); INSERT INTO t VALUES {values}")
    expected = loaded.execute(
        "SELECT x::VARCHAR, n FROM (SELECT x, count(*) AS n FROM t GROUP BY x) ORDER BY x NULLS LAST"
    ).fetchall()
    text = "SELECT x, selection_rank() AS r FROM t USING STRATEGY WEIGHTS(1), by := x"
    found = rows(loaded, f"SELECT x::VARCHAR, r FROM ({text})")
    ranks = [(x, r) for x, n in expected for r in range(1, n + 1)]
    assert [r for _, r in found] == [r for _, r in ranks]
    assert found == ranks or kind == "DOUBLE"  # -0.0 or 0.0 stands for both


# ---- what is easily lost


def test_a_share_of_groups_that_the_threshold_empties_all_is_nothing(loaded: Con) -> None:
    text = "SELECT id FROM images USING STRATEGY WEIGHTS(score), THRESHOLD(score > 2), by := video LIMIT 10%"
    assert rows(loaded, text) == []


def test_an_interval_is_refused_as_a_group(loaded: Con) -> None:
    text = "SELECT 1 AS a USING STRATEGY WEIGHTS(1), by := INTERVAL 1 DAY"
    with pytest.raises(sqlsel.InvalidInput, match=r"by is INTERVAL.*by := epoch\(…\)"):
        sqlsel.sql(loaded, text)
