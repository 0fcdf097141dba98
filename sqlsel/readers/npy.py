"""Reads arrays of numbers from NumPy's files; also bfloat16, which NumPy stores as bytes without a type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlsel.errors import InvalidInput
from sqlsel.readers.rows_of_vectors import as_float32


def read_array(path: Path) -> npt.NDArray[Any]:
    """The array of a ``.npy`` file; InvalidInput where it holds no numbers. Nothing is unpickled."""
    try:
        array = np.load(path)
    except EOFError as error:
        raise InvalidInput(f"{path}: is empty; was it written to the end?") from error
    except (ValueError, OSError) as error:
        raise InvalidInput(f"{path}: is no array of numbers: {error}") from error
    if not isinstance(array, np.ndarray):
        raise InvalidInput(f"{path}: is an archive of arrays; save the one with the vectors alone")
    if array.dtype.kind == "V" and array.dtype.names is None:
        return _of_bytes(array, path)
    return array


def _of_bytes(array: npt.NDArray[Any], path: Path) -> npt.NDArray[np.float32]:
    """An array of two-byte values as float32: bfloat16 is the upper half of a float32."""
    if array.dtype.itemsize != 2:
        raise InvalidInput(
            f"{path}: holds {array.dtype.itemsize} bytes per value and does not say of what type; "
            "save it with .astype('float32')"
        )
    halves = np.ascontiguousarray(array).view(np.uint16).astype(np.uint32)
    return as_float32((halves << 16).view(np.float32))
