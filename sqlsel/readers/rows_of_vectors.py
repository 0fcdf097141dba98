"""Converts between float32 matrices and Arrow lists; drops rows that are not finite."""

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
    """The numbers as float32; those beyond its range become infinite, without NumPy's warning."""
    with np.errstate(over="ignore"):
        return np.asarray(values).astype(np.float32, copy=False)


def to_arrow(matrix: Matrix) -> pa.FixedSizeListArray:
    """The rows of a matrix as an Arrow array of fixed-size lists."""
    flat = pa.array(np.ascontiguousarray(matrix).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, max(matrix.shape[1], 1))


def to_matrix(table: pa.Table) -> Matrix:
    """The column ``embedding`` as a matrix, one row per vector."""
    vectors = table["embedding"].combine_chunks()
    flat = vectors.flatten().to_numpy(zero_copy_only=False)
    return as_float32(flat).reshape(len(table), vectors.type.list_size)


def drop_invalid(table: pa.Table, path: Path, report: Report) -> pa.Table:
    """The rows with finite vectors; others are dropped with a warning. InvalidInput where all rows are invalid."""
    # A sum in float64 is finite exactly where all its float32 summands are, and needs no mask of the matrix' size.
    with np.errstate(invalid="ignore"):  # infinity minus infinity
        sums = to_matrix(table).sum(axis=1, dtype=np.float64)
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
