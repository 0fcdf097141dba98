"""Models that people use, on photographs: against stored vectors and the published post-processing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from sqlsel.images.models.open_model import Model, Prediction, Prepared, open_model
from sqlsel.images.models.settings import find_settings, with_overrides
from sqlsel.images.models.settings_file import read_settings
from sqlsel.images.models.street_classes import as_pretagging, to_pretagging
from sqlsel.images.pixels.opening import open_image
from tests.models.published import clipped, published_fastestdet

pytestmark = pytest.mark.realdata

HALF = """
[input]
size = 224
short = 256
rounding = "nearest"
interpolation = "area"
channels = "BGR"
mean = [104, 117, 123]
[output]
kind = "classification"
activation = "none"
classes = "labels.txt"
"""


def opened(realdata: Path, model: str, settings: str) -> Model:
    path = realdata / "models" / model
    return open_model(path, find_settings(path, settings))


def photos(realdata: Path, step: int) -> list[Path]:
    found = sorted((realdata / "clothing").glob("*/*.jpg"))
    assert len(found) == 341
    return found[::step]


def prepared(model: Model, paths: Sequence[Path]) -> list[Prepared]:
    return [model.prepare(open_image(path)) for path in paths]


def cosines(realdata: Path, paths: Sequence[Path], vectors: NDArray[np.float32]) -> list[float]:
    """Of each vector with the one that is stored for its photo."""
    table = pq.read_table(realdata / "clothing" / "embeddings.parquet")
    stored = dict(zip(table["file_name"].to_pylist(), table["embedding"].to_pylist(), strict=True))
    found = []
    for path, vector in zip(paths, vectors, strict=True):
        other = np.array(stored[path.relative_to(realdata / "clothing").as_posix()])
        lengths = np.linalg.norm(vector) * np.linalg.norm(other)
        found.append(float(vector @ other / lengths))
    return found


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 20])
def test_squeezenet_meets_the_stored_vectors(realdata: Path, step: int) -> None:
    paths = photos(realdata, step)
    model = opened(realdata, "squeezenet_embed_fp32.onnx", "squeezenet")
    vectors = model.embed(prepared(model, paths))
    assert vectors.shape == (len(paths), 512)
    assert min(cosines(realdata, paths, vectors)) >= 0.999


def test_the_interpolation_matters_more_than_one_would_think(
    realdata: Path, tmp_path: Path
) -> None:
    """Why settings say all of it: the same photos, shrunk otherwise, are other vectors."""
    paths = photos(realdata, 20)
    path = realdata / "models" / "squeezenet_embed_fp32.onnx"
    text = Path(find_settings(path, "squeezenet").source).read_text(encoding="utf-8")
    worst = {}
    for name in ("area", "hamming", "box"):
        (tmp_path / "m.toml").write_text(text.replace('"area"', f'"{name}"'), encoding="utf-8")
        model = open_model(path, read_settings(tmp_path / "m.toml"))
        worst[name] = min(cosines(realdata, paths, model.embed(prepared(model, paths))))
    assert worst["area"] > 0.9999
    assert 0.98 < worst["hamming"] < 0.9999
    assert worst["box"] < 0.98


def test_one_file_serves_embed_and_predict_and_names_imagenets_classes(realdata: Path) -> None:
    path = realdata / "models" / "squeezenet_embed_fp32.onnx"
    labels = realdata / "models" / "imagenet_labels.txt"
    model = open_model(path, with_overrides(find_settings(path, "squeezenet"), classes=labels))
    assert (model.kind, len(model.categories), model.batch) == ("classification", 1000, 8)
    assert model.categories[0] == "tench, Tinca tinca"
    assert [c for c in model.categories if c.startswith("crane")] == ["crane (134)", "crane (517)"]
    dresses = [p for p in photos(realdata, 1) if p.parent.name == "shoes"]
    pictures = prepared(model, dresses)
    found = model.predict(pictures)
    assert model.embed(pictures).shape == (26, 512)
    for predictions in found:
        (only,) = predictions
        assert only.probabilities is not None
        assert abs(math.fsum(only.probabilities) - 1) < 1e-12
        assert only.score == max(only.probabilities) == only.probabilities[only.category]
    named = [model.categories[p[0].category] for p in found]
    shoes = ("shoe", "sandal", "boot", "clog", "sock", "sneaker", "Loafer")
    assert sum(any(word in name for word in shoes) for name in named) >= 18


def test_squeezenet_in_half_precision_says_nearly_the_same(realdata: Path, tmp_path: Path) -> None:
    paths = photos(realdata, 30)
    labels = (realdata / "models" / "imagenet_labels.txt").read_text(encoding="utf-8")
    (tmp_path / "labels.txt").write_text(labels, encoding="utf-8")
    (tmp_path / "half.toml").write_text(HALF, encoding="utf-8")
    half = open_model(
        realdata / "models" / "SqueezeNet_fp16.onnx", read_settings(tmp_path / "half.toml")
    )
    whole = opened(realdata, "squeezenet_embed_fp32.onnx", "squeezenet")
    assert half.batch == 1
    pictures = prepared(half, paths)
    for (one,), (other,) in zip(half.predict(pictures), whole.predict(pictures), strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=0.02)


def check_boxes(found: list[Prediction], picture: Prepared, classes: int) -> None:
    for prediction in found:
        assert prediction.bbox is not None
        x, y, width, height = prediction.bbox
        assert min(x, y) >= 0
        assert min(width, height) > 0
        assert x + width <= picture.width + 1e-9
        assert y + height <= picture.height + 1e-9
        assert 0 < prediction.score <= 1
        assert 0 <= prediction.category < classes


@pytest.mark.parametrize("step", [pytest.param(3, marks=pytest.mark.slow), 25])
def test_fastestdet_finds_what_its_published_loops_find(realdata: Path, step: int) -> None:
    paths = photos(realdata, step)
    model = opened(realdata, "FastestDet.onnx", "fastestdet")
    assert (model.kind, model.batch, model.settings.input.size) == (
        "object-detection",
        1,
        (352, 352),
    )
    pictures = prepared(model, paths)
    session = onnxruntime.InferenceSession(
        str(realdata / "models" / "FastestDet.onnx"), providers=["CPUExecutionProvider"]
    )
    count = 0
    for picture, found in zip(pictures, model.predict(pictures), strict=True):
        assert 0 <= picture.pixels.min() <= picture.pixels.max() <= 1
        raw = session.run(None, {"input.1": picture.pixels[None]})[0][0]
        size = picture.width, picture.height
        expected = clipped(published_fastestdet(raw, *size), *size)
        rows = [[p.category, p.score, *(p.bbox or ())] for p in found]
        np.testing.assert_allclose(
            np.reshape(rows, (-1, 6)), np.reshape(expected, (-1, 6)), rtol=1e-3, atol=0.05
        )
        check_boxes(found, picture, 80)
        assert all(abs(math.fsum(p.probabilities or ()) - 1) < 1e-12 for p in found)
        count += len(found)
    assert count > len(paths)


def test_people_of_photos_become_pretagging(realdata: Path) -> None:
    model = opened(realdata, "FastestDet.onnx", "fastestdet")
    mapping = to_pretagging(model.categories)
    assert sorted(mapping.values()) == list(range(7))
    found = model.predict(prepared(model, photos(realdata, 40)))
    tagged = [as_pretagging(predictions, mapping) for predictions in found]
    assert sum(p.category == 4 for one in tagged for p in one) >= 1
    assert sum(map(len, tagged)) < sum(map(len, found))


@pytest.mark.slow
def test_ultraface_sees_a_face_in_8_of_the_photos(realdata: Path) -> None:
    model = opened(realdata, "ultraface-RFB-320.onnx", "ultraface")
    assert (model.categories, model.batch) == (("face",), 1)
    pictures = prepared(model, photos(realdata, 1))
    found = model.predict(pictures)
    assert sum(any(p.score > 0.9 for p in one) for one in found) == 8
    assert {p.probabilities for one in found for p in one} == {None}
    for picture, one in zip(pictures, found, strict=True):
        check_boxes(one, picture, 1)


def test_batches_of_squeezenet_give_the_same_bits(realdata: Path) -> None:
    path = realdata / "models" / "squeezenet_embed_fp32.onnx"
    settings = find_settings(path, "squeezenet")
    found, predictions = [], []
    for batch in (1, 3, 8):
        model = open_model(path, with_overrides(settings, batch=batch))
        pictures = prepared(model, photos(realdata, 35))
        found.append(model.embed(pictures).tobytes())
        predictions.append(model.predict(pictures))
    assert found[0] == found[1] == found[2]
    assert predictions[0] == predictions[1] == predictions[2]
