"""Real photos with a Lightly folder: import, then each of the seed's configurations, adapted, through the program."""

# ruff: noqa: E501 - a call on one line is a call that can be read

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from sqlsel.catalog import connect, open_dataset
from tests.test_importing import Outcome, sqlsel

pytestmark = pytest.mark.realdata
SEED = Path(__file__).parents[1] / "examples" / "seed" / "lightly"
ADAPTED = {
    "my_object_detection_task": "clothing_probe",
    "my_classification_task": "clothing_probe",
    "my_segmentation_task": "clothing_probe",
    "lightly_pretagging": "clothing_probe",
    "lightly.sharpness": "image.luminance",
    "weather.description": "image.orientation",
    "DATASET_ID_OF_THE_QUERY_IMAGES": "clothing",
    "TAG_NAME_OF_THE_QUERY_IMAGES": "shoes only",
    "sunny": "square",
    "cloudy": "landscape",
    "car": "dress",
    "bicycle": "hat",
    "bus": "pants",
    "motorcycle": "shirt",
    "person": "shoes",
    "train": "skirt",
    "truck": "t-shirt",
}
PAIR = ("t-shirt/06de9ebd", "t-shirt/76f8420a")
UNCERTAIN = [("dress/974964a0", 0.95475), ("hat/7b4ca4a5", 0.92574), ("longsleeve/20e44d00", 0.92344)]  # fmt: skip

Run = Callable[..., list[str]]


