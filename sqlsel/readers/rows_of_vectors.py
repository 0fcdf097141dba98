"""Rows of float32 as a table of vectors; unusable rows are left out and reported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sqlsel.errors import InvalidInput
from sqlsel.readers.import_report import Report

INVALID = "vectors with NaN, infinity or a number beyond float32 are left out"

Matrix = npt.NDArray[np.float32]


def as_float32(values: npt.ArrayLike) -> Matrix:
    """The numbers as float32; those beyond it are infinite, without a warning of NumPy's."""
    with np.errstate(over="ignore"):
        return np.asarray(values).astype(np.float32, copy=False)


def as_vectors(matrix: Matrix) -> pa.FixedSizeListArray:
    """The rows as an array of vectors."""
    flat = pa.array(np.ascontiguousarray(matrix).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, max(matrix.shape[1], 1))


def matrix_of(table: pa.Table) -> Matrix:
    """The vectors of a table as rows."""
    vectors = table["embedding"].combine_chunks()
    flat = vectors.flatten().to_numpy(zero_copy_only=False)
    return as_float32(flat).reshape(len(table), vectors.type.list_size)


def finite(table: pa.Table, path: Path, report: Report) -> pa.Table:
    """The rows whose vectors are finite; InvalidInput where there are rows and none of them is."""
    with np.errstate(invalid="ignore"):  # infinity less infinity
        sums = matrix_of(table).sum(axis=1, dtype=np.float64)  # finite where all summands are
    rows = np.flatnonzero(~np.isfinite(sums))
    if not len(rows):
        return table
    names = table["sample_id"]
    first = f"row {rows[0] + 1} ({names[int(rows[0])].as_py()!r})"
    if len(rows) == len(table):
        raise InvalidInput(
            f"{path}: every vector holds NaN, infinity or a number beyond float32; the first is {first}"
        )
    for row in rows:
        report.warn(INVALID, f"{path.name}: row {row + 1} ({names[int(row)].as_py()!r})")
    return table.filter(pa.array(np.isfinite(sums)))
