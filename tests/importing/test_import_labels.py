"""COCO and YOLO through the program: what can be used is imported, what cannot is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.importing.program import Program, Rows, write


def yolo(folder: Path, n_pictures: int) -> Path:
    """Pictures of 641 x 427 with a box of six decimals to each edge, as converters write them."""
    pytest.importorskip("yaml", reason="needs the extra [formats]")
    for at in range(n_pictures):
        picture = folder / f"images/train/{at:03}.jpg"
        picture.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (641, 427)).save(picture)
        width, height = (100 + at) / 641, (50 + at) / 427
        boxes = [
            (width / 2, height / 2, width, height),
            (1 - width / 2, 1 - height / 2, width, height),
            (0.5, 0.5, 1, 1),
        ]
        lines = (" ".join(f"{side:.6f}" for side in box) for box in boxes)
        write(folder / f"labels/train/{at:03}.txt", "".join(f"{at % 2} {line}\n" for line in lines))
    text = "path: .\ntrain: images/train\nval: images/val\nnames: [car, bus]\n"
    return write(folder / "data.yaml", text)


def test_a_yolo_set_with_rounding_outside_of_the_frame_keeps_all_labels(
    program: Program, rows: Rows, tmp_path: Path, db: Path
) -> None:
    found = program("import", "yolo", yolo(tmp_path / "set", 40), "--db", db, "--name", "street")
    assert found.code == 0, found.err
    assert "street.predictions_labels: 40 rows" in found.out
    assert rows("SELECT count(*) FROM street.objects_labels") == [(120,)]
    outside = (
        "bbox.x < 0 OR bbox.y < 0 OR bbox.x + bbox.w > 641 + 1e-9 OR bbox.y + bbox.h > 427 + 1e-9"
    )
    assert rows(f"SELECT count(*) FROM street.objects_labels WHERE {outside}") == [(0,)]
    (missing,) = found.err.splitlines()
    assert missing.startswith(
        "warning: splits whose pictures are not there are left out (1): val: "
    )


def test_one_broken_picture_of_a_yolo_set_costs_its_labels_only(
    program: Program, rows: Rows, tmp_path: Path, db: Path
) -> None:
    path = yolo(tmp_path / "set", 3)
    (tmp_path / "set/images/train/001.jpg").write_bytes(b"no picture")
    found = program("import", "yolo", path, "--db", db, "--name", "street")
    assert found.code == 0, found.err
    text = "SELECT len(labels.objects) FROM street.catalog ORDER BY sample_id"
    assert rows(text) == [(3,), (None,), (3,)]
    assert (
        "size cannot be read: what is on them is not known (1): images/train/001.jpg: is no"
        in found.err
    )


def coco() -> dict[str, Any]:
    """One id for two images, one unknown category, polygons without boxes, and all that is fine."""
    box = {"category_id": 1, "bbox": [1, 2, 30, 40]}
    polygon = {"category_id": 2, "segmentation": [[10, 10, 50, 10, 50, 40.5]]}
    return {
        "images": [
            *({"id": n, "file_name": f"{n}.jpg", "width": 100, "height": 80} for n in range(1, 6)),
            {"id": 5, "file_name": "again.jpg", "width": 100, "height": 80},
        ],
        "categories": [{"id": 1, "name": "car"}, {"id": 2, "name": "bus"}],
        "annotations": [
            {"id": 1, "image_id": 1, **box},
            {"id": 2, "image_id": 1, **box, "category_id": 9},
            {"id": 3, "image_id": 2, **polygon},
            {"id": 4, "image_id": 2, **polygon, "bbox": []},
            {"id": 5, "image_id": 3, **box, "category_id": 9},
            {"id": 6, "image_id": 5, **box},
            {"id": 7, "image_id": 77, **box},
        ],
    }


def test_a_coco_set_with_faults_imports_the_rest_and_tells_each(
    program: Program, rows: Rows, tmp_path: Path, db: Path
) -> None:
    path = write(tmp_path / "street.json", coco())
    found = program("import", "coco", path, "--db", db)
    assert found.code == 0, found.err
    assert rows("SELECT sample_id, len(labels.objects) FROM street.catalog ORDER BY 1") == [
        ("1.jpg", 1),
        ("2.jpg", 2),
        ("3.jpg", None),
        ("4.jpg", 0),
        ("5.jpg", None),
        ("again.jpg", None),
    ]
    boxes = "SELECT DISTINCT category, bbox.x, bbox.y, bbox.w, bbox.h FROM street.objects_labels ORDER BY 1"
    assert rows(boxes) == [("bus", 10, 10, 40, 30.5), ("car", 1, 2, 30, 40)]
    assert [line.split(": ")[1] for line in found.err.splitlines()] == [
        "images of different names share an id",
        "objects are left out for their category_id (2)",
        "boxes that are missing or unusable are made of the polygon or mask (2)",
        "annotations of an id that several images share are left out (1)",
        "annotations of images that are not listed are left out (1)",
        "images whose labels are all left out",
    ]
    assert "what is on them is not known" in found.err


def test_images_that_a_file_of_labels_does_not_have_are_unknown(
    program: Program, rows: Rows, photos: Path, db: Path, tmp_path: Path
) -> None:
    program("import", "lightly", photos, "--db", db)
    images = [{"id": 1, "file_name": "cam1/a.jpg"}, {"id": 2, "file_name": "cam1/b.jpg"}]
    path = write(tmp_path / "a.json", coco() | {"images": images})
    assert program("import", "coco", path, "--db", db, "--name", "photos").code == 0
    text = "SELECT len(labels.objects) FROM photos.catalog ORDER BY sample_id"
    assert rows(text) == [(1,), (2,), (None,), (None,)]
    path = write(tmp_path / "b.json", coco() | {"images": [{"id": 1, "file_name": "cam2/c.jpg"}]})
    assert program("import", "coco", path, "--db", db, "--name", "photos").code == 0
    assert rows(text) == [(1,), (2,), (None,), (1,)]


def test_results_with_the_images_that_they_are_of(
    program: Program, rows: Rows, tmp_path: Path, db: Path
) -> None:
    images = write(tmp_path / "instances.json", coco() | {"annotations": []})
    result = {"image_id": 1, "category_id": 2, "bbox": [1.5, 2, 3, 4], "score": 0.25}
    path = write(tmp_path / "results.json", [result])
    found = program("import", "coco", path, "--db", db)
    assert (found.code, db.exists()) == (1, False)
    assert "is a list of results" in found.err
    assert "--images FILE" in found.err
    found = program("import", "coco", path, "--images", images, "--db", db, "--task", "yolox")
    assert found.code == 0, found.err
    assert rows("SELECT sample_id, category, score FROM results.objects_yolox") == [
        ("1.jpg#1", "bus", 0.25)
    ]
    assert rows("SELECT count(*) FROM results.catalog WHERE yolox.objects = []") == [(3,)]


def test_nothing_imported_is_no_success(program: Program, tmp_path: Path, db: Path) -> None:
    pytest.importorskip("yaml")
    path = write(tmp_path / "data.yaml", "train: nowhere\nnames: [a]\n")
    found = program("import", "yolo", path, "--db", db)
    assert (found.code, found.out, db.exists()) == (1, "", False)
    assert f"train: there is no {tmp_path}/nowhere" in found.err
    (tmp_path / "nowhere").mkdir()
    found = program("import", "yolo", path, "--db", db)
    assert (found.code, found.out, db.exists()) == (1, "", False)
    path = write(tmp_path / "empty.json", json.dumps(coco() | {"images": [], "annotations": []}))
    found = program("import", "coco", path, "--db", db)
    assert (found.code, found.out, db.exists()) == (1, "", False)
