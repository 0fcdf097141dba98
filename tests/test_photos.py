"""From bare photos to a selection, through the program, with real photos and real models."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest

from sqlsel.images.pixels.measures import measure
from sqlsel.images.pixels.opening import open_image

pytestmark = [pytest.mark.realdata, pytest.mark.slow]

EXAMPLES = Path(__file__).parents[1] / "examples" / "seed" / "lightly"
PAIR = (
    "t-shirt/06de9ebd-be39-4cc6-aea7-1d047ccf1a52.jpg",
    "t-shirt/76f8420a-bcea-4bb8-a049-befa05315470.jpg",
)

Program = Callable[..., str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, realdata: Path) -> Path:
    """The 341 photos alone, without what else is known of them."""
    folder = tmp_path_factory.mktemp("bare")
    for photo in (realdata / "clothing").rglob("*.jpg"):
        target = folder / "photos" / photo.relative_to(realdata / "clothing")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(photo, target)
    return folder


@pytest.fixture(scope="module")
def program(place: Path) -> Program:
    def run(*arguments: object) -> str:
        command = [sys.executable, "-m", "sqlsel", *map(str, arguments)]
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def catalogue(place: Path, program: Program, realdata: Path) -> Path:
    """``metadata``, ``embed``, ``predict``, ``crops``: all that the photos and three models give."""
    models, db = realdata / "models", ("--db", "c.duckdb")
    squeezenet = ("--model", models / "squeezenet_embed_fp32.onnx", "--settings", "squeezenet")
    detector = ("--model", models / "FastestDet.onnx", "--settings", "fastestdet")
    faces = ("--model", models / "ultraface-RFB-320.onnx", "--settings", "ultraface")
    program("metadata", "photos", *db)
    program("embed", "photos", *squeezenet, *db)
    program("predict", "photos", *detector, "--task", "lightly_pretagging", *db)
    program("predict", "photos", *faces, "--task", "faces", *db)
    told = program(
        "crops", "lightly_pretagging", *db, "--images", "photos", "-o", "crops", *squeezenet
    )
    assert told.startswith("photos_lightly_pretagging: ")
    return place / "c.duckdb"


def rows(catalogue: Path, sql: str) -> list[tuple]:  # type: ignore[type-arg]
    with duckdb.connect(str(catalogue), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_vectors_are_those_that_were_stored(catalogue: Path, realdata: Path) -> None:
    found = rows(
        catalogue,
        "SELECT c.embedding, e.embedding FROM photos.catalog AS c "
        f"JOIN '{realdata / 'clothing' / 'embeddings.parquet'}' AS e USING (file_name)",
    )
    assert len(found) == 341
    ours, stored = (np.array(column, np.float64) for column in zip(*found, strict=True))
    cosine = (ours * stored).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(stored, axis=1)
    assert cosine.min() > 0.99


def test_measures_are_those_of_the_files(catalogue: Path, place: Path) -> None:
    found = rows(catalogue, "SELECT file_name, lightly FROM photos.catalog USING SAMPLE 20")
    for name, lightly in found:
        told = measure(open_image(place / "photos" / name))
        assert lightly["sharpness"] == told.sharpness
        assert lightly["luminance"] == told.luminance
        assert lightly["sizeInBytes"] == (place / "photos" / name).stat().st_size


def test_faces_are_found_where_they_are_known_to_be(catalogue: Path) -> None:
    text = "SELECT count(DISTINCT parent_id) FROM photos.objects_faces WHERE score > 0.9"
    assert rows(catalogue, text) == [(8,)]


def test_the_seed_example_of_object_balancing_runs_unchanged(
    catalogue: Path, program: Program
) -> None:
    picks = program("run", EXAMPLES / "object_balancing.json", "--db", catalogue).splitlines()
    assert len(set(picks)) == 100
    people = rows(
        catalogue,
        "SELECT count(*) FILTER (category = 'person') FROM photos.objects_lightly_pretagging",
    )
    assert people[0][0] > 300


@pytest.fixture(scope="module")
def seeded(catalogue: Path, program: Program, place: Path, realdata: Path) -> Path:
    """The tasks, the query set and the weather that the seed's examples name."""
    own = Path(shutil.copy(catalogue, place / "seeded.duckdb"))  # other tests name no dataset
    models, db = realdata / "models", ("--db", own)
    detector = ("--model", models / "FastestDet.onnx", "--settings", "fastestdet")
    classifier = ("--model", models / "squeezenet_embed_fp32.onnx", "--settings", "squeezenet")
    names = ("--classes", models / "imagenet_labels.txt")
    for task in ("my_object_detection_task", "my_segmentation_task"):
        program("predict", "photos", *detector, "--task", task, *db)
    program("predict", "photos", *classifier, *names, "--task", "my_classification_task", *db)
    shutil.copytree(place / "photos" / "shoes", place / "queries")
    program("embed", "queries", *classifier, "--name", "DATASET_ID_OF_THE_QUERY_IMAGES", *db)
    (place / "names.txt").write_text("\n".join(p.name for p in (place / "queries").iterdir()))
    tag = ("TAG_NAME_OF_THE_QUERY_IMAGES", "names.txt", *db)
    program("tags", "save", *tag, "--data", "DATASET_ID_OF_THE_QUERY_IMAGES")
    for number, photo in enumerate(sorted((place / "photos").rglob("*.jpg"))):
        name = photo.relative_to(place / "photos")
        file = place / "photos" / ".lightly" / "metadata" / name.with_suffix(".json")
        file.parent.mkdir(parents=True, exist_ok=True)
        weather = {"description": ("sunny", "cloudy", "rain")[number % 3]}
        told = {"file_name": str(name), "type": "image", "metadata": {"weather": weather}}
        file.write_text(json.dumps(told))
    program("import", "lightly", "photos", *db)
    return own


@pytest.mark.parametrize(
    "example", sorted(one.stem for one in EXAMPLES.glob("*.json") if one.stem != "skeleton")
)
def test_the_seed_examples_run_on_what_was_a_bare_folder(
    seeded: Path, program: Program, example: str
) -> None:
    picks = program("run", EXAMPLES / f"{example}.json", "--db", seeded, "--data", "photos")
    assert len(set(picks.splitlines())) == 100


def test_crops_are_selected_like_photos(catalogue: Path, program: Program, place: Path) -> None:
    text = (
        "SELECT file_name FROM photos_lightly_pretagging.catalog WHERE lightly.sharpness > 20 "
        "USING STRATEGY DIVERSITY(embedding), WEIGHTS(lightly_pretagging.uncertainty_margin) LIMIT 20"
    )
    picks = program("sql", "--db", catalogue, "--format", "csv", "-q", text).splitlines()[1:]
    assert len(set(picks)) == 20
    assert all((place / "crops" / pick).is_file() for pick in picks)


def test_the_two_shirts_are_the_only_near_duplicates(catalogue: Path, program: Program) -> None:
    told = ("--data", "photos", "--db", catalogue, "-q", "--format", "csv")
    assert program("duplicates", *told, "--min-distance", "0.25").splitlines()[1:] == []
    found = program("duplicates", *told, "--min-distance", "0.26").splitlines()[1:]
    assert [line.split(",")[:2] for line in found] == [[PAIR[1], PAIR[0]]]
    near = program("similar", PAIR[0], *told, "-n", "1").splitlines()[1]
    assert near.split(",")[0] == PAIR[1]
    assert float(near.split(",")[1]) == pytest.approx(0.25199, abs=1e-4)
