"""``sqlsel similar``: neighbours of samples, vectors and images, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sqlsel.cli.main import _run
from sqlsel.engine.kernels.exact import half_squared, squared_norms, unit_rows
from tests.near.commands import LINE, ids, put, rows, similar, vectors_of
from tests.neighbours.clouds import units


def test_the_nearest_samples_come_first_without_the_sample_itself(line: str) -> None:
    for way in ("--exact", "--approximate"):
        done = similar("c", "--db", line, way)
        assert ids(done) == ["b", "a", "d", "e"]
        assert float(rows(done)[0]["distance"]) == pytest.approx(2 * np.sin(0.02), abs=1e-6)
    assert ids(similar("c", "--db", line, "-n", "2")) == ["b", "a"]
    assert ids(similar("c", "--db", line, "-n", "2", "--min-distance", "0.05")) == ["a", "d"]


def test_what_was_done_is_told(line: str) -> None:
    told = "the nearest of 5 samples; distance between unit vectors; "
    assert similar("c", "--db", line).stderr == f"{told}exact\n"
    assert similar("c", "--db", line, "--approximate", "-n", "3").stderr == (
        f"{told}approximate (hnswlib), recall of 3 neighbours 1.0000\n"
    )


def test_vectors_of_a_file_are_queries_with_names(line: str, tmp_path: Path) -> None:
    x = np.array([[0.0, 9.0], [5.0, 0.0]], np.float32)
    np.save(tmp_path / "q.npy", x)
    np.save(tmp_path / "one.npy", x[0])
    pq.write_table(vectors_of(["up", "right"], x), tmp_path / "q.parquet")
    wanted = [["up", "e"], ["up", "d"], ["right", "a"], ["right", "b"]]
    for name in ("q.npy", "q.parquet"):
        found = rows(similar(str(tmp_path / name), "--db", line, "-n", "2"))
        named = {"0": "up", "1": "right"}
        assert [[named.get(r["query"], r["query"]), r["sample_id"]] for r in found] == wanted
    assert ids(similar(str(tmp_path / "one.npy"), "--db", line, "-n", "1")) == ["e"]


def test_ties_go_to_the_lowest_id(tmp_path: Path) -> None:
    names = ["z", "B", "a", "é", "b"]
    put(tmp_path / "c.duckdb", names, np.ones((5, 3)))
    for way in ("--exact", "--approximate"):
        assert ids(similar("b", "--db", str(tmp_path / "c.duckdb"), way)) == ["B", "a", "z", "é"]


def test_the_neighbours_are_those_of_a_sort(tmp_path: Path) -> None:
    x = units(400, 9)
    names = [f"{i:04}" for i in range(400)]
    put(tmp_path / "c.duckdb", names, x)
    unit = np.empty_like(x)
    unit_rows(x, squared_norms(x), unit)
    for i in (0, 17, 399):
        halves = half_squared(unit, unit[i])
        wanted = sorted((k for k in range(400) if k != i), key=lambda k: (halves[k], k))[:20]
        for way in ("--exact", "--approximate"):
            found = similar(names[i], "--db", str(tmp_path / "c.duckdb"), "-n", "20", way)
            assert ids(found) == [names[k] for k in wanted]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["cc"], 1, "no sample and no file 'cc'. Did you mean 'c'?"),
        (["zzzzz"], 1, "no sample and no file 'zzzzz'."),
        (["c", "--embedding", "clip"], 1, "unknown embedding 'clip'. Known: default."),
        (
            ["c", "--min-distance", "nan"],
            2,
            "--min-distance must be a number of at least 0, got nan",
        ),
        (["c", "--min-distance", "-1"], 2, "--min-distance must be a number of at least 0, got -1"),
        (
            ["three.npy"],
            1,
            "the query has 3 dimensions, embedding 'default' has 2; it must come from the same model",
        ),
        (["text.npy"], 1, "text.npy: must be a vector of numbers, or one per row"),
        (["empty.npy"], 1, "the file holds no vector"),
        (
            ["zero.npy"],
            1,
            (
                "query: 1 of 1 vectors cannot be used; the first, at row 0, is zero. "
                "Leave them out; with normalize false zero vectors can be used"
            ),
        ),
        (
            ["photo.jpg"],
            1,
            (
                "photo.jpg: is no sample of dataset 'demo', and vectors are read from "
                ".npy, .csv, .parquet; to embed an image give --model"
            ),
        ),
        (
            ["no.jpg", "--model", "m.onnx"],
            1,
            "no.jpg: no such image; without --model it would be a sample",
        ),
    ],
)
def test_a_query_that_is_none_is_told(
    line: str,
    arguments: list[str],
    code: int,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("three.npy", np.ones((2, 3)))
    np.save("text.npy", np.array(["a", "b"]))
    np.save("empty.npy", np.ones((0, 2)))
    np.save("zero.npy", np.zeros((1, 2)))
    Path("photo.jpg").write_bytes(b"\xff\xd8")
    assert _run(["similar", *arguments, "--db", line], debug=False) == code
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"Error: {message}\n")


def test_a_pickled_array_is_never_unpickled(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "p.npy", np.array([{}], object), allow_pickle=True)
    assert _run(["similar", str(tmp_path / "p.npy"), "--db", line], debug=False) == 1
    assert "is no array of numbers" in capsys.readouterr().err


def test_a_sample_without_a_vector_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path / "c.duckdb", [*LINE, "f"], np.ones((5, 2)))
    assert _run(["similar", "f", "--db", str(tmp_path / "c.duckdb")], debug=False) == 1
    assert capsys.readouterr().err == "Error: sample 'f' has no vector of embedding 'default'\n"


@pytest.mark.realdata
def test_a_photo_finds_itself_through_a_model(realdata: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    photos = realdata / "clothing"
    table = pq.read_table(photos / "embeddings.parquet", columns=["file_name", "embedding"])
    names = table["file_name"].to_pylist()
    x = np.array(table["embedding"].to_pylist(), np.float32)
    put(tmp_path / "c.duckdb", names, x)
    model = realdata / "models" / "squeezenet_embed_fp32.onnx"
    told = ["--db", str(tmp_path / "c.duckdb"), "--model", str(model), "--settings", "squeezenet"]
    for name in names[::120]:
        assert ids(similar(str(photos / name), *told, "-n", "1")) == [name]
