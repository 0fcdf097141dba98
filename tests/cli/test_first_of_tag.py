"""``sqlsel tags save NEW TAG --first N``: how many are enough is decided after the selection."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import duckdb
import pytest

from sqlsel.engine.optimizer.selection import ALGORITHM
from tests.programs import called


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """A catalogue of 40 samples with vectors; the tag ``twenty`` has 20 picks."""
    table, config = tmp_path / "v.parquet", tmp_path / "config.json"
    duckdb.sql(
        "COPY (SELECT 's' || i AS id, [sin(i * 7), cos(i * 3), i % 5]::FLOAT[3] AS embedding FROM range(40) r(i)) "
        f"TO '{table}'"
    )
    entry = {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}
    config.write_text(json.dumps({"n_samples": 20, "strategies": [entry]}))
    db = tmp_path / "c.duckdb"
    done = called("import", "vectors", table, "--db", db, "--id", "id")
    assert done.returncode == 0, done.stderr
    run(db, config, "twenty")
    return db


def run(db: Path, config: Path, tag: str, *options: str) -> None:
    done = called("run", config, "--db", db, "--tag", tag, *options)
    assert done.returncode == 0, done.stderr


def shown(db: Path, tag: str) -> list[str]:
    return called("tags", "show", tag, "--db", db).stdout.split()


def test_the_first_of_a_selection_are_the_selection_of_so_many(catalogue: Path) -> None:
    done = called("tags", "save", "seven", "twenty", "--first", "7", "--db", catalogue)
    assert (done.returncode, done.stdout) == (0, "seven: 7 samples\n")
    run(catalogue, catalogue.parent / "config.json", "again", "-n", "7")
    assert shown(catalogue, "seven") == shown(catalogue, "again")
    assert len(shown(catalogue, "seven")) == 7


def test_the_first_of_a_file_are_its_first_lines(catalogue: Path) -> None:
    names = catalogue.parent / "names.txt"
    names.write_text("s3\ns1\ns2\n")
    done = called("tags", "save", "two", names, "--first", "2", "--db", catalogue)
    assert done.returncode == 0, done.stderr
    assert shown(catalogue, "two") == ["s3", "s1"]


@pytest.mark.parametrize(
    ("source", "first", "code", "message"),
    [
        ("twenty", "21", 1, "tag 'twenty' has 20 samples, fewer than 21"),
        ("twenti", "2", 1, "'twenti' is neither a file nor a tag. Did you mean 'twenty'?"),
        ("twenty", "0", 2, "0 is not in the range x>=1"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_stored(
    catalogue: Path, source: str, first: str, code: int, message: str
) -> None:
    done = called("tags", "save", "new", source, "--first", first, "--db", catalogue)
    assert done.returncode == code
    assert message in done.stderr
    assert called("tags", "show", "new", "--db", catalogue).returncode == 1


def test_a_run_is_stored_with_the_version_and_the_number_of_the_algorithm(catalogue: Path) -> None:
    with duckdb.connect(str(catalogue), read_only=True) as con:
        (stored,) = con.execute("SELECT DISTINCT version FROM v.runs").fetchall()
    assert stored == (f"{version('sqlsel')} (algorithm {ALGORITHM})",)


def test_explain_counts_rows_without_a_class_as_candidates(tmp_path: Path) -> None:
    table, config = tmp_path / "t.parquet", tmp_path / "c.json"
    duckdb.sql(
        "COPY (SELECT i AS id, CASE WHEN i % 3 > 0 THEN 'a' END AS g, CASE WHEN i > 1 THEN i END AS w "
        f"FROM range(9) r(i)) TO '{table}'"
    )
    entries = [
        {
            "input": {"type": "METADATA", "key": "g"},
            "strategy": {"type": "BALANCE", "distribution": "UNIFORM"},
        },
        {"input": {"type": "METADATA", "key": "w"}, "strategy": {"type": "WEIGHTS"}},
    ]
    config.write_text(json.dumps({"n_samples": 2, "strategies": entries}))
    lines = called("explain", config, "--data", table, "--id", "id").stdout.splitlines()
    shown = [" ".join(line.split()) for line in lines if line.startswith(("NULL", "candidates"))]
    assert shown == [
        'NULL input 3 "g" (no class)',
        'NULL input 2 "w" (not eligible)',
        "candidates 7",
    ]
