"""Vectors: Lightly's CSV, Parquet, NumPy; each rule of the formats with a bad file."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sqlsel.errors import InvalidInput
from sqlsel.readers import Report
from sqlsel.readers.embeddings import read_embeddings
from sqlsel.readers.vector_tables import LEFT_OUT


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
        (
            {"x": ["a"], "e": [[1.0]]},
            {},
            "say which column holds the ids with --id COLUMN; it has x, e",
        ),
        ({"id": ["a"], "e": [[1.0]]}, {"id": "ide"}, "unknown column 'ide'. Did you mean 'id'?"),
        (
            {"id": ["a"]},
            {},
            "needs one column of vectors, called embedding, or columns e0, e1, …; it has none",
        ),
        ({"id": ["a"], "u": [[1.0]], "v": [[1.0]]}, {}, "it has several: u, v"),
        ({"id": ["a", "b"], "v": [[1.0], [1.0, 2.0]]}, {}, "row 2 has 2 dimensions, row 1 has 1"),
        ({"id": ["a", "b"], "v": [[1.0], [None]]}, {}, "row 2 holds NULL inside of its vector"),
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
    [np.zeros(3), np.zeros((1, 1), complex), np.array([["a"]]), np.zeros((1, 1), "f4,f4")],
    ids=["flat", "complex", "text", "fields"],
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


OFTEN = "vectors with NaN, infinity or a number beyond float32 are left out"


@pytest.mark.parametrize("bad", ["nan", "inf", "-inf", "1e300"])
@pytest.mark.parametrize("form", ["lightly", "columns", "text", "parquet", "whole.parquet", "npy"])
def test_a_vector_that_is_not_finite_is_left_out_and_told(
    tmp_path: Path, form: str, bad: str
) -> None:
    file = vectors_file(tmp_path, form, [[1, 2], [float(bad), 0], [3, 4]])
    report = Report()
    table = read_embeddings(file, report, ids=tmp_path / "ids.txt")
    assert rows(table) == [("a", [1, 2]), ("c", [3, 4])]
    assert report.lines() == [f"warning: {OFTEN} (1): {file.name}: row 2 ('b')"]
    with pytest.raises(
        InvalidInput, match=r"every vector holds NaN, .* the first is row 1 \('a'\)"
    ):
        read_embeddings(
            vectors_file(tmp_path, form, [[1, float(bad)]] * 2), Report(), ids=tmp_path / "ids.txt"
        )


def vectors_file(folder: Path, form: str, vectors: list[list[float]]) -> Path:
    """Vectors of a, b, … in a file of this form."""
    ids = [chr(97 + i) for i in range(len(vectors))]
    (folder / "ids.txt").write_text("\n".join(ids))
    if form == "npy":
        np.save(folder / "e.npy", np.array(vectors))
        return folder / "e.npy"
    if "parquet" in form:
        columns = {"id": ids, "embedding": vectors}
        if form == "whole.parquet":
            columns = {"id": ids, **{f"e{i}": [v[i] for v in vectors] for i in range(2)}}
        pq.write_table(pa.table(columns), folder / "e.parquet")
        return folder / "e.parquet"
    header, pattern = {
        "lightly": ("filenames,embedding_0,embedding_1,labels", "{},{},{},0"),
        "columns": ("id,e0,e1", "{},{},{}"),
        "text": ("id,embedding", '{},"[{}, {}]"'),
    }[form]
    lines = [header, *(pattern.format(i, *v) for i, v in zip(ids, vectors, strict=True))]
    (folder / "e.csv").write_text("\n".join(lines) + "\n")
    return folder / "e.csv"


@pytest.mark.parametrize(
    "text",
    [
        "id,e0,e1\na,1,2\nb,3,4\n",
        "id,e1,e2\na,1,2\nb,3,4\n",
        "id,e1,e0\na,2,1\nb,4,3\n",
        ",id,0,1\n0,a,1,2\n1,b,3,4\n",
        "file_name,embedding_0,embedding_1\na,1,2\nb,3,4\n\n",
        "filenames,dim_00,dim_01,labels\na,1,2,0\nb,3,4,0\n",
        "year,2019,2020,id,v_0,v_1\n1,1,1,a,1,2\n1,1,1,b,3,4\n",
        'id,embedding\na,"[1, 2]"\nb,"[3, 4]"\n',
        'id,vector\na,[1 2]\nb,"[3.\n 4.]"\n',
        'id,embeddings,lang\na,"(1,2)",de\nb,"{3, 4}",en\nc,,en\n',
        "id,e0,e1\na,1,2\nb,3,4\nc,,\n",
    ],
)
def test_other_csv_forms(tmp_path: Path, text: str) -> None:
    (tmp_path / "e.csv").write_text(text, encoding="utf-8-sig")
    assert rows(read_embeddings(tmp_path / "e.csv", Report())) == [("a", [1, 2]), ("b", [3, 4])]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id;e0;e1\na;1;2\n", "say which column holds the ids with --id COLUMN; it has id;e0;e1"),
        ("id,size\na,1\n", "needs one column of vectors, called embedding, or columns e0, e1, …; it has none"),
        ("id,e0,e1\na,1,2\nb,3,x\n", "line 3: e1 must be a number, got 'x'"),
        ("id,e0,e1\na,1,2\nb,3\n", "line 3: has 2 values, the header has 3"),
        ("id,e0,e1\na,1,2\nb,3,\n", "row 2 has no number in e1"),
        ("id,e0,e1,e0\na,1,2,3\n", "line 1: the column 'e0' appears twice"),
        ("x,e0,e1\na,1,2\n", "say which column holds the ids with --id COLUMN; it has x, e0, e1"),
        ('id,embedding\na,"[1, 2]"\nb,"[1, x]"\n', "row 2: must be a list of numbers as text, [0.1, 0.2]: "),
        ('id,embedding\na,"[1, 2]"\nb,"[[1, 2]]"\n', "row 2: must be a list of numbers as text"),
        ('id,embedding\na,"[1 ... 2]"\n', "row 1: must be a list of numbers as text, [0.1, 0.2]: some of its numbers are left out (...)"),  # noqa: E501
        ('id,embedding\na,"[1, 2]"\nb,"[1]"\n', "row 2 has 1 dimensions, row 1 has 2"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_other_csv_forms(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "e.csv").write_text(text)
    with pytest.raises(InvalidInput) as caught:
        read_embeddings(tmp_path / "e.csv", Report())
    assert str(caught.value).startswith(f"{tmp_path / 'e.csv'}: {message}")


def test_the_ids_of_a_csv_may_be_any_column(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("id,sku,e0,e1\n1,007,1,2\n2,008,3,4\n")
    table = read_embeddings(tmp_path / "e.csv", Report(), id="sku", others=True)
    assert table.select(["sample_id", "id"]).to_pylist() == [
        {"sample_id": "007", "id": 1},
        {"sample_id": "008", "id": 2},
    ]


def test_other_columns_stay_with_their_rows(tmp_path: Path) -> None:
    columns = {
        "id": ["a", "b", "c"],
        "embedding": [[1.0, 2.0], None, [3.0, 4.0]],
        "sample_id": [7, 8, 9],
        "lang": pa.array(["de", "en", None]).dictionary_encode(),
        "nothing": pa.nulls(3),
    }
    pq.write_table(pa.table(columns), path := tmp_path / "e.parquet")
    report = Report()
    table = read_embeddings(path, report, id="id", others=True)
    assert table.column_names == ["sample_id", "embedding", "sample_id_", "lang", "nothing"]
    assert table["sample_id_"].to_pylist() == [7, 9]
    assert table["lang"].type == table["nothing"].type == pa.string()
    assert (
        "warning: columns that would hide others are renamed (1): sample_id is sample_id_ now"
        in report.lines()
    )


def test_bfloat16_is_read_and_other_bytes_are_refused_with_the_cure(tmp_path: Path) -> None:
    path, ids = tmp_path / "e.npy", tmp_path / "ids.txt"
    ids.write_text("a\nb\n")
    numbers = np.array([[1.5, -2.0], [0.15625, 3.0]], np.float32)
    np.save(path, (numbers.view(np.uint32) >> 16).astype(np.uint16).view("V2"))
    assert rows(read_embeddings(path, Report(), ids=ids)) == [("a", [1.5, -2]), ("b", [0.15625, 3])]
    np.save(path, np.zeros((2, 2), np.uint8).view("V1"))
    with pytest.raises(InvalidInput, match=r"1 bytes per value .* save it with \.astype"):
        read_embeddings(path, Report(), ids=ids)


def test_what_numpy_writes_of_bfloat16_is_read(tmp_path: Path) -> None:
    types = pytest.importorskip("ml_dtypes")
    (tmp_path / "ids.txt").write_text("a\n")
    np.save(tmp_path / "e.npy", np.array([[1.5, -3]], types.bfloat16))
    assert rows(read_embeddings(tmp_path / "e.npy", Report(), ids=tmp_path / "ids.txt")) == [
        ("a", [1.5, -3])
    ]


def test_files_that_were_not_written_to_the_end(tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("a\n")
    (tmp_path / "e.npy").touch()
    with pytest.raises(InvalidInput, match=r"e\.npy: is empty; was it written to the end\?"):
        read_embeddings(tmp_path / "e.npy", Report(), ids=tmp_path / "ids.txt")
    np.savez(tmp_path / "e.npz", np.zeros((1, 2)))
    (tmp_path / "e.npz").rename(tmp_path / "e.npy")
    with pytest.raises(InvalidInput, match="is an archive of arrays"):
        read_embeddings(tmp_path / "e.npy", Report(), ids=tmp_path / "ids.txt")


@pytest.mark.parametrize(
    ("name", "column", "expected"),
    [
        ("half", pa.array([1.5], pa.float16()), 1.5),
        ("decimal", pa.array([Decimal("1.25")], pa.decimal256(50, 2)), 1.25),
        ("nothing", pa.nulls(1), None),
        ("codes", pa.array(["de"]).dictionary_encode(), "de"),
        ("uuid", pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0" * 16], pa.binary(16))), b"0" * 16),
        ("", pa.array([1]), LEFT_OUT),
        ("a\0b", pa.array([1]), LEFT_OUT),
        ("struct", pa.array([{"": 1}]), LEFT_OUT),
        ("structs", pa.array([[{"a": {"": 1}}]]), LEFT_OUT),
        ("halves", pa.array([[1.5]], pa.list_(pa.float16())), LEFT_OUT),
    ],
)  # fmt: skip
def test_a_column_that_a_table_cannot_have_is_read_otherwise_or_left_out(
    tmp_path: Path, name: str, column: pa.Array, expected: Any
) -> None:
    table = pa.table({"id": ["a"], "embedding": [[1.0]], "n": [7]}).append_column(name, column)
    pq.write_table(table, path := tmp_path / "e.parquet")
    report = Report()
    found = read_embeddings(path, report, others=True)
    assert found["n"].to_pylist() == [7]
    if expected == LEFT_OUT:
        assert "".join(report.lines()).startswith(f"warning: {LEFT_OUT} (1): ")
    else:
        assert (found[name].to_pylist(), report.lines()) == ([expected], [])
