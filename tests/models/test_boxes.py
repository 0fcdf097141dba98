from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from PIL import Image

from sqlsel.images.models.open_model import Prediction
from sqlsel.images.models.parts import Output
from tests.models.seeing import opened, rows, seen

Write = Callable[..., Path]
Array = NDArray[Any]


BOXES = [[0.1, 0.2, 0.5, 0.6], [0.12, 0.2, 0.5, 0.6], [0.7, 0.7, 1.3, 0.9], [0.5, 0.5, 0.4, 0.6]]
SCORES = [[0.1, 0.2, 0.7], [0.2, 0.2, 0.6], [0.1, 0.8, 0.1], [0.0, 0.0, 1.0]]


def boxes_of(saying: Write, boxes: Any, scores: Any, **given: Any) -> list[Prediction]:
    path = saying({"b": boxes, "s": scores}, shape=("N", 3, 50, 40))
    output = Output("boxes", boxes="b", scores="s", **({"min_score": 0.5} | given))
    return seen(opened(path, output, resize="stretch"), 200, 100)


def test_boxes_are_shares_of_the_picture_and_the_background_is_no_class(saying: Write) -> None:
    found = boxes_of(saying, BOXES, SCORES, background=0, probabilities="scores")
    np.testing.assert_allclose(
        rows(found), [[0, 0.8, 140, 70, 60, 20], [1, 0.7, 20, 20, 80, 40]], rtol=1e-6
    )
    np.testing.assert_allclose(found[0].probabilities, [8 / 9, 1 / 9], rtol=1e-6)
    np.testing.assert_allclose(found[1].probabilities, [2 / 9, 7 / 9], rtol=1e-6)


def test_without_a_background_all_scores_are_classes(saying: Write) -> None:
    assert [p.category for p in boxes_of(saying, BOXES, SCORES)] == [1, 2]
    assert {p.probabilities for p in boxes_of(saying, BOXES, SCORES)} == {None}


@pytest.mark.parametrize(
    ("form", "box"),
    [
        ("xyxy", [10, 5, 30, 45]),
        ("xywh", [10, 5, 20, 40]),
        ("cxcywh", [20, 25, 20, 40]),
    ],
)
def test_boxes_may_be_pixels_of_the_input(saying: Write, form: str, box: list[float]) -> None:
    found = boxes_of(saying, [box], [[1.0]], format=form, units="pixels")
    assert rows(found) == [[0, 1, 50, 10, 100, 80]]


def test_scores_may_come_before_the_softmax_or_the_sigmoid(saying: Write) -> None:
    raw = [[2.0, 1.0, 4.0]]
    softmax = boxes_of(saying, BOXES[:1], raw, activation="softmax", background=2, min_score=0.1)
    powers = [math.exp(v) for v in raw[0]]
    assert softmax[0].score == pytest.approx(powers[0] / sum(powers), rel=1e-12)
    sigmoid = boxes_of(saying, BOXES[:1], raw, activation="sigmoid")
    assert sigmoid[0].score == pytest.approx(1 / (1 + math.exp(-4)), rel=1e-12)
    assert sigmoid[0].category == 2


def test_a_score_of_0_is_no_box_even_where_all_are_asked_for(saying: Write) -> None:
    assert boxes_of(saying, BOXES[:2], [[0.0], [0.25]], min_score=0.0) != []
    assert boxes_of(saying, BOXES[:2], [[0.0], [0.0]], min_score=0.0) == []


def test_boxes_outside_of_the_picture_vanish(saying: Write) -> None:
    outside = [[-1, -1, 0, 0.5], [1, 0, 2, 1], [0.5, 0.5, 0.5, 0.9], [0.9, 0.9, 1, 1]]
    found = boxes_of(saying, outside, [[1.0]] * 4)
    np.testing.assert_allclose(rows(found), [[0, 1, 180, 90, 20, 10]], rtol=1e-6)


# ---- a rectangle, seen by a model that tells where it is


