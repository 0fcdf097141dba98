"""WHERE and THRESHOLD reach the scan: row groups that cannot pass are not read, the feed included."""

# ruff: noqa: E501 - a statement on one line is a statement that can be read

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

import sqlsel
from sqlsel.feed.statements import rewrite

Con = duckdb.DuckDBPyConnection
GROUPS, SIZE = 20, 2048


@pytest.fixture
def parquet(con: Con, tmp_path: Path) -> str:
    """20 row groups, sorted by weather.temperature from 0 to 40; a score that has another order."""
    path = tmp_path / "images.parquet"
    rows = GROUPS * SIZE
    con.execute(
        f"COPY (SELECT i AS id, {{'temperature': 40.0 * i / {rows}, 'description': 'x'}} AS weather, i // {SIZE} AS part, "
        f"hash(i) % 1000 / 1000 AS score, [sin(i), cos(i)]::FLOAT[2] AS embedding FROM range({rows}) r(i)) "
        f"TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE {SIZE})"
    )
    con.execute("SET threads = 1")
    assert con.execute(
        f"SELECT count(DISTINCT row_group_id) FROM parquet_metadata('{path}')"
    ).fetchall() == [(GROUPS,)]
    return str(path)


def scan(con: Con, sql: str) -> dict[str, Any]:
    """The one scan of a file or table that running ``sql`` takes, as DuckDB's profile tells it."""
    sqlsel.load(con)
    plan = con.execute("EXPLAIN (ANALYZE, FORMAT json) " + rewrite(sql).sql).fetchall()[0][1]
    waiting, found = [json.loads(plan)], []
    while waiting:
        node = waiting.pop()
        found += [node] if node.get("type") == "TABLE_SCAN" else []
        waiting += node.get("children", []) + node.get("operator", [])
    (only,) = found
    return dict(only)


def groups_read(con: Con, sql: str) -> int:
    """How many row groups the scan of ``sql`` read."""
    node = scan(con, sql)
    assert node["total_row_groups_to_scan"] == GROUPS
    return int(node["row_groups_scanned"])


FEED = "USING STRATEGY DIVERSITY(embedding), key := id"


def test_without_a_condition_all_row_groups_are_read(con: Con, parquet: str) -> None:
    assert groups_read(con, f"SELECT id FROM '{parquet}' {FEED} LIMIT 10") == GROUPS


def test_where_on_a_nested_key_skips_row_groups(con: Con, parquet: str) -> None:
    sql = f"SELECT id FROM '{parquet}' WHERE weather.temperature > 38 {FEED} LIMIT 10"
    assert groups_read(con, sql) == 1
    assert "weather.temperature > 38" in scan(con, sql)["extra_info"]["Filters"]


def test_half_of_the_temperatures_are_half_of_the_row_groups(con: Con, parquet: str) -> None:
    assert (
        groups_read(
            con, f"SELECT id FROM '{parquet}' WHERE weather.temperature > 20 {FEED} LIMIT 10"
        )
        == GROUPS // 2
    )


def test_a_threshold_on_a_nested_key_skips_row_groups(con: Con, parquet: str) -> None:
    sql = f"SELECT id FROM '{parquet}' {FEED}, THRESHOLD(weather.temperature > 38) LIMIT 10"
    assert groups_read(con, sql) == 1
    assert "weather.temperature > 38" in scan(con, sql)["extra_info"]["Filters"]


def test_where_and_thresholds_skip_together(con: Con, parquet: str) -> None:
    sql = (
        f"SELECT * FROM '{parquet}' WHERE weather.temperature > 20 {FEED}, THRESHOLD(part < 12), THRESHOLD(score > 0.1), "
        "WEIGHTS(score) LIMIT 10"
    )
    assert groups_read(con, sql) == 2


def test_only_the_rows_that_pass_are_fed(con: Con, parquet: str) -> None:
    result = sqlsel.sql(
        con, f"SELECT id FROM '{parquet}' {FEED}, THRESHOLD(weather.temperature >= 38) LIMIT 10"
    )
    assert result.facts[-1].n_input == 2048


def test_a_threshold_from_first_skips_row_groups(con: Con, parquet: str) -> None:
    assert (
        groups_read(con, f"FROM '{parquet}' {FEED}, THRESHOLD(weather.temperature > 38) LIMIT 10")
        == 1
    )


def test_a_threshold_inside_of_a_subquery_skips_row_groups(con: Con, parquet: str) -> None:
    sql = f"SELECT count(*) FROM (SELECT id FROM (SELECT * FROM '{parquet}') {FEED}, THRESHOLD(weather.temperature > 38))"
    assert groups_read(con, sql) == 1


def test_a_share_with_where_skips_row_groups_and_reads_the_file_once(
    con: Con, parquet: str
) -> None:
    assert (
        groups_read(
            con, f"SELECT id FROM '{parquet}' WHERE weather.temperature > 38 {FEED} LIMIT 1%"
        )
        == 1
    )


def test_a_share_with_a_threshold_counts_all_rows_and_reads_the_file_once(
    con: Con, parquet: str
) -> None:
    sql = f"SELECT id FROM '{parquet}' {FEED}, THRESHOLD(weather.temperature >= 38) LIMIT 1%"
    assert groups_read(con, sql) == GROUPS
    assert len(sqlsel.sql(con, sql)) == round(GROUPS * SIZE * 0.01)


def test_preselected_rows_are_exempt_from_the_threshold_and_must_all_be_read(
    con: Con, parquet: str
) -> None:
    sql = f"SELECT id FROM '{parquet}' {FEED}, THRESHOLD(weather.temperature > 38), preselected := id = 7 LIMIT 10"
    assert groups_read(con, sql) == GROUPS


def test_columns_that_nobody_needs_are_not_read(con: Con, parquet: str) -> None:
    node = scan(
        con, f"SELECT id FROM '{parquet}' USING STRATEGY WEIGHTS(score), key := id LIMIT 10"
    )
    assert sorted(node["extra_info"]["Projections"]) == ["id", "score"]


def test_a_threshold_on_a_table_skips_row_groups(con: Con, parquet: str) -> None:
    con.execute(
        f"CREATE TABLE images AS SELECT * EXCLUDE (embedding), embedding FROM '{parquet}', range(10) WHERE true ORDER BY part"
    )
    node = scan(
        con,
        f"SELECT id FROM images {FEED.replace('key := id', 'seed := 1')}, THRESHOLD(part = 19) LIMIT 10",
    )
    assert "part=19" in str(node["extra_info"]["Filters"]).replace(" ", "")
    assert node["rows_scanned"] < GROUPS * SIZE * 10
