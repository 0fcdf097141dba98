"""Names as other tools write them, through the program: joined, or the import fails and says why."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from importing.program import Json, Program, Rows, write

SCHEMA = {"task_type": "object-detection", "categories": [{"id": 0, "name": "car"}]}


def prediction(name: str) -> Json:
    return {
        "file_name": name,
        "predictions": [{"category_id": 0, "bbox": [1, 1, 2, 2], "score": 1}],
    }


def predict(photos: Path, names: dict[str, str]) -> None:
    """A task ``cars`` with one prediction in each of the files, which name their images so."""
    folder = photos / ".lightly/predictions"
    write(folder / "tasks.json", ["cars"])
    write(folder / "cars/schema.json", SCHEMA)
    for file, name in names.items():
        write(folder / "cars" / file, prediction(name))


def vectors(path: Path, *ids: str) -> Path:
    table = {"id": ids, "embedding": [[float(at), 1.0] for at in range(len(ids))]}
    pq.write_table(pa.table(table), path)
    return path


def test_vectors_are_joined_by_the_names_that_only_one_sample_can_have(
    photos: Path, db: Path, tmp_path: Path, program: Program, rows: Rows
) -> None:
    program("import", "lightly", photos, "--db", db)
    ids = ("/data/cam1/a.jpg", "cam1\\b.jpg", "s3://bucket/photos/cam2/a.jpg", "c.jpg", "a.jpg")
    done = program("import", "vectors", vectors(tmp_path / "v.parquet", *ids), "--db", db,
                   "--name", "photos")  # fmt: skip
    assert done.code == 0, done.err
    assert "names that are written otherwise are joined (4): '/data/cam1/a.jpg' is" in done.err
    assert "ids that are no samples are left out (1): 1 of 5, the first is 'a.jpg'" in done.err
    assert rows("SELECT sample_id, embedding[1] FROM photos.embeddings_default ORDER BY 1") == [
        ("cam1/a.jpg", 0), ("cam1/b.jpg", 1), ("cam2/a.jpg", 2), ("cam2/c.jpg", 3)
    ]  # fmt: skip


def test_vectors_of_no_sample_are_an_error_with_the_cure(
    photos: Path, db: Path, tmp_path: Path, program: Program, rows: Rows
) -> None:
    program("import", "lightly", photos, "--db", db)
    file = vectors(tmp_path / "v.parquet", "front_cam1/a.jpg", "front_cam1/b.jpg")
    done = program("import", "vectors", file, "--db", db, "--name", "photos")
    assert (done.code, done.out) == (1, "")
    assert (
        "none of the 2 ids belongs to a sample: there is no sample 'front_cam1/a.jpg'" in done.err
    )
    assert "called like 'cam1/a.jpg' (--strip-prefix PREFIX" in done.err
    assert rows("SELECT 1 FROM duckdb_tables() WHERE table_name LIKE 'embeddings%'") == []
    done = program("import", "vectors", file, "--db", db, "--name", "photos",
                   "--strip-prefix", "front_")  # fmt: skip
    assert (done.code, done.err) == (0, "")
    assert rows("SELECT count(*) FROM photos.embeddings_default") == [(2,)]


def test_a_prefix_is_taken_off_the_names_of_a_new_dataset(
    db: Path, tmp_path: Path, program: Program, rows: Rows
) -> None:
    file = vectors(tmp_path / "v.parquet", "/mnt/disk/a.jpg", "/mnt/disk/b.jpg")
    done = program("import", "vectors", file, "--db", db, "--strip-prefix", "/mnt/disk")
    assert (done.code, done.err) == (0, "")
    assert rows("SELECT sample_id FROM v.samples ORDER BY 1") == [("a.jpg",), ("b.jpg",)]


def test_predictions_are_joined_and_a_second_file_of_a_sample_is_left_out(
    photos: Path, db: Path, program: Program, rows: Rows
) -> None:
    predict(
        photos, {"1.json": "C:\\x\\cam1\\a.jpg", "2.json": "./cam1/a.jpg", "3.json": "../b.jpg"}
    )
    done = program("import", "lightly", photos, "--db", db)
    assert done.code == 0
    assert "cars/2.json: file_name: 1.json is for 'cam1/a.jpg' too" in done.err
    assert "cars/3.json: file_name: '../b.jpg' must be a path below the folder" in done.err
    assert rows("SELECT sample_id FROM photos.objects_cars") == [("cam1/a.jpg#1",)]


@pytest.mark.parametrize("prefix", ["", "run7-"])
def test_predictions_of_no_sample_fail_and_the_samples_stay(
    photos: Path, db: Path, program: Program, rows: Rows, prefix: str
) -> None:
    predict(photos, {"1.json": "run7-cam1/a.jpg", "2.json": "run7-cam2/a.jpg"})
    done = program("import", "lightly", photos, "--db", db)
    assert done.code == 1
    assert "photos.samples: 4 rows" in done.out
    assert (
        "task 'cars': 2 files, of no sample; the samples are called like 'cam1/a.jpg'" in done.err
    )
    again = ("import", "lightly", photos, "--db", db, "--strip-prefix", prefix)
    done = program(*again)
    assert done.code == (0 if prefix else 1)
    assert rows("SELECT count(*) FROM photos.objects_cars") == [(2 if prefix else 0,)]


def test_metadata_of_no_sample_fails(photos: Path, db: Path, program: Program, rows: Rows) -> None:
    write(photos / ".lightly/metadata/1.json", {"file_name": "x/z.jpg", "metadata": {"n": 1}})
    done = program("import", "lightly", photos, "--db", db)
    assert done.code == 1
    assert "metadata: 1 file, of no sample; the samples are called like 'cam1/a.jpg'" in done.err
    assert rows("SELECT count(*) FROM photos.catalog") == [(4,)]
    write(photos / ".lightly/metadata/1.json", {"file_name": "x/cam1/a.jpg", "metadata": {"n": 1}})
    assert program("import", "lightly", photos, "--db", db).code == 0
    assert rows("SELECT sample_id FROM photos.catalog WHERE n = 1") == [("cam1/a.jpg",)]


def test_files_that_are_refused_for_what_they_hold_are_no_failure_of_names(
    photos: Path, db: Path, program: Program
) -> None:
    predict(photos, {"1.json": "cam1/a.jpg"})
    write(photos / ".lightly/predictions/cars/1.json", {"file_name": "cam1/a.jpg"})
    write(photos / ".lightly/metadata/1.json", {"file_name": "cam1/a.jpg"})
    done = program("import", "lightly", photos, "--db", db)
    assert done.code == 0
    assert "of no sample" not in done.err
    assert "left out: cars/1.json: predictions is missing" in done.err
    assert "left out: 1.json: metadata is missing" in done.err


def test_a_pretagging_dump_is_joined_and_its_boxes_are_in_pixels(
    db: Path, tmp_path: Path, program: Program, rows: Rows
) -> None:
    image = pytest.importorskip("PIL.Image")
    folder = tmp_path / "photos"
    folder.mkdir()
    image.new("RGB", (40, 20)).save(folder / "a.png")
    program("import", "lightly", folder, "--db", db)
    program("metadata", folder, "--db", db)
    entry = {"filename": "/mnt/photos/a.png", "boxes": [[0.25, 0, 0.5, 0.5]], "labels": [2]}
    dump = write(tmp_path / "dump.json", [{**entry, "scores": [0.5]}])
    done = program("import", "pretagging", dump, "--db", db, "--name", "photos")
    assert done.code == 0, done.err
    assert rows("SELECT sample_id, bbox.x, bbox.w FROM photos.objects_lightly_pretagging") == [
        ("a.png#1", 10, 10)
    ]
    dump = write(tmp_path / "dump.json", [{**entry, "scores": [0.5], "filename": "z.png"}])
    done = program("import", "pretagging", dump, "--db", db, "--name", "photos")
    assert done.code == 1
    assert "none of the 1 images of lightly_pretagging belongs to a sample" in done.err


def test_a_file_of_relevant_names_that_names_nothing_is_an_error(
    photos: Path, db: Path, tmp_path: Path, program: Program
) -> None:
    names = write(tmp_path / "relevant.txt", "z.jpg\n")
    done = program("import", "lightly", photos, "--db", db, "--relevant", names)
    assert (done.code, done.out) == (1, "")
    assert f"{photos}: no images in this folder that {names} names" in done.err


def test_preselected_ids_that_are_all_unknown_are_an_error(
    tmp_path: Path, program: Program
) -> None:
    data = vectors(tmp_path / "v.parquet", "a.jpg", "b.jpg", "c.jpg")
    config = write(tmp_path / "c.json", {"n_samples": 1, "strategies": [
        {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}]})  # fmt: skip
    ids = write(tmp_path / "ids.txt", "x/a.jpg\nx/b.jpg\n")
    done = program("run", config, "--data", data, "--preselected", ids)
    assert (done.code, done.out) == (1, "")
    assert (
        f"none of the 2 ids of '{ids}' is one of the data, whose ids are like 'a.jpg'" in done.err
    )
    write(ids, "a.jpg\nx/b.jpg\n")
    done = program("run", config, "--data", data, "--preselected", ids)
    assert done.code == 0
    assert "1 ids of" in done.err
