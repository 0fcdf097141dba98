"""COCO and YOLO labels, as predictions that are certain."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sqlsel.errors import InvalidInput, SqlselError
from sqlsel.ingest import Category, Report
from sqlsel.ingest.labels import read_labels

COCO = {
    "images": [{"id": n, "file_name": f"d/{n}.png", "width": 40, "height": 30} for n in (1, 2, 3)],
    "categories": [{"id": 3, "name": "car", "supercategory": "x"}, {"id": 7, "name": "bus"}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 7, "bbox": [1, 2, 3, 4]},
        {"id": 2, "image_id": 1, "category_id": 3, "bbox": [5, 6, 7.5, 8], "score": 0.75},
        {"id": 3, "image_id": 2, "category_id": 3, "bbox": [0, 0, 40, 30]},
    ],
}


@pytest.fixture
def labelformat() -> None:
    pytest.importorskip("labelformat", reason="needs the extra [formats]")


def coco(folder: Path, **changes: Any) -> Path:
    path = folder / "labels.json"
    path.write_text(json.dumps(COCO | changes))
    return path


def rows(form: str, path: Path, report: Report, **options: Any) -> list[dict[str, Any]]:
    _, _, batches = read_labels(form, path, report, **options)
    return [row for batch in batches for row in batch.to_pylist()]


@pytest.mark.usefixtures("labelformat")
def test_coco(tmp_path: Path) -> None:
    report = Report()
    task, samples, _ = read_labels("coco", coco(tmp_path), report, task="mine")
    assert (task.name, task.type) == ("mine", "object-detection")
    assert task.categories == (Category(3, "car"), Category(7, "bus"))
    assert samples == ["d/1.png", "d/2.png", "d/3.png"]
    one, two, three = rows("coco", coco(tmp_path), report)
    assert [
        (o["category_id"], o["score"], o["bbox"], o["probabilities"]) for o in one["objects"]
    ] == [
        (7, 1.0, [1, 2, 3, 4], [0, 1]),
        (3, 0.75, [5, 6, 7.5, 8], [0.75, 0.25]),
    ]
    assert (two["sample_id"], len(two["objects"])) == ("d/2.png", 1)
    assert (three["sample_id"], three["objects"]) == ("d/3.png", [])
    assert report.lines() == []


@pytest.mark.usefixtures("labelformat")
def test_scores_that_are_all_0_are_told(tmp_path: Path) -> None:
    report = Report()
    rows("coco", coco(tmp_path, annotations=[COCO["annotations"][0] | {"score": 0}]), report)
    assert report.lines()[0].startswith("warning: all scores are 0")


@pytest.mark.usefixtures("labelformat")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"annotations": [{"image_id": 9, "category_id": 3, "bbox": [0, 0, 1, 1]}]}, "needs 9, which is not there"),
        ({"annotations": [{"image_id": 1, "category_id": 3}]}, "needs 'bbox', which is not there"),
        ({"categories": [], "annotations": []}, "categories: must list at least one category"),
        ({"categories": [{"id": 3, "name": "a"}, {"id": 7, "name": "a"}]}, 'categories: name "a" (text) appears 2 times'),
        ({"annotations": [{"image_id": 1, "category_id": 3, "bbox": [0, 0, 1, 1], "score": 2}]}, "Confidence must be between 0 and 1, but got: 2.0"),
    ],
)  # fmt: skip
def test_bad_coco_is_an_error(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = coco(tmp_path, **changes)
    with pytest.raises(InvalidInput) as caught:
        read_labels("coco", path, Report())
    assert str(caught.value) == f"{path}: {message}"


@pytest.mark.usefixtures("labelformat")
def test_coco_is_read_strictly(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text('{"images": [], "images": []}')
    with pytest.raises(InvalidInput, match="key 'images' appears twice"):
        read_labels("coco", path, Report())


@pytest.mark.usefixtures("labelformat")
def test_an_image_that_leads_elsewhere_and_a_bad_box_are_left_out(tmp_path: Path) -> None:
    images = [
        COCO["images"][0],
        COCO["images"][1] | {"file_name": "../b.png"},
        COCO["images"][2] | {"file_name": "d/1.png"},
    ]
    path = coco(
        tmp_path, images=images, annotations=[COCO["annotations"][0] | {"bbox": [-9, 0, 3, 3]}]
    )
    report = Report()
    assert [row["objects"] for row in rows("coco", path, report)] == [None]
    assert [(skipped.path, skipped.reason) for skipped in report.skipped] == [
        ("labels.json", "file_name: '../b.png' must be a path below the folder, without . or .."),
        ("labels.json", "file_name: 'd/1.png' appears twice"),
    ]
    assert report.lines()[2:] == [
        "warning: objects are left out for their bbox (1): d/1.png: predictions[0].bbox: lies outside of the image"
    ]


@pytest.mark.usefixtures("labelformat")
def test_yolo_with_two_splits(tmp_path: Path) -> None:
    for name in ("train/a", "train/x/b", "val/a"):
        for kind in ("images", "labels"):
            (tmp_path / kind / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (40, 20)).save(tmp_path / "images" / f"{name}.png")
    (tmp_path / "labels/train/a.txt").write_text("1 0.5 0.5 0.5 0.5\nnonsense\n")
    (tmp_path / "labels/val/a.txt").write_text("0 0.25 0.5 0.5 1\n")
    path = tmp_path / "data.yaml"
    path.write_text("path: .\ntrain: images/train\nval: images/val\nnames: {0: car, 1: bus}\n")
    report = Report()
    found = {row["sample_id"]: row["objects"] for row in rows("yolo", path, report)}
    assert sorted(found) == ["images/train/a.png", "images/train/x/b.png", "images/val/a.png"]
    assert [(o["category_id"], o["bbox"], o["score"]) for o in found["images/train/a.png"]] == [
        (1, [10, 5, 20, 10], 1)
    ]
    assert found["images/train/x/b.png"] == []
    assert found["images/val/a.png"][0]["bbox"] == [0, 0, 20, 20]
    assert report.warnings["labels that the reader of the format left out"].count == 2


@pytest.mark.usefixtures("labelformat")
@pytest.mark.parametrize(
    ("text", "message"),
    [("[]", "must be a data.yaml with names"), ("names: [a]", "names no folder of images"), ("{", "expected")],
)  # fmt: skip
def test_a_bad_data_yaml_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "data.yaml").write_text(text)
    with pytest.raises(InvalidInput, match=message):
        read_labels("yolo", tmp_path / "data.yaml", Report())


def test_without_the_package_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("labelformat", "labelformat.formats"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SqlselError, match=r"pip install 'sqlsel\[formats\]'"):
        read_labels("coco", coco(tmp_path), Report())


def test_an_unknown_format_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"unknown format of labels 'coc'\. Did you mean 'coco'"):
        read_labels("coc", tmp_path, Report())
    with pytest.raises(InvalidInput, match="there is no such file"):
        read_labels("coco", tmp_path / "none.json", Report())
