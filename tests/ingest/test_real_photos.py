"""The clothing photos: what is known of them comes out of the readers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from sqlsel.readers import Report
from sqlsel.readers.embeddings import read_embeddings
from sqlsel.readers.folder_files import list_files, list_samples
from sqlsel.readers.metadata import read_metadata, read_schema
from sqlsel.readers.predictions import read_predictions, read_tasks

pytestmark = pytest.mark.realdata


@pytest.fixture
def clothing(realdata: Path) -> Path:
    return realdata / "clothing"


def test_341_photos_in_ten_folders(clothing: Path) -> None:
    names = list_samples(clothing, Report())["file_name"].to_pylist()
    assert len(names) == 341
    counts = Counter(name.split("/")[0] for name in names)
    assert (counts["dress"], counts["t-shirt"], counts["skirt"], len(counts)) == (32, 81, 12, 10)


def test_the_probe_is_right_for_71_percent_and_its_entropy_is_known(clothing: Path) -> None:
    report, lightly = Report(), clothing / ".lightly"
    names = frozenset(list_samples(clothing, report)["file_name"].to_pylist())
    (task,) = read_tasks(lightly, report)
    folder = lightly / "predictions" / task.name
    paths = list_files(folder, ".json")["path"].to_pylist()
    found = read_predictions(folder, task, paths, names, report)
    rows = [row for batch in found for row in batch.to_pylist()]
    assert report.lines() == []
    by_id = {category.id: category.name for category in task.categories}
    right = [by_id[r["objects"][0]["category_id"]] == r["sample_id"].split("/")[0] for r in rows]
    assert np.mean(right) == pytest.approx(0.713, abs=5e-4)
    p = np.array([row["objects"][0]["probabilities"] for row in rows])
    entropy = -(p * np.log2(np.maximum(p, 1e-300))).sum(axis=1) / np.log2(10)
    assert entropy.mean() == pytest.approx(0.58792, abs=1e-5)
    assert rows[int(entropy.argmax())]["sample_id"].startswith("dress/974964a0")
    assert entropy.max() == pytest.approx(0.95475, abs=1e-5)


def test_orientation_of_each_photo_is_known(clothing: Path) -> None:
    report, lightly = Report(), clothing / ".lightly"
    names = frozenset(list_samples(clothing, report)["file_name"].to_pylist())
    assert [field.path for field in read_schema(lightly)] == [
        "image.luminance",
        "image.orientation",
    ]
    paths = list_files(lightly / "metadata", ".json")["path"].to_pylist()
    table = read_metadata(lightly / "metadata", paths, names, report)
    counts = Counter(row["orientation"] for row in table["image"].to_pylist())
    assert counts == {"portrait": 280, "landscape": 56, "square": 5}
    assert report.lines() == []


def test_vectors_are_as_they_were_made(clothing: Path) -> None:
    table = read_embeddings(clothing / "embeddings.parquet", Report())
    assert (
        table["sample_id"].to_pylist() == list_samples(clothing, Report())["file_name"].to_pylist()
    )
    vectors = table["embedding"].combine_chunks().flatten().to_numpy().reshape(341, 512)
    norms = np.linalg.norm(vectors, axis=1)
    assert (round(norms.min()), round(norms.max())) == (45, 123)
