"""Known facts of 341 real photos of clothing, found independently of sqlsel."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import sqlsel

pytestmark = pytest.mark.realdata
FIRST = [
    "dress/07cddef1",
    "dress/46e4c390",
    "t-shirt/a45a4d15",
    "shoes/7d5a20ff",
    "longsleeve/20e5a129",
]
TWINS = ("t-shirt/06de9ebd", "t-shirt/76f8420a")


def picks(con: duckdb.DuckDBPyConnection, realdata: Path, options: str, tail: str) -> list[str]:
    source = f"'{realdata}/clothing/embeddings.parquet'"
    text = f"SELECT file_name FROM {source} USING STRATEGY DIVERSITY(embedding{options}), key := file_name {tail}"
    return [name for (name,) in sqlsel.sql(con, text).fetchall()]


def test_the_first_photos_are_those_of_farthest_first_traversal(
    con: duckdb.DuckDBPyConnection, realdata: Path
) -> None:
    found = picks(con, realdata, "", "LIMIT 5")
    assert [name[: len(known)] for name, known in zip(found, FIRST, strict=True)] == FIRST


@pytest.mark.parametrize(
    ("distance", "left"), [(0.25, 341), (0.26, 340), (0.5, 337), (0.6, 316), (0.7, 267), (0.8, 181)]
)
def test_a_minimum_distance_leaves_the_known_number_of_photos(
    con: duckdb.DuckDBPyConnection, realdata: Path, distance: float, left: int
) -> None:
    found = picks(con, realdata, f", min_distance := {distance}", "")
    assert len(found) == left
    twins = sum(name.startswith(TWINS) for name in found)
    assert twins == {0.25: 2, 0.26: 1}.get(distance, twins)
