"""Vectors in the forms that people have, through the program."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from importing.program import Program, Rows, write

LEFT_OUT = "vectors with NaN, infinity or a number beyond float32 are left out"


def test_what_is_not_finite_is_left_out_and_later_runs_work(
    db: Path, tmp_path: Path, program: Program, rows: Rows
) -> None:
    np.save(tmp_path / "v.npy", np.array([[1, 0], [1e300, 0], [np.nan, 1], [0, 1]]))
    write(tmp_path / "ids.txt", "a\nb\nc\nd\n")
    done = program("import", "vectors", tmp_path / "v.npy", "--ids", tmp_path / "ids.txt",
                   "--db", db)  # fmt: skip
    told = f"warning: {LEFT_OUT} (2): v.npy: row 2 ('b'); v.npy: row 3 ('c')\n"
    assert (done.code, done.err) == (0, told)
    assert rows("SELECT sample_id FROM v.samples ORDER BY 1") == [("a",), ("d",)]
    config = write(tmp_path / "c.json", {"n_samples": 2, "strategies": [
        {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}]})  # fmt: skip
    assert program("run", config, "--db", db).out.splitlines() == ["a", "d"]


def test_vectors_of_a_lightly_folder_that_are_not_finite(
    photos: Path, db: Path, program: Program, rows: Rows
) -> None:
    lines = ["filenames,embedding_0,labels", "cam1/a.jpg,inf,0", "cam1/b.jpg,2,0"]
    write(photos / ".lightly/embeddings/default.csv", "\n".join(lines) + "\n")
    done = program("import", "lightly", photos, "--db", db)
    assert done.code == 0
    assert f"{LEFT_OUT} (1): default.csv: row 1 ('cam1/a.jpg')" in done.err
    assert rows("SELECT sample_id FROM photos.embeddings_default") == [("cam1/b.jpg",)]


def test_a_query_that_is_not_finite_is_an_error(db: Path, tmp_path: Path, program: Program) -> None:
    pq.write_table(pa.table({"id": ["a"], "embedding": [[1.0, 0.0]]}), tmp_path / "v.parquet")
    program("import", "vectors", tmp_path / "v.parquet", "--db", db)
    query = pa.table({"id": ["x", "y"], "embedding": [[1.0, 0.0], [1e300, 0.0]]})
    pq.write_table(query, tmp_path / "q.parquet")
    done = program("similar", tmp_path / "q.parquet", "--db", db)
    assert done.code == 1
    assert "q.parquet: row 2 ('y'): holds NaN, infinity or a number beyond float32" in done.err


@pytest.mark.parametrize("command", ["import", "similar"])
def test_an_empty_numpy_file_is_told_as_such(
    db: Path, tmp_path: Path, program: Program, command: str
) -> None:
    pq.write_table(pa.table({"id": ["a"], "embedding": [[1.0, 0.0]]}), tmp_path / "v.parquet")
    program("import", "vectors", tmp_path / "v.parquet", "--db", db)
    file, ids = write(tmp_path / "e.npy", ""), write(tmp_path / "ids.txt", "a\n")
    arguments = {
        "import": ("import", "vectors", file, "--ids", ids, "--name", "v"),
        "similar": ("similar", file),
    }
    done = program(*arguments[command], "--db", db)
    assert (done.code, done.err) == (
        1, f"Error: {file}: is empty; was it written to the end?\n"
    )  # fmt: skip


def texts(path: Path, *ids: str, **more: object) -> Path:
    """A table of texts, as people who curate them have it."""
    columns = {
        "id": ids,
        "text": [f"text of {one}" for one in ids],
        "quality": [at / 4 for at in range(len(ids))],
        "embedding": [[float(at), 1.0] for at in range(len(ids))],
        **more,
    }
    pq.write_table(pa.table(columns), path)
    return path


def test_the_other_columns_of_a_table_are_metadata(
    db: Path, tmp_path: Path, program: Program, rows: Rows
) -> None:
    file = texts(tmp_path / "texts.parquet", "a", "b", "c", tokens=[[1, 2], [], None],
                 frame=[7, 8, 9], Text=["A", "B", "C"])  # fmt: skip
    done = program("import", "vectors", file, "--db", db)
    assert done.code == 0, done.err
    assert "texts.metadata: 3 rows new or updated  text, quality, tokens, frame_, Text_" in done.out
    assert "columns whose name is taken (1): frame is frame_ now" in done.err
    got = rows(
        'SELECT text, quality, tokens, frame_, "Text_" FROM texts.catalog ORDER BY sample_id'
    )
    assert got == [
        ("text of a", 0.0, [1, 2], 7, "A"), ("text of b", 0.25, [], 8, "B"), ("text of c", 0.5, None, 9, "C")
    ]  # fmt: skip
    columns = [row[0] for row in rows("DESCRIBE texts.catalog")]
    assert "lightly" not in columns
    config = write(tmp_path / "c.json", {"n_samples": 1, "strategies": [
        {"input": {"type": "METADATA", "key": "quality"}, "strategy": {"type": "WEIGHTS"}}]})  # fmt: skip
    assert program("run", config, "--db", db).out.splitlines() == ["c"]


def test_a_second_table_updates_its_rows_and_columns(
    db: Path, tmp_path: Path, program: Program, rows: Rows
) -> None:
    program("import", "vectors", texts(tmp_path / "texts.parquet", "a", "b", "c"), "--db", db)
    more = texts(tmp_path / "more.parquet", "c", "z", language=["de", "en"])
    assert program("import", "vectors", more, "--db", db, "--name", "texts").code == 0
    assert rows("SELECT sample_id, quality, language FROM texts.catalog ORDER BY 1") == [
        ("a", 0.0, None), ("b", 0.25, None), ("c", 0.0, "de")
    ]  # fmt: skip
    odd = texts(tmp_path / "odd.parquet", "a", quality=["good"])
    done = program("import", "vectors", odd, "--db", db, "--name", "texts")
    assert done.code == 1
    assert (
        "column 'quality' is DOUBLE in the dataset, VARCHAR in the table, which leaves out 2"
        in done.err
    )
    whole = texts(tmp_path / "whole.parquet", "a", "b", "c", quality=["x", "y", "z"])
    assert program("import", "vectors", whole, "--db", db, "--name", "texts").code == 0
    assert rows("SELECT quality FROM texts.catalog ORDER BY sample_id") == [("x",), ("y",), ("z",)]


def test_columns_of_a_table_stay_when_the_folder_is_read_again(
    photos: Path, db: Path, tmp_path: Path, program: Program, rows: Rows
) -> None:
    metadata = photos / ".lightly/metadata/a.json"
    write(metadata, {"file_name": "cam1/a.jpg", "metadata": {"n": 1}})
    program("import", "lightly", photos, "--db", db)
    table = texts(tmp_path / "v.parquet", "cam1/a.jpg", "cam1/b.jpg")
    program("import", "vectors", table, "--db", db, "--name", "photos")
    query = (
        'SELECT n, quality, lightly."sizeInBytes" FROM photos.catalog ORDER BY sample_id LIMIT 2'
    )
    assert rows(query) == [(1, 0.0, 1), (None, 0.25, 1)]
    write(metadata, {"file_name": "cam1/a.jpg", "metadata": {"n": 2}})
    assert "photos.metadata: 1 rows" in program("import", "lightly", photos, "--db", db).out
    assert rows(query) == [(2, 0.0, 1), (None, 0.25, 1)]
    write(metadata, {"file_name": "cam1/a.jpg", "metadata": {"n": "two", "quality": 9}})
    assert program("import", "lightly", photos, "--db", db).code == 0
    assert rows(query) == [("two", 9, 1), (None, None, 1)]
    assert rows("SELECT text FROM photos.catalog ORDER BY sample_id LIMIT 1") == [
        ("text of cam1/a.jpg",)
    ]


def test_columns_of_a_csv_are_metadata_too_and_parquet_files_hold_them(
    tmp_path: Path, program: Program
) -> None:
    file = write(tmp_path / "v.csv", "id,lang,e0,e1\na,de,1,2\nb,,3,4\n")
    for _ in range(2):
        done = program("import", "vectors", file, "-o", tmp_path / "out")
        assert done.code == 0, done.err
    table = pq.read_table(tmp_path / "out/v/samples.parquet", columns=["sample_id", "lang"])
    assert table.to_pylist() == [{"sample_id": "a", "lang": "de"}, {"sample_id": "b", "lang": ""}]


def test_of_several_embeddings_the_one_that_is_used_is_told(
    photos: Path, db: Path, tmp_path: Path, program: Program
) -> None:
    for model, turn in (("clip", 1), ("dino", -1)):
        lines = [f"cam1/{n}.jpg,{at},{turn},0" for at, n in enumerate("ab")]
        text = "\n".join(["filenames,embedding_0,embedding_1,labels", *lines, ""])
        write(photos / f".lightly/embeddings/{model}.csv", text)
    config = write(tmp_path / "c.json", {"n_samples": 1, "strategies": [
        {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}]})  # fmt: skip
    note = "the vectors are those of 'clip'; --embedding (embedding=) takes others: dino"
    for data in ((), ("--embedding", "clip"), ("--embedding", "dino.csv")):
        done = program("run", config, "--data", photos, *data)
        assert (done.code, note in done.err) == (0, not data)
    done = program("run", config, "--data", photos, "--embedding", "dion")
    assert done.code == 1
    assert "unknown embedding 'dion'. Did you mean 'dino'? Known: clip, dino." in done.err
    program("import", "lightly", photos, "--db", db)
    for command in (("duplicates",), ("similar", "cam1/a.jpg")):
        done = program(*command, "--db", db)
        assert "; embedding 'clip' (--embedding takes others: dino)" in done.err
        assert "takes others" not in program(*command, "--db", db, "--embedding", "dino").err
        done = program(*command, "--db", db, "--embedding", "dion")
        assert "unknown embedding 'dion'. Did you mean 'dino'? Known: clip, dino." in done.err
    (photos / ".lightly/embeddings/clip.csv").rename(photos / ".lightly/embeddings/default.csv")
    assert "takes others" not in program("run", config, "--data", photos).err  # it is the default
