"""COCO's annotations and results, in the forms that tools write."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sqlsel.errors import InvalidInput
from sqlsel.readers import Category, Report, categories, coco, mending
from sqlsel.readers.labelled import ALL_LEFT_OUT
from sqlsel.readers.labels import read_labels
from sqlsel.readers.shapes import box_around

CATEGORIES = [{"id": 3, "name": "car", "supercategory": "x"}, {"id": 7, "name": "bus"}]
BOX = {"image_id": 1, "category_id": 7, "bbox": [1, 2, 3, 4]}
COCO = {
    "images": [{"id": n, "file_name": f"d/{n}.png", "width": 40, "height": 30} for n in (1, 2, 3)],
    "categories": CATEGORIES,
    "annotations": [
        BOX,
        {"id": 2, "image_id": 1, "category_id": 3, "bbox": [5, 6, 7.5, 8], "score": 0.75},
        {"id": 3, "image_id": 2, "category_id": 3, "bbox": [0, 0, 40, 30]},
    ],
}


def written(folder: Path, value: Any = None, **changes: Any) -> Path:
    path = folder / "labels.json"
    path.write_text(json.dumps(COCO | changes if value is None else value))
    return path


def found(path: Path, report: Report, **options: Any) -> dict[str, Any]:
    """Category, box and score of the objects of each image."""
    _, _, batches = read_labels("coco", path, report, **options)
    rows = [row for batch in batches for row in batch.to_pylist()]
    return {
        row["sample_id"]: row["objects"]
        and [(o["category_id"], o["bbox"], o["score"]) for o in row["objects"]]
        for row in rows
    }


def test_annotations_become_certain_predictions(tmp_path: Path) -> None:
    report = Report()
    task, samples, batches = read_labels("coco", written(tmp_path), report, task="mine")
    assert (task.name, task.type) == ("mine", "object-detection")
    assert task.categories == (Category(3, "car"), Category(7, "bus"))
    assert samples == ["d/1.png", "d/2.png", "d/3.png"]
    first = next(iter(batches)).to_pylist()[0]["objects"]
    assert [one["probabilities"] for one in first] == [[0, 1], [0.75, 0.25]]
    assert found(written(tmp_path), report) == {
        "d/1.png": [(7, [1, 2, 3, 4], 1.0), (3, [5, 6, 7.5, 8], 0.75)],
        "d/2.png": [(3, [0, 0, 40, 30], 1.0)],
        "d/3.png": [],  # listed, so somebody looked and found nothing
    }
    assert report.lines() == []


ELSEWHERE = "9 is no category of the file: 3 (car), 7 (bus)"
OUTSIDE = "annotations[1].bbox: lies outside of the image"


@pytest.mark.parametrize(
    ("change", "kind", "example"),
    [
        ({"image_id": 99}, coco.NO_IMAGE, "annotations[1].image_id: 99"),
        ({"image_id": None}, "objects are left out for their image_id", "annotations[1].image_id: must be a number or a text, got null"),
        ({"category_id": 9}, "objects are left out for their category_id", f"annotations[1].category_id: {ELSEWHERE}"),
        ({"category_id": None}, "objects are left out for their category_id", "annotations[1].category_id: null is no category of the file: 3 (car), 7 (bus)"),
        ({"score": 2}, "objects are left out for their score", "annotations[1].score: must be between 0 and 1, got 2"),
        ({"score": float("nan")}, "objects are left out for their score", "annotations[1].score: must be a number, got NaN"),
        ({"bbox": None}, "objects are left out for their bbox", "annotations[1].bbox: must be [x, y, width, height] with an area, got null, and there is no polygon or mask"),
        ({"bbox": []}, "objects are left out for their bbox", "annotations[1].bbox: must be [x, y, width, height] with an area, got [], and there is no polygon or mask"),
        ({"bbox": [1, 2, 0, 4]}, "objects are left out for their bbox", "annotations[1].bbox: must be [x, y, width, height] with an area, got [1, 2, 0, 4], and there is no polygon or mask"),
        ({"bbox": [1, 2, float("nan"), 4]}, "objects are left out for their bbox", "annotations[1].bbox: must be [x, y, width, height] with an area, got [1, 2, nan, 4], and there is no polygon or mask"),
        ({"bbox": [41, 2, 3, 4]}, "objects are left out for their bbox", OUTSIDE),
    ],
)  # fmt: skip
def test_one_annotation_that_cannot_be_used_costs_itself_and_is_told(
    tmp_path: Path, change: dict[str, Any], kind: str, example: str
) -> None:
    report = Report()
    rows = found(written(tmp_path, annotations=[BOX, BOX | change]), report)
    assert rows == {"d/1.png": [(7, [1, 2, 3, 4], 1.0)], "d/2.png": [], "d/3.png": []}
    assert report.lines() == [f"warning: {kind} (1): {example}"]


def test_an_image_whose_annotations_are_all_left_out_is_unknown(tmp_path: Path) -> None:
    report = Report()
    rows = found(written(tmp_path, annotations=[BOX | {"category_id": 9}]), report)
    assert rows == {"d/1.png": None, "d/2.png": [], "d/3.png": []}
    assert f"warning: {ALL_LEFT_OUT} (1): d/1.png" in report.lines()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"bbox": [-0.0001, 2, 3.0001, 4]}, (7, [0, 2, 3, 4], 1)),
        ({"bbox": [39, 2, 1.0001, 4]}, (7, [39, 2, 1, 4], 1)),
        ({"score": 1.0000001}, (7, [1, 2, 3, 4], 1)),
        ({"score": None}, (7, [1, 2, 3, 4], 1)),
        ({"category_id": 7.0, "image_id": 1.0}, (7, [1, 2, 3, 4], 1)),
        ({"category_id": "7", "image_id": "0001"}, (7, [1, 2, 3, 4], 1)),
        ({"image_id": "1"}, (7, [1, 2, 3, 4], 1)),
    ],
)
def test_rounding_and_spelling_of_numbers_are_mended_without_a_word(
    tmp_path: Path, change: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    report = Report()
    rows = found(written(tmp_path, annotations=[BOX | change]), report)
    assert rows["d/1.png"] == [(expected[0], pytest.approx(expected[1], abs=1e-9), expected[2])]
    assert report.lines() == []


def test_a_box_that_reaches_out_is_clipped_where_the_size_is_known(tmp_path: Path) -> None:
    report = Report()
    images = [COCO["images"][0], {"id": 2, "file_name": "d/2.png"}]
    far = [BOX | {"image_id": n, "bbox": [-5, 2, 100, 4]} for n in (1, 2)]
    rows = found(written(tmp_path, images=images, annotations=far), report)
    assert rows == {"d/1.png": [(7, [0, 2, 40, 4], 1)], "d/2.png": [(7, [0, 2, 95, 4], 1)]}
    assert report.warnings[mending.CLIPPED].count == 2


@pytest.mark.parametrize(
    ("segmentation", "box"),
    [
        ([[5, 6, 9, 6, 9, 10.5]], [5, 6, 4, 4.5]),
        ([[5, 6, 9, 6, 9, 10], [1, 20, 2, 20, 2, 21]], [1, 6, 8, 15]),
        ([5, 6, 9, 6, 9, 10], [5, 6, 4, 4]),
        # 3 high, 4 wide: pixels 4 and 5 are the lower two of the second column
        ({"counts": [4, 2, 6], "size": [3, 4]}, [1, 1, 1, 2]),
        ({"counts": [4, 1, 2, 1, 4], "size": [3, 4]}, [1, 1, 2, 1]),
        ({"counts": [4, 4, 4], "size": [3, 4]}, [1, 0, 2, 3]),
        ({"counts": "426", "size": [3, 4]}, [1, 1, 1, 2]),
    ],
)
@pytest.mark.parametrize("bbox", [None, [], [1, 2, 0, 0], "none"])
def test_a_polygon_or_a_mask_stands_in_for_a_box(
    tmp_path: Path, segmentation: Any, box: list[float], bbox: Any
) -> None:
    report = Report()
    one = {**BOX, "segmentation": segmentation, "bbox": bbox}
    one = {key: value for key, value in one.items() if value != "none"}
    assert found(written(tmp_path, annotations=[one]), report)["d/1.png"] == [(7, box, 1)]
    assert report.lines() == [f"warning: {coco.SHAPED} (1): annotations[0].bbox"]


MASKS = arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9)))


def run_lengths(mask: Any) -> list[int]:
    """The runs of zeros and ones in turn, zeros first, column by column."""
    flat = mask.flatten(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    lengths: list[int] = np.diff(np.concatenate(([0], edges, [flat.size]))).tolist()
    return [0, *lengths] if flat[0] else lengths


def compressed(counts: list[int]) -> str:
    """Run lengths as COCO's own library writes them."""
    text = ""
    for at, count in enumerate(counts):
        value, more = count - (counts[at - 2] if at > 2 else 0), True
        while more:
            bits = value & 0x1F
            value >>= 5
            more = value != -1 if bits & 0x10 else value != 0
            text += chr(48 + (bits | 0x20 if more else bits))
    return text


