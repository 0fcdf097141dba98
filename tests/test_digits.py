"""The digits that README and examples select from are what they are said to be."""

from __future__ import annotations

from pathlib import Path

import duckdb
import make_digits
import pytest
from contact_sheet import contact_sheet
from PIL import Image


def test_every_row_has_its_picture(con: duckdb.DuckDBPyConnection, digits: Path) -> None:
    names = con.execute("SELECT sample_id FROM read_parquet(?)", [f"{digits}/digits.parquet"])
    listed = [name for (name,) in names.fetchall()]
    assert len(listed) == 1797
    assert listed == sorted(path.relative_to(digits).as_posix() for path in digits.glob("*/*.png"))
    with Image.open(digits / listed[0]) as picture:
        assert (picture.mode, picture.size) == ("L", (64, 64))


def test_the_classifier_is_right_in_885_of_1000(
    con: duckdb.DuckDBPyConnection, digits: Path
) -> None:
    right = con.execute(
        "SELECT avg((list_position(probabilities, list_max(probabilities)) - 1 = label)::INTEGER)"
        " FROM read_parquet(?)",
        [f"{digits}/digits.parquet"],
    ).fetchone()
    assert right is not None
    assert right[0] == pytest.approx(0.885, abs=0.003)


def test_scores_follow_from_the_probabilities(con: duckdb.DuckDBPyConnection, digits: Path) -> None:
    worst = con.execute(
        """
        WITH p AS (SELECT *, list_reverse_sort(probabilities) AS s FROM read_parquet(?))
        SELECT max(abs(digit_classifier.uncertainty_margin - (1 - (s[1] - s[2])))),
               max(abs(digit_classifier.uncertainty_least_confidence - (1 - s[1]) / 0.9)),
               max(abs(uncertainty_entropy
                       - list_sum(list_transform(s, lambda x: -x * log2(x))) / log2(10))),
               max(abs(digit_classifier.class_distribution.nine - probabilities[10])),
               max(abs(uncertainty_entropy - digit_classifier.uncertainty_entropy))
        FROM p
        """,
        [f"{digits}/digits.parquet"],
    ).fetchone()
    assert worst is not None
    assert max(worst) < 1e-12


def test_a_second_run_changes_nothing(digits: Path) -> None:
    table = digits / "digits.parquet"
    before = table.stat().st_mtime_ns
    assert make_digits.make(digits) == digits
    assert table.stat().st_mtime_ns == before
    assert [path for path in digits.iterdir() if path.name.startswith(".")] == []


@pytest.mark.realdata
def test_the_scans_are_those_beside_the_project(
    con: duckdb.DuckDBPyConnection, digits: Path, realdata: Path
) -> None:
    compared = con.execute(
        """
        SELECT count(*), max(list_distance(ours.embedding::DOUBLE[], theirs.embedding::DOUBLE[])),
               max(list_distance(ours.probabilities, predictions.probabilities::DOUBLE[]))
        FROM (SELECT label, list_transform(embedding, lambda x: x * 16) AS embedding, probabilities,
                     sample_id[3:6]::BIGINT AS id FROM read_parquet(?)) AS ours
        JOIN read_parquet(?) AS theirs USING (id, label)
        JOIN read_parquet(?) AS predictions USING (id)
        """,
        [
            f"{digits}/digits.parquet",
            f"{realdata}/digits/digits.parquet",
            f"{realdata}/digits/predictions.parquet",
        ],
    ).fetchone()
    assert compared is not None
    assert compared[:2] == (1797, 0)
    assert compared[2] < 1e-6


@pytest.mark.parametrize(("count", "size"), [(1, (76, 91)), (3, (146, 176)), (4, (146, 176))])
def test_a_contact_sheet_has_a_place_for_each_picture(
    count: int, size: tuple[int, int], digits: Path, tmp_path: Path
) -> None:
    paths = sorted((digits / "7").iterdir())[:count]
    target = contact_sheet(paths, [path.stem for path in paths], tmp_path / "a" / "s.png", 2)
    with Image.open(target) as sheet:
        assert sheet.size == size
    assert list(target.parent.iterdir()) == [target]