@pytest.fixture(scope="module")
def catalog(realdata: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The photos as a dataset with their vectors, and a tag of all shoes."""
    db = tmp_path_factory.mktemp("clothing") / "catalog.duckdb"
    source = realdata / "clothing"
    found = sqlsel("import", "lightly", source, "--db", db)
    assert found.code == 0, found.err
    assert "clothing.predictions_clothing_probe: 341 rows" in found.out
    found = sqlsel(
        "import", "vectors", source / "embeddings.parquet", "--db", db, "--name", "clothing"
    )
    assert found.code == 0, found.err
    shoes = sorted(f"shoes/{p.name}" for p in (source / "shoes").iterdir())
    listed = db.parent / "shoes.txt"
    listed.write_text("\n".join(shoes))
    assert sqlsel("tags", "save", "shoes only", listed, "--db", db).code == 0
    return db


@pytest.fixture
def run(catalog: Path, tmp_path: Path) -> Run:
    """Runs the seed's configuration of this name, adapted; gives the picks."""

    def picks(name: str, *options: object) -> list[str]:
        text = (SEED / f"{name}.json").read_text(encoding="utf-8")
        for printed, ours in ADAPTED.items():
            text = text.replace(f'"{printed}"', f'"{ours}"')
        file = tmp_path / f"{name}.json"
        file.write_text(text, encoding="utf-8")
        found = sqlsel("run", file, "--db", catalog, *options)
        assert found.code == 0, found.err
        return found.out.splitlines()

    return picks


def labels(picks: list[str]) -> Counter[str]:
    return Counter(pick.split("/")[0] for pick in picks)


def test_visual_diversity(run: Run) -> None:
    picks = run("visual_diversity")
    assert len(set(picks)) == 100
    assert [p.split("-")[0] for p in picks[:2]] == ["dress/07cddef1", "dress/46e4c390"]
    assert len(labels(picks)) == 10


@pytest.mark.parametrize(
    "name",
    ["active_learning", "active_learning_classification", "active_learning_segmentation"],
)
def test_active_learning(run: Run, name: str) -> None:
    picks = run(name)
    assert [p[: len(u)] for p, (u, _) in zip(picks, UNCERTAIN, strict=False)] == [
        u for u, _ in UNCERTAIN
    ]


def test_both_together_are_neither_alone(run: Run) -> None:
    both = run("visual_diversity_and_active_learning")
    assert len(set(both)) == 100
    assert set(both) != set(run("visual_diversity"))
    assert set(both) != set(run("active_learning"))


def test_metadata_thresholding(run: Run, catalog: Path) -> None:
    picks = run("metadata_thresholding")
    with connect(catalog) as con:
        text = (
            "SELECT sample_id FROM clothing.samples WHERE image.luminance > 20 "
            "ORDER BY encode(sample_id) LIMIT 100"
        )
        assert picks == [row[0] for row in con.execute(text).fetchall()]


def test_object_balancing(run: Run, catalog: Path) -> None:
    picks = run("object_balancing")
    masses = "SELECT sample_id, unnest(clothing_probe.class_distribution) AS p, generate_subscripts(clothing_probe.class_distribution, 1) AS i FROM clothing.catalog"
    text = f"SELECT sum(p) FILTER (i = 2) / sum(p), sum(p) FILTER (i IN (3, 4, 8)) / sum(p) FROM ({masses})"
    with connect(catalog) as con:
        hats, strangers = con.execute(f"{text} WHERE sample_id IN ?", [picks]).fetchall()[0]
        all_hats, all_strangers = con.execute(text).fetchall()[0]
    assert hats > 1.5 * all_hats  # asked 50 %, but there are 14
    assert strangers < 0.7 * all_strangers  # classes that nobody asked for


def test_metadata_balancing(run: Run, catalog: Path) -> None:
    picks = run("metadata_balancing")
    with connect(catalog) as con:
        text = "SELECT image.orientation, count(*) FROM clothing.samples WHERE sample_id IN ? GROUP BY 1"
        found = dict(con.execute(text, [picks]).fetchall())
    assert found["square"] == 5  # asked 20 %: there are no more
    assert abs(found["landscape"] - 40) <= 8


def test_similarity_search(run: Run) -> None:
    found = labels(run("similarity_search", "-n", 40))
    assert found["shoes"] == 26  # the queries themselves are nearest


@pytest.mark.parametrize(("distance", "left"), [(0.25, 341), (0.26, 340), (0.5, 337), (0.6, 316), (0.7, 267), (0.8, 181)])  # fmt: skip
def test_minimum_distances(catalog: Path, tmp_path: Path, distance: float, left: int) -> None:
    config = {
        "proportion_samples": 1.0,
        "strategies": [
            {
                "input": {"type": "EMBEDDINGS"},
                "strategy": {
                    "type": "DIVERSITY",
                    "stopping_condition_minimum_distance": distance,
                },
            }
        ],
    }
    file = tmp_path / "distance.json"
    file.write_text(json.dumps(config))
    picks = sqlsel("run", file, "--db", catalog).out.splitlines()
    assert len(picks) == left
    of_the_pair = [p for p in picks if p.startswith(PAIR)]
    assert len(of_the_pair) == (2 if distance == 0.25 else 1)


def test_scores_of_the_photos(catalog: Path) -> None:
    with connect(catalog) as con:
        table = open_dataset(con).table("predictions_clothing_probe")
        best = con.execute(
            f"SELECT sample_id, uncertainty_entropy FROM {table} ORDER BY 2 DESC LIMIT 3"
        ).fetchall()
        means = con.execute(
            "SELECT avg(uncertainty_entropy), avg(uncertainty_least_confidence), "
            f"avg(uncertainty_margin) FROM {table}"
        ).fetchall()[0]
    for (name, value), (prefix, entropy) in zip(best, UNCERTAIN, strict=True):
        assert name.startswith(prefix)
        assert value == pytest.approx(entropy, abs=1e-5)
    assert means == pytest.approx((0.58792, 0.48354, 0.59098), abs=1e-5)


def test_uniform_thirds_of_orientations_cannot_be_had(catalog: Path, tmp_path: Path) -> None:
    config = {
        "n_samples": 30,
        "strategies": [
            {
                "input": {"type": "METADATA", "key": "image.orientation"},
                "strategy": {"type": "BALANCE", "distribution": "UNIFORM"},
            }
        ],
    }
    file = tmp_path / "uniform.json"
    file.write_text(json.dumps(config))
    found: Outcome = sqlsel("run", file, "--db", catalog, "--format", "ndjson")
    rows = [json.loads(line) for line in found.out.splitlines()]
    shares = Counter(row["image"]["orientation"] for row in rows)
    assert shares["square"] == 5
    assert sum(abs(n / 30 - 1 / 3) for n in shares.values()) == pytest.approx(1 / 3, abs=1e-9)


def test_the_folder_alone_runs_without_a_catalogue(realdata: Path, tmp_path: Path) -> None:
    text = (SEED / "active_learning_classification.json").read_text(encoding="utf-8")
    file = tmp_path / "c.json"
    file.write_text(text.replace("my_classification_task", "clothing_probe"), encoding="utf-8")
    found = sqlsel("run", file, "--data", realdata / "clothing", "-n", 3)
    assert found.code == 0, found.err
    assert [line.split("-")[0] for line in found.out.splitlines()] == [u for u, _ in UNCERTAIN]