@given(MASKS, st.integers(1, 40))
def test_the_box_of_a_mask_is_that_of_its_pixels(mask: Any, scale: int) -> None:
    mask = np.repeat(mask, scale, axis=0)  # runs of many lengths
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = None
    if len(rows):
        x, y = columns[0], rows[0]
        box = [x, y, columns[-1] + 1 - x, rows[-1] + 1 - y]
    counts = run_lengths(mask)
    for form in (counts, compressed(counts)):
        assert box_around({"counts": form, "size": list(mask.shape)}) == box


@pytest.mark.parametrize(
    "segmentation",
    [[], [[1, 2]], [[1, 2, 3]], [["a", 2]], {}, {"counts": [12], "size": [3, 4]}, {"counts": "", "size": [3, 4]},
     {"counts": [4, 2, 6], "size": [0, 4]}, {"counts": [4, -2], "size": [3, 4]}, 5, None],
)  # fmt: skip
def test_a_shape_without_an_area_is_none(tmp_path: Path, segmentation: Any) -> None:
    report = Report()
    one = {**BOX, "segmentation": segmentation, "bbox": []}
    assert found(written(tmp_path, annotations=[one]), report)["d/1.png"] is None


def test_two_images_of_one_id_are_both_there_and_unknown(tmp_path: Path) -> None:
    report = Report()
    images = [*COCO["images"], {"id": 1, "file_name": "d/other.png"}]
    rows = found(written(tmp_path, images=images), report)
    assert rows == {
        "d/1.png": None,
        "d/2.png": [(3, [0, 0, 40, 30], 1.0)],
        "d/3.png": [],
        "d/other.png": None,
    }
    assert report.lines() == [
        f"warning: {coco.SHARED_ID} (1): 1: d/1.png, d/other.png",
        f"warning: {coco.OF_SHARED_ID} (2): annotations[0].image_id: 1; annotations[1].image_id: 1",
    ]


