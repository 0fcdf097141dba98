"""Folders as people have them, through the program: in, again, and to a selection."""

# ruff: noqa: E501 - a call on one line is a call that can be read

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sqlsel as package
from sqlsel.catalog import connect, open_dataset
from tests.programs import called, started

SCHEMA = {
    "task_type": "object-detection",
    "categories": [{"id": 0, "name": "car"}, {"id": 5, "name": "person"}],
}
METADATA = [
    {"name": "T", "path": "weather.temperature", "defaultValue": -1.0, "valueDataType": "NUMERIC_FLOAT"},
    {"name": "D", "path": "weather.description", "defaultValue": "none", "valueDataType": "CATEGORICAL_STRING"},
]  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What a call of the program gave."""

    code: int
    out: str
    err: str


def sqlsel(*arguments: object) -> Outcome:
    """The program with these arguments."""
    done = called(*arguments)
    return Outcome(done.returncode, done.stdout, done.stderr)


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")


def prediction(name: str, *scores: float) -> dict[str, Any]:
    objects = [
        {"category_id": 5, "bbox": [1, 2, 3, 4], "score": s, "probabilities": [1 - s, s]}
        for s in scores
    ]
    return {"file_name": name, "predictions": objects}


def name_of(number: int) -> str:
    return f"cam{number // 4}/{number:03d}.jpg"


def make_folder(root: Path, count: int = 12) -> Path:
    """Images (empty files) with predictions for all but the last, metadata for the even ones, vectors."""
    lightly = root / ".lightly"
    write(lightly / "predictions/tasks.json", ["objects"])
    write(lightly / "predictions/objects/schema.json", SCHEMA)
    write(lightly / "metadata/schema.json", METADATA)
    lines = ["filenames," + ",".join(f"embedding_{i}" for i in range(2)) + ",labels"]
    for i in range(count):
        name = name_of(i)
        write(root / name, "x" * i)
        stem = name.removesuffix(".jpg")
        if i < count - 1:
            write(lightly / f"predictions/objects/{stem}.json", prediction(name, 0.5 + i % 20 / 40))
        if i % 2 == 0:
            told = {"temperature": i, "description": "sunny" if i % 4 else "rainy"}
            value = {"file_name": name, "type": "image", "metadata": {"weather": told}}
            write(lightly / f"metadata/{stem}.json", value)
        lines.append(f"{name},{np.cos(i / 4):.6f},{np.sin(i / 4):.6f},0")
    write(lightly / "embeddings/default.csv", "\n".join(lines) + "\n")
    return root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "photos")


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "c.duckdb"


def rows(db: Path, text: str) -> list[tuple[Any, ...]]:
    with connect(db) as con:
        return con.execute(text).fetchall()


def config(path: Path, *strategies: dict[str, Any], **more: Any) -> Path:
    write(path, {"n_samples": 3, **more, "strategies": list(strategies)})
    return path


ENTROPY = {
    "input": {"type": "SCORES", "task": "objects", "score": "uncertainty_entropy"},
    "strategy": {"type": "WEIGHTS"},
}
DIVERSITY = {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}


def test_a_folder_becomes_a_dataset(folder: Path, db: Path) -> None:
    found = sqlsel("import", "lightly", folder, "--db", db)
    assert (found.code, found.err) == (0, "")
    assert found.out.splitlines() == [
        "photos.samples: 12 rows new or updated  sample_id, file_name, metadata",
        "photos.predictions_objects: 11 rows new or updated  objects, class_distribution, scores",
        "photos.metadata: 12 rows new or updated  weather",
        "photos.embeddings_default: 12 rows new or updated  FLOAT[2]",
    ]
    got = rows(
        db,
        'SELECT file_name, weather.temperature, weather.description, lightly."sizeInBytes", '
        "len(objects.objects), objects.class_distribution[2], embedding[1] "
        "FROM photos.catalog ORDER BY sample_id",
    )
    assert len(got) == 12
    assert got[2] == ("cam0/002.jpg", 2.0, "sunny", 2, 1, pytest.approx(0.55), pytest.approx(np.cos(0.5), abs=1e-6))  # fmt: skip
    assert got[11][:5] == ("cam2/011.jpg", -1.0, "none", 11, 0)


def test_a_second_import_changes_nothing_a_third_what_has_changed(folder: Path, db: Path) -> None:
    sqlsel("import", "lightly", folder, "--db", db)
    before = rows(db, "FROM photos.catalog ORDER BY sample_id")
    found = sqlsel("import", "lightly", folder, "--db", db)
    assert [line.split(": ")[1].split()[0] for line in found.out.splitlines()][:3] == ["0"] * 3
    assert rows(db, "FROM photos.catalog ORDER BY sample_id") == before
    lightly = folder / ".lightly"
    write(lightly / "predictions/objects/cam0/001.json", prediction("cam0/001.jpg", 0.9, 0.6))
    write(lightly / "metadata/cam0/002.json", {"file_name": "cam0/002.jpg", "type": "image", "metadata": {"weather": {"temperature": 99}}})  # fmt: skip
    write(folder / "cam9/new.jpg", "x")
    found = sqlsel("import", "lightly", folder, "--db", db)
    assert "photos.samples: 1 rows" in found.out
    write(lightly / "predictions/objects/cam0/001.json", prediction("cam0/001.jpg", 0.9, 0.7))
    found = sqlsel("import", "lightly", folder, "--db", db)
    assert "photos.samples: 0 rows" in found.out
    assert "photos.predictions_objects: 1 rows" in found.out
    after = rows(db, "SELECT file_name, len(objects.objects), weather.temperature, weather.description FROM photos.catalog ORDER BY 1")  # fmt: skip
    assert len(after) == 13
    assert after[1] == ("cam0/001.jpg", 2, -1.0, "none")
    assert after[2] == ("cam0/002.jpg", 1, 99.0, "none")
    assert after[12] == ("cam9/new.jpg", 0, -1.0, "none")


def test_a_schema_that_changes_reads_all_again(folder: Path, db: Path) -> None:
    sqlsel("import", "lightly", folder, "--db", db)
    more = {**SCHEMA, "categories": [*SCHEMA["categories"], {"id": 9, "name": "bus"}]}
    write(folder / ".lightly/predictions/objects/schema.json", more)
    found = sqlsel("import", "lightly", folder, "--db", db)
    assert found.code == 0
    # Probabilities of two classes do not fit three: every object is left out, and said so.
    assert "objects are left out for their probabilities (11): cam0/000.json: predict" in found.err
    assert "samples whose objects are not known" in found.err
    write(folder / ".lightly/metadata/schema.json", METADATA[:1])
    sqlsel("import", "lightly", folder, "--db", db)
    with connect(db) as con:
        kind = str(con.sql("SELECT weather FROM photos.samples").types[0])
    assert "description" not in kind or "VARCHAR" in kind


def test_a_bad_file_is_left_out_and_told_of_the_rest_is_there(folder: Path, db: Path) -> None:
    bad = folder / ".lightly/predictions/objects/cam0/001.json"
    write(bad, '{"file_name": "cam0/001.jpg", "predictions": [{"category_id": 4}]}')
    found = sqlsel("import", "lightly", folder, "--db", db)
    assert found.code == 0
    assert "objects are left out for their bbox (1): cam0/001.json: predictions[0]" in found.err
    assert "samples whose objects are not known" in found.err
    got = rows(db, "SELECT sum(len(objects.objects)) FROM photos.catalog")
    assert got == [(10,)]


@pytest.mark.parametrize("bad", ['{"file_name": "cam0/001.jpg", "predictions": [{}]}', "{"])
def test_a_sample_of_which_only_what_was_left_out_tells_has_null(
    folder: Path, db: Path, bad: str
) -> None:
    write(folder / ".lightly/predictions/objects/cam0/001.json", bad)
    for _ in range(2):
        found = sqlsel("import", "lightly", folder, "--db", db)
        assert found.code == 0
        assert "samples whose objects are not known" in found.err
        got = rows(
            db,
            "SELECT * EXCLUDE (sample_id) FROM photos.predictions_objects ORDER BY sample_id",
        )
        assert got[1] == (None,) * len(got[1])
        assert None not in [value for row in got[:1] + got[2:] for value in row]
        write(folder / "cam0/new.jpg", "")  # all files are read again


def test_a_schema_that_is_not_valid_costs_its_task_only(folder: Path, db: Path) -> None:
    good = sqlsel("import", "lightly", folder, "--db", db.with_suffix(".good"))
    assert good.code == 0
    predictions = folder / ".lightly/predictions"
    write(predictions / "other/schema.json", '{"task_type": "boxes"}')
    listed = json.loads((predictions / "tasks.json").read_text())
    write(predictions / "tasks.json", [*listed, "other"])
    found = sqlsel("import", "lightly", folder, "--db", db)
    assert found.code == 1
    assert f"{predictions / 'other/schema.json'}: task_type: must be one of" in found.err
    counts = "SELECT table_name, estimated_size FROM duckdb_tables() WHERE schema_name = 'photos'"
    assert rows(db, counts) == rows(db.with_suffix(".good"), counts)


def test_metadata_whose_schema_is_not_valid_are_not_read(folder: Path, db: Path) -> None:
    schema = folder / ".lightly/metadata/schema.json"
    write(schema, '[{"path": "a"}]')
    found = sqlsel("import", "lightly", folder, "--db", db)
    assert found.code == 1
    assert f"{schema}: [0].valueDataType is missing" in found.err
    assert "Traceback" not in found.err
    assert rows(db, "SELECT count(*) > 0 FROM photos.samples") == [(True,)]
    assert rows(db, "SELECT count(*) > 0 FROM photos.predictions_objects") == [(True,)]


def test_a_list_of_tasks_that_is_not_valid_costs_the_predictions(folder: Path, db: Path) -> None:
    write(folder / ".lightly/predictions/tasks.json", "[1]")
    found = sqlsel("import", "lightly", folder, "--db", db)
    assert found.code == 1
    assert "tasks.json: [0]: must be a text, got 1" in found.err
    assert rows(db, "SELECT count(*) > 0 FROM photos.samples") == [(True,)]


def test_keys_that_differ_by_case_only_are_told_apart(tmp_path: Path, db: Path) -> None:
    folder = tmp_path / "photos"
    write(folder / "a.jpg", "x")
    value = {"Key": 1, "key": "two", "in": {"A": 1.5, "a": None, "b": True}}
    write(folder / ".lightly/metadata/schema.json", [])
    write(
        folder / ".lightly/metadata/a.json",
        {"file_name": "a.jpg", "type": "image", "metadata": value},
    )
    found = sqlsel("import", "lightly", folder, "--db", db)
    assert found.code == 0, found.err
    assert "in.a is in.a_2 now" in found.err
    got = rows(db, 'SELECT "Key", "key_2", "in"."A", "in".b FROM photos.samples')
    assert got == [(1, "two", 1.5, True)]


def test_frames_of_a_video_have_its_metadata_or_their_own(tmp_path: Path, db: Path) -> None:
    folder, metadata = tmp_path / "photos", tmp_path / "photos/.lightly/metadata"
    write(folder / "clip.mp4", "video")
    write(metadata / "schema.json", METADATA)
    for i in range(3):
        name = f"clip-{i}-mp4"
        write(folder / f".lightly/predictions/objects/{name}.json", prediction(f"{name}.png", 0.9))
    write(folder / ".lightly/predictions/tasks.json", ["objects"])
    write(folder / ".lightly/predictions/objects/schema.json", SCHEMA)

    def tell(name: str, kind: str, temperature: float) -> None:
        told = {"weather": {"temperature": temperature, "description": kind}}
        ending = "mp4" if kind == "video" else "png"
        write(
            metadata / f"{name}.json",
            {"file_name": f"{name}.{ending}", "type": kind, "metadata": told},
        )

    tell("clip", "video", 20)
    tell("clip-1-mp4", "frame", 5)
    text = (
        "SELECT sample_id, sequence_id, frame, weather.temperature FROM photos.catalog ORDER BY 1"
    )
    assert sqlsel("import", "lightly", folder, "--db", db).code == 0
    assert [row[2:] for row in rows(db, text)] == [(0, 20.0), (1, 5.0), (2, 20.0)]
    tell("clip", "video", 30)
    assert sqlsel("import", "lightly", folder, "--db", db).code == 0
    assert [row[2:] for row in rows(db, text)] == [(0, 30.0), (1, 5.0), (2, 30.0)]


def test_images_that_come_after_their_predictions_get_them(
    folder: Path, db: Path, tmp_path: Path
) -> None:
    (folder / "cam1").rename(tmp_path / "cam1")
    found = sqlsel("import", "lightly", folder, "--db", db)
    assert "left out: objects/cam1/004.json" in found.err
    (tmp_path / "cam1").rename(folder / "cam1")
    assert sqlsel("import", "lightly", folder, "--db", db).err == ""
    text = "SELECT sum(len(objects.objects)), count(embedding), max(weather.temperature) FROM photos.catalog"
    assert rows(db, text) == [(11, 12, 10.0)]


def test_samples_without_a_vector_are_not_eligible(folder: Path, db: Path, tmp_path: Path) -> None:
    csv = folder / ".lightly/embeddings/default.csv"
    lines = csv.read_text().splitlines()
    csv.write_text("\n".join(line for line in lines if "001.jpg" not in line) + "\n")
    found = sqlsel("run", config(tmp_path / "c.json", DIVERSITY, n_samples=12), "--data", folder)
    assert len(found.out.splitlines()) == 11, found.err
    assert "not eligible: 1" in found.err
    sqlsel("import", "lightly", folder, "--db", db)
    assert len(rows(db, "FROM photos.catalog ORDER BY sample_id")) == 12


def test_a_task_may_have_the_name_of_metadata(folder: Path, db: Path, tmp_path: Path) -> None:
    lightly = folder / ".lightly"
    write(lightly / "predictions/tasks.json", ["objects", "weather"])
    (lightly / "predictions/objects").joinpath("cam0").exists()
    schema = {
        "task_type": "classification",
        "categories": [{"id": 0, "name": "wet"}, {"id": 1, "name": "dry"}],
    }
    write(lightly / "predictions/weather/schema.json", schema)
    told = {
        "file_name": name_of(3),
        "predictions": [{"category_id": 0, "probabilities": [0.6, 0.4]}],
    }
    write(lightly / "predictions/weather/cam0/003.json", told)
    entropy = {
        "input": {"type": "SCORES", "task": "weather", "score": "uncertainty_entropy"},
        "strategy": {"type": "WEIGHTS"},
    }
    cold = {
        "input": {"type": "METADATA", "key": "weather.temperature"},
        "strategy": {"type": "THRESHOLD", "threshold": 5, "operation": "SMALLER"},
    }
    found = sqlsel("run", config(tmp_path / "c.json", entropy, cold, n_samples=1), "--data", folder)
    assert found.out.splitlines() == [name_of(3)], found.err


def test_masks_have_no_boxes(folder: Path, db: Path) -> None:
    lightly = folder / ".lightly"
    write(lightly / "predictions/tasks.json", ["road"])
    write(
        lightly / "predictions/road/schema.json", {**SCHEMA, "task_type": "semantic-segmentation"}
    )
    mask = {"category_id": 0, "segmentation": [2, 2, 1], "score": 0.9, "probabilities": [0.9, 0.1]}
    write(
        lightly / "predictions/road/cam0/000.json", {"file_name": name_of(0), "predictions": [mask]}
    )
    assert sqlsel("import", "lightly", folder, "--db", db).code == 0
    assert rows(db, "SELECT sample_id, category FROM photos.objects_road") == [
        (f"{name_of(0)}#1", "car")
    ]


def test_the_database_may_have_the_name_of_the_folder(folder: Path, tmp_path: Path) -> None:
    db = tmp_path / "photos.duckdb"
    found = sqlsel("import", "lightly", folder, "--db", db)
    assert "photos_data.samples: 12 rows" in found.out, found.err
    assert sqlsel("run", config(tmp_path / "c.json", ENTROPY), "--db", db).code == 0
    named = sqlsel("import", "lightly", folder, "--db", db, "--name", "photos")
    assert (named.code, "choose another one with --name" in named.err) == (1, True)


def test_what_is_gone_is_told_and_dropped_when_asked(folder: Path, db: Path) -> None:
    sqlsel("import", "lightly", folder, "--db", db)
    (folder / name_of(2)).unlink()
    found = sqlsel("import", "lightly", folder, "--db", db)
    assert "files are gone are kept (--prune drops them) (1): cam0/002.jpg" in found.err
    assert rows(db, "SELECT count(*) FROM photos.catalog") == [(12,)]
    assert sqlsel("import", "lightly", folder, "--db", db, "--prune").code == 0
    assert rows(
        db, "SELECT count(*), count(embedding), sum(len(objects.objects)) FROM photos.catalog"
    ) == [(11, 11, 10)]


def test_vectors_of_another_width_replace_all_or_nothing(folder: Path, db: Path) -> None:
    sqlsel("import", "lightly", folder, "--db", db)
    csv = folder / ".lightly/embeddings/default.csv"
    lines = [f"{name_of(i)},1,{i},0,0" for i in range(12)]
    head = "filenames,embedding_0,embedding_1,embedding_2,labels"
    csv.write_text("\n".join([head, *lines[1:]]) + "\n")
    found = sqlsel("import", "lightly", folder, "--db", db)
    assert "leaves out 1 samples; give the vectors of all samples" in found.err
    csv.write_text("\n".join([head, *lines]) + "\n")
    assert (
        "embeddings_default: 12 rows new or updated  FLOAT[3]"
        in sqlsel("import", "lightly", folder, "--db", db).out
    )


def test_objects_without_vectors_have_no_diversity(folder: Path, tmp_path: Path) -> None:
    write(
        tmp_path / "c.json",
        {
            "worker_config": {"object_level": {"task_name": "objects"}},
            "selection_config": {"n_samples": 2, "strategies": [DIVERSITY]},
        },
    )
    found = sqlsel("run", tmp_path / "c.json", "--data", folder)
    assert found.code == 1
    assert "task 'objects' has no vectors of its objects" in found.err


def test_a_failed_import_leaves_no_database(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for source in ("empty", "nowhere"):
        found = sqlsel("import", "lightly", tmp_path / source, "--db", tmp_path / "new.duckdb")
        assert found.code == 1
        assert not list(tmp_path.glob("new.*"))


@pytest.mark.parametrize("delay", [0.7, 1.2])
def test_ctrl_c_in_an_import(tmp_path: Path, delay: float) -> None:
    folder, db = make_folder(tmp_path / "photos", 3000), tmp_path / "new.duckdb"
    running = started("import", "lightly", folder, "--db", db)
    time.sleep(delay)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    if "photos.samples: 3,000 rows" in out:
        return  # it was faster
    assert (running.returncode, err.strip()) == (130, "Interrupted.")
    assert not list(tmp_path.glob("new.*"))


def test_from_folder_to_file_names_in_one_command(folder: Path, tmp_path: Path) -> None:
    file = config(tmp_path / "c.json", ENTROPY, DIVERSITY)
    found = sqlsel("run", file, "--data", folder)
    assert found.code == 0, found.err
    alone = sqlsel("run", config(tmp_path / "e.json", ENTROPY), "--data", folder)
    assert alone.out.splitlines() == ["cam0/000.jpg", "cam0/001.jpg", "cam0/002.jpg"]
    assert found.out.splitlines() != alone.out.splitlines()
    assert not (folder / "c.duckdb").exists()


def test_the_same_picks_from_folder_catalogue_and_parquet(
    folder: Path, db: Path, tmp_path: Path
) -> None:
    file = config(tmp_path / "c.json", ENTROPY, DIVERSITY)
    sqlsel("import", "lightly", folder, "--db", db)
    out = tmp_path / "parquet"
    assert sqlsel("import", "lightly", folder, "-o", out).code == 0
    assert sqlsel("import", "lightly", folder, "-o", out).code == 0
    told = [
        sqlsel("run", file, "--data", folder),
        sqlsel("run", file, "--db", db),
        sqlsel("run", file, "--db", db, "--data", "photos"),
        sqlsel("run", file, "--data", out),
        sqlsel("run", file, "--data", out / "photos"),
    ]
    assert all(one.code == 0 for one in told), [one.err for one in told]
    assert len({one.out for one in told}) == 1
    assert package.run(file, folder).columns[:3] == ["sample_id", "file_name", "sequence_id"]


def test_objects_as_samples(folder: Path, tmp_path: Path) -> None:
    write(
        tmp_path / "c.json",
        {
            "worker_config": {"object_level": {"task_name": "objects"}},
            "selection_config": {"n_samples": 2, "strategies": [ENTROPY, {"input": {"type": "METADATA", "key": "weather.temperature"}, "strategy": {"type": "THRESHOLD", "threshold": 3, "operation": "BIGGER"}}]},
        },
    )  # fmt: skip
    found = sqlsel("run", tmp_path / "c.json", "--data", folder)
    assert found.out.splitlines() == ["cam1/004.jpg#1", "cam1/006.jpg#1"], found.err


def test_sequences_are_runs_of_frames(folder: Path, tmp_path: Path) -> None:
    write(
        tmp_path / "c.json",
        {
            "worker_config": {"selected_sequence_length": 3},
            "selection_config": {"n_samples": 6, "strategies": [ENTROPY, DIVERSITY, {"input": {"type": "METADATA", "key": "weather.description"}, "strategy": {"type": "BALANCE", "target": {"sunny": 0.5}}}]},
        },
    )  # fmt: skip
    found = sqlsel("run", tmp_path / "c.json", "--data", folder)
    assert found.code == 0, found.err
    names = found.out.splitlines()
    assert len(names) == 6
    for run in (names[:3], names[3:]):  # the fourth frame of each folder is left over
        assert [n[-7:-4] for n in run] == [f"{4 * int(run[0][3]) + i:03d}" for i in range(3)]
    assert "3 frames are left over" in found.err
    odd = sqlsel("run", tmp_path / "c.json", "--data", folder, "-n", 4)
    assert odd.code == 2
    assert "multiple" in odd.err


def test_relevant_file_names(folder: Path, tmp_path: Path) -> None:
    write(folder / ".lightly/relevant.txt", "cam0/001.jpg\ncam2/*\n")
    write(tmp_path / "c.json", {"worker_config": {"relevant_filenames_file": "relevant.txt"}, "selection_config": {"n_samples": 9, "strategies": [DIVERSITY]}})  # fmt: skip
    found = sqlsel("run", tmp_path / "c.json", "--data", folder)
    assert sorted(found.out.splitlines()) == ["cam0/001.jpg", *(name_of(i) for i in range(8, 12))]


def test_a_tag_is_kept_and_used(folder: Path, db: Path, tmp_path: Path) -> None:
    sqlsel("import", "lightly", folder, "--db", db)
    file = config(tmp_path / "c.json", ENTROPY)
    first = sqlsel("run", file, "--db", db, "--tag", "first")
    assert first.code == 0, first.err
    again = sqlsel("run", file, "--db", db, "--tag", "first")
    assert (again.code, again.out) == (1, "")
    assert "tag 'first' exists" in again.err
    second = sqlsel("run", file, "--db", db, "--preselected", "first", "--tag", "second")
    assert second.out.splitlines() == [name_of(i) for i in (3, 4, 5)]
    within = sqlsel("run", file, "--db", db, "--pool", "second", "-n", 2)
    assert within.out.splitlines() == [name_of(3), name_of(4)]
    grown = sqlsel("run", file, "--db", db, "--tag", "first", "--append")
    assert grown.out.splitlines() == [name_of(i) for i in (3, 4, 5)], grown.err
    shown = sqlsel("tags", "show", "first", "--db", db)
    assert sorted(shown.out.splitlines()) == [name_of(i) for i in range(6)]
    [run] = rows(db, "SELECT n_asked, n_selected, config, statement FROM photos.runs ORDER BY created LIMIT 1")  # fmt: skip
    assert run[:2] == (3, 3)
    assert json.loads(run[2])["n_samples"] == 3
    assert "USING STRATEGY WEIGHTS" in run[3]
    found = sqlsel("tags", "diff", "second", "first", "--db", db)
    assert found.out.count("added") == 3
    assert sqlsel("tags", "delete", "second", "--db", db).code == 0
    assert "second" not in sqlsel("tags", "list", "--db", db).out


def test_a_tag_may_have_a_generated_name(folder: Path, db: Path, tmp_path: Path) -> None:
    sqlsel("import", "lightly", folder, "--db", db)
    file = config(tmp_path / "c.json", ENTROPY)
    told = [sqlsel("run", file, "--db", db, "--tag") for _ in range(2)]
    assert [one.code for one in told] == [0, 0]
    package.run(file, "photos", db=str(db), tag=True)
    names = [row[0] for row in rows(db, "SELECT tag FROM photos.tag_names ORDER BY created")]
    assert len(set(names)) == 3
    assert f"kept as tag {names[1]!r}" in told[1].err
    assert rows(db, "SELECT count(*) FROM photos.tags") == [(9,)]


def test_similar_to_a_tag_of_another_dataset(folder: Path, db: Path, tmp_path: Path) -> None:
    sqlsel("import", "lightly", folder, "--db", db)
    sqlsel("import", "lightly", make_folder(tmp_path / "other", 4), "--db", db)
    write(tmp_path / "wanted.txt", "cam0/003.jpg\n")
    saved = sqlsel("tags", "save", "wanted", tmp_path / "wanted.txt", "--db", db, "--data", "other")
    assert saved.code == 0, saved.err
    query = {"type": "EMBEDDINGS", "dataset_id": "other", "tag_name": "wanted"}
    file = config(tmp_path / "c.json", {"input": query, "strategy": {"type": "SIMILARITY"}})
    found = sqlsel("run", file, "--db", db, "--data", "photos")
    assert set(found.out.splitlines()) == {name_of(2), name_of(3), name_of(4)}, found.err
    slip = sqlsel("run", file, "--db", db, "--data", "photoss")
    assert "unknown dataset 'photoss'. Did you mean 'photos'?" in slip.err
    unclear = sqlsel("run", file, "--db", db)
    assert "several datasets: other, photos" in unclear.err


def test_the_datapool_grows_from_run_to_run(folder: Path, db: Path, tmp_path: Path) -> None:
    sqlsel("import", "lightly", folder, "--db", db)
    write(tmp_path / "c.json", {"worker_config": {"use_datapool": True}, "selection_config": {"n_samples": 3, "strategies": [ENTROPY]}})  # fmt: skip
    told = [sqlsel("run", tmp_path / "c.json", "--db", db) for _ in range(3)]
    assert [one.code for one in told] == [0, 0, 0], told[1].err
    assert [one.out.splitlines()[0] for one in told] == [name_of(0), name_of(3), name_of(6)]
    last = sqlsel("run", tmp_path / "c.json", "--db", db, "-n", 1, "--tag", "the last")
    assert last.out.splitlines() == [name_of(9)]
    assert len(sqlsel("tags", "show", "datapool", "--db", db).out.splitlines()) == 10
    assert sqlsel("tags", "show", "the last", "--db", db).out.splitlines() == [name_of(9)]


def test_several_things_may_be_preselected_and_levels_do_not_mix(
    folder: Path, db: Path, tmp_path: Path
) -> None:
    sqlsel("import", "lightly", folder, "--db", db)
    pool = {
        "worker_config": {"use_datapool": True},
        "selection_config": {"n_samples": 2, "strategies": [ENTROPY]},
    }
    write(tmp_path / "pool.json", pool)
    write(tmp_path / "some.txt", f"{name_of(2)}\nnobody.jpg\n")
    told = [
        sqlsel("run", tmp_path / "pool.json", "--db", db),
        sqlsel("run", tmp_path / "pool.json", "--db", db, "--preselected", tmp_path / "some.txt"),
        sqlsel("run", tmp_path / "pool.json", "--db", db, "--preselected", "initial-tag"),
    ]
    assert [one.out.split() for one in told] == [
        [name_of(0), name_of(1)],
        [name_of(3), name_of(4)],
        [],
    ], told
    assert "1 ids of" in told[1].err
    assert "'nobody.jpg'" in told[1].err
    objects = {
        "worker_config": {"object_level": {"task_name": "objects"}},
        "selection_config": {"n_samples": 2, "strategies": [ENTROPY]},
    }
    write(tmp_path / "objects.json", objects)
    assert sqlsel("run", tmp_path / "objects.json", "--db", db, "--tag", "crops").code == 0
    assert sqlsel("tags", "diff", "datapool", "crops", "--db", db).out.count("added") == 2
    for file, tag in (("objects.json", "datapool"), ("pool.json", "crops")):
        found = sqlsel("run", tmp_path / file, "--db", db, "--tag", tag, "--append")
        assert (found.code, "choose another tag" in found.err) == (1, True)


def test_a_sum_that_is_reached_is_the_reason(folder: Path, tmp_path: Path) -> None:
    strategy = {"type": "WEIGHTS", "stopping_condition_max_sum": 5}
    heat = {"input": {"type": "METADATA", "key": "weather.temperature"}, "strategy": strategy}
    found = sqlsel("run", config(tmp_path / "c.json", heat, n_samples=9), "--data", folder)
    assert found.out.splitlines() == [name_of(10)]
    assert "fewer than asked: the sum has reached max_sum" in found.err


def test_vectors_of_objects_and_of_a_second_model(folder: Path, db: Path, tmp_path: Path) -> None:
    sqlsel("import", "lightly", folder, "--db", db)
    ids = [f"{name_of(i)}#1" for i in range(11)]
    vectors = pa.array([[float(i), 1.0] for i in range(11)], pa.list_(pa.float32()))
    pq.write_table(pa.table({"sample_id": ids, "embedding": vectors}), tmp_path / "crops.parquet")
    found = sqlsel("import", "vectors", tmp_path / "crops.parquet", "--db", db, "--name", "photos", "--task", "objects")  # fmt: skip
    assert "photos.embeddings_objects: 11 rows" in found.out, found.err
    got = rows(db, "SELECT objects.embeddings FROM photos.catalog ORDER BY sample_id LIMIT 2")
    assert got == [([[0.0, 1.0]],), ([[1.0, 1.0]],)]
    task = {"type": "EMBEDDINGS", "task": "objects"}
    file = config(tmp_path / "c.json", {"input": task, "strategy": {"type": "DIVERSITY"}})
    assert len(sqlsel("run", file, "--db", db).out.splitlines()) == 3
    level = {
        "worker_config": {"object_level": {"task_name": "objects"}},
        "selection_config": {
            "n_samples": 3,
            "strategies": [{"input": task, "strategy": {"type": "DIVERSITY"}}],
        },
    }
    write(tmp_path / "level.json", level)
    assert len(sqlsel("run", tmp_path / "level.json", "--db", db).out.splitlines()) == 3
    np.save(tmp_path / "clip.npy", np.eye(12, 4, dtype=np.float32) + 1)
    write(tmp_path / "ids.txt", "\n".join(name_of(i) for i in range(12)))
    found = sqlsel("import", "vectors", tmp_path / "clip.npy", "--ids", tmp_path / "ids.txt", "--db", db, "--name", "photos", "--model", "clip")  # fmt: skip
    assert "photos.embeddings_clip: 12 rows" in found.out, found.err
    file = config(tmp_path / "d.json", DIVERSITY)
    assert sqlsel("run", file, "--db", db, "--embedding", "clip").code == 0


def test_a_pretagging_dump_makes_a_dataset_or_joins_one(
    folder: Path, db: Path, tmp_path: Path
) -> None:
    dump = [
        {
            "filename": name_of(i),
            "boxes": [[0.1, 0.2, 0.5, 0.6]] * i,
            "labels": [1] * i,
            "scores": [0.75] * i,
        }
        for i in range(3)
    ]
    write(tmp_path / "dump.json", dump)
    found = sqlsel("import", "pretagging", tmp_path / "dump.json", "--db", db, "--name", "alone")
    assert "alone.samples: 3 rows" in found.out, found.err
    assert "alone.predictions_lightly_pretagging: 3 rows" in found.out
    sqlsel("import", "lightly", folder, "--db", db)
    write(tmp_path / "dump.json", [*dump, {**dump[1], "filename": "stranger.jpg"}])
    found = sqlsel("import", "pretagging", tmp_path / "dump.json", "--db", db, "--name", "photos")
    assert "predictions of no sample are left out (1): stranger.jpg" in found.err
    got = rows(
        db,
        "SELECT lightly_pretagging.objectness_least_confidence, lightly_pretagging.object_frequency FROM photos.catalog ORDER BY sample_id",
    )
    assert [round(row[0], 6) for row in got] == [0, 0.25, 0.25] + [0] * 9
    assert [round(row[1], 6) for row in got] == [0.9, 0.98, 1.0] + [0.9] * 9


def test_coco_labels(folder: Path, db: Path, tmp_path: Path) -> None:
    sqlsel("import", "lightly", folder, "--db", db)
    coco = {
        "images": [
            {"id": i, "file_name": name_of(i), "width": 100, "height": 50} for i in range(3)
        ],
        "categories": [{"id": 1, "name": "cat"}, {"id": 4, "name": "dog"}],
        "annotations": [
            {
                "id": 1,
                "image_id": 1,
                "category_id": 4,
                "bbox": [1, 2, 3, 4],
                "area": 12,
                "iscrowd": 0,
            }
        ],
    }
    write(tmp_path / "labels.json", coco)
    found = sqlsel(
        "import", "coco", tmp_path / "labels.json", "--db", db, "--name", "photos", "--task", "pets"
    )
    assert found.code == 0, found.err
    assert rows(db, "SELECT sample_id, category, score, bbox.w FROM photos.objects_pets") == [
        (f"{name_of(1)}#1", "dog", 1.0, 3.0)
    ]


def test_vectors_alone_make_a_dataset(db: Path, tmp_path: Path) -> None:
    vectors = pa.array([[1.0, 0.0], [0.0, 1.0], [0.9, 0.1]], pa.list_(pa.float32()))
    pq.write_table(pa.table({"id": ["a", "b", "c"], "vector": vectors}), tmp_path / "texts.parquet")
    assert (
        "texts.samples: 3 rows"
        in sqlsel("import", "vectors", tmp_path / "texts.parquet", "--db", db).out
    )
    found = sqlsel("run", config(tmp_path / "c.json", DIVERSITY, n_samples=2), "--db", db)
    assert found.out.splitlines() == ["a", "b"], found.err


def test_scores_of_a_task(folder: Path, db: Path) -> None:
    sqlsel("import", "lightly", folder, "--db", db)
    found = sqlsel("scores", "objects", "--db", db, "--score", "uncertainty_entropy")
    lines = found.out.splitlines()
    assert lines[0] == "sample_id,uncertainty_entropy"
    assert lines[1] == "cam0/000.jpg,1.0"
    assert len(lines) == 13
    assert found.err == "11 objects; 1 samples without\n"
    wrong = sqlsel("scores", "objects", "--db", db, "--score", "entropy")
    assert wrong.code == 1
    assert "unknown score 'entropy'" in wrong.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("import", "lightly", "nowhere", "--db", "{db}"), 1, "nowhere: no such folder"),
        (("import", "lightly", "{folder}"), 2, "give one of --db FILE"),
        (("import", "lightyl", "{folder}", "--db", "{db}"), 2, "lightyl"),
        (("run", "{config}", "--data", "{folder}", "--tag", ""), 1, "tag ''"),
        (("tags", "list", "--db", "{db}"), 1, "no such database"),
        (("tags", "lits", "--db", "{db}"), 2, "No such command 'lits'"),
        (("run", "{config}", "--data", "{empty}"), 1, "no images in this folder"),
        (
            ("run", "{config}", "--data", "{folder}", "--tag", "abc"),
            1,
            "tags are kept in a catalogue",
        ),
        (("run", "{config}", "--data", "{folder}", "--append"), 2, "--append needs --tag NAME"),
        (("run", "{config}", "--data", "{folder}", "--pool", "nope"), 1, "unknown tag 'nope'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    folder: Path, db: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    (tmp_path / "empty").mkdir()
    told = {
        "db": db,
        "folder": folder,
        "empty": tmp_path / "empty",
        "config": config(tmp_path / "c.json", ENTROPY),
    }
    found = sqlsel(*(a.format(**told) for a in arguments))
    assert message in found.err
    assert found.code == code
    assert found.out == ""
    assert "Traceback" not in found.err


@pytest.mark.nightly
def test_a_kill_leaves_all_or_nothing(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "photos", 400)
    (tmp_path / "c.json").write_text(json.dumps({"n_samples": 5, "strategies": [ENTROPY]}))
    rng = np.random.default_rng(0)
    db = tmp_path / "c.duckdb"
    began = time.perf_counter()
    assert sqlsel("import", "lightly", folder, "--db", tmp_path / "whole.duckdb").code == 0
    whole = time.perf_counter() - began
    for attempt in range(20):
        told = [sys.executable, "-m", "sqlsel"]
        if attempt < 12:
            told += ["import", "lightly", str(folder), "--db", str(db)]
        else:
            told += ["run", str(tmp_path / "c.json"), "--db", str(db), "--tag", f"tag-{attempt}"]
        running = subprocess.Popen(told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
        time.sleep(float(rng.uniform(0.2, whole)))
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        _check_whole(db)
        if attempt == 11:
            assert sqlsel("import", "lightly", folder, "--db", db).code == 0
    found = sqlsel("run", tmp_path / "c.json", "--db", db, "--tag", "last")
    assert found.code == 0, found.err
    assert len(found.out.splitlines()) == 5


def _check_whole(db: Path) -> None:
    """All of an import or nothing; a tag exists with all of its samples and its run, or not at all."""
    if not db.exists():
        return
    with connect(db, write=True) as con:
        if not con.execute(
            "SELECT 1 FROM duckdb_schemas() WHERE schema_name = 'photos'"
        ).fetchall():
            return
        dataset = open_dataset(con)
        assert dataset.count() == 400
        assert con.execute("SELECT sum(len(objects.objects)) FROM photos.catalog").fetchall() == [
            (399,)
        ]
        counts = con.execute("SELECT tag, count(*), count(DISTINCT run_id) FROM photos.tags GROUP BY tag").fetchall()  # fmt: skip
        assert all(row[1:] == (5, 1) for row in counts)
        runs = con.execute("SELECT count(*) FROM photos.runs").fetchall()[0][0]
        assert (
            runs
            == len(counts)
            == con.execute("SELECT count(*) FROM photos.tag_names").fetchall()[0][0]
        )


@pytest.fixture
def locked(folder: Path, db: Path) -> Iterator[Path]:
    """A catalogue that another process holds."""
    sqlsel("import", "lightly", folder, "--db", db)
    code = f"import duckdb, time; con = duckdb.connect({str(db)!r}); print('held', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield db
        holder.kill()


def test_a_locked_catalogue_is_told_with_its_holder(locked: Path, tmp_path: Path) -> None:
    found = sqlsel("run", config(tmp_path / "c.json", ENTROPY), "--db", locked)
    assert found.code == 1
    assert "has this database open" in found.err
    assert "process " in found.err
