from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from PIL import Image

from sqlsel.errors import ConfigError, InvalidInput
from sqlsel.images.models.open_model import Model, Prepared, open_model
from sqlsel.images.models.parts import Embedding, Input, Output, Settings

Write = Callable[..., Path]
VECTOR = Embedding("vector")
BOTH = Settings("m.toml", Input((20, 24), "stretch", scale=255), VECTOR, None)


def pictures(model: Model, count: int, seed: int = 0) -> list[Prepared]:
    random = np.random.default_rng(seed)
    return [
        model.prepare(Image.fromarray(random.integers(0, 256, (31, 27, 3), np.uint8)))
        for _ in range(count)
    ]


def by_hand(path: Path, prepared: list[Prepared]) -> dict[str, Any]:
    """The network of the fixture, computed in float64 from its weights."""
    weights = {
        w.name: onnx.numpy_helper.to_array(w).astype(np.float64)
        for w in onnx.load(path).graph.initializer
    }
    x = np.stack([p.pixels.astype(np.float64) for p in prepared])
    windows = np.lib.stride_tricks.sliding_window_view(x, (5, 5), axis=(2, 3))[:, :, ::2, ::2]
    feature_map = np.maximum(np.einsum("nchwij,ocij->nohw", windows, weights["kernel"]), 0)
    return {"map": feature_map, "vector": feature_map.mean(axis=(2, 3)) @ weights["last"]}


# ---- embeddings


def test_an_embedding_is_what_the_network_computes(network: Write) -> None:
    path = network()
    model = open_model(path, BOTH)
    prepared = pictures(model, 5)
    found = model.embed(prepared)
    assert (found.shape, found.dtype) == ((5, 12), np.float32)
    np.testing.assert_allclose(found, by_hand(path, prepared)["vector"], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("embedding", "expected"),
    [
        (Embedding("map"), lambda m: m.mean(axis=(2, 3))),
        (Embedding("map", "first"), lambda m: m.mean(axis=(2, 3))),
        (Embedding("tokens", "mean"), lambda m: m.mean(axis=(2, 3))),
        (Embedding("tokens", "first"), lambda m: m[:, :, 0, 0]),
    ],
)
def test_maps_and_tokens_become_one_vector(
    network: Write, embedding: Embedding, expected: Callable[[Any], Any]
) -> None:
    path = network()
    model = open_model(path, replace(BOTH, embedding=embedding))
    prepared = pictures(model, 3)
    feature_map = by_hand(path, prepared)["map"]
    np.testing.assert_allclose(model.embed(prepared), expected(feature_map), rtol=1e-4, atol=1e-5)


def test_without_a_name_the_first_output_is_the_embedding(network: Write) -> None:
    path = network()
    named = open_model(path, BOTH)
    first = open_model(path, replace(BOTH, embedding=Embedding()))
    prepared = pictures(named, 2)
    assert (named.embed(prepared) == first.embed(prepared)).all()


def test_no_pictures_give_no_rows(network: Write, saying: Write) -> None:
    assert open_model(network(), BOTH).embed([]).shape == (0, 12)
    path = saying({"p": [0.5, 0.5]}, name="p.onnx")
    given = Settings("m.toml", Input((8, 8)), None, Output("classification"))
    assert open_model(path, given).predict([]) == []


@pytest.mark.parametrize("shape", [(5,), (2, 2, 2, 2), ()], ids=str)
def test_an_output_of_another_rank_is_no_embedding(saying: Write, shape: tuple[int, ...]) -> None:
    path = saying({"e": np.zeros(shape)})
    given = Settings("m.toml", Input((8, 8)), Embedding(), None)
    if shape == (5,):
        assert open_model(path, given).embed([]).shape == (0, 5)
        return
    with pytest.raises(
        ConfigError, match=r"m\.toml: embedding\.tensor: an embedding has the shape"
    ):
        open_model(path, given)


def test_numbers_too_large_for_float32_are_told_of(saying: Write) -> None:
    path = saying({"e": [1e300]}, dtype="float64")
    model = open_model(path, Settings("m.toml", Input((8, 8)), Embedding(), None))
    with pytest.raises(InvalidInput, match="output 'e' of image 0 holds NaN or infinite"):
        model.embed(pictures(model, 1))


# ---- batches, threads, layouts, kinds of numbers


@pytest.mark.parametrize("tensor", ["vector", "map", "tokens"])
def test_a_picture_gives_the_same_bits_in_a_batch_of_any_size(network: Write, tensor: str) -> None:
    given = replace(BOTH, embedding=Embedding(tensor))
    found = []
    for batch in (1, 3, 8):
        model = open_model(network(), replace(given, input=replace(given.input, batch=batch)))
        assert model.batch == batch
        found.append(model.embed(pictures(model, 17)))
    for batch in (1, 4):
        model = open_model(network(shape=(batch, 3, 24, 20), name=f"{batch}.onnx"), given)
        assert model.batch == batch
        found.append(model.embed(pictures(model, 17)))
    for other in found[1:]:
        assert other.tobytes() == found[0].tobytes()


