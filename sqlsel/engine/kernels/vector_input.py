"""Reads a column of vectors: checks it, rounds to float32, and scales to unit length if asked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Matrix, is_unit, squared_norms, unit_rows
from sqlsel.engine.kernels.missing import is_missing
from sqlsel.engine.kernels.number_input import numbers_among, remedy
from sqlsel.errors import InvalidInput

Mask = NDArray[np.bool_]

_LARGEST = 1e36  # squared norm up to which float32 products do not overflow


class Owned(np.ndarray[Any, Any]):
    """A matrix to which nobody else holds a reference, so it may be overwritten."""


def as_matrix(values: Any, name: str) -> NDArray[Any]:
    """``values`` as a matrix of numbers, one row per sample; InvalidInput, which says why, for anything else.

    A sequence of vectors, as a data frame holds them, is stacked; a missing one becomes a row of NaN.
    """
    try:
        matrix = _array_of(values)
    except ValueError as error:
        raise InvalidInput(f"{name}: {ragged(list(values))}") from error
    if matrix.dtype == object and matrix.ndim:
        raise InvalidInput(f"{name}: {ragged(list(values))}")
    if matrix.ndim != 2:
        raise InvalidInput(
            f"{name}: needs one vector per sample (two dimensions), got shape {matrix.shape}"
            + ("; put columns together with np.column_stack" if matrix.ndim == 1 else "")
        )
    if matrix.dtype.kind not in "fiub":
        raise InvalidInput(f"{name}: needs numbers, got {matrix.dtype}{remedy(matrix.dtype)}")
    if matrix.shape[1] == 0:
        raise InvalidInput(f"{name}: the vectors have no dimensions")
    return matrix


def _array_of(values: Any) -> NDArray[Any]:
    try:
        matrix = np.asarray(values)
        if matrix.dtype == object and matrix.ndim == 2:
            return numbers_among(matrix)
        if matrix.dtype != object or matrix.ndim != 1:
            return matrix
        rows = list(matrix)
    except ValueError:
        rows = list(values)
        if not any(map(is_missing, rows)):
            raise
    width = next((_length(row) for row in rows if not is_missing(row)), 1)
    nothing = np.full(max(width, 0), np.nan)
    return np.asarray([nothing if is_missing(row) else row for row in rows])


def _length(row: Any) -> int:
    """The length of a vector; −1 for anything else."""
    return len(row) if hasattr(row, "__len__") and not isinstance(row, (str, bytes)) else -1


def ragged(values: Any) -> str:
    """A message that names the first row that is no vector, or whose length is not the most common one."""
    lengths = {i: _length(row) for i, row in enumerate(values) if not is_missing(row)}
    every = list(lengths.values())
    common = max(set(every), key=every.count, default=-1)
    bad = [i for i, n in lengths.items() if n != common]
    if not bad or common < 0:
        return "needs one vector of numbers per sample; give lists of numbers of one length"
    if lengths[bad[0]] < 0:
        return f"row {bad[0]} is {values[bad[0]]!r}; needs one vector of numbers per sample"
    return (
        f"{len(bad)} of {len(values)} rows do not have the common length {common} "
        f"(first at row {bad[0]}: length {lengths[bad[0]]}); pad, truncate or filter them"
    )


def ingest_vectors(
    values: Any,
    present: Mask,
    pool: Mask,
    *,
    normalize: bool,
    on_invalid: str,
    name: str = "embedding",
) -> tuple[Matrix, Mask]:
    """(contiguous float32 matrix, mask of rows with a usable vector); unusable rows are zeros.

    Numbers are rounded to float32 before anything else, as SQL's FLOAT does, so that all surfaces agree. Only rows
    of ``pool`` are checked. NaN, infinite and (when normalising) zero vectors are an InvalidInput, or with
    ``on_invalid='skip'`` not usable.
    """
    raw = as_matrix(values, name)
    with np.errstate(over="ignore"):
        rounded = raw.astype(np.float32, copy=False)
    own = rounded is not raw or isinstance(values, Owned)
    squares = squared_norms(rounded)
    not_unit = ~np.isfinite(squares) | (squares == 0)
    rescued = _rescue(raw, not_unit & present & pool) if normalize and rounded is not raw else {}
    bad = (not_unit if normalize else ~(squares <= _LARGEST)) & present & pool
    bad[list(rescued)] = False
    if bad.any() and on_invalid == "error":
        first = int(np.flatnonzero(bad)[0])
        raise InvalidInput(describe_invalid(name, raw, bad, normalize=normalize), first)
    usable = present & ~bad
    if normalize:
        matrix = _unit(rounded, squares, in_place=own)
        for row, vector in rescued.items():
            matrix[row] = vector
    else:
        matrix = np.ascontiguousarray(rounded)
    return (matrix if usable.all() else _without(matrix, ~usable)), usable


def _without(matrix: Matrix, bad: Mask) -> Matrix:
    """The matrix with zeros in its bad rows; a copy only where these are not zero already."""
    return np.where(bad[:, None], np.float32(0), matrix) if matrix[bad].any() else matrix


def _unit(rows: Matrix, squares: NDArray[np.float64], *, in_place: bool) -> Matrix:
    """The rows at unit length; ``rows`` itself where they have it already, or may be overwritten."""
    if rows.flags.c_contiguous and is_unit(squares).all():
        return rows
    matrix = rows if rows.flags.c_contiguous and in_place else np.empty(rows.shape, np.float32)
    unit_rows(rows, squares, matrix)
    return matrix


def _rescue(raw: NDArray[Any], not_unit: Mask) -> dict[int, Matrix]:
    """Row number → unit vector, for rows whose norm over- or underflows in float32 but not in float64."""
    rescued: dict[int, Matrix] = {}
    for row in np.flatnonzero(not_unit).tolist():
        wide = raw[row].astype(np.float64)
        largest = np.abs(wide).max()
        if np.isfinite(largest) and largest > 0:
            scaled = (wide / largest)[None]
            vector = np.empty(scaled.shape, np.float32)
            unit_rows(scaled, squared_norms(scaled), vector)
            rescued[row] = vector[0]
    return rescued


def describe_invalid(name: str, raw: NDArray[Any], bad: Mask, *, normalize: bool) -> str:
    """``embedding: 3 of 9 vectors cannot be used; the first, at row {row}, holds NaN. …``."""
    row = np.asarray(raw[int(np.flatnonzero(bad)[0])], np.float64)
    kind = (
        "holds NaN or NULL"
        if np.isnan(row).any()
        else "holds infinity"
        if np.isinf(row).any()
        else "is zero"
    )
    mend = "Leave them out" + ("" if name == "query" else ", or set on_invalid to 'skip'")
    if kind == "is zero" and row.any():
        kind, mend = "is too large (beyond 1e18)", "Scale them, or set normalize to true"
    elif kind == "is zero":
        mend += "; with normalize false zero vectors can be used"
    count = f"{int(bad.sum())} of {len(raw)} vectors cannot be used"
    return f"{name}: {count}; the first, at row {{row}}, {kind}. {mend}"