def test_one_image_under_two_ids_has_the_labels_of_both(tmp_path: Path) -> None:
    report = Report()
    images = [{"id": n, "file_name": "d/1.png"} for n in (1, 2)]
    assert len(found(written(tmp_path, images=images), report)["d/1.png"]) == 3
    assert report.lines() == [f"warning: {coco.SHARED_NAME} (1): d/1.png"]


def test_an_image_entry_that_cannot_be_used_is_left_out(tmp_path: Path) -> None:
    report = Report()
    images = [
        {"id": 1},
        {"file_name": "x.png"},
        3,
        *COCO["images"][1:],
        {"id": 9, "file_name": "../x.png"},
    ]
    assert list(found(written(tmp_path, images=images), report)) == ["d/2.png", "d/3.png"]
    assert [one.reason for one in report.skipped] == [
        "images[0].file_name is missing",
        "images[1].id is missing",
        "images[2]: must be an object, got 3",
        "file_name: '../x.png' must be a path below the folder, without . or ..",
    ]


def test_without_annotations_nothing_is_known(tmp_path: Path) -> None:
    report = Report()
    path = written(tmp_path, {"images": COCO["images"], "categories": CATEGORIES})
    assert found(path, report) == {"d/1.png": None, "d/2.png": None, "d/3.png": None}
    assert report.lines() == [f"warning: {coco.NO_ANNOTATIONS} (1): labels.json"]


