"""``sqlsel duplicates``: groups, distances, what is saved and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from sqlsel.catalog import connect
from sqlsel.cli.duplicates import duplicates_command
from sqlsel.cli.main import _run
from tests.near.commands import LINE, duplicates, pairs, put, rows, vectors_of
from tests.neighbours.clouds import units


def test_duplicates_go_to_the_nearest_sample_that_is_kept(line: str) -> None:
    """a is kept, b and c are within 0.1 of it, e of d."""
    done = duplicates("--db", line)
    assert pairs(done) == [("b", "a"), ("c", "a"), ("e", "d")]
    far = [float(row["distance"]) for row in rows(done)]
    assert far == pytest.approx([2 * np.sin(0.025), 2 * np.sin(0.045), 2 * np.sin(0.01)], abs=1e-6)
    assert done.stderr == (
        "3 near-duplicates in 2 groups of 5 samples; distance < 0.1 between unit vectors; exact\n"
    )


@pytest.mark.parametrize(
    ("distance", "expected"),
    [
        ("0.08", [("b", "c"), ("e", "d")]),  # c is 0.09 from a; it is kept, and b is nearer to it
        ("0.03", [("e", "d")]),
        ("0.001", []),
        ("2", [("b", "a"), ("c", "a"), ("d", "a"), ("e", "a")]),
    ],
)
def test_the_distance_decides(line: str, distance: str, expected: list[tuple[str, str]]) -> None:
    for way in ("--exact", "--approximate"):
        assert pairs(duplicates("--db", line, "--min-distance", distance, way)) == expected


def test_all_shows_the_samples_to_keep_first_in_their_group(line: str) -> None:
    found = pairs(duplicates("--db", line, "--all"))
    assert found == [("a", ""), ("b", "a"), ("c", "a"), ("d", ""), ("e", "d")]


def test_vectors_can_be_compared_as_they_are(line: str) -> None:
    done = duplicates("--db", line, "--no-normalize", "--min-distance", "1.1")
    assert sorted(pairs(done)) == [("c", "b"), ("d", "b"), ("e", "b")]
    assert "distance < 1.1 between vectors; exact" in done.stderr


def test_a_graph_is_told_with_its_recall(line: str) -> None:
    assert duplicates("--db", line, "--approximate").stderr.endswith(
        "; approximate (hnswlib), recall of near pairs 1.0000\n"
    )


def test_saved_duplicates_can_be_left_out_of_a_selection(line: str) -> None:
    text = "SELECT sample_id FROM demo.catalog WHERE duplicate_of IS NULL ORDER BY sample_id"
    for distance, kept in (("0.1", ["a", "d"]), ("0.03", ["a", "b", "c", "d"])):
        duplicates("--db", line, "--min-distance", distance, "--save")
        with connect(line) as con:
            assert [row[0] for row in con.execute(text).fetchall()] == kept
            stored = con.execute("SELECT count(*), count(duplicate_of) FROM demo.duplicates")
            assert stored.fetchall() == [(5 - len(kept), 5 - len(kept))]


def test_samples_without_a_vector_are_told_of_and_kept(tmp_path: Path) -> None:
    put(tmp_path / "c.duckdb", [*LINE, "f"], np.ones((5, 2)))
    done = duplicates("--db", str(tmp_path / "c.duckdb"), "--save")
    assert done.stderr.startswith("4 near-duplicates in 1 group of 5 samples; ")
    assert done.stderr.endswith("; 1 without a vector\n")
    with connect(tmp_path / "c.duckdb") as con:
        text = "SELECT sample_id FROM demo.catalog WHERE duplicate_of IS NULL ORDER BY sample_id"
        assert con.execute(text).fetchall() == [("a",), ("f",)]


def test_a_single_sample_and_a_file_of_none_have_no_duplicates(tmp_path: Path) -> None:
    put(tmp_path / "c.duckdb", ["a"], np.ones((1, 2)))
    done = duplicates("--db", str(tmp_path / "c.duckdb"))
    assert (rows(done), done.stdout) == ([], "sample_id,duplicate_of,distance\n")
    assert done.stderr.startswith("0 near-duplicates in 0 groups of 1 sample; ")
    pq.write_table(vectors_of(["a"], np.ones((1, 2))).slice(0, 0), tmp_path / "none.parquet")
    assert rows(duplicates("--data", str(tmp_path / "none.parquet"))) == []


def test_a_file_has_duplicates_without_a_catalogue(tmp_path: Path) -> None:
    x = units(300, 6)
    names = [f"s{i:03}" for i in range(300)]
    turned = np.random.default_rng(0).permutation(300)
    table = vectors_of([names[i] for i in turned], x[turned])
    table = table.rename_columns(["name", "vector"]).append_column("n", pa.array(range(300)))
    pq.write_table(table, tmp_path / "x.parquet")
    put(tmp_path / "c.duckdb", names, x)
    told = ["--data", str(tmp_path / "x.parquet"), "--id", "name", "--embedding", "vector"]
    of_file = rows(duplicates(*told, "--min-distance", "0.5"))
    assert of_file == rows(duplicates("--db", str(tmp_path / "c.duckdb"), "--min-distance", "0.5"))
    assert len(of_file) > 50


def test_quiet_says_nothing_and_a_file_is_written(line: str, tmp_path: Path) -> None:
    target = tmp_path / "d.parquet"
    done = CliRunner().invoke(duplicates_command, ["--db", line, "-q", "-o", str(target)])
    assert (done.stdout, done.stderr) == ("", "")
    assert pq.read_table(target)["sample_id"].to_pylist() == ["b", "c", "e"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--min-distance", "0"], 2, "--min-distance must be a number above 0, got 0"),
        (["--min-distance", "-1"], 2, "--min-distance must be a number above 0, got -1"),
        (["--min-distance", "nan"], 2, "--min-distance must be a number above 0, got nan"),
        (["--min-distance", "inf"], 2, "--min-distance must be a number above 0, got inf"),
        (
            ["--no-normalize"],
            2,
            "--min-distance is needed where vectors are not brought to unit length",
        ),
        (
            ["--embedding", "defult"],
            1,
            "unknown embedding 'defult'. Did you mean 'default'? Known: default.",
        ),
        (["--data", "dmo"], 1, "unknown dataset 'dmo'. Did you mean 'demo'? Known: demo."),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    line: str, arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(["duplicates", "--db", line, *arguments], debug=False) == code
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"Error: {message}\n")


def test_nothing_to_look_at_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path / "none.duckdb", ["a"], None)
    pq.write_table(pa.table({"x": [1]}), tmp_path / "x.parquet")
    cases = [
        ([], 2, "give the catalogue with --db, or a file with --data"),
        (
            ["--save", "--data", "x.parquet"],
            2,
            "--save keeps duplicates in a catalogue; give it with --db",
        ),
        (["--db", str(tmp_path / "no.duckdb")], 1, f"{tmp_path}/no.duckdb: no such database"),
        (
            ["--db", str(tmp_path / "none.duckdb")],
            1,
            "dataset 'demo' has no vectors; import them with sqlsel import vectors FILE",
        ),
        (
            ["--data", str(tmp_path / "x.parquet")],
            1,
            f"{tmp_path}/x.parquet: name the column of the ids with --id; it has x",
        ),
        (
            ["--data", str(tmp_path / "x.parquet"), "--id", "x"],
            1,
            f"{tmp_path}/x.parquet: unknown column 'embedding'. Known: x.",
        ),
    ]
    for arguments, code, message in cases:
        assert _run(["duplicates", *arguments], debug=False) == code
        assert capsys.readouterr().err == f"Error: {message}\n"


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_a_vector_that_cannot_be_used_is_named(
    bad: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    x = np.ones((5, 2))
    x[2] = bad
    put(tmp_path / "c.duckdb", LINE, x)
    assert _run(["duplicates", "--db", str(tmp_path / "c.duckdb")], debug=False) == 1
    told = capsys.readouterr().err
    assert told.startswith("Error: embedding 'default': 1 of 5 vectors cannot be used; the first, ")
    assert "(id 'c')" in told
    assert told.count("\n") == 1


@pytest.mark.realdata
def test_the_photos_have_exactly_one_pair_of_near_duplicates(
    realdata: Path, tmp_path: Path
) -> None:
    file = str(realdata / "clothing" / "embeddings.parquet")
    found = rows(duplicates("--data", file, "--min-distance", "0.26"))
    assert len(found) == 1
    assert found[0]["sample_id"].startswith("t-shirt/76f8420a")
    assert found[0]["duplicate_of"].startswith("t-shirt/06de9ebd")
    assert float(found[0]["distance"]) == pytest.approx(0.25199, abs=1e-5)
    assert rows(duplicates("--data", file, "--min-distance", "0.25")) == []
