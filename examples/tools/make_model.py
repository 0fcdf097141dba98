"""A small network that reads handwritten digits, as an ONNX file with its settings beside it.

    python examples/tools/make_model.py [FOLDER]

trains 64 inputs, 32 hidden units and 10 classes on scikit-learn's digits (some seconds, no network)
and writes ``digits.onnx``, with the outputs ``embedding`` (the hidden layer) and ``probs``, and
``digits.toml``, which says how the network wants its pictures. Networks of PyTorch come to such a
file by ``torch.onnx.export``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

SETTINGS = """\
# How the network wants its pictures, and what its outputs are.
[input]
size = 8
resize = "stretch"
interpolation = "box"
scale = 255

[embedding]
tensor = "embedding"

[output]
kind = "classification"
tensor = "probs"
activation = "none"
classes = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
"""


def make(folder: Path) -> Path:
    """Train the network and write both files; gives the place of the model."""
    x, y = load_digits(return_X_y=True)
    network = MLPClassifier([32], max_iter=60, early_stopping=True, random_state=0).fit(x / 16, y)
    arrays = {
        "rows": np.array([-1, 64], np.int64),
        "colours": np.array([1], np.int64),
        "one": np.ones(1, np.float32),
        "w1": network.coefs_[0].astype(np.float32),
        "b1": network.intercepts_[0].astype(np.float32),
        "w2": network.coefs_[1].astype(np.float32),
        "b2": network.intercepts_[1].astype(np.float32),
    }
    nodes = [
        helper.make_node("ReduceMean", ["image", "colours"], ["light"], keepdims=0),
        helper.make_node("Sub", ["one", "light"], ["ink"]),  # dark ink on white paper
        helper.make_node("Reshape", ["ink", "rows"], ["scan"]),
        helper.make_node("Gemm", ["scan", "w1", "b1"], ["before"]),
        helper.make_node("Relu", ["before"], ["embedding"]),
        helper.make_node("Gemm", ["embedding", "w2", "b2"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probs"], axis=1),
    ]
    values: dict[str, list[str | int | None]] = {
        "image": ["n", 3, 8, 8],
        "embedding": ["n", 32],
        "probs": ["n", 10],
    }
    told = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in values.items()
    ]
    constants = [numpy_helper.from_array(value, name) for name, value in arrays.items()]
    graph = helper.make_graph(nodes, "digits", told[:1], told[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 10
    onnx.save(model, folder / "digits.onnx")
    (folder / "digits.toml").write_text(SETTINGS, encoding="utf-8")
    return folder / "digits.onnx"


if __name__ == "__main__":
    print(make(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
