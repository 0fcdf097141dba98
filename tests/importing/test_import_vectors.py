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
