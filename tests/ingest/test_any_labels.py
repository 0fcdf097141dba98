"""Whatever a file of labels holds: its objects can be used, or it is refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sqlsel.errors import SqlselError
from sqlsel.readers import Category, Report, Task
from sqlsel.readers.checking import check_file
from sqlsel.readers.labels import read_labels
from sqlsel.readers.mending import repaired
from sqlsel.readers.read_model import TASK_TYPES
from sqlsel.readers.read_objects import Parsed
from sqlsel.readers.strict import Fault
from tests import effort

ODD = st.recursive(
    st.sampled_from([None, True, 0, 1, 2, -1, 1.0, 0.5, 1e308, 2**31, 10**30, "1", "a.png", ""])
    | st.floats()
    | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=1), inner),
    max_leaves=6,
)
SHAPES = st.sampled_from([[[1, 2, 3, 4, 5, 6]], {"counts": [1, 2, 3], "size": [2, 3]}, 5])
WORDS = st.sampled_from(["0", "1", "1.0", "0.5", "0.25", "nan", "-1", "1e400", "x", "0.999"])
HEADS = ["names: [a, b]", "names: {0: a, 5: b}", "nc: 2", "names: [a, b]\nkpt_shape: [1, 2]"]
TEMPORARY = settings(
    max_examples=effort.cases(150), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def row(**good: Any) -> st.SearchStrategy[dict[str, Any]]:
    """What is right, with here and there something else in its place."""
    return st.fixed_dictionaries({key: st.just(v) | st.just(v) | ODD for key, v in good.items()})


IMAGES = st.lists(row(id=1, file_name="a.png", width=10, height=9) | row(id=2, file_name="b.png"))
CATEGORIES = st.lists(row(id=1, name="x") | row(id=2, name="y"), min_size=1, max_size=3)
ANNOTATIONS = st.lists(
    row(image_id=1, category_id=1, bbox=[1, 2, 3, 4], score=0.5)
    | st.fixed_dictionaries(
        {"image_id": st.just(1), "category_id": st.just(2), "segmentation": SHAPES | ODD}
    )
)


def check_usable(rows: list[dict[str, Any]], categories: set[int]) -> None:
    """Every object has a known category, a score in its range and a box with an area."""
    for one in (one for found in rows for one in found["objects"] or ()):
        assert one["category_id"] in categories
        assert 0 <= one["score"] <= 1
        assert min(one["bbox"]) >= 0 < min(one["bbox"][2:])


def check_read(form: str, path: Path) -> None:
    try:
        task, _, batches = read_labels(form, path, Report(), size=lambda _: (40, 20))
    except SqlselError:  # which is told in a line
        return
    rows = [row for batch in batches for row in batch.to_pylist()]
    check_usable(rows, {category.id for category in task.categories})


@TEMPORARY
@given(
    st.fixed_dictionaries(
        {"images": IMAGES | ODD, "categories": CATEGORIES | ODD, "annotations": ANNOTATIONS | ODD}
    )
)
def test_any_coco(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(value))
    check_read("coco", path)


@TEMPORARY
@given(
    st.lists(st.lists(WORDS, min_size=1, max_size=10).map(" ".join), max_size=4),
    st.sampled_from(HEADS) | ODD.map(lambda one: f"names: {json.dumps(one)}"),
)
def test_any_yolo(tmp_path: Path, lines: list[str], head: str) -> None:
    pytest.importorskip("yaml", reason="needs the extra [formats]")
    (tmp_path / "images").mkdir(exist_ok=True)
    (tmp_path / "images/a.png").touch()
    (tmp_path / "images/a.txt").write_text("\n".join(lines))
    (tmp_path / "data.yaml").write_text(f"train: images\n{head}")
    check_read("yolo", tmp_path / "data.yaml")


@given(
    st.sampled_from(TASK_TYPES),
    st.lists(
        row(
            category_id=0,
            score=0.5,
            bbox=[1, 2, 3, 4],
            segmentation=[1, 2],
            keypoints=[1, 2, 0.5],
            probabilities=[0.5, 0.5],
        )
        | ODD
    )
    | ODD,
)
def test_what_is_left_of_any_prediction_file_breaks_no_rule(kind: str, predictions: Any) -> None:
    task = Task("t", kind, (Category(0, "car"), Category(5, "person")))
    file = Parsed("a.json", {"file_name": "a.png", "predictions": predictions})
    try:
        found = repaired(file, task, Report())
    except Fault:
        assert not isinstance(predictions, list)
        return
    check_file(found.value, task)
    assert found.objects_known == (bool(found.value["predictions"]) or not predictions)
