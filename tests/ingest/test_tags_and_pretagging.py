"""Lightly's tags and the dump of its pretagging model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sqlsel.errors import InvalidInput
from sqlsel.readers import Report
from sqlsel.readers.mending import CLIPPED
from sqlsel.readers.predictions import UNKNOWN
from sqlsel.readers.pretagging import CLASSES, read_dump
from sqlsel.readers.tags import read_tag

NAMES = ["a", "b", "c", "d", "e"]


def written(folder: Path, value: Any) -> Path:
    path = folder / "file.json"
    path.write_text(json.dumps(value))
    return path


@pytest.mark.parametrize(
    ("mask", "names"),
    [("0x1", ["a"]), ("0x10", ["e"]), ("0x1F", NAMES), ("0x0", []), ("0x0000016", ["b", "c", "e"])],
)
def test_the_least_bit_is_the_first_name(tmp_path: Path, mask: str, names: list[str]) -> None:
    tag = {"id": "1", "name": "t", "tot_size": 5, "bit_mask_data": mask, "prev_tag_id": None}
    assert read_tag(written(tmp_path, tag), NAMES) == names


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tot_size": 6}, "tot_size: the tag is of 6 samples, the data set has 5"),
        ({"tot_size": "5"}, 'tot_size: must be an integer of at least 0, got "5" (text)'),
        ({"bit_mask_data": "0x20"}, "bit_mask_data: has bits beyond the 5 samples"),
        (
            {"bit_mask_data": "11"},
            'bit_mask_data: must be hexadecimal digits after 0x, got "11" (text)',
        ),
        (
            {"bit_mask_data": "0x-1"},
            'bit_mask_data: must be hexadecimal digits after 0x, got "0x-1" (text)',
        ),
        ({"bit_mask_data": 3}, "bit_mask_data: must be a text, got 3"),
    ],
)
def test_a_bad_tag_is_an_error(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = written(tmp_path, {"name": "t", "tot_size": 5, "bit_mask_data": "0x1"} | change)
    with pytest.raises(InvalidInput) as caught:
        read_tag(path, NAMES)
    assert str(caught.value) == f"{path}: {message}"


ENTRY = {"filename": "a.png", "boxes": [[0.25, 0.5, 0.75, 1.0]], "labels": [2], "scores": [0.4]}


def test_a_dump_is_a_task_with_seven_classes(tmp_path: Path) -> None:
    named = {
        "filename": "b.png",
        "boxes": [[0, 0, 1, 1]] * 2,
        "labels": ["truck", "bus"],
        "scores": [1, 0],
    }
    report = Report()
    path = written(
        tmp_path, [ENTRY, named, {"filename": "c.png", "boxes": [], "labels": [], "scores": []}]
    )
    task, samples, batches = read_dump(path, report, sizes={"a.png": (640, 480)})
    assert (task.name, task.type) == ("lightly_pretagging", "object-detection")
    assert [category.name for category in task.categories] == list(CLASSES)
    assert samples == ["a.png", "b.png", "c.png"]
    a, b, c = [row for batch in batches for row in batch.to_pylist()]
    assert a["objects"][0]["bbox"] == [160, 240, 320, 240]
    assert a["objects"][0]["probabilities"] == pytest.approx([0.1, 0.1, 0.4, 0.1, 0.1, 0.1, 0.1])
    assert [(one["category_id"], one["bbox"]) for one in b["objects"]] == [
        (6, [0, 0, 1, 1]),
        (1, [0, 0, 1, 1]),
    ]
    assert (c["sample_id"], c["objects"], c["file"]) == ("c.png", [], "file.json")
    assert report.lines() == [
        "warning: boxes are kept as shares of the image, whose size is not known (1): b.png"
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"filename": "x.png"}, "[0].filename: there is no sample 'x.png'"),
        ({"filename": 1}, "[0].filename: must be a text, got 1"),
    ],
)
def test_a_bad_entry_is_left_out(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    report = Report()
    path = written(tmp_path, [ENTRY | change, ENTRY, ENTRY])
    _, samples, _ = read_dump(path, report, names={"a.png"})
    assert samples == ["a.png"]
    assert [skipped.reason for skipped in report.skipped] == [
        reason,
        "[2].filename: 'a.png' appears twice",
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"scores": []}, "[0]: has 1 boxes, 1 labels and 0 scores"),
        ({"scores": None}, "[0].scores: must be a list, got null"),
    ],
)
def test_what_is_on_a_sample_whose_entry_does_not_fit_is_not_known(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    report = Report()
    _, samples, batches = read_dump(written(tmp_path, [ENTRY | change]), report)
    assert samples == ["a.png"]
    assert [row["objects"] for batch in batches for row in batch.to_pylist()] == [None]
    assert report.lines() == [
        f"left out: file.json: {reason}",
        f"warning: {UNKNOWN} (1): a.png",
    ]


NAN = float("nan")


@pytest.mark.parametrize(
    ("box", "label", "score", "reason"),
    [
        ([0, 0, 1], 0, 1, "boxes[1]: must be [x1, y1, x2, y2], got 3 numbers"),
        ([0, 0, 1, NAN], 0, 1, "boxes[1][3]: must be a number, got NaN"),
        ([1, 0, 0, 1], 0, 1, "boxes[1]: must be [x1, y1, x2, y2] with x1 < x2 and y1 < y2"),
        ([2, 0, 3, 1], 0, 1, "boxes[1]: lies outside of the image"),
        ([0, 0, 1, 1], 7, 1, "labels[1]: must be a number below 7, got 7"),
        (
            [0, 0, 1, 1],
            "lorry",
            1,
            f'labels[1]: must be one of {", ".join(CLASSES)}, got "lorry" (text)',
        ),
        ([0, 0, 1, 1], 0, 1.5, "scores[1]: must be between 0 and 1, got 1.5"),
    ],
)
def test_a_bad_box_of_a_dump_is_left_out_and_its_neighbours_stay(
    tmp_path: Path, box: Any, label: Any, score: Any, reason: str
) -> None:
    report = Report()
    two = {"boxes": [[0, 0, 1, 1], box], "labels": [2, label], "scores": [1, score]}
    sizes = {"a.png": (10, 10)}
    _, _, batches = read_dump(written(tmp_path, [ENTRY | two]), report, sizes=sizes)
    (row,) = [row for batch in batches for row in batch.to_pylist()]
    assert [one["category_id"] for one in row["objects"]] == [2]
    key = reason.partition("[")[0]
    assert report.lines() == [
        f"warning: objects are left out for their {key} (1): file.json: [0].{reason}"
    ]


def test_rounding_in_a_dump_is_mended_and_a_box_that_reaches_out_is_told(tmp_path: Path) -> None:
    report = Report()
    off = {"boxes": [[-1e-7, 0, 0.5, 1.0000001]], "labels": [2.0], "scores": [1.0000001]}
    out = {"filename": "b.png", "boxes": [[0, 0, 1, 2]], "labels": [0], "scores": [1]}
    sizes = {"a.png": (10, 10), "b.png": (10, 10)}
    _, _, batches = read_dump(written(tmp_path, [ENTRY | off, out]), report, sizes=sizes)
    a, b = [row["objects"][0] for batch in batches for row in batch.to_pylist()]
    assert (a["category_id"], a["score"], a["bbox"]) == (2, 1.0, pytest.approx([0, 0, 5, 10]))
    assert b["bbox"] == [0, 0, 10, 10]
    assert report.lines() == [f"warning: {CLIPPED} (1): file.json: [1].boxes[0]"]


def test_a_name_that_leads_elsewhere_and_a_bad_dump(tmp_path: Path) -> None:
    report = Report()
    assert read_dump(written(tmp_path, [ENTRY | {"filename": "../a.png"}]), report)[1] == []
    assert "must be a path below the folder" in report.skipped[0].reason
    with pytest.raises(InvalidInput, match="the whole file: must be a list, got an object"):
        read_dump(written(tmp_path, {}), report)
