"""Label Studio's JSON export: each rule with the smallest file that shows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sqlsel.errors import InvalidInput
from sqlsel.readers import Report
from sqlsel.readers.label_studio import ExistingData, read_label_studio
from sqlsel.readers.read_model import Category

Json = dict[str, Any]


def region(kind: str = "rectanglelabels", label: str = "Car", **value: Any) -> Json:
    """A result as Label Studio writes it; of a rectangle that is a quarter of an image of 200 × 100."""
    told = {"x": 25, "y": 50, "width": 50, "height": 50, "rotation": 0, kind: [label], **value}
    size = {"original_width": 200, "original_height": 100, "image_rotation": 0}
    return {
        "id": "x",
        "type": kind,
        "from_name": "label",
        "to_name": "image",
        "value": told,
        **size,
    }


def choice(*labels: str, **more: Any) -> Json:
    told = {"type": "choices", "from_name": "weather", "to_name": "image"}
    return {**told, "value": {"choices": list(labels)}, **more}


def entry(image: str, *results: Json, **more: Any) -> Json:
    return {"id": 1, "data": {"image": image}, "annotations": [{"id": 7, "result": list(results)}],
            "predictions": [], **more}  # fmt: skip


def read(folder: Path, entries: Any, **options: Any) -> tuple[dict[str, Any], Report]:
    """Tasks by name: their objects by image; None where they are not known."""
    (folder / "export.json").write_text(json.dumps(entries), encoding="utf-8-sig")
    report = Report()
    _, tasks = read_label_studio(folder / "export.json", report, **options)
    found = {}
    for task, batches in tasks:
        names = {category.id: category.name for category in task.categories}
        found[task.name] = {
            row["sample_id"]: row["objects"]
            and [(names[o["category_id"]], o.get("bbox"), o["score"]) for o in row["objects"]]
            for batch in batches
            for row in batch.to_pylist()
        }
    return found, report


def test_rectangles_and_choices_make_a_task_each(tmp_path: Path) -> None:
    found, report = read(tmp_path, [
        entry("a.jpg", region(), region(label="Bus", x=0, y=0), choice("sunny")),
        entry("b.jpg"),
        {"id": 3, "data": {"image": "c.jpg"}, "annotations": []},
    ])  # fmt: skip
    assert found == {
        "label": {
            "a.jpg": [("Car", [50, 50, 100, 50], 1), ("Bus", [0, 0, 100, 50], 1)],
            "b.jpg": [],
            "c.jpg": None,
        },
        "weather": {"a.jpg": [("sunny", None, 1)], "b.jpg": None, "c.jpg": None},
    }
    assert report.lines() == []


def test_predictions_are_a_task_of_their_own(tmp_path: Path) -> None:
    both = {"model_version": "1", "score": 0.5, "result": [region(), {**region(), "score": 0.75}]}
    found, report = read(tmp_path, [
        {"data": {"image": "a.jpg"}, "annotations": [], "predictions": [both]},
        entry("b.jpg", region()),
        entry("c.jpg", region(), predictions=[12]),
    ])  # fmt: skip
    box = [50.0, 50.0, 100.0, 50.0]
    assert found["label_predictions"] == {
        "a.jpg": [("Car", box, 0.5), ("Car", box, 0.75)], "b.jpg": None, "c.jpg": None
    }  # fmt: skip
    assert found["label"] == {"a.jpg": None, "b.jpg": [("Car", box, 1)], "c.jpg": [("Car", box, 1)]}
    assert (
        "given by number only are left out (1): export.json: [2].predictions" in report.lines()[0]
    )


@pytest.mark.parametrize(
    ("result", "box", "told"),
    [
        (region("polygonlabels", points=[[10, 10], [30, 20], [20, 40]]), [20, 10, 40, 30], ""),
        (region("ellipselabels", radiusX=10, radiusY=10), [30, 40, 40, 20], ""),
        (region("ellipselabels", radiusX=10, radiusY=10, rotation=90), [40, 30, 20, 40], "turned"),
        (region(rotation=90), [0, 50, 50, 50], "turned"),  # half of it lies outside
        (region(x=-1, width=76), [0, 50, 150, 50], "clipped"),
        (region(x=-0.0001), [0, 50, 99.9998, 50], ""),
        (region(rectanglelabels=["Car", "Bus"]), [50, 50, 100, 50], "several labels"),
    ],
)  # fmt: skip
def test_a_region_is_the_box_around_it(
    tmp_path: Path, result: Json, box: list[float], told: str
) -> None:
    found, report = read(tmp_path, [entry("a.jpg", result)])
    assert found["label"]["a.jpg"] == [("Car", pytest.approx(box, abs=1e-4), 1)]
    assert told in "\n".join(report.lines())
    assert bool(report.lines()) == bool(told)


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (region(x="1"), 'result[0].value.x: must be a number, got "1" (text)'),
        (region(width=0), "result[0].value: must have an area"),
        (region(x=120), "result[0].value: lies outside of the image"),
        (region("polygonlabels", points=[[1, 2], [3]]), "points: must be a list of points [x, y]"),
        ({**region(), "value": None}, "result[0].value: must be an object, got null"),
        (region(rectanglelabels=[]), "regions without a label are left out (1)"),
        ({**region(), "type": "brushlabels"}, "choices are left out (1): [0].annotations[0].result[0]: brushlabels"),
        ({**region(), "score": 7}, "result[0].score: must be between 0 and 1, got 7"),
        (3, "result[0]: must be an object, got 3"),
    ],
)  # fmt: skip
def test_an_unusable_result_is_left_out_and_never_its_neighbours(
    tmp_path: Path, result: Any, told: str
) -> None:
    found, report = read(tmp_path, [entry("a.jpg", result, region(label="Bus"))])
    assert found["label"]["a.jpg"] == [("Bus", [50, 50, 100, 50], 1)]
    assert told in "\n".join(report.lines())


def test_an_image_whose_results_are_all_left_out_is_not_known(tmp_path: Path) -> None:
    found, report = read(tmp_path, [entry("a.jpg", region(width=0)), entry("b.jpg", region())])
    assert found["label"]["a.jpg"] is None
    assert "what is on them is not known (1): a.jpg" in "\n".join(report.lines())


def test_of_several_annotations_the_ground_truth_counts_else_the_last(tmp_path: Path) -> None:
    def one(label: str, **more: Any) -> Json:
        return {"result": [region(label=label)], **more}

    cases = [
        ([one("a"), one("b")], "b"),
        ([one("a", updated_at="2026-02"), one("b", updated_at="2026-01")], "a"),
        ([one("a", ground_truth=True), one("b", updated_at="2026-01")], "a"),
        ([one("a"), one("b", was_cancelled=True)], "a"),
    ]
    for listed, label in cases:
        found, _ = read(tmp_path, [{"data": {"image": "a.jpg"}, "annotations": listed}])
        assert [o[0] for o in found["label"]["a.jpg"]] == [label]


def test_boxes_are_pixels_where_the_size_is_known_else_shares(tmp_path: Path) -> None:
    bare = {key: value for key, value in region().items() if not key.startswith("original")}
    found, report = read(tmp_path, [entry("/x/a.jpg", bare), entry("b.jpg", bare)],
                         existing=ExistingData(sizes={"a.jpg": (40, 20)}))  # fmt: skip
    assert found["label"]["/x/a.jpg"] == [("Car", [10, 10, 20, 10], 1)]
    assert found["label"]["b.jpg"] == [("Car", [0.25, 0.5, 0.5, 0.5], 1)]
    assert "kept as shares of the image, whose size is not known (1): b.jpg" in report.lines()[0]


@pytest.mark.parametrize(
    ("data", "options", "name"),
    [
        ({"image": "/data/upload/12/1b2c3d4e-cat.jpg"}, {}, "cat.jpg"),
        ({"image": "/data/upload/1b2c3d4e-cat.jpg"}, {}, "cat.jpg"),
        ({"image": "/data/local-files/?d=photos/cam1/cat.jpg"}, {}, "photos/cam1/cat.jpg"),
        ({"image": "s3://bucket/cat.jpg"}, {}, "s3://bucket/cat.jpg"),
        ({"photo": "cat.jpg", "text": "a cat"}, {}, "cat.jpg"),
        ({"image": "x.jpg", "other": "cat.jpg"}, {"key": "other"}, "cat.jpg"),
    ],
)
def test_which_image_an_entry_is_about(
    tmp_path: Path, data: Json, options: Json, name: str
) -> None:
    found, _ = read(tmp_path, [entry("", region(), data=data)], **options)
    assert list(found["label"]) == [name]


def test_numbers_of_categories_stay_when_labels_come(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps([entry("a.jpg", region(label="Bike"), region(label="Van"))]))
    before = [Category(3, "Van"), Category(1, "Car")]
    _, tasks = read_label_studio(
        path, Report(), existing=ExistingData(categories={"label": before})
    )
    assert tasks[0][0].categories == (*before, Category(4, "Bike"))


def test_the_only_control_may_have_another_name(tmp_path: Path) -> None:
    assert list(read(tmp_path, [entry("a.jpg", region())], task="cars")[0]) == ["cars"]
    with pytest.raises(
        InvalidInput, match=r"several controls, .*: label, weather; leave --task away"
    ):
        read(tmp_path, [entry("a.jpg", region(), choice("x"))], task="cars")


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({}, "the whole file: must be a list, got an object"),
        ([], "holds no rectangles, polygons, ellipses or choices"),
        ([entry("a.jpg")], "holds no rectangles, polygons, ellipses or choices"),
        ([{"id": 1, "image": "a.jpg", "label": []}], "no entry can be read; export the project in the format JSON"),
        ("[", "line 1"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_export_is_an_error(tmp_path: Path, entries: Any, message: str) -> None:
    path = tmp_path / "export.json"
    path.write_text(entries if isinstance(entries, str) else json.dumps(entries))
    with pytest.raises(InvalidInput) as caught:
        read_label_studio(path, Report())
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    with pytest.raises(InvalidInput, match=r"none\.json"):
        read_label_studio(tmp_path / "none.json", Report())


def test_entries_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    _, report = read(tmp_path, [
        entry("a.jpg", region()),
        entry("a.jpg", region()),
        entry("", region(), data={"text": "no image", "n": 1}),
        {"annotations": []},
    ])  # fmt: skip
    assert [skipped.reason for skipped in report.skipped] == [
        "[1].data: 'a.jpg' appears twice",
        "[2].data: which key names the image? give it with --id KEY; it has text, n",
        "[3].data is missing",
    ]
