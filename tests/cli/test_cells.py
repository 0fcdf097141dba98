"""CSV, JSON and NDJSON hold JSON for nested values, and the columns that were named."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from sqlsel.clause.naming import named_columns
from sqlsel.cli.main import _run

NESTED = """SELECT [1.0::DECIMAL(4, 1)] AS l, [{'a': 1, 'b': true}] AS s, MAP {1: 'x'} AS m, [DATE '2026-01-02'] AS d,
  ['nan'::DOUBLE, 1] AS v, ['\\xAA'::BLOB] AS b, [INTERVAL '1 month 2 days 3.5 seconds'] AS i, 'b' AS t, true AS y,
  1.50::DECIMAL(4, 2) AS n, INTERVAL 2 DAY AS one, NULL AS nothing, {'x': [NULL, 1.5], 'y': 1} AS p"""
JSON = {
    "l": [1.0],
    "s": [{"a": 1, "b": True}],
    "m": {"1": "x"},
    "d": ["2026-01-02"],
    "v": [None, 1.0],
    "b": ["\\xAA"],
    "i": ["1 month 2 days 00:00:03.5"],
}


def written(tmp_path: Path, statement: str, kind: str) -> Path:
    path = tmp_path / f"out.{kind}"
    assert _run(["sql", statement, "-o", str(path), "--force"], debug=True) == 0
    return path


def test_a_csv_file_holds_json_for_lists_and_maps(tmp_path: Path) -> None:
    with written(tmp_path, NESTED, "csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert {name: json.loads(row[name]) for name in JSON} == JSON
    single = [row[name] for name in ("t", "y", "n", "one", "nothing", "p.x", "p.y")]
    assert single == ["b", "true", "1.50", "2 days", "", "[null, 1.5]", "1"]


@pytest.mark.parametrize("kind", ["json", "ndjson"])
def test_json_holds_what_json_has(tmp_path: Path, kind: str) -> None:
    def refuse(word: str) -> Any:
        raise AssertionError(word)

    found = json.loads(written(tmp_path, NESTED, kind).read_text(), parse_constant=refuse)
    row = found[0] if kind == "json" else found
    assert {name: row[name] for name in JSON} == JSON
    single = [row[name] for name in ("t", "y", "n", "one", "nothing", "p")]
    assert single == ["b", True, 1.5, "2 days", None, {"x": [None, 1.5], "y": 1}]


T = "FROM (SELECT 1 AS id, [0.5, 2.0]::FLOAT[] AS e)"


@pytest.mark.parametrize("kind", ["csv", "json", "ndjson"])
@pytest.mark.parametrize(
    ("statement", "there"),
    [
        (f"SELECT id, e {T}", True),
        (f"SELECT *, e AS f {T}", True),
        (f"SELECT * {T}", False),
        (f"SELECT * {T} USING STRATEGY DIVERSITY(e) LIMIT 1", False),
        (T, False),
    ],
)
def test_a_vector_that_was_named_is_there(
    tmp_path: Path, capfd: Any, kind: str, statement: str, there: bool
) -> None:
    assert ("[0.5, 2.0]" in written(tmp_path, statement, kind).read_text()) == there
    assert ("e: vectors are left out" in capfd.readouterr().err) == (not there)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("SELECT a, b FROM t", {"a", "b"}),
        ("SELECT a * 2 AS a, [1.0, 2] AS b", {"a", "b"}),
        ("SELECT 1; SELECT * FROM t WHERE b", set()),
        ('SELECT *, "B" FROM t;', {"b"}),
        ("WITH x AS (SELECT a, b FROM t) SELECT * FROM x", set()),
        ("(SELECT t.*, lower(a) AS a FROM t)", {"a"}),
        ("FROM t SELECT b", {"a", "b"}),
        ("SELECT COLUMNS('a|b') FROM t", set()),
        ("SELECT count(*) AS a, b FROM t GROUP BY b", {"a", "b"}),
        ("SELECT DISTINCT * FROM t", set()),
        ("SUMMARIZE t", set()),
    ],
)
def test_the_columns_that_a_statement_names(statement: str, named: set[str]) -> None:
    assert named_columns(statement, ["a", "b"]) == named
