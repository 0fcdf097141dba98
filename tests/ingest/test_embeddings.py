"""Vectors: Lightly's CSV, Parquet, NumPy; each rule of the formats with a bad file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sqlsel.errors import InvalidInput
from sqlsel.ingest import Report
from sqlsel.ingest.embeddings import read_embeddings


def rows(table: pa.Table) -> list[tuple[str, list[float]]]:
    assert table.schema.field("embedding").type.value_type == pa.float32()
    return [(row["sample_id"], row["embedding"]) for row in table.to_pylist()]


def test_lightlys_csv(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text("filenames,embedding_0,embedding_1,labels,selected\nb.png,1,0.5,0,1\n"
                    '"a,1.png",-1e-3,2,0,0\n', encoding="utf-8-sig")  # fmt: skip
    expected = [("b.png", [1.0, 0.5]), ("a,1.png", [np.float32(-1e-3), 2.0])]
    assert rows(read_embeddings(path, Report())) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the first column must be filenames"),
        ("embedding_0,filenames,labels\n", "line 1: the first column must be filenames"),
        ("filenames, embedding_0,labels\n", "line 1: blanks around the column name ' embedding_0'"),
        ("filenames,embedding_0\n", "line 1: there is no column labels (0 in every row will do)"),
        ("filenames,labels\n", "line 1: there is no column embedding_0"),
        ("filenames,embedding_1,labels\n", "line 1: expected column embedding_0, got 'embedding_1'"),
        ("filenames,embedding_0,x,labels\n", "line 1: expected column embedding_1, got 'x'"),
        ("filenames,embedding_0,labels,labels\n", "line 1: a column appears twice"),
        ("filenames,embedding_0,labels\n a.png,1,0\n", "line 2: blanks around the file name ' a.png'"),
        ("filenames,embedding_0,labels\na.png,1,0\n,1,0\n", "line 3: there is no file name"),
        ("filenames,embedding_0,labels\na.png,x,0\n", "line 2: embedding_0 must be a number, got 'x'"),
        ("filenames,embedding_0,labels\na.png,,0\n", "line 2: embedding_0 must be a number, got ''"),
        ("filenames,embedding_0,labels\na.png,1\n", "line 2: has 2 values, the header has 3"),
        ("filenames,embedding_0,labels\na.png,1,0\n\nb.png,1,0\n", "line 3: is empty"),
        ("filenames,embedding_0,labels\na.png,1,0\na.png,1,0\n", "'a.png' stands in rows 1 and 2"),
    ],
)  # fmt: skip
def test_a_bad_csv_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "e.csv"
    path.write_text(text)
    with pytest.raises(InvalidInput) as caught:
        read_embeddings(path, Report())
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def test_a_csv_that_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    for text in (b"filenames\xff,labels\n", b"filenames,embedding_0,labels\n\xff.png,1,0\n"):
        (tmp_path / "e.csv").write_bytes(text)
        with pytest.raises(InvalidInput, match=r"UTF-?8"):
            read_embeddings(tmp_path / "e.csv", Report())


@pytest.mark.parametrize(
    "kind",
    [pa.list_(pa.float32()), pa.list_(pa.float64(), 2), pa.large_list(pa.float32()), pa.list_(pa.float16(), 2)],
    ids=str,
)  # fmt: skip
def test_parquet_with_vectors_of_any_list_type(tmp_path: Path, kind: pa.DataType) -> None:
    vectors = pa.array([[1, 2], None, [3, 4]], pa.list_(pa.float32())).cast(kind)
    pq.write_table(
        pa.table({"n": [7, 8, 9], "file_name": ["a", "b", "c"], "v": vectors}),
        path := tmp_path / "e.parquet",
    )
    report = Report()
    assert rows(read_embeddings(path, report)) == [("a", [1, 2]), ("c", [3, 4])]
    assert report.lines() == [f"warning: rows without a vector are left out (1): {path}"]
    assert rows(read_embeddings(path, report, id="n")) == [("7", [1, 2]), ("9", [3, 4])]


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"x": ["a"], "e": [[1.0]]}, {}, "say which column holds the ids with id=…; it has x, e"),
        ({"id": ["a"], "e": [[1.0]]}, {"id": "ide"}, "unknown column 'ide'. Did you mean 'id'?"),
        ({"id": ["a"]}, {}, "needs one column of vectors, called embedding; it has none"),
        ({"id": ["a"], "u": [[1.0]], "v": [[1.0]]}, {}, "it has several: u, v"),
        ({"id": ["a", "b"], "v": [[1.0], [1.0, 2.0]]}, {}, "row 1 has 2 dimensions, row 0 has 1"),
        ({"id": ["a", "b"], "v": [[1.0], [None]]}, {}, "row 1 holds NULL inside of its vector"),
        ({"id": ["a", None], "v": [[1.0], [1.0]]}, {}, "row 2 has no id"),
        ({"id": ["a", "b", "a"], "v": [[1.0]] * 3}, {}, "'a' stands in rows 1 and 3"),
    ],
)
def test_a_bad_parquet_file_is_an_error(
    tmp_path: Path, columns: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    pq.write_table(pa.table(columns), path := tmp_path / "e.parquet")
    with pytest.raises(InvalidInput) as caught:
        read_embeddings(path, Report(), **options)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def test_numpy_with_a_list_of_ids(tmp_path: Path) -> None:
    path, ids = tmp_path / "e.npy", tmp_path / "ids.txt"
    np.save(path, np.array([[1, 2], [3, 4]], np.int64))
    ids.write_text("b\r\na\r\n", encoding="utf-8-sig", newline="")
    assert rows(read_embeddings(path, Report(), ids=ids)) == [("b", [1, 2]), ("a", [3, 4])]
    with pytest.raises(InvalidInput, match="say where its ids are"):
        read_embeddings(path, Report())
    ids.write_text("a\n")
    with pytest.raises(InvalidInput, match=r"has 1 ids, .* has 2 rows"):
        read_embeddings(path, Report(), ids=ids)
    with pytest.raises(InvalidInput, match=r"none\.txt"):
        read_embeddings(path, Report(), ids=tmp_path / "none.txt")


@pytest.mark.parametrize(
    "array",
    [np.zeros(3), np.zeros((1, 1), complex), np.array([["a"]])],
    ids=["flat", "complex", "text"],
)
def test_a_numpy_array_that_is_no_matrix_is_an_error(tmp_path: Path, array: Any) -> None:
    np.save(path := tmp_path / "e.npy", array)
    (tmp_path / "ids").write_text("a\n")
    with pytest.raises(InvalidInput, match="must be one row of numbers per sample"):
        read_embeddings(path, Report(), ids=tmp_path / "ids")


@pytest.mark.parametrize("array", [np.array([[{}]]), None], ids=["objects", "rubbish"])
def test_no_object_is_made_from_a_numpy_file(tmp_path: Path, array: Any) -> None:
    path = tmp_path / "e.npy"
    path.write_bytes(b"rubbish") if array is None else np.save(path, array)
    (tmp_path / "ids").write_text("a\n")
    with pytest.raises(InvalidInput, match="is no array of numbers"):
        read_embeddings(path, Report(), ids=tmp_path / "ids")


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "e.parquet").write_bytes(b"rubbish")
    (tmp_path / "e.txt").touch()
    for name, message in [
        ("e.parquet", "Parquet"),
        ("e.txt", r"read from \.csv"),
        ("none.csv", "no such file"),
    ]:
        with pytest.raises(InvalidInput, match=message):
            read_embeddings(tmp_path / name, Report())
