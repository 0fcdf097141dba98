"""What a user of Lightly tries in the first hour, through the program."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sqlsel.catalog import connect, open_dataset
from sqlsel.catalog.parquet import save_folder
from tests.programs import called

NEAREST = {"type": "SIMILARITY"}


def program(*arguments: object, cwd: Path, ok: bool = True) -> subprocess.CompletedProcess[str]:
    done = called(*arguments, cwd=cwd)
    assert (done.returncode == 0) == ok, done.stderr
    return done


def photos(folder: Path, names: list[str], *, embedded: bool = True) -> Path:
    """A folder with small files called so, and a ``.lightly`` with a vector of each."""
    (folder / ".lightly" / "embeddings").mkdir(parents=True)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"\xff\xd8" + name.encode())
    if embedded:
        lines = [f"{name},{i}.0,1.0,0" for i, name in enumerate(names)]
        head = "filenames,embedding_0,embedding_1,labels"
        text = "\n".join([head, *lines]) + "\n"
        (folder / ".lightly" / "embeddings" / "default.csv").write_text(text)
    return folder


def selection(folder: Path, strategy: Any, n: int = 2, worker: Any = None, **more: Any) -> Path:
    entry = {"input": {"type": "EMBEDDINGS", **more}, "strategy": strategy}
    job = {"selection_config": {"n_samples": n, "strategies": [entry]}}
    path = folder / "selection.json"
    path.write_text(json.dumps(job if worker is None else {"worker_config": worker, **job}))
    return path


def test_a_query_set_may_be_a_folder(tmp_path: Path) -> None:
    data = photos(tmp_path / "data", [f"{i}.jpg" for i in range(6)])
    queries = photos(tmp_path / "queries", ["q.jpg"])
    config = selection(tmp_path, NEAREST, dataset_id="Q", tag_name="initial-tag")
    done = program("run", config, "--data", data, "--dataset", f"Q={queries}", cwd=tmp_path)
    assert done.stdout.splitlines() == ["0.jpg", "1.jpg"]
    program("import", "lightly", data, "--db", "c.duckdb", cwd=tmp_path)
    again = program("run", config, "--db", "c.duckdb", "--dataset", f"Q={queries}", cwd=tmp_path)
    assert again.stdout == done.stdout


def test_similarity_to_a_tag_of_the_same_data_is_noted(tmp_path: Path) -> None:
    data = photos(tmp_path / "data", [f"{i}.jpg" for i in range(6)])
    program("import", "lightly", data, "--db", "c.duckdb", cwd=tmp_path)
    (tmp_path / "ids.txt").write_text("5.jpg\n")
    program("tags", "save", "good", "ids.txt", "--db", "c.duckdb", cwd=tmp_path)
    config = selection(tmp_path, NEAREST, dataset_id="data", tag_name="good")
    done = program("run", config, "--db", "c.duckdb", cwd=tmp_path)
    assert "SIMILARITY to tag 'good' of the same data" in done.stderr
    assert done.stdout.splitlines()[0] == "5.jpg"


def test_a_query_set_may_be_a_folder_of_parquet_with_its_tags(tmp_path: Path) -> None:
    queries = photos(tmp_path / "queries", [f"q{i}.jpg" for i in range(3)])
    program("import", "lightly", queries, "--db", "q.duckdb", cwd=tmp_path)
    (tmp_path / "ids.txt").write_text("q2.jpg\n")
    program("tags", "save", "good", "ids.txt", "--db", "q.duckdb", cwd=tmp_path)
    with connect(tmp_path / "q.duckdb") as con:
        save_folder(open_dataset(con), tmp_path / "parquet")
    data = photos(tmp_path / "data", [f"{i}.jpg" for i in range(6)])
    config = selection(tmp_path, NEAREST, n=1, dataset_id="Q", tag_name="good")
    done = program("run", config, "--data", data, "--dataset", "Q=parquet", cwd=tmp_path)
    assert done.stdout.splitlines() == ["2.jpg"]


def test_a_bare_list_of_strategies_takes_its_budget_from_the_command_line(tmp_path: Path) -> None:
    data = photos(tmp_path / "data", [f"{i}.jpg" for i in range(6)])
    (tmp_path / "list.json").write_text('[{"strategy_name": "diversity"}]')
    done = program("run", "list.json", "--data", data, "-n", 2, cwd=tmp_path)
    assert len(done.stdout.splitlines()) == 2
    failed = program("run", "list.json", "--data", data, cwd=tmp_path, ok=False)
    assert "has no budget: give one, -n or --proportion" in failed.stderr


def test_without_vectors_the_error_names_embed(tmp_path: Path) -> None:
    data = photos(tmp_path / "data", ["0.jpg"], embedded=False)
    config = selection(tmp_path, {"type": "DIVERSITY"})
    failed = program("run", config, "--data", data, cwd=tmp_path, ok=False)
    assert "sqlsel embed" in failed.stderr


def test_relevant_filenames_name_videos_and_misspelt_lines_are_noted(tmp_path: Path) -> None:
    frames = [f"v1-{i}-mp4.png" for i in range(4)]
    names = [*frames, *(f"v2-{i}-mp4.png" for i in range(4)), "a.jpg"]
    data = photos(tmp_path / "data", names)
    (data / ".lightly" / "relevant.txt").write_text("v1.mp4\nmisspelt.jpg\n")
    worker = {"relevant_filenames_file": "relevant.txt"}
    config = selection(tmp_path, {"type": "DIVERSITY"}, worker=worker, n=9)
    done = program("run", config, "--data", data, cwd=tmp_path)
    assert sorted(done.stdout.splitlines()) == frames
    assert "line 2: misspelt.jpg" in done.stderr
    program("import", "lightly", data, "--db", "c.duckdb", cwd=tmp_path)
    again = program("run", config, "--db", "c.duckdb", cwd=tmp_path)
    assert sorted(again.stdout.splitlines()) == frames


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A catalogue with two datasets, one of which has the tag ``mine``."""
    for name in ("left", "right"):
        data = photos(tmp_path / name, [f"{name}{i}.jpg" for i in range(4)])
        program("import", "lightly", data, "--db", "c.duckdb", cwd=tmp_path)
    (tmp_path / "ids.txt").write_text("right1.jpg\n")
    saved = ("tags", "save", "mine", "ids.txt", "--db", "c.duckdb", "--data", "right")
    program(*saved, cwd=tmp_path)
    return tmp_path


