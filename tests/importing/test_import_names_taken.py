"""One bad file or name costs that file, task or model only, and is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from importing.program import Program, Rows, write

SCHEMA = {"task_type": "object-detection", "categories": [{"id": 0, "name": "car"}]}


@pytest.mark.parametrize("metadata", [{"": 1}, {"a": {"": 1}}, {"a": [{"": 1}]}])
def test_an_empty_key_costs_its_file(
    photos: Path, db: Path, program: Program, rows: Rows, metadata: object
) -> None:
    folder = photos / ".lightly/metadata"
    write(folder / "1.json", {"file_name": "cam1/a.jpg", "metadata": metadata})
    write(folder / "2.json", {"file_name": "cam1/b.jpg", "metadata": {"n": 1}})
    done = program("import", "lightly", photos, "--db", db)
    assert done.code == 0, done.err
    assert done.err.startswith("left out: 1.json: metadata")
    assert "a key is empty; give it a name" in done.err
    assert rows("SELECT sample_id FROM photos.samples WHERE n = 1") == [("cam1/b.jpg",)]


@pytest.mark.parametrize("name", ["lightly", "Lightly", "embedding", "file_name", "CARS", "score"])
def test_a_task_of_a_name_that_is_taken_costs_that_task(
    photos: Path, db: Path, program: Program, rows: Rows, name: str
) -> None:
    folder = photos / ".lightly/predictions"
    write(folder / "tasks.json", ["cars", name, "others"])
    entry = {"file_name": "cam1/a.jpg", "predictions": [
        {"category_id": 0, "bbox": [1, 1, 2, 2], "score": 0.5}]}  # fmt: skip
    for task in ("cars", name, "others"):
        write(folder / task / "schema.json", SCHEMA)
        write(folder / task / "1.json", entry)
    done = program("import", "lightly", photos, "--db", db)
    assert done.code == 0, done.err
    assert f"left out: predictions/{name}: task {name!r}: " in done.err
    assert f"has the name {name.casefold()!r}; choose another one" in done.err
    assert rows("SELECT name FROM photos.tasks ORDER BY 1") == [("cars",), ("others",)]
    assert program("import", "lightly", photos, "--db", db).code == 0


def test_vectors_of_a_name_that_is_taken_cost_that_file(
    photos: Path, db: Path, program: Program, rows: Rows
) -> None:
    text = "filenames,embedding_0,labels\ncam1/a.jpg,1,0\n"
    write(photos / ".lightly/embeddings/lightly.csv", text)
    write(photos / ".lightly/embeddings/clip.csv", text)
    done = program("import", "lightly", photos, "--db", db)
    assert done.code == 0, done.err
    assert "left out: embeddings/lightly.csv: embedding 'lightly': a column of every" in done.err
    assert rows("SELECT count(embedding) FROM photos.catalog") == [(1,)]
