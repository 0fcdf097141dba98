"""The seed's nine examples on a bare folder of photos, once `embed` and `predict` have models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.computing.conftest import Outcome, Program
from tests.computing.tiny import classifier, detector, embedder, photos

EXAMPLES = Path(__file__).parents[2] / "examples" / "seed" / "lightly"
QUERIES = "DATASET_ID_OF_THE_QUERY_IMAGES"
BOXES = [[0.1, 0.2, 0.5, 0.6], [0.5, 0.5, 0.9, 1.0]]
SCORES = [[0.9, 0.0], [0.0, 0.6]]  # Car, motorbike
BARE = {
    "active_learning": "predict {} --model FILE.onnx --task my_object_detection_task",
    "active_learning_classification": "predict {} --model FILE.onnx --task my_classification_task",
    "active_learning_segmentation": "predict {} --model FILE.onnx --task my_segmentation_task",
    "metadata_balancing": ".lightly/metadata",
    "object_balancing": "predict {} --model FILE.onnx --task lightly_pretagging",
    "similarity_search": "embed {} --model FILE.onnx",
    "visual_diversity": "embed {} --model FILE.onnx",
    "visual_diversity_and_active_learning": "embed {} --model FILE.onnx",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    photos(tmp_path / "shop", 110)
    return tmp_path / "shop"


@pytest.mark.parametrize(("example", "cure"), BARE.items())
def test_on_a_bare_folder_the_command_for_what_is_missing_is_printed(
    program: Program, tmp_path: Path, example: str, cure: str
) -> None:
    photos(tmp_path / "shop", 2)
    failed = program("run", EXAMPLES / f"{example}.json", "--data", tmp_path / "shop")
    assert failed.code == 1
    assert cure.format(tmp_path / "shop") in failed.err


def test_the_sharpness_example_runs_on_a_bare_folder(program: Program, shop: Path) -> None:
    done = program("run", EXAMPLES / "metadata_thresholding.json", "--data", shop)
    assert _picks(done) == 100


def test_the_nine_examples_run_with_models_given(program: Program, shop: Path, db: Path) -> None:
    _weather(shop)
    assert program("import", "lightly", shop, "--db", db).code == 0
    place = ("--db", db, "--name", "shop")
    folder = shop.parent
    assert program("metadata", shop, *place).code == 0
    assert program("embed", shop, "--model", embedder(folder / "e.onnx"), *place).code == 0
    things = detector(folder / "d.onnx", BOXES, SCORES)
    tasks = {
        "my_object_detection_task": things,
        "my_segmentation_task": things,
        "my_classification_task": classifier(folder / "c.onnx"),
        "lightly_pretagging": things,
    }
    for task, model in tasks.items():
        done = program("predict", shop, "--model", model, "--task", task, *place)
        assert done.code == 0, done.err
    _queries(program, folder, db)
    examples = sorted(one.stem for one in EXAMPLES.glob("*.json") if one.stem != "skeleton")
    assert len(examples) == 9
    for example in examples:
        done = program("run", EXAMPLES / f"{example}.json", "--db", db, "--data", "shop")
        assert _picks(done) == 100, f"{example}: {done.err}"


def _picks(done: Outcome) -> int:
    return len(set(done.out.split())) if done.code == 0 else 0


def _weather(shop: Path) -> None:
    """Weather is in no pixels: the one thing that must be known of the photos."""
    for i, path in enumerate(sorted(shop.rglob("*.png"))):
        name = path.relative_to(shop)
        file = shop / ".lightly" / "metadata" / name.with_suffix(".json")
        file.parent.mkdir(parents=True, exist_ok=True)
        weather = {"description": ("sunny", "cloudy", "rain")[i % 3]}
        file.write_text(
            json.dumps({"file_name": str(name), "type": "image", "metadata": {"weather": weather}})
        )


def _queries(program: Program, folder: Path, db: Path) -> None:
    """Query images: a dataset and a tag of the names that the example has."""
    names = photos(folder / "queries", 4)
    model = folder / "e.onnx"
    place = ("--db", db, "--name", QUERIES)
    assert program("embed", folder / "queries", "--model", model, *place).code == 0
    (folder / "names.txt").write_text("\n".join(names) + "\n")
    tag = "TAG_NAME_OF_THE_QUERY_IMAGES"
    saved = program("tags", "save", tag, folder / "names.txt", "--db", db, "--data", QUERIES)
    assert saved.code == 0, saved.err
