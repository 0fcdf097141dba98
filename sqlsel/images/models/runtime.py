"""An ONNX file, opened with onnxruntime: its inputs and outputs, and one call that runs it."""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.errors import InvalidInput, SqlselError

Array = NDArray[Any]

_SILENT = 4  # onnxruntime's level "fatal": what fails arrives as an exception
_PIECE = 1 << 22
_TYPES: dict[str, np.dtype[Any]] = {
    "tensor(float)": np.dtype(np.float32),
    "tensor(float16)": np.dtype(np.float16),
    "tensor(double)": np.dtype(np.float64),
}
# TensorProto.external_data holds pairs of texts: this one is key 1, then comes the length of value 2,
# seven bits a byte, and value 2 itself, the name of a file.
_EXTERNAL = re.compile(rb"\x0a\x08location\x12([\x80-\xff]?)([\x01-\x7f])")


@dataclass(frozen=True)
class Tensor:
    """An input or output; a side that the file leaves open is None, ``type`` is ONNX's name."""

    name: str
    type: str
    shape: tuple[int | None, ...]

    @property
    def dtype(self) -> np.dtype[Any] | None:
        """The kind of number in it; None for what a picture cannot be put into."""
        return _TYPES.get(self.type)


class Graph:
    """The model in a file. ``run`` may be called by many threads at once, each call uses its own only."""

    def __init__(self, path: Path) -> None:
        """Opens the file; a SqlselError says why it cannot be run."""
        _check_file(path)
        self.path = path
        self._session = _session(path)
        self.inputs = [_tensor(t) for t in self._session.get_inputs()]
        self.outputs = [_tensor(t) for t in self._session.get_outputs()]

    def run(self, names: Sequence[str], feed: Mapping[str, Array]) -> list[Array]:
        """The outputs ``names`` for the inputs ``feed``; a SqlselError tells what onnxruntime says."""
        try:
            found: list[Array] = self._session.run(list(names), dict(feed))
        except Exception as error:
            raise SqlselError(f"{self.path}: the model cannot be run: {_said(error)}") from error
        return found


def file_hash(path: Path) -> str:
    """The sha256 of a model's file and of the files with weights that it names, in hexadecimal."""
    whole = sha256()
    for part in (path, *_weights(path)):
        digest = sha256()
        with part.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
        whole.update(digest.digest())
    return whole.hexdigest()


def _weights(path: Path) -> list[Path]:
    """The files beside the model that hold weights of it, each once, by name."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        named = {_named(content, found) for found in _EXTERNAL.finditer(content)}
    inside = [name for name in sorted(named) if ".." not in name.parts and not name.is_absolute()]
    return [path.parent / name for name in inside if (path.parent / name).is_file()]


def _named(content: mmap.mmap, found: re.Match[bytes]) -> Path:
    low, high = found.groups()
    length = low[0] - 128 + 128 * high[0] if low else high[0]
    return Path(os.fsdecode(content[found.end() : found.end() + length]))


def _check_file(path: Path) -> None:
    if not path.exists():
        raise InvalidInput(f"{path}: does not exist; --model names an ONNX file")
    if not path.is_file():
        raise InvalidInput(f"{path}: is not a file; --model names an ONNX file")
    if path.stat().st_size == 0:
        raise InvalidInput(f"{path}: is empty, so it is no ONNX model")


def _session(path: Path) -> Any:
    try:
        import onnxruntime  # type: ignore[import-untyped]
    except ImportError as error:
        raise SqlselError(
            f"{path}: a model needs onnxruntime: pip install 'sqlsel[onnx]'"
        ) from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _SILENT
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise InvalidInput(
            f"{path}: onnxruntime {onnxruntime.__version__} cannot open it as an ONNX model: "
            f"{_said(error)}"
        ) from error


def _said(error: Exception) -> str:
    """What onnxruntime says, on one line without its codes."""
    text = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", " ".join(str(error).split()))
    return text if len(text) <= 300 else text[:299] + "…"


def _tensor(given: Any) -> Tensor:
    shape = tuple(side if isinstance(side, int) and side > 0 else None for side in given.shape)
    return Tensor(given.name, given.type, shape)
