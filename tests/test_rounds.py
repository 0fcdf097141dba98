"""The examples of Polars: labelling in rounds, and a collection of texts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import make_questions
import numpy as np
import polars as pl
import pytest
import rounds
import texts

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def found(digits: Path) -> pl.DataFrame:
    return rounds.compared(pl.read_parquet(digits / "digits.parquet"), splits=3)


def test_picking_in_rounds_beats_random_after_each(found: pl.DataFrame) -> None:
    assert found.height == 3 * 2 * rounds.ROUNDS
    means = found.group_by("labels", "way").agg(pl.col("accuracy").mean())
    wide = means.pivot("way", index="labels", values="accuracy")
    gap = wide["DIVERSITY, then + uncertainty"] - wide["RANDOM"]
    assert gap.min() > 3  # percent; 7 to 10 over ten splits


def test_more_labels_are_better(found: pl.DataFrame) -> None:
    means = found.group_by("way", "labels").agg(pl.col("accuracy").mean()).sort("labels")
    for accuracies in means.partition_by("way"):
        assert accuracies["accuracy"].is_sorted()


@pytest.mark.slow
def test_the_chart_is_a_picture(found: pl.DataFrame, tmp_path: Path) -> None:
    from PIL import Image

    rounds.draw(found, tmp_path / "out" / "chart.png")
    with Image.open(tmp_path / "out" / "chart.png") as picture:
        assert min(picture.size) > 300
        assert len(picture.convert("RGB").getcolors(maxcolors=1 << 24) or []) > 50


@pytest.fixture(scope="module")
def file(realdata: Path) -> Path:
    return realdata / "vectors" / "neuroregistry_text_295.parquet"


@pytest.mark.realdata
def test_texts_like_one_of_them_are_those_of_the_largest_cosine(file: Path) -> None:
    rows = pl.read_parquet(file)
    x = rows["embedding"].to_numpy().astype(np.float64)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    for number in (0, 7, 200):
        near = [row for row in np.argsort(-(x @ x[number]), kind="stable") if row != number]
        assert texts.more_like(rows, number, 5)["id"].to_list() == near[:5]


@pytest.mark.realdata
def test_no_two_texts_that_are_left_are_copies(file: Path) -> None:
    rows = pl.read_parquet(file)
    left = texts.without_copies(rows)
    x = left["embedding"].to_numpy().astype(np.float64)
    apart = np.linalg.norm(x[:, None] - x[None], axis=2) + 9 * np.eye(len(x))
    assert apart.min() >= texts.COPY
    assert left.height < rows.height


def test_the_question_most_like_another_says_the_same(tmp_path: Path) -> None:
    rows = pl.read_parquet(make_questions.make(tmp_path))
    assert rows["id"].is_unique().all()
    assert rows["embedding"].dtype == pl.Array(pl.Float32, make_questions.WIDTH)
    (nearest,) = texts.more_like(rows, 1, 1)["text"]
    assert nearest == "Where is my parcel now?"
    assert len(set(texts.overview(rows.lazy(), 8)["text"])) == 8


@pytest.mark.realdata
def test_the_program_prints_an_overview(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "texts.py", file],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "8 of 295 texts" in done.stdout
    assert "Most like 'BrainStructure':" in done.stdout
    assert done.stderr == ""