def test_of_two_datasets_a_tag_or_a_sample_decides(two: Path) -> None:
    shown = program("tags", "show", "mine", "--db", "c.duckdb", cwd=two)
    assert shown.stdout.splitlines() == ["right1.jpg"]
    near = program("similar", "left0.jpg", "--db", "c.duckdb", "-n", 1, cwd=two)
    assert "left1.jpg" in near.stdout
    program("tags", "delete", "mine", "--db", "c.duckdb", cwd=two)


def test_of_two_datasets_the_error_names_the_option(two: Path) -> None:
    for command in (("tags", "list"), ("tags", "show", "other"), ("duplicates",)):
        failed = program(*command, "--db", "c.duckdb", cwd=two, ok=False)
        assert "left, right; name one of them (--data" in failed.stderr


def test_sharpness_of_objects_is_never_that_of_their_images(tmp_path: Path) -> None:
    data = photos(tmp_path / "data", ["0.jpg"])
    task = data / ".lightly" / "predictions" / "cars"
    task.mkdir(parents=True)
    (task.parent / "tasks.json").write_text('["cars"]')
    schema = {"task_type": "object-detection", "categories": [{"id": 0, "name": "car"}]}
    (task / "schema.json").write_text(json.dumps(schema))
    one = {"category_id": 0, "bbox": [0, 0, 5, 5], "score": 0.5}
    (task / "0.json").write_text(json.dumps({"file_name": "0.jpg", "predictions": [one]}))
    program("import", "lightly", data, "--db", "c.duckdb", cwd=tmp_path)
    with duckdb.connect(tmp_path / "c.duckdb") as con:
        con.execute("UPDATE data.samples SET lightly = struct_update(lightly, sharpness := 50.0)")
    threshold = {"type": "THRESHOLD", "threshold": 20, "operation": "BIGGER"}
    entry = {"input": {"type": "METADATA", "key": "lightly.sharpness"}, "strategy": threshold}
    job = {
        "worker_config": {"object_level": {"task_name": "cars"}},
        "selection_config": {"n_samples": 1, "strategies": [entry]},
    }
    (tmp_path / "job.json").write_text(json.dumps(job))
    failed = program("run", "job.json", "--db", "c.duckdb", cwd=tmp_path, ok=False)
    assert "sqlsel crops cars" in failed.stderr
    text = "FROM data.objects_cars USING STRATEGY THRESHOLD(lightly.sharpness > 20)"
    failed = program("sql", text, "--db", "c.duckdb", cwd=tmp_path, ok=False)
    assert "lightly" in failed.stderr
    config = selection(tmp_path, {"type": "DIVERSITY"}, worker=job["worker_config"])
    failed = program("run", config, "--db", "c.duckdb", cwd=tmp_path, ok=False)
    assert "sqlsel crops cars --model" in failed.stderr
