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

from sqlsel.errors import ConfigError, InvalidInput
from sqlsel.images.models.decoding import DECODERS
from sqlsel.images.models.open_model import Prediction, open_model
from sqlsel.images.models.parts import KINDS, Embedding, Input, Output, Settings
from sqlsel.images.models.settings import find_settings
from tests.models.published import clipped, published_fastestdet, published_yolox
from tests.models.seeing import opened, rows, seen

Write = Callable[..., Path]
Array = NDArray[Any]


def test_every_kind_has_a_decoder() -> None:
    assert tuple(DECODERS) == KINDS


# ---- FastestDet


def fastestdet_cells(seed: int, classes: int = 7, grid: tuple[int, int] = (6, 9)) -> Array:
    random = np.random.default_rng(seed)
    raw = random.normal(size=(5 + classes, *grid))
    raw[0] = random.uniform(size=grid) ** 2
    powers = np.exp(2 * random.normal(size=(classes, *grid)))
    raw[5:] = powers / powers.sum(axis=0)
    return raw.astype(np.float32)


@pytest.mark.parametrize("size", [(200, 100), (90, 120), (64, 64)], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_fastestdet_is_read_as_published(saying: Write, seed: int, size: tuple[int, int]) -> None:
    raw = fastestdet_cells(seed)
    path = saying({"cells": raw}, shape=("N", 3, 60, 90))
    found = seen(opened(path, Output("fastestdet", min_score=0.25), resize="stretch"), *size)
    expected = clipped(published_fastestdet(raw, *size), *size)
    assert len(found) > 5
    np.testing.assert_allclose(rows(found), expected, rtol=1e-9, atol=1e-9)


def test_fastestdet_gives_the_softmax_of_the_cell(saying: Write) -> None:
    raw = fastestdet_cells(4)
    path = saying({"cells": raw}, shape=("N", 3, 60, 90))
    found = seen(opened(path, Output("fastestdet", min_score=0.0), resize="stretch"), 90, 60)
    columns = {tuple(raw[5:, i, j].argsort().tolist()): raw[5:, i, j] for i, j in np.ndindex(6, 9)}
    for prediction in found:
        assert prediction.probabilities is not None
        assert abs(math.fsum(prediction.probabilities) - 1) < 1e-12
        own = columns[tuple(np.argsort(prediction.probabilities).tolist())]
        np.testing.assert_allclose(prediction.probabilities, own, atol=1e-6)
        assert int(np.argmax(own)) == prediction.category


# ---- YOLOX


def yolox_cells(seed: int, size: tuple[int, int], classes: int = 4) -> Array:
    random = np.random.default_rng(seed)
    count = sum((size[0] // s) * (size[1] // s) for s in (8, 16, 32))
    raw = random.normal(size=(count, 5 + classes))
    raw[:, 4:] = random.uniform(size=(count, 1 + classes)) ** 2
    return raw.astype(np.float32)


@pytest.mark.parametrize("size", [(64, 96), (96, 64), (128, 128)], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_yolox_is_read_as_published(saying: Write, seed: int, size: tuple[int, int]) -> None:
    raw = yolox_cells(seed, size)
    path = saying({"cells": raw}, shape=(1, 3, size[1], size[0]))
    model = opened(path, Output("yolox", min_score=0.1), resize="letterbox")
    expected = clipped(published_yolox(raw, size, 0.1), *size)
    found = seen(model, *size)
    assert len(found) > 20
    np.testing.assert_allclose(rows(found), expected, rtol=1e-9, atol=1e-9)
    assert {p.probabilities for p in found} == {None}


def test_yolox_boxes_shrink_with_the_letterbox(saying: Write) -> None:
    raw = yolox_cells(1, (64, 64))
    model = opened(saying({"c": raw}, shape=(1, 3, 64, 64)), Output("yolox"), resize="letterbox")
    boxes = [[v / 0.5 for v in b[:4]] + b[4:] for b in published_yolox(raw, (64, 64), 1e-9)]
    np.testing.assert_allclose(rows(seen(model, 128, 40)), clipped(boxes, 128, 40), rtol=1e-9)


def test_yolox_models_with_a_fourth_stride_are_known(saying: Write) -> None:
    raw = np.zeros((256 + 64 + 16 + 4, 6), np.float32)
    raw[-1] = [0.5, 0.5, 0, 0, 1, 0.75]
    model = opened(saying({"c": raw}, shape=(1, 3, 128, 128)), Output("yolox", min_score=0.1))
    assert seen(model, 128, 128) == [Prediction(0, 0.75, (64, 64, 64, 64), None)]


def test_sides_beyond_all_bounds_are_the_whole_picture(saying: Write) -> None:
    raw = np.zeros((64 + 16 + 4, 6), np.float32)
    raw[5] = [0, 0, 800, 800, 1, 1]
    model = opened(saying({"c": raw}, shape=(1, 3, 64, 64)), Output("yolox", min_score=0.1))
    assert seen(model, 64, 64) == [Prediction(0, 1.0, (0, 0, 64, 64), None)]


def test_the_ready_settings_of_yolox_take_the_size_from_the_model(saying: Write) -> None:
    raw = np.zeros((3549, 85), np.float32)
    raw[7] = [0, 0, 1, 1, 0.9, *[0] * 3, 1, *[0] * 76]
    path = saying({"output": raw}, shape=(1, 3, 416, 416))
    model = open_model(path, find_settings(path, "yolox"))
    assert (model.settings.input.size, model.batch, model.kind) == (
        (416, 416),
        1,
        "object-detection",
    )
    found = seen(model, 416, 416)
    assert [model.categories[p.category] for p in found] == ["motorcycle"]
    side = math.e * 8 / 2
    np.testing.assert_allclose(found[0].bbox, (56 - side, 0, 2 * side, side))


# ---- classifiers


def classified(saying: Write, raw: Any, **given: Any) -> list[Prediction]:
    path = saying({"scores": raw}, name="c.onnx")
    return seen(opened(path, Output("classification", **given), size=(8, 8)), 20, 10)


def test_a_classifier_gives_one_prediction_with_all_probabilities(saying: Write) -> None:
    (found,) = classified(saying, [1.0, 3.0, -2.0], activation="softmax")
    powers = [math.exp(v) for v in (1, 3, -2)]
    assert (found.category, found.bbox) == (1, None)
    assert found.probabilities == pytest.approx([p / sum(powers) for p in powers], rel=1e-12)
    assert found.score == found.probabilities[1]


def test_probabilities_of_a_model_add_up_to_1_in_float64(saying: Write) -> None:
    raw = np.float32([0.1, 0.7, 0.2]) * np.float32(1.003)
    (found,) = classified(saying, raw.reshape(3, 1, 1))
    assert found.probabilities is not None
    assert abs(math.fsum(found.probabilities) - 1) < 1e-15
    assert found.score == pytest.approx(0.7, abs=1e-6)


def test_sigmoids_give_a_score_without_probabilities(saying: Write) -> None:
    (found,) = classified(saying, [-1000.0, 1.0, 1000.0], activation="sigmoid")
    assert found == Prediction(2, 1.0, None, None)


def test_a_classifier_may_ask_for_a_least_score(saying: Write) -> None:
    assert classified(saying, [0.5, 0.3, 0.2], min_score=0.6) == []


def test_scores_before_the_softmax_are_told_of(saying: Write) -> None:
    with pytest.raises(InvalidInput, match=r'must add up to 1, found 2\. .*activation = "softmax"'):
        classified(saying, [1.0, 0.5, 0.5])
    with pytest.raises(InvalidInput, match="must lie between 0 and 1, found -2 to 3"):
        classified(saying, [1.0, 3.0, -2.0])


# ---- outputs that are not laid out as the settings say


@pytest.mark.parametrize(
    ("output", "shapes", "message"),
    [
        (Output("classification"), [(3, 4)], "one row of scores per picture is wanted"),
        (Output("classification"), [()], "one row of scores per picture is wanted"),
        (
            Output("fastestdet"),
            [(85, 22)],
            r"\(5 \+ classes, rows, columns\) is wanted, got \(85, 22",
        ),
        (Output("fastestdet"), [(5, 2, 2)], r"got \(5, 2, 2\)"),
        (Output("yolox"), [(85, 3, 3)], r"\(cells, 5 \+ classes\) is wanted"),
        (Output("yolox"), [(86, 9)], "64 × 64 has 84 cells of strides 8, 16 and 32, got 86"),
        (Output("boxes"), [(9, 5), (9, 2)], r"boxes: shape \(boxes, 4\) is wanted, got \(9, 5\)"),
        (
            Output("boxes"),
            [(9, 4), (8, 2)],
            r"scores: shape \(9, classes\) is wanted, got \(8, 2\)",
        ),
        (Output("boxes", background=2), [(9, 4), (9, 2)], "background: must be below 2"),
        (Output("boxes", background=0), [(9, 4), (9, 1)], "no class beside the background"),
    ],
)
def test_outputs_of_another_layout_are_told_of_when_the_model_is_opened(
    saying: Write, output: Output, shapes: list[tuple[int, ...]], message: str
) -> None:
    names = ["tensor"] if len(shapes) == 1 else ["b", "s"]
    path = saying(
        {n: np.zeros(s) for n, s in zip(names, shapes, strict=True)}, shape=(1, 3, 64, 64)
    )
    given = Output(output.kind, boxes="b", scores="s", background=output.background)
    with pytest.raises(ConfigError, match=message) as raised:
        opened(path, given)
    assert str(raised.value).startswith(f"m.toml: output.kind is {output.kind!r}, but {path}")


def test_as_many_classes_as_names(saying: Write) -> None:
    path = saying({"scores": [0.5, 0.5]})
    assert opened(path, Output("classification"), size=(8, 8)).categories == ("class_0", "class_1")
    named = opened(path, Output("classification", classes=("cat", "dog")), size=(8, 8))
    assert named.categories == ("cat", "dog")
    with pytest.raises(ConfigError, match=r"output\.classes: holds 3 names, but .* has 2 classes"):
        opened(path, Output("classification", classes=("a", "b", "c")), size=(8, 8))


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_number_that_is_none_names_output_and_picture(write_model: Write, bad: float) -> None:
    """A picture brighter than 100 makes the model say something that is no number."""
    node = onnx.helper.make_node
    nodes = [
        node("ReduceMax", ["pictures"], ["light"], axes=[1, 2, 3], keepdims=0),
        node("Greater", ["light", "bright"], ["is_bright"]),
        node("Where", ["is_bright", "bad", "good"], ["each"]),
        node("Unsqueeze", ["each", "axis"], ["scores"]),
    ]
    weights = {
        "bright": np.float32(100),
        "bad": np.float32(bad),
        "good": np.float32(1),
        "axis": np.array([1], np.int64),
    }
    weights = {key: np.asarray(value) for key, value in weights.items()}
    path = write_model(nodes, ["scores"], weights)
    settings = Settings("m.toml", Input((8, 8), batch=2), Embedding(), Output("classification"))
    model = open_model(path, settings)
    pictures = [model.prepare(Image.new("L", (8, 8), v)) for v in (0, 50, 90, 101, 200)]
    assert model.embed(pictures[:3]).tolist() == [[1.0]] * 3
    for ask in (model.embed, model.predict):
        with pytest.raises(
            InvalidInput, match="output 'scores' of image 3 holds NaN or inf"
        ) as raised:
            ask(pictures)
        assert raised.value.row == 3
        assert "image p.jpg holds" in str(raised.value.naming_row("p.jpg"))
