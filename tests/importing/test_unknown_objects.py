"""A sample whose predictions were left out has unknown objects: no strategy that reads them picks it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from importing.program import Program, write

CATEGORIES = [{"id": 0, "name": "car"}, {"id": 5, "name": "person"}]
SCORE = {"type": "SCORES", "task": "objects", "score": "uncertainty_entropy"}
CLASSES = {"type": "PREDICTIONS", "task": "objects", "name": "CLASS_DISTRIBUTION"}
COUNT = {"type": "PREDICTIONS", "task": "objects", "name": "CATEGORY_COUNT", "categories": ["car"]}
LABELS = {"strategy_name": "balance", "annotation_source_id": "objects"}
RANDOM = {"input": {"type": "RANDOM"}, "strategy": {"type": "WEIGHTS"}}
BALANCE = {"type": "BALANCE", "target": {"car": 0.5, "person": 0.5}}


def box(category: int, score: float = 0.6) -> dict[str, Any]:
    return {"category_id": category, "bbox": [1, 2, 3, 4], "score": score}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten pictures: 0 to 2 cars, 3 to 5 persons, 6 and 7 nothing, 8 and 9 nobody knows what."""
    below = tmp_path / "street" / ".lightly" / "predictions"
    write(below / "tasks.json", ["objects"])
    schema = {"task_type": "object-detection", "categories": CATEGORIES}
    write(below / "objects/schema.json", schema)
    for i in range(10):
        write(tmp_path / f"street/{i}.jpg", "x")
        objects = [box(0 if i < 3 else 5)] if i < 6 else [] if i < 8 else [box(0, score=9)]
        told = json.dumps({"file_name": f"{i}.jpg", "predictions": objects})
        write(below / f"objects/{i}.json", told if i < 9 else told[:-1])
    return tmp_path / "street"


def configured(folder: Path, n_samples: int, *strategies: Any) -> Path:
    return write(folder.parent / "c.json", {"n_samples": n_samples, "strategies": strategies})


@pytest.mark.parametrize(
    "strategy",
    [
        {"input": SCORE, "strategy": {"type": "WEIGHTS"}},
        {"input": SCORE, "strategy": {"type": "WEIGHTS", "strength": -1}},
        {"input": SCORE, "strategy": {"type": "THRESHOLD", "threshold": -1, "operation": "BIGGER"}},
        {"input": COUNT, "strategy": {"type": "WEIGHTS"}},
        {"input": COUNT, "strategy": {"type": "THRESHOLD", "threshold": 9, "operation": "SMALLER"}},
        {"input": CLASSES, "strategy": BALANCE},
        {"input": CLASSES, "strategy": {"type": "BALANCE", "distribution": "UNIFORM"}},
        {"input": CLASSES, "strategy": {"type": "BALANCE", "distribution": "INPUT"}},
    ],
)
def test_samples_whose_objects_are_not_known_are_not_eligible(
    program: Program, folder: Path, strategy: dict[str, Any]
) -> None:
    config = configured(folder, 10, strategy, RANDOM)
    found = program("run", config, "--data", folder)
    assert found.code == 0, found.err
    assert sorted(found.out.split()) == [f"{i}.jpg" for i in range(8)]
    assert "2 " in found.err


def test_label_counts_too(program: Program, folder: Path, db: Path) -> None:
    program("import", "lightly", folder, "--db", db)
    studio = {
        "n_samples_to_select": 10,
        "strategies": [LABELS | {"target_distribution": "uniform"}],
    }
    found = program("run", write(folder.parent / "s.json", studio), "--db", db)
    assert sorted(found.out.split()) == [f"{i}.jpg" for i in range(8)]


def test_a_balance_says_so_and_shows_the_threshold(
    program: Program, folder: Path, db: Path
) -> None:
    program("import", "lightly", folder, "--db", db)
    two = [{"input": CLASSES, "strategy": BALANCE}] * 2
    config = configured(folder, 6, *two)
    found = program("run", config, "--db", db)
    assert sorted(found.out.split()) == [f"{i}.jpg" for i in range(6)]
    assert "2 samples whose objects of 'objects' are not known are not eligible" in found.err
    shown = program("explain", config, "--db", db)
    assert shown.out.count('THRESHOLD(("objects")."objects" IS NOT NULL)') == 1, shown


def test_where_all_objects_are_known_the_statement_has_no_threshold(
    program: Program, folder: Path, db: Path
) -> None:
    for name in ("8.json", "9.json"):
        (folder / ".lightly/predictions/objects" / name).unlink()
    program("import", "lightly", folder, "--db", db)
    config = configured(folder, 10, {"input": CLASSES, "strategy": BALANCE})
    assert "THRESHOLD" not in program("explain", config, "--db", db).out
    assert len(program("run", config, "--db", db).out.split()) == 10  # no file: no objects


def test_preselected_samples_stay(program: Program, folder: Path, db: Path) -> None:
    program("import", "lightly", folder, "--db", db)
    names = write(folder.parent / "names.txt", "9.jpg\n")
    config = configured(folder, 8, {"input": CLASSES, "strategy": BALANCE})
    found = program("run", config, "--db", db, "--preselected", names)
    assert (found.code, len(found.out.split())) == (0, 8), found.err


def test_the_scores_of_a_task_count_them(program: Program, folder: Path, db: Path) -> None:
    program("import", "lightly", folder, "--db", db)
    found = program("scores", "objects", "--db", db, "--score", "uncertainty_margin")
    assert found.out.splitlines()[-3:] == ["7.jpg,0.0", "8.jpg,", "9.jpg,"]
    assert found.err == "6 objects; 2 samples without, 2 whose objects are not known\n"


def test_runs_of_frames_are_unknown_where_all_their_frames_are(
    program: Program, folder: Path, db: Path
) -> None:
    program("import", "lightly", folder, "--db", db)
    job = {
        "worker_config": {"selected_sequence_length": 2},
        "selection_config": {
            "n_samples": 10,
            "strategies": [{"input": CLASSES, "strategy": BALANCE}],
        },
    }
    found = program("run", write(folder.parent / "j.json", job), "--db", db)
    assert sorted(found.out.split()) == [f"{i}.jpg" for i in range(8)], found.err