def test_threads_over_one_model_give_what_one_gives(network: Write) -> None:
    model = open_model(network(), BOTH)
    images = [
        Image.fromarray(np.random.default_rng(i).integers(0, 256, (40, 50, 3), np.uint8))
        for i in range(60)
    ]

    def embed(image: Image.Image) -> bytes:
        return model.embed([model.prepare(image)]).tobytes()

    alone = [embed(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(embed, images)) == alone
    assert len(set(alone)) == 60


def test_channels_last_give_the_same_as_channels_first(network: Write) -> None:
    first = open_model(network(), BOTH)
    path = network(shape=("N", 24, 20, 3), name="last.onnx")
    last = open_model(path, replace(BOTH, input=replace(BOTH.input, layout="NHWC")))
    assert last.prepare(Image.new("RGB", (9, 9))).pixels.shape == (24, 20, 3)
    found = last.embed(pictures(last, 3))
    np.testing.assert_allclose(found, first.embed(pictures(first, 3)), rtol=1e-5, atol=1e-5)


def test_a_map_with_channels_last_is_averaged_over_its_places(write_model: Write) -> None:
    nodes = [onnx.helper.make_node("Identity", ["pictures"], ["same"])]
    path = write_model(nodes, ["same"], {}, shape=("N", 24, 20, 3))
    given = replace(BOTH, input=Input((20, 24), layout="NHWC"), embedding=Embedding())
    model = open_model(path, given)
    found = model.embed([model.prepare(Image.new("RGB", (9, 9), (10, 20, 30)))])
    assert found.tolist() == [[10, 20, 30]]


def test_float16_is_taken(network: Write) -> None:
    plain = open_model(network(), BOTH)
    half = open_model(network(dtype="float16", name="half.onnx"), BOTH)
    found = half.embed(pictures(half, 3))
    assert found.dtype == np.float32
    assert (found == found.astype(np.float16)).all()
    np.testing.assert_allclose(found, plain.embed(pictures(plain, 3)), rtol=2e-2, atol=0.1)


def test_float64_is_taken(write_model: Write) -> None:
    nodes = [onnx.helper.make_node("ReduceMean", ["pictures"], ["e"], axes=[2, 3], keepdims=0)]
    path = write_model(nodes, ["e"], {}, dtype="float64")
    model = open_model(path, Settings("m.toml", Input((8, 8), scale=10), Embedding(), None))
    found = model.embed([model.prepare(Image.new("RGB", (8, 8), (1, 2, 30)))])
    assert found.tolist() == [[np.float32(0.1), np.float32(0.2), 3.0]]


@pytest.mark.parametrize("name", ["ext.data", "w" * 200])
def test_weights_in_another_file_are_read_and_count_for_the_fingerprint(
    network: Write, name: str
) -> None:
    plain = open_model(network(), BOTH)
    path = network(name="ext.onnx", save_as_external_data=True, location=name, size_threshold=100)
    assert path.with_name(name).stat().st_size > 0
    apart = open_model(path, BOTH)
    assert apart.embed(pictures(apart, 2)).tobytes() == plain.embed(pictures(plain, 2)).tobytes()
    data = bytearray(path.with_name(name).read_bytes())
    data[0] ^= 1
    path.with_name(name).write_bytes(bytes(data))
    assert open_model(path, BOTH).fingerprint != apart.fingerprint


# ---- fingerprints


def test_the_fingerprint_tells_models_and_settings_apart(network: Write, saying: Write) -> None:
    path = network()
    base = open_model(path, BOTH).fingerprint
    assert len(base) == 64
    assert int(base, 16) >= 0
    same = [
        replace(BOTH, source="elsewhere.toml"),
        replace(BOTH, input=replace(BOTH.input, batch=3)),
    ]
    other = [
        replace(BOTH, input=replace(BOTH.input, mean=(1.0, 0.0, 0.0))),
        replace(BOTH, input=replace(BOTH.input, interpolation="box")),
        replace(BOTH, embedding=Embedding("map")),
    ]
    assert {open_model(path, s).fingerprint for s in same} == {base}
    marks = [open_model(path, s).fingerprint for s in other]
    assert len({base, *marks}) == 4
    copy = path.with_name("copy.onnx")
    copy.write_bytes(path.read_bytes())
    assert open_model(copy, BOTH).fingerprint == base
    copy.write_bytes(saying({"vector": [1.0]}, shape=("N", 3, 24, 20)).read_bytes())
    assert open_model(copy, BOTH).fingerprint != base


def test_a_size_that_the_model_fixes_may_be_left_out(network: Write) -> None:
    path = network()
    left_out = replace(BOTH, input=replace(BOTH.input, size=None))
    assert open_model(path, left_out).settings == BOTH
    assert open_model(path, left_out).fingerprint == open_model(path, BOTH).fingerprint


def test_a_model_runs_on_the_thread_that_calls(network: Write) -> None:
    """The caller decides how many threads there are: opening and running starts none."""
    tasks = Path("/proc/self/task")
    if not tasks.is_dir():
        pytest.skip("threads cannot be counted here")
    open_model(network(), BOTH)
    before = len(list(tasks.iterdir()))
    model = open_model(network(), BOTH)
    model.embed(pictures(model, 20))
    assert len(list(tasks.iterdir())) <= before
    assert math.isfinite(float(model.embed(pictures(model, 1)).sum()))
