"""YOLO's data sets, in the forms that tools write."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from sqlsel.errors import InvalidInput, SqlselError
from sqlsel.readers import Category, Report, mending, yolo, yolo_pictures
from sqlsel.readers.labelled import ALL_LEFT_OUT
from sqlsel.readers.labels import read_labels
from sqlsel.readers.strict import Fault

NAMES = "names: {0: car, 1: bus}\n"
LINE = "1 0.5 0.5 0.5 0.5"  # of 40 x 20: 10, 5, 20, 10


@pytest.fixture(autouse=True)
def yaml() -> None:
    pytest.importorskip("yaml", reason="needs the extra [formats]")


def size(path: Path) -> tuple[int, int]:
    """Of 40 x 20 pixels, unless the picture is broken."""
    if path.read_text() == "broken":
        raise Fault("is damaged")
    return 40, 20


def data(folder: Path, labels: dict[str, str | None], text: str = "") -> Path:
    """A data.yaml with pictures whose labels are given by their names; None: no file of labels."""
    for name, lines in labels.items():
        picture = folder / "images" / f"{name}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_text("")
        if lines is not None:
            place = folder / "labels" / f"{name}.txt"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(lines, encoding="utf-8")
    path = folder / "data.yaml"
    path.write_text(text or f"path: .\ntrain: images/train\n{NAMES}", encoding="utf-8")
    return path


def found(path: Path, report: Report) -> dict[str, Any]:
    """Class, box and score of the objects of each picture."""
    _, _, batches = read_labels("yolo", path, report, size=size)
    rows = [row for batch in batches for row in batch.to_pylist()]
    return {
        row["sample_id"]: row["objects"]
        and [(o["category_id"], pytest.approx(o["bbox"]), o["score"]) for o in row["objects"]]
        for row in rows
    }


def test_two_splits(tmp_path: Path) -> None:
    report = Report()
    labels = {"train/a": f"{LINE}\n\n", "train/x/b": "", "val/a": "0 0.25 0.5 0.5 1\n"}
    path = data(tmp_path, labels, f"train: images/train\nval: images/val\n{NAMES}")
    task, samples, _ = read_labels("yolo", path, report, size=size)
    assert task.categories == (Category(0, "car"), Category(1, "bus"))
    assert samples == ["images/train/a.png", "images/train/x/b.png", "images/val/a.png"]
    assert found(path, report) == {
        "images/train/a.png": [(1, [10, 5, 20, 10], 1)],
        "images/train/x/b.png": [],
        "images/val/a.png": [(0, [0, 0, 20, 20], 1)],
    }
    assert report.lines() == []


def test_what_is_on_a_picture_without_a_file_of_labels_is_not_known(tmp_path: Path) -> None:
    report = Report()
    path = data(tmp_path, {"train/a": LINE, "train/b": None, "train/c": "\n"})
    assert {name: objects and len(objects) for name, objects in found(path, report).items()} == {
        "images/train/a.png": 1,
        "images/train/b.png": None,
        "images/train/c.png": [],
    }
    assert report.lines() == [f"warning: {yolo.NO_LABELS} (1): images/train/b.png"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1 0.5 0.5 0.5 0.5", (1, [10, 5, 20, 10], 1)),
        ("1.0 0.5 0.5 0.5 0.5", (1, [10, 5, 20, 10], 1)),
        ("1 0.5 0.5 0.5 0.5 0.25", (1, [10, 5, 20, 10], 0.25)),
        ("1 0.5 0.5 0.5 0.5 1.0000001", (1, [10, 5, 20, 10], 1)),
        ("1 0.25 0.25 0.75 0.25 0.5 0.75", (1, [10, 5, 20, 10], 1)),
        ("1 0.25 0.25 0.75 0.25 0.5 0.75 0.5", (1, [10, 5, 20, 10], 0.5)),
        ("1 0.25 0.25 0.75 0.25 0.75 0.75 0.25 0.75", (1, [10, 5, 20, 10], 1)),
        ("1 0.249999 0.5 0.5 0.5", (1, [0, 5, 19.99996, 10], 1)),
        ("1 0.750001 0.5 0.5 0.5", (1, [20.00004, 5, 19.99996, 10], 1)),
        ("1 0.5 0.5 1.0000005 1.0000005", (1, [0, 0, 40, 20], 1)),
        ("1\t0.5  0.5 5e-1 0.5", (1, [10, 5, 20, 10], 1)),
    ],
)
def test_forms_of_a_line(tmp_path: Path, line: str, expected: tuple[Any, ...]) -> None:
    report = Report()
    rows = found(data(tmp_path, {"train/a": line}), report)
    assert rows["images/train/a.png"] == [expected]
    assert report.lines() == []


def test_keypoints_after_the_box(tmp_path: Path) -> None:
    text = f"train: images/train\nkpt_shape: [2, 3]\n{NAMES}"
    lines = f"{LINE} 0.1 0.1 2 0.2 0.2 2\n{LINE} 0.1 0.1 2 0.2 0.2 2 0.5\n{LINE} 0.25\n"
    rows = found(data(tmp_path, {"train/a": lines}, text), Report())
    assert rows["images/train/a.png"] == [(1, [10, 5, 20, 10], score) for score in (1, 0.5, 0.25)]


@pytest.mark.parametrize(
    ("line", "kind", "reason"),
    [
        ("nonsense", "objects are left out", 'line 2: must be numbers, got "nonsense" (text)'),
        ("1 0.5 0.5 0.5", "objects are left out", "line 2: must be class, x, y, width and height, or class and a polygon, got 4 numbers"),
        ("9 0.5 0.5 0.5 0.5", "objects are left out for their category_id", "line 2.category_id: 9 is no category of the file: 0 (car), 1 (bus)"),
        ("1.5 0.5 0.5 0.5 0.5", "objects are left out for their category_id", "line 2.category_id: 1.5 is no category of the file: 0 (car), 1 (bus)"),
        ("1 0.5 0.5 0 0.5", "objects are left out for their bbox", "line 2.bbox: must have an area"),
        ("1 0.5 0.5 nan 0.5", "objects are left out", 'line 2: must be numbers, got "nan" (text)'),
        ("1 inf 0.5 0.5 0.5", "objects are left out", 'line 2: must be numbers, got "inf" (text)'),
        ("1 2.5 0.5 0.5 0.5", "objects are left out for their bbox", "line 2.bbox: lies outside of the image"),
        ("1 0.5 0.5 0.5 0.5 7", "objects are left out for their score", "line 2.score: must be between 0 and 1, got 7.0"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_used_costs_itself_and_is_told(
    tmp_path: Path, line: str, kind: str, reason: str
) -> None:
    report = Report()
    rows = found(data(tmp_path, {"train/a": f"{LINE}\n{line}\n", "train/b": line}), report)
    assert rows == {
        "images/train/a.png": [(1, [10, 5, 20, 10], 1)],
        "images/train/b.png": None,
    }
    assert report.warnings[kind].count == 2
    assert report.warnings[kind].examples[0] == f"images/train/a.png: {reason}"
    assert report.warnings[ALL_LEFT_OUT].examples == ["images/train/b.png"]


def test_a_box_that_reaches_out_by_more_than_a_pixel_is_told(tmp_path: Path) -> None:
    report = Report()
    rows = found(data(tmp_path, {"train/a": "1 0.2 0.5 0.5 0.5"}), report)
    assert rows["images/train/a.png"] == [(1, [0, 5, 18, 10], 1)]
    assert report.lines() == [f"warning: {mending.CLIPPED} (1): images/train/a.png: line 1"]


def test_byte_order_marks_and_a_broken_picture(tmp_path: Path) -> None:
    report = Report()
    text = f"\ufefftrain: images/train\n{NAMES}"
    path = data(tmp_path, {"train/a": f"\ufeff{LINE}", "train/b": LINE, "train/c": ""}, text)
    (tmp_path / "images/train/b.png").write_text("broken")
    (tmp_path / "images/train/c.png").write_text("broken")
    assert found(path, report) == {
        "images/train/a.png": [(1, [10, 5, 20, 10], 1)],
        "images/train/b.png": None,
        "images/train/c.png": [],  # no labels, so no size is needed
    }
    assert report.lines() == [f"warning: {yolo.UNREADABLE} (1): images/train/b.png: is damaged"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("names: [car, bus]", [(0, "car"), (1, "bus")]),
        ("names: [10, 20]", [(0, "10"), (1, "20")]),
        ("names: {1: car, 2: bus}", [(1, "car"), (2, "bus")]),
        ("names: {0: car, 7: bus, '9': tram}", [(0, "car"), (7, "bus"), (9, "tram")]),
        ("nc: 2", [(0, "0"), (1, "1")]),
        ("names:\n  0: yes\n  1: 3.5", [(0, "True"), (1, "3.5")]),
    ],
)
def test_names_of_classes(tmp_path: Path, names: str, expected: list[tuple[int, str]]) -> None:
    path = data(tmp_path, {"train/a": LINE}, f"train: images/train\n{names}\n")
    task, *_ = read_labels("yolo", path, Report(), size=size)
    assert task.categories == tuple(Category(*one) for one in expected)


@pytest.mark.parametrize(
    "train",
    [
        "images/train",
        "./images/train/",
        "../images/train",
        "{root}/images/train",
        "[images/train, images/none]",
        "[images/train/x, images/train]",
        "train.txt",
        "{root}/lists/train.txt",
    ],
)
def test_where_a_split_may_lie(tmp_path: Path, train: str) -> None:
    root = tmp_path / "set"
    text = f"train: {train.format(root=root)}\n{NAMES}"
    path = data(root, {"train/a": LINE, "train/x/b": LINE}, text)
    lines = "\ufeff./images/train/a.png\r\n\nimages/train/x/b.png\nimages/train/none.png\n"
    (root / "train.txt").write_text(lines, encoding="utf-8")
    (root / "lists").mkdir()
    (root / "lists/train.txt").write_text(f"../images/train/a.png\n{root}/images/train/x/b.png\n")
    report = Report()
    rows = found(path, report)
    expected = {f"images/train/{name}.png": [(1, [10, 5, 20, 10], 1)] for name in ("a", "x/b")}
    assert rows == expected
    told = [line.split(" (")[0] for line in report.lines()]
    missing = {
        "[images/train, images/none]": yolo_pictures.NO_SPLIT,
        "train.txt": yolo_pictures.NO_PICTURE,
    }
    assert told == ([f"warning: {missing[train]}"] if train in missing else [])


def test_labels_beside_the_pictures_and_pictures_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    for name in ("photos/a.png", "images/deep/images/b.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("")
    (tmp_path / "photos/a.txt").write_text(LINE)
    (tmp_path / "images/deep/labels").mkdir()
    (tmp_path / "images/deep/labels/b.txt").write_text(LINE)
    path = tmp_path / "set/data.yaml"
    path.write_text(f"path: ..\ntrain: photos\nval: [images]\n{NAMES}")
    assert list(found(path, Report())) == ["photos/a.png", "images/deep/images/b.png"]
    path.write_text(f"train: {tmp_path}/photos\n{NAMES}")
    assert list(found(path, Report())) == [f"{tmp_path}/photos/a.png".lstrip("/")]


def test_a_split_that_is_not_there_is_told_and_all_of_them_an_error(tmp_path: Path) -> None:
    report = Report()
    text = f"path: images\ntrain: train\nval: nowhere\n{NAMES}"
    path = data(tmp_path, {"train/a": LINE}, text)
    assert list(found(path, report)) == ["train/a.png"]
    assert report.lines()[0] == (
        f"warning: {yolo_pictures.NO_SPLIT} (1): val: there is no {tmp_path}/images/nowhere "
        f"nor {tmp_path}/nowhere"
    )
    path.write_text(f"train: nowhere\nval: /none\n{NAMES}")
    with pytest.raises(InvalidInput) as caught:
        found(path, Report())
    assert str(caught.value) == (
        f"{path}: its pictures are not there: train: there is no {tmp_path}/nowhere; "
        "val: there is no /none"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "must be a data.yaml with names and the folders"),
        ("names: [a]", "names no folder of images: train, val or test"),
        ("{", "is no YAML: while parsing"),
        ("train: 5\nnames: [a]", "train: must be a text, got 5"),
        (
            "train: x\nnames: a",
            'names: must be a list, or a mapping from numbers to names, got "a"',
        ),
        ("train: x\nnames: []", "categories: must list at least one category"),
        ("train: x\nnc: 0", "nc: must be an integer of at least 1, got 0"),
        ("train: x\nnames:", "nc: must be an integer of at least 1, got null"),
        ("train: x\nnames: " + "[" * 5000, "is no YAML"),
        ("train: x\nnames: 2026-13-45", "is no YAML: month must be in 1..12"),
        ('train: x\nnames: ["\\ud800"]', "holds half of a surrogate pair"),
    ],
)
def test_a_bad_data_yaml_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "data.yaml").write_text(text)
    with pytest.raises(InvalidInput) as caught:
        read_labels("yolo", tmp_path / "data.yaml", Report(), size=size)
    assert message in str(caught.value)


def test_without_the_package_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(SqlselError, match=r"pip install 'sqlsel\[formats\]'"):
        read_labels("yolo", data(tmp_path, {"train/a": LINE}), Report(), size=size)


def test_a_picture_whose_name_is_no_text_is_left_out(tmp_path: Path) -> None:
    report = Report()
    path = data(tmp_path, {"train/a": LINE})
    (tmp_path / os.fsdecode(b"images/train/\xff.png")).write_text("")
    assert list(found(path, report)) == ["images/train/a.png"]
    assert [one.reason for one in report.skipped] == ["its name is not valid Unicode"]
