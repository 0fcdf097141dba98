"""Photos and models small enough to know by heart what comes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

SIZE = 8


def photos(folder: Path, count: int, seed: int = 0) -> list[str]:
    """Pictures of 40 x 30 pixels in two folders; the first channel of picture i is i everywhere."""
    rng = np.random.default_rng(seed)
    names = []
    for i in range(count):
        name = f"{'ab'[i % 2]}/{i:04}.png"
        pixels = rng.integers(0, 256, (30, 40, 3), np.uint8)
        pixels[:, :, 0] = i % 256
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(place)
        names.append(name)
    return sorted(names)


def embedder(path: Path) -> Path:
    """A model whose vector of an image is the mean of each channel of its pixels, 0 to 255."""
    nodes = [
        helper.make_node("ReduceMean", ["image", "axes"], ["embedding"], keepdims=0),
    ]
    axes = numpy_helper.from_array(np.array([2, 3], np.int64), "axes")
    _save(path, nodes, [("embedding", ["n", 3])], [axes])
    path.with_suffix(".toml").write_text(
        f'[input]\nsize = {SIZE}\nresize = "stretch"\n[embedding]\n', encoding="utf-8"
    )
    return path


def classifier(path: Path) -> Path:
    """A model whose two probabilities are the first channel's mean / 255, and the rest."""
    weights = numpy_helper.from_array(np.array([[1, -1], [0, 0], [0, 0]], np.float32) / 255, "w")
    bias = numpy_helper.from_array(np.array([0, 1], np.float32), "b")
    axes = numpy_helper.from_array(np.array([2, 3], np.int64), "axes")
    nodes = [
        helper.make_node("ReduceMean", ["image", "axes"], ["mean"], keepdims=0),
        helper.make_node("Gemm", ["mean", "w", "b"], ["probs"]),
    ]
    _save(path, nodes, [("probs", ["n", 2])], [weights, bias, axes])
    path.with_suffix(".toml").write_text(
        f'[input]\nsize = {SIZE}\nresize = "stretch"\n[output]\nkind = "classification"\n'
        'activation = "none"\nclasses = ["high", "low"]\n',
        encoding="utf-8",
    )
    return path


def detector(path: Path, boxes: list[list[float]], scores: list[list[float]]) -> Path:
    """A model that finds the same boxes (x1, y1, x2, y2 as shares) in every image."""
    found = numpy_helper.from_array(np.array([boxes], np.float32), "found")
    likely = numpy_helper.from_array(np.array([scores], np.float32), "likely")
    zero = numpy_helper.from_array(np.zeros((), np.float32), "zero")
    axes = numpy_helper.from_array(np.array([0, 1, 2, 3], np.int64), "axes")
    nodes = [
        helper.make_node("ReduceSum", ["image", "axes"], ["sum"], keepdims=0),
        helper.make_node("Mul", ["sum", "zero"], ["nothing"]),
        helper.make_node("Add", ["found", "nothing"], ["boxes"]),
        helper.make_node("Add", ["likely", "nothing"], ["scores"]),
    ]
    outputs = [("boxes", [1, len(boxes), 4]), ("scores", [1, len(boxes), len(scores[0])])]
    _save(path, nodes, outputs, [found, likely, zero, axes], batch=1)
    names = ", ".join(f'"{name}"' for name in ("Car", "motorbike", "sofa")[: len(scores[0])])
    path.with_suffix(".toml").write_text(
        f'[input]\nsize = {SIZE}\nresize = "stretch"\n[output]\nkind = "boxes"\nboxes = "boxes"\n'
        'scores = "scores"\nformat = "xyxy"\nunits = "relative"\nmin_score = 0.2\noverlap = 0.5\n'
        f'probabilities = "estimated"\nclasses = [{names}]\n',
        encoding="utf-8",
    )
    return path


def _save(path: Path, nodes, outputs, constants, batch: object = "n") -> None:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [batch, 3, SIZE, SIZE])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 10
    onnx.checker.check_model(model)
    onnx.save(model, path)
