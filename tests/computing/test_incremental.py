"""What is computed again, and what is refused, where files, names and tables have changed in between."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sqlsel.catalog import connect
from tests.computing.conftest import Program
from tests.computing.tiny import classifier, detector, embedder, photos

BOXES, SCORES = [[0.1, 0.2, 0.5, 0.6]], [[0.9]]


def count(db: Path, sql: str) -> tuple[int, ...]:
    with connect(db) as con:
        return con.execute(f"SELECT {sql} FROM shop.catalog").fetchall()[0]


def test_an_image_that_was_pruned_and_comes_back_is_computed_again(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 4)
    embed = ("embed", tmp_path / "shop", "--model", embedder(tmp_path / "m.onnx"), "--db", db)
    measure = ("metadata", tmp_path / "shop", "--db", db)
    program(*measure)
    program(*embed)
    program("duplicates", "--db", db, "--min-distance", "2", "--save")
    away = tmp_path / "away.png"
    (tmp_path / "shop/a/0000.png").rename(away)
    assert "samples whose files are gone are kept" in program(*measure).err
    program("import", "lightly", tmp_path / "shop", "--db", db, "--prune")
    with connect(db) as con:
        assert "duplicate_of" not in con.sql("FROM shop.catalog LIMIT 0").columns
    away.rename(tmp_path / "shop/a/0000.png")
    program(*measure)
    program(*embed)
    assert count(db, "count(*), count(lightly.width), count(embedding)") == (4, 4, 4)


def test_labels_of_an_image_that_comes_late_are_read(
    program: Program, tmp_path: Path, db: Path
) -> None:
    root = tmp_path / "shop"
    names = photos(root, 3)
    for name in names:
        file = root / ".lightly/metadata" / Path(name).with_suffix(".json")
        file.parent.mkdir(parents=True, exist_ok=True)
        told = {"file_name": name, "type": "image", "metadata": {"shelf": 7}}
        file.write_text(json.dumps(told), encoding="utf-8")
    schema = [{"name": "S", "path": "shelf", "defaultValue": 0, "valueDataType": "NUMERIC_INT"}]
    (root / ".lightly/metadata/schema.json").write_text(json.dumps(schema), encoding="utf-8")
    late = tmp_path / "late.png"
    (root / names[1]).rename(late)
    program("import", "lightly", root, "--db", db)
    late.rename(root / names[1])
    program("metadata", root, "--db", db)
    program("import", "lightly", root, "--db", db)
    assert count(db, "min(shelf), max(shelf), count(*)") == (7, 7, 3)


def test_an_image_that_cannot_be_read_any_more_has_no_vector(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 3)
    embed = ("embed", tmp_path / "shop", "--model", embedder(tmp_path / "m.onnx"), "--db", db)
    program(*embed)
    (tmp_path / "shop/a/0000.png").write_bytes(b"nothing")
    assert "left out: a/0000.png" in program(*embed).err
    assert count(db, "count(*), count(embedding)") == (3, 2)


def test_an_older_time_of_a_file_is_a_change_too(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 2)
    file = tmp_path / "shop/a/0000.png"
    before, about = file.read_bytes(), file.stat()
    program("metadata", tmp_path / "shop", "--db", db)
    for content, time in (
        (before + b"more", about.st_mtime_ns + 10**9),
        (before, about.st_mtime_ns),
    ):
        file.write_bytes(content)
        os.utime(file, ns=(time, time))
        program("import", "lightly", tmp_path / "shop", "--db", db)
    program("metadata", tmp_path / "shop", "--db", db)
    assert count(db, "count(lightly.width)") == (2,)


@pytest.mark.parametrize("name", ["embedding", "lightly", "Sample_ID", "score", "duplicate_of"])
def test_names_of_columns_are_no_names_of_tasks_or_models(
    program: Program, tmp_path: Path, db: Path, name: str
) -> None:
    photos(tmp_path / "shop", 1)
    model = ("--model", classifier(tmp_path / "c.onnx"))
    done = program("predict", tmp_path / "shop", *model, "--task", name, "--db", db)
    assert f"task '{name}': a column of every dataset has the name" in done.err
    model = ("--model", embedder(tmp_path / "m.onnx"))
    done = program("embed", tmp_path / "shop", *model, "--embedding", name, "--db", db)
    assert f"embedding '{name}': a column of every dataset has the name" in done.err
    assert "images" not in done.err  # nothing was computed


def test_names_that_differ_by_case_alone_are_one_name_to_duckdb(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 1)
    told = ("predict", tmp_path / "shop", "--model", classifier(tmp_path / "c.onnx"), "--db", db)
    assert program(*told, "--task", "Red").code == 0
    assert "a task of the dataset has the name 'Red'" in program(*told, "--task", "red").err
    embed = ("embed", tmp_path / "shop", "--model", embedder(tmp_path / "m.onnx"), "--db", db)
    assert "a task of the dataset has the name 'Red'" in program(*embed, "--embedding", "RED").err
    assert count(db, "count(Red)") == (1,)


def test_a_task_that_becomes_a_classification_has_no_objects_view(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 2)
    find, name = detector(tmp_path / "d.onnx", BOXES, SCORES), classifier(tmp_path / "c.onnx")
    told = ("predict", tmp_path / "shop", "--task", "things", "--db", db)
    program(*told, "--model", find)
    assert program(*told, "--model", name, "--force").code == 0
    with connect(db) as con:
        text = "SELECT view_name FROM duckdb_views() WHERE schema_name = 'shop'"
        assert con.execute(text).fetchall() == [("catalog",)]


def test_a_metadata_key_called_number_or_one_does_no_harm(
    program: Program, tmp_path: Path, db: Path
) -> None:
    root = tmp_path / "shop"
    photos(root, 2)
    find = detector(tmp_path / "d.onnx", BOXES, SCORES)
    program("predict", root, "--model", find, "--task", "things", "--db", db)
    with connect(db, write=True) as con:
        con.execute("ALTER TABLE shop.samples ADD COLUMN number INTEGER DEFAULT 7")
        con.execute("ALTER TABLE shop.samples ADD COLUMN one INTEGER DEFAULT 8")
    (root / "c.png").write_bytes((root / "a/0000.png").read_bytes())
    assert program("predict", root, "--model", find, "--task", "things", "--db", db).code == 0
    with connect(db) as con:
        rows = con.execute(
            "SELECT sample_id, number FROM shop.objects_things ORDER BY 1"
        ).fetchall()
    assert rows == [("a/0000.png#1", 7), ("b/0001.png#1", 7), ("c.png#1", 7)]


def test_another_folder_of_the_same_name_is_not_taken_for_the_first(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 4)
    program("metadata", tmp_path / "shop", "--db", db)
    photos(tmp_path / "other/shop", 4, seed=9)
    for file in (tmp_path / "other/shop").rglob("*.png"):
        file.write_bytes(file.read_bytes() + b"other")
    done = program("metadata", tmp_path / "other/shop", "--db", db)
    assert (done.code, "has other images under the same names" in done.err) == (1, True)


def test_nothing_usable_is_an_error(program: Program, tmp_path: Path, db: Path) -> None:
    (tmp_path / "shop").mkdir()
    for i in range(25):
        (tmp_path / "shop" / f"{i}.jpg").write_bytes(b"nothing")
    done = program("metadata", tmp_path / "shop", "--db", db)
    assert done.code == 1
    assert done.err.endswith("Error: none of the 25 images could be used\n")
    assert "left out: 5 more; -v lists them" in done.err
    listed = program("metadata", tmp_path / "shop", "--db", db, "-v").err
    assert listed.count("left out: ") == 25


def test_a_file_that_is_no_database_is_refused(program: Program, tmp_path: Path) -> None:
    photos(tmp_path / "shop", 1)
    pq.write_table(pa.table({"a": [1]}), tmp_path / "v.parquet")
    before = (tmp_path / "v.parquet").read_bytes()
    done = program("metadata", tmp_path / "shop", "--db", tmp_path / "v.parquet")
    assert (done.code, "is no DuckDB database" in done.err) == (1, True)
    assert (tmp_path / "v.parquet").read_bytes() == before


def test_vectors_are_not_dropped_in_silence(program: Program, tmp_path: Path, db: Path) -> None:
    photos(tmp_path / "shop", 1)
    embed = ("embed", tmp_path / "shop", "--model", embedder(tmp_path / "m.onnx"))
    for target in (("-o", tmp_path / "e.csv"), ("-o", tmp_path / "e.json"), ()):
        done = program(*embed, *target)
        assert (done.code, "-o FILE.parquet" in done.err) == (2, True)
    program(*embed, "--db", db)
    told = program("sql", "--db", db, "FROM shop.catalog").err
    assert "note: embedding: vectors are left out of csv" in told
    named = program("sql", "--db", db, "SELECT sample_id, embedding FROM shop.catalog")
    assert '"[0.0, ' in named.out


def test_a_folder_of_parquet_of_version_1_is_still_read(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 2)
    program("import", "lightly", tmp_path / "shop", "-o", tmp_path / "kept")
    file = tmp_path / "kept/shop/samples.parquet"
    with connect(None) as con:
        con.execute(
            f"COPY (SELECT * REPLACE ({{'sharpness': lightly.sharpness, 'snr': lightly.snr, "
            f"'sizeInBytes': lightly.\"sizeInBytes\", 'luminance': lightly.luminance, "
            f"'uniformRowRatio': lightly.\"uniformRowRatio\"}} AS lightly) FROM '{file}') "
            f"TO '{tmp_path / 'old.parquet'}' (FORMAT parquet)"
        )
    (tmp_path / "old.parquet").replace(file)
    random = [{"input": {"type": "RANDOM"}, "strategy": {"type": "WEIGHTS"}}]
    told = {"n_samples": 1, "strategies": random}
    (tmp_path / "c.json").write_text(json.dumps(told), encoding="utf-8")
    assert program("run", tmp_path / "c.json", "--data", tmp_path / "kept").code == 0
    assert program("import", "lightly", tmp_path / "shop", "-o", tmp_path / "kept").code == 0
