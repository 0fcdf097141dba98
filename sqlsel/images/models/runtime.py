"""Opens ONNX files with onnxruntime: their inputs and outputs, and a call that runs them."""

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
    """An input or output; an axis of any length is None, ``type`` is ONNX's name."""

    name: str
    type: str
    shape: tuple[int | None, ...]

    @property
    def dtype(self) -> np.dtype[Any] | None:
        """The NumPy type; None for a type that cannot hold a picture."""
        return _TYPES.get(self.type)


class Graph:
    """The model of a file. ``run`` may be called from many threads at once; each call uses one core."""

    def __init__(self, path: Path) -> None:
        """Open the file; InvalidInput or SqlselError where that fails."""
        _check_file(path)
        self.path = path
        self._session = _session(path)
        self.inputs = [_tensor(t) for t in self._session.get_inputs()]
        self.outputs = [_tensor(t) for t in self._session.get_outputs()]

    def run(self, names: Sequence[str], feed: Mapping[str, Array]) -> list[Array]:
        """The outputs ``names`` for the inputs ``feed``; SqlselError with onnxruntime's message where it fails."""
        try:
            outputs: list[Array] = self._session.run(list(names), dict(feed))
        except Exception as error:
            raise SqlselError(
                f"{self.path}: the model cannot be run: {_one_line(error)}"
            ) from error
        return outputs


def file_hash(path: Path) -> str:
    """The sha256, in hexadecimal, of a model's file and of the files with weights that it refers to."""
    whole = sha256()
    for part in (path, *_weights(path)):
        digest = sha256()
        with part.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
        whole.update(digest.digest())
    return whole.hexdigest()


def _weights(path: Path) -> list[Path]:
    """The files beside the model that hold its weights, each once, by name; paths that lead elsewhere are left out."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        names = {_file_name(content, match) for match in _EXTERNAL.finditer(content)}
    inside = [name for name in sorted(names) if ".." not in name.parts and not name.is_absolute()]
    return [path.parent / name for name in inside if (path.parent / name).is_file()]


def _file_name(content: mmap.mmap, match: re.Match[bytes]) -> Path:
    """The file name behind a match of ``_EXTERNAL``; its length takes one or two bytes."""
    low, high = match.groups()
    length = low[0] - 128 + 128 * high[0] if low else high[0]
    return Path(os.fsdecode(content[match.end() : match.end() + length]))


def _check_file(path: Path) -> None:
    """InvalidInput where the path is no file with content."""
    if not path.exists():
        raise InvalidInput(f"{path}: does not exist; --model names an ONNX file")
    if not path.is_file():
        raise InvalidInput(f"{path}: is not a file; --model names an ONNX file")
    if path.stat().st_size == 0:
        raise InvalidInput(f"{path}: is empty, so it is no ONNX model")


def _session(path: Path) -> Any:
    """The onnxruntime session, on one core and deterministic; InvalidInput where the file is no valid model."""
    try:
        import onnxruntime  # type: ignore[import-untyped]
    except ImportError as error:
        raise SqlselError(
            f"{path}: a model needs onnxruntime: pip install 'sqlsel[onnx]'"
        ) from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _SILENT
    # The callers run batches on several cores; threads of one run would only compete with them.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise InvalidInput(
            f"{path}: onnxruntime {onnxruntime.__version__} cannot open it as an ONNX model: "
            f"{_one_line(error)}"
        ) from error


def _one_line(error: Exception) -> str:
    """onnxruntime's message on one line, without its codes, at most 300 characters."""
    text = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", " ".join(str(error).split()))
    return text if len(text) <= 300 else text[:299] + "…"


def _tensor(argument: Any) -> Tensor:
    """An input or output of onnxruntime as a Tensor."""
    shape = tuple(side if isinstance(side, int) and side > 0 else None for side in argument.shape)
    return Tensor(argument.name, argument.type, shape)
