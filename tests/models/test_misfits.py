"""What is said where a file is no model, or settings do not fit it; nothing else is said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from sqlsel.errors import ConfigError, InvalidInput, SqlselError
from sqlsel.images.models.open_model import open_model
from sqlsel.images.models.parts import Embedding, Input, Output, Settings

Write = Callable[..., Path]
VECTOR = Embedding("vector")
BOTH = Settings("m.toml", Input((20, 24), "stretch", scale=255), VECTOR, None)


def test_what_the_settings_do_not_describe_is_an_error(network: Write) -> None:
    path = network()
    model = open_model(path, BOTH)
    assert model.categories == ()
    for ask in (lambda: model.predict([]), lambda: model.kind):
        with pytest.raises(ConfigError, match=r"^m\.toml: has no table \[output\]"):
            ask()
    given = Settings("m.toml", BOTH.input, None, Output("classification", activation="softmax"))
    model = open_model(path, given)
    assert model.kind == "classification"
    with pytest.raises(ConfigError, match=r"^m\.toml: has no table \[embedding\]"):
        model.embed([])


@pytest.mark.parametrize(
    ("shape", "changes", "message"),
    [
        (
            ("N", 3, 24, 20),
            {"name": "image"},
            "m.toml: input.name: unknown input 'image'. Known: p",
        ),
        (("N", 3, 24, 20), {"size": (20, 20)}, "input.size: is 20 × 20, but input 'pictures' of "),
        (("N", 3, 24, 20), {"size": (24, 20)}, "is ? × 3 × 24 × 20"),
        (("N", 3, "h", "w"), {"size": None}, "m.toml: input.size: is needed, since "),
        (("N", 3, 24, "w"), {"size": None}, "m.toml: input.size: is needed, since "),
        (("N", 3, 24, "w"), {"size": (20, 25)}, "input.size: is 20 × 25, but input"),
        (("N", 24, 20, 3), {}, 'is ? × 24 × 20 × 3. layout = "NHWC" would fit'),
        (("N", 3, 24, 20), {"layout": "NHWC"}, 'is ? × 3 × 24 × 20. layout = "NCHW" would fit'),
        (("N", 1, 24, 20), {}, "input.layout: NCHW means 3 channels, but input 'pictures' of"),
        (
            ("N", 3, 24, 20),
            {"resize": "crop", "size": None, "short": 9},
            "must be at least 24, the",
        ),
    ],
)
def test_settings_that_contradict_the_input_are_told_of(
    write_model: Write, shape: tuple[Any, ...], changes: dict[str, Any], message: str
) -> None:
    nodes = [onnx.helper.make_node("ReduceMean", ["pictures"], ["e"], axes=[2, 3], keepdims=0)]
    path = write_model(nodes, ["e"], {}, shape=shape)
    given = Settings("m.toml", replace(BOTH.input, **changes), Embedding(), None)
    with pytest.raises(ConfigError) as raised:
        open_model(path, given)
    assert message in str(raised.value)
    assert str(raised.value).startswith("m.toml: input.")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("embedding", "output", "message"),
    [
        (
            Embedding("vektor"),
            None,
            "embedding.tensor: unknown output 'vektor'. Did you mean 'vector'",
        ),
        (
            VECTOR,
            Output("yolox", "boxs"),
            "output.tensor: unknown output 'boxs'. Known: map, tokens",
        ),
        (VECTOR, Output("boxes", boxes="map", scores="s"), "output.scores: unknown output 's'."),
        (None, Output("boxes", boxes="b", scores="map"), "output.boxes: unknown output 'b'."),
    ],
)
def test_an_output_that_the_model_lacks_is_told_of_with_those_it_has(
    network: Write, embedding: Embedding | None, output: Output | None, message: str
) -> None:
    path = network()
    with pytest.raises(ConfigError) as raised:
        open_model(path, Settings("m.toml", BOTH.input, embedding, output))
    assert str(raised.value).startswith(f"m.toml: {message}")
    assert str(raised.value).endswith(f"These are the outputs of {path}")


def test_a_model_that_does_not_take_one_picture_is_told_of(write_model: Write) -> None:
    node = onnx.helper.make_node
    add = [node("Add", ["a", "b"], ["sum"])]
    path = write_model(add, ["sum"], {}, inputs=("a", "b"))
    with pytest.raises(
        ConfigError, match=r"model\.onnx: has 2 inputs \(a, b\); a model that takes"
    ):
        open_model(path, BOTH)
    path = write_model([node("Relu", ["pictures"], ["e"])], ["e"], {}, shape=("N", 3))
    with pytest.raises(
        ConfigError, match="input 'pictures' has 2 dimensions; a batch of pictures has 4"
    ):
        open_model(path, BOTH)
    path = write_model([node("Identity", ["pictures"], ["e"])], ["e"], {}, dtype="uint8")
    with pytest.raises(
        ConfigError, match=r"is tensor\(uint8\); pictures enter as float, float16 or dou"
    ):
        open_model(path, BOTH)


def test_outputs_that_do_not_count_the_pictures_are_told_of(write_model: Write) -> None:
    nodes = [onnx.helper.make_node("ReduceMean", ["pictures"], ["e"], axes=[0], keepdims=0)]
    path = write_model(nodes, ["e"], {}, shape=("N", 3, 8, 8))
    with pytest.raises(
        SqlselError, match=r"output 'e' has the shape \(3, 8, 8\) for 1 images; its fir"
    ):
        open_model(path, Settings("m.toml", Input((8, 8)), Embedding(), None))


def test_a_model_that_fails_when_it_runs_is_one_line(write_model: Write) -> None:
    nodes = [onnx.helper.make_node("Reshape", ["pictures", "shape"], ["e"])]
    path = write_model(
        nodes, ["e"], {"shape": np.array([7, 11], np.int64)}, shape=("N", 3, "h", "w")
    )
    with pytest.raises(SqlselError, match=r"model\.onnx: the model cannot be run: ") as raised:
        open_model(path, Settings("m.toml", Input((8, 8)), Embedding(), None))
    assert "\n" not in str(raised.value)
    assert "[ONNXRuntimeError]" not in str(raised.value)


def unknown_operator() -> bytes:
    node = onnx.helper.make_node("Wonder", ["a"], ["b"], domain="nowhere")
    value = [onnx.helper.make_tensor_value_info(n, 1, [1, 3, 8, 8]) for n in "ab"]
    graph = onnx.helper.make_graph([node], "g", value[:1], value[1:])
    return onnx.helper.make_model(graph, ir_version=9).SerializeToString()


def of_the_future(good: bytes) -> bytes:
    model = onnx.load_from_string(good)
    model.ir_version = 9999
    return model.SerializeToString()


def without_graph() -> bytes:
    graph = onnx.helper.make_graph([], "g", [], [])
    return onnx.helper.make_model(graph, ir_version=9).SerializeToString()


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "half": lambda good: good[: len(good) // 2],
    "text": lambda _: b"This is not the model you are looking for.\n" * 50,
    "noise": lambda _: np.random.default_rng(3).bytes(5000),
    "zeros": lambda _: bytes(4096),
    "flipped": lambda good: bytes(b ^ 0x55 for b in good),
    "no graph": lambda _: without_graph(),
    "operator": lambda _: unknown_operator(),
    "future": of_the_future,
}


@pytest.mark.parametrize("name", [*HOSTILE, "missing", "folder"])
def test_a_file_that_is_no_model_is_an_error_of_one_line(
    network: Write, tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    path = tmp_path / "bad.onnx"
    if name in HOSTILE:
        path.write_bytes(HOSTILE[name](network(name="good.onnx").read_bytes()))
    if name == "folder":
        path.mkdir()
    with pytest.raises(SqlselError) as raised:
        open_model(path, BOTH)
    assert str(raised.value).startswith(f"{path}: ")
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 500 + len(str(path))
    assert capfd.readouterr() == ("", "")


def test_weights_that_are_not_there_are_an_error(network: Write) -> None:
    path = network(
        name="ext.onnx", save_as_external_data=True, location="ext.data", size_threshold=100
    )
    path.with_name("ext.data").unlink()
    with pytest.raises(
        InvalidInput, match=r"ext\.onnx: onnxruntime .* cannot open it as an ONNX model"
    ):
        open_model(path, BOTH)


def test_nothing_is_written_to_stderr_by_a_whole_run(network: Write, tmp_path: Path) -> None:
    """In a process of its own, since onnxruntime talks when it is loaded."""
    path = network()
    path.with_suffix(".toml").write_text(
        '[input]\nsize = [20, 24]\n[embedding]\ntensor = "vector"\n', encoding="utf-8"
    )
    code = (
        "import sys; from pathlib import Path; from PIL import Image\n"
        "from sqlsel.images.models.open_model import open_model\n"
        "from sqlsel.images.models.settings import find_settings\n"
        "path = Path(sys.argv[1]); model = open_model(path, find_settings(path, None))\n"
        "print(model.embed([model.prepare(Image.new('RGB', (9, 9)))]).shape)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("(1, 12)\n", "")


@pytest.mark.parametrize(
    ("package", "message"),
    [
        ("onnxruntime", "model.onnx: a model needs onnxruntime: pip install 'sqlsel[onnx]'"),
        ("PIL", "pip install 'sqlsel[images]'"),
    ],
)
def test_a_missing_package_is_told_with_its_extra(
    network: Write, monkeypatch: pytest.MonkeyPatch, package: str, message: str
) -> None:
    path = network()
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(SqlselError) as raised:
        open_model(path, BOTH)
    assert message in str(raised.value)


def test_settings_are_read_without_the_heavy_packages() -> None:
    code = (
        "import sys, sqlsel.images.models.settings, sqlsel.images.models.open_model\n"
        "import sqlsel.images.models.street_classes\n"
        "heavy = {'PIL', 'onnxruntime', 'duckdb', 'pyarrow', 'polars', 'click'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
