"""Small ONNX models, written by the tests that need them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

Write = Callable[..., Path]
_TYPES = {"float32": 1, "float16": 10, "float64": 11, "uint8": 2}


@pytest.fixture
def write_model(tmp_path: Path) -> Write:
    """Writes nodes as a model that takes ``shape``; sides may be names, which leaves them open."""

    def write(
        nodes: list[Any],
        outputs: list[str],
        weights: dict[str, NDArray[Any]],
        *,
        shape: tuple[int | str, ...] = ("N", 3, 8, 8),
        dtype: str = "float32",
        inputs: tuple[str, ...] = ("pictures",),
        name: str = "model.onnx",
        **save: Any,
    ) -> Path:
        make, kind = onnx.helper, _TYPES[dtype]
        graph = make.make_graph(
            nodes,
            "graph",
            [make.make_tensor_value_info(i, kind, shape) for i in inputs],
            [make.make_tensor_value_info(o, _TYPES.get(dtype, 1), None) for o in outputs],
            [onnx.numpy_helper.from_array(value, key) for key, value in weights.items()],
        )
        model = make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=9)
        path = tmp_path / name
        onnx.save(model, path, **save)
        return path

    return write


@pytest.fixture
def saying(write_model: Write) -> Write:
    """A model that says the same of each picture: one output per array, without the batch."""

    def write(arrays: dict[str, Any], *, dtype: str = "float32", **given: Any) -> Path:
        node = onnx.helper.make_node
        nodes = [
            node("ReduceMean", ["pictures"], ["mean"], axes=[1, 2, 3]),
            node("Mul", ["mean", "zero"], ["nothing"]),
        ]
        weights = {"zero": np.zeros((), dtype)}
        for name, array in arrays.items():
            value = np.asarray(array, dtype)[None]
            weights[f"{name}_value"] = value
            weights[f"{name}_shape"] = np.array([-1] + [1] * (value.ndim - 1), np.int64)
            nodes += [
                node("Reshape", ["nothing", f"{name}_shape"], [f"{name}_zero"]),
                node("Add", [f"{name}_zero", f"{name}_value"], [name]),
            ]
        return write_model(nodes, list(arrays), weights, dtype=dtype, **given)

    return write


@pytest.fixture
def network(write_model: Write) -> Write:
    """A small network: convolution, pooling, a fully connected layer; outputs map, vector and tokens."""

    def write(*, shape: tuple[int | str, ...] = ("N", 3, 24, 20), **given: Any) -> Path:
        node, random = onnx.helper.make_node, np.random.default_rng(5)
        dtype = given.get("dtype", "float32")
        turned = shape[3] == 3
        nodes = [node("Transpose", ["pictures"], ["chw"], perm=[0, 3, 1, 2])] if turned else []
        nodes += [
            node("Conv", ["chw" if turned else "pictures", "kernel"], ["raw"], strides=[2, 2]),
            node("Relu", ["raw"], ["map"]),
            node("GlobalAveragePool", ["map"], ["pool"]),
            node("Flatten", ["pool"], ["flat"]),
            node("MatMul", ["flat", "last"], ["vector"]),
            node("Reshape", ["map", "to_tokens"], ["rows"]),
            node("Transpose", ["rows"], ["tokens"], perm=[0, 2, 1]),
        ]
        weights = {
            "kernel": random.normal(size=(16, 3, 5, 5)).astype(dtype),
            "last": random.normal(size=(16, 12)).astype(dtype),
            "to_tokens": np.array([0, 16, -1], np.int64),
        }
        return write_model(nodes, ["vector", "map", "tokens"], weights, shape=shape, **given)

    return write


@pytest.fixture
def settings_file(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a settings file, m.toml."""

    def write(text: str) -> Path:
        path = tmp_path / "m.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