@pytest.fixture
def finder(write_model: Write) -> Path:
    """Tells the rectangle of all pixels brighter than half, in pixels of its input."""
    node = onnx.helper.make_node
    nodes = [
        node("ReduceMax", ["pictures"], ["light"], axes=[1], keepdims=0),
        node("Greater", ["light", "bright"], ["is_in"]),
        node("Cast", ["is_in"], ["inside"], to=1),
    ]
    for name, axis in (("x", 1), ("y", 2)):
        nodes += [
            node("ReduceMax", ["inside"], [f"{name}_line"], axes=[axis], keepdims=0),
            node("ArgMax", [f"{name}_line"], [f"{name}_first"], axis=1),
            node("ArgMax", [f"{name}_line"], [f"{name}_at"], axis=1, select_last_index=1),
            node("Add", [f"{name}_at", "one"], [f"{name}_last"]),
        ]
    sides = ["x_first", "y_first", "x_last", "y_last"]
    nodes += [
        node("Concat", sides, ["whole"], axis=1),
        node("Cast", ["whole"], ["flat"], to=1),
        node("Unsqueeze", ["flat", "axis"], ["boxes"]),
        node("ReduceMax", ["inside"], ["any"], axes=[1, 2], keepdims=0),
        node("Reshape", ["any", "shape"], ["scores"]),
    ]
    weights = {
        "bright": np.array(127.5, np.float32),
        "one": np.array(1, np.int64),
        "axis": np.array([1], np.int64),
        "shape": np.array([-1, 1, 1], np.int64),
    }
    return write_model(nodes, ["boxes", "scores"], weights, shape=("N", 3, "h", "w"))


@pytest.mark.parametrize("resize", ["crop", "stretch", "letterbox"])
@pytest.mark.parametrize("size", [(320, 200), (200, 320), (260, 260), (150, 100)], ids=str)
def test_a_rectangle_is_found_where_it_was_drawn(
    finder: Path, size: tuple[int, int], resize: str
) -> None:
    output = Output("boxes", boxes="boxes", scores="scores", units="pixels", min_score=0.5)
    side = (256, 256) if resize == "crop" else (256, 192)
    model = opened(finder, output, size=side, resize=resize)
    drawn = [(70, 60, 50, 30), (60, 61, 40, 32), (75, 62, 24, 36)]
    pictures = []
    for x, y, width, height in drawn:
        image = Image.new("RGB", size)
        image.paste((255, 255, 255), (x, y, x + width, y + height))
        pictures.append(model.prepare(image))
    for bbox, found in zip(drawn, model.predict(pictures), strict=True):
        assert found[0].bbox is not None
        x, y, width, height = found[0].bbox
        corners = np.array([x, y, x + width, y + height])
        expected = np.array([bbox[0], bbox[1], bbox[0] + bbox[2], bbox[1] + bbox[3]])
        assert np.abs(corners - expected).max() <= 1


def test_each_picture_of_several_batches_has_a_size_of_its_own(finder: Path) -> None:
    output = Output("boxes", boxes="boxes", scores="scores", units="pixels", min_score=0.5)
    model = opened(finder, output, size=(64, 64), resize="letterbox", batch=2)
    sizes = [(64, 64), (128, 128), (128, 64), (32, 64), (256, 16)]
    whole = [model.prepare(Image.new("RGB", size, (255, 255, 255))) for size in sizes]
    found = [one[0].bbox for one in model.predict(whole)]
    assert found == [(0, 0, width, height) for width, height in sizes]


def test_a_crop_sees_only_its_part_of_the_picture(finder: Path) -> None:
    output = Output("boxes", boxes="boxes", scores="scores", units="pixels", min_score=0.5)
    model = opened(finder, output, size=(100, 100), short=100)
    image = Image.new("RGB", (300, 100), (255, 255, 255))
    found = model.predict([model.prepare(image), model.prepare(Image.new("RGB", (300, 100)))])
    assert found == [[Prediction(0, 1.0, (100, 0, 100, 100), None)], []]
