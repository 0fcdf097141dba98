"""Checks the arguments ids, candidates, preselected and by, and converts them to ranks, masks and row numbers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.arrays.frame_columns import as_column
from sqlsel.engine.kernels.exact import Index
from sqlsel.engine.kernels.missing import is_missing
from sqlsel.engine.kernels.object_lists import packed
from sqlsel.engine.objective.protocol import Mask
from sqlsel.errors import InvalidInput


def ids_of(ids: Any, rows: int) -> tuple[Index, Sequence[Any]]:
    """(rank of each row's id, the ids); without ids the row's number is its id."""
    if ids is None:
        return np.arange(rows), range(rows)
    array = _array_of(ids)
    if array.dtype.kind == "f" and isinstance(ids, (list, tuple)):
        array = packed(ids)  # integers of more than 64 bits
    if array.shape != (rows,):
        raise InvalidInput(f"ids: needs one per row ({rows}), got shape {array.shape}")
    if array.dtype.kind not in "iuUSOT":
        raise InvalidInput(
            f"ids must be integers or text, got {array.dtype}; .astype(str) makes text of them"
        )
    values = _compared(array.tolist())
    by_id = sorted(range(rows), key=values.__getitem__)
    listed = [str(v) if isinstance(v, Decimal) else v for v in values]
    for a, b in pairwise(by_id):
        if listed[a] == listed[b]:
            raise InvalidInput(f"id {listed[a]!r} occurs more than once; ids must be unique")
    order = np.empty(rows, np.int64)
    order[by_id] = np.arange(rows)
    return order, listed


def _compared(listed: list[Any]) -> list[Any]:
    """Numbers as they are, all else as text; InvalidInput for missing ids and for fractions in binary."""
    for row, value in enumerate(listed):
        if is_missing(value):
            raise InvalidInput(f"ids: {value} at row {row}; every sample needs an id")
        if isinstance(value, (float, list, dict)):
            raise InvalidInput(f"ids must be integers or text, got {value} at row {row}")
    kinds = {type(value) for value in listed}
    if kinds <= {int} or kinds == {Decimal}:
        return listed
    return [_text(value, row) for row, value in enumerate(listed)]


def _text(value: Any, row: int) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidInput(
            f"ids must be integers or text; the bytes at row {row} are no UTF-8: give their .hex()"
        ) from None


def _array_of(values: Any) -> NDArray[Any]:
    """The values as an array; an object array if some are missing, since NumPy would convert None to text or NaN."""
    column = as_column(values)
    gaps = isinstance(column, (list, tuple)) and any(map(is_missing, column))
    return packed(column) if gaps else np.asarray(column)


def mask_of(values: Any, rows: int, name: str, *, default: bool) -> Mask:
    """A mask or row numbers as a mask; what is missing in a mask is False."""
    if values is None:
        return np.full(rows, default)
    array = _mask_with_gaps(_array_of(values))
    if array.dtype == np.bool_:
        if array.shape != (rows,):
            raise InvalidInput(f"{name}: the mask has shape {array.shape}, there are {rows} rows")
        return array.copy()
    if array.size == 0:
        return np.zeros(rows, np.bool_)
    if array.shape == (rows,) and _is_flags(array):
        raise InvalidInput(
            f"{name} holds only 0 and 1, one for each of the {rows} rows: as row numbers they would name the rows "
            "0 and 1. Give a mask as booleans, with .astype(bool)"
        )
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise InvalidInput(
            f"{name} must be a mask or row numbers, got {array.dtype}; give booleans, one per row"
        )
    if array.min() < 0 or array.max() >= rows:
        raise InvalidInput(f"{name}: row numbers must lie between 0 and {rows - 1}")
    mask = np.zeros(rows, np.bool_)
    mask[array] = True
    return mask


def _is_flags(array: NDArray[Any]) -> bool:
    """Whether it holds nothing but 0 and 1, and one of them twice: row numbers would not repeat."""
    if array.dtype.kind not in "iuf":
        return False
    return len(array) > len(np.unique(array)) and bool(np.isin(array, (0, 1)).all())


def _mask_with_gaps(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype != object or array.ndim != 1:
        return array
    flags = [False if is_missing(x) else x for x in array.tolist()]
    return np.array(flags) if all(isinstance(x, (bool, np.bool_)) for x in flags) else array


def groups_of(by: Any, rows: int) -> list[NDArray[np.int64]]:
    """The rows of each group, by ascending value; missing values (None, NaN) are a group of their own, the last."""
    array = packed(by) if isinstance(by, (list, tuple)) else _array_of(by)
    if array.shape != (rows,):
        raise InvalidInput(f"by: needs one value per row ({rows}), got shape {array.shape}")
    listed = array.tolist()
    rows_by_value: dict[Any, list[int]] = {}
    for row, value in enumerate(listed):
        if not isinstance(value, Hashable):
            raise InvalidInput(f"by: {value!r} at row {row} is no value to group by; give its text")
        rows_by_value.setdefault(None if is_missing(value) else value, []).append(row)
    try:
        values = sorted(value for value in rows_by_value if value is not None)
    except TypeError:
        raise InvalidInput(
            "by: the values cannot be compared with each other; give their text, with .astype(str)"
        ) from None
    return [
        np.array(rows_by_value[v], np.int64)
        for v in [*values, *([None] if None in rows_by_value else [])]
    ]