def test_a_byte_order_mark_and_ids_beyond_32_bits(tmp_path: Path) -> None:
    report = Report()
    far = 2**40
    path = tmp_path / "labels.json"
    value = {
        "images": [{"id": far, "file_name": "a.png"}],
        "categories": [{"id": far, "name": "car"}, {"id": far + 1, "name": "bus"}],
        "annotations": [{"image_id": far, "category_id": far + 1, "bbox": [1, 2, 3, 4]}],
    }
    path.write_text("\ufeff" + json.dumps(value), encoding="utf-8")
    assert found(path, report) == {"a.png": [(1, [1, 2, 3, 4], 1)]}
    assert report.lines() == [f"warning: {categories.RENUMBERED} (1): {far}"]


def test_categories_of_one_name_are_one_and_of_one_id_the_first(tmp_path: Path) -> None:
    report = Report()
    kinds = [
        {"id": 0, "name": "car"},
        {"id": 1, "name": "car"},
        {"id": 2, "name": 5},
        {"id": 2, "name": "x"},
        {"id": 4},
    ]
    rows = [BOX | {"category_id": n} for n in (0, 1, 2, 4)]
    path = written(tmp_path, categories=kinds, annotations=rows)
    assert [one[0] for one in found(path, report)["d/1.png"]] == [0, 0, 2, 4]
    task, *_ = read_labels("coco", path, Report())
    assert task.categories == (Category(0, "car"), Category(2, "5"), Category(4, "4"))
    assert report.lines() == [
        f"warning: {categories.SHARED_ID} (1): 2: 5, x",
        f"warning: {categories.SHARED_NAME} (1): car: 0, 1",
    ]


def test_results_of_a_detector_are_of_the_images_of_another_file(tmp_path: Path) -> None:
    report = Report()
    images = written(tmp_path)
    results = tmp_path / "results.json"
    results.write_text(
        json.dumps(
            [
                {"image_id": 1, "category_id": 7, "bbox": [1, 2, 3, 4], "score": 0.5},
                {"image_id": "2", "category_id": 3, "bbox": [1, 2, 3, 4], "score": 0.25},
                {"image_id": 5, "category_id": 3, "bbox": [1, 2, 3, 4], "score": 0.25},
            ]
        )
    )
    assert found(results, report, images=images) == {
        "d/1.png": [(7, [1, 2, 3, 4], 0.5)],
        "d/2.png": [(3, [1, 2, 3, 4], 0.25)],
        "d/3.png": [],
    }
    assert report.lines() == [f"warning: {coco.NO_IMAGE} (1): [2].image_id: 5"]
    with pytest.raises(InvalidInput, match=r"is a list of results.*--images FILE"):
        read_labels("coco", results, report)
    with pytest.raises(
        InvalidInput, match=r"--images .*nowhere.json: cannot be read: No such file"
    ):
        read_labels("coco", results, report, images=tmp_path / "nowhere.json")


def test_results_may_name_images_by_their_stem(tmp_path: Path) -> None:
    images = written(tmp_path, images=[{"id": 1, "file_name": "d/left.png"}])
    results = tmp_path / "results.json"
    results.write_text(json.dumps([{**BOX, "image_id": "left", "score": 0.5}]))
    assert found(results, Report(), images=images) == {"d/left.png": [(7, [1, 2, 3, 4], 0.5)]}


def test_scores_that_are_all_0_are_told(tmp_path: Path) -> None:
    report = Report()
    found(written(tmp_path, annotations=[BOX | {"score": 0}]), report)
    assert report.lines()[0].startswith("warning: all scores are 0")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (json.dumps(COCO | {"categories": []}), "categories: must list at least one category"),
        ('{"categories": [{"id": 1, "name": "a"}]}', "images is missing"),
        ('{"images": []}', "categories is missing"),
        (json.dumps(COCO | {"annotations": 5}), "annotations: must be a list, got 5"),
        ('{"images": [], "images": []}', "line 1, column 16: key 'images' appears twice"),
        ("3", "the whole file: must be an object, got 3"),
    ],
)
def test_what_is_no_coco_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "labels.json"
    path.write_text(text)
    with pytest.raises(InvalidInput) as caught:
        read_labels("coco", path, Report())
    assert str(caught.value) == f"{path}: {message}"
