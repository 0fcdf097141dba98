"""Converts columns of data frames and masked arrays to arrays or lists, and finds their missing values."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.missing import is_missing, is_null
from sqlsel.engine.kernels.object_lists import packed

Mask = NDArray[np.bool_]


def as_column(values: Any) -> Any:
    """A column of pandas, Polars or Arrow as an array, or as a list where its entries are records or text.

    Masked entries of an array become NaN or None. Anything else is returned unchanged.
    """
    if isinstance(values, np.ma.MaskedArray):
        return _filled(values)
    if isinstance(values, np.ndarray) or not hasattr(values, "__array__"):
        return values
    kind = str(getattr(values, "type", ""))
    if "list_view" in kind or kind.startswith("map<"):  # NumPy gets wrong rows of a slice, or pairs
        return _listed(values)
    try:
        array = np.asarray(values)
    except Exception:  # of whatever class its library has: it has types that NumPy has not
        return _listed(values)
    records = getattr(getattr(values, "dtype", None), "fields", None)
    whole = "int" in str(getattr(values, "dtype", getattr(values, "type", ""))).lower()
    rounded = whole and array.ndim == 1 and array.dtype.kind == "f"  # integers with gaps
    if not (records or rounded) and (array.dtype != object or all(map(_is_vector, array))):
        return _matrix(array)
    return _listed(values, array)


def _listed(values: Any, otherwise: Any = None) -> Any:
    """The values of a column as a list of Python objects; ``otherwise`` for a column without such a method."""
    if str(getattr(values, "type", "")).startswith("map<"):
        return values.to_pylist(maps_as_pydicts="strict")
    for listed in ("to_list", "to_pylist"):
        if hasattr(values, listed):
            return getattr(values, listed)()
    return values if otherwise is None else otherwise


def present_in(values: Any, rows: int) -> Mask:
    """Mask of the rows that have a value: not None, NA, null, masked, or pandas' NaN, which means missing there.

    NaN elsewhere is a value, and so is a row with some missing entries: strategies refuse or skip those.
    """
    missing = _missing_in(values)
    if missing is None or not rows:
        return np.ones(rows, np.bool_)
    there: Mask = ~np.asarray(missing, np.bool_).reshape(rows, -1)
    return np.asarray(there.any(axis=1))


def _missing_in(values: Any) -> Any:
    """Mask of the missing entries, of the shape of the values; None for a type without missing values."""
    if isinstance(values, np.ma.MaskedArray):
        return np.ma.getmaskarray(values)
    if isinstance(values, (list, tuple)) or str(getattr(values, "dtype", "")) == "object":
        return _missing_objects(values)
    for method in ("isna", "is_null"):  # pandas has both, and Arrow and Polars the second one
        if hasattr(values, method):
            return getattr(values, method)()
    return None


def _missing_objects(values: Any) -> Any:
    """Of a list, or objects of NumPy or pandas."""
    if hasattr(values, "isna"):
        return values.isna()
    array = packed(values) if isinstance(values, (list, tuple)) else values
    return np.fromiter(map(is_null, array.reshape(-1)), np.bool_).reshape(array.shape)


def _matrix(array: NDArray[Any]) -> NDArray[Any]:
    """An object array of vectors of one length as a matrix; anything else unchanged."""
    vectors = array.dtype == object and len(array) and not any(map(is_missing, array))
    return np.stack(list(array)) if vectors and len({v.shape for v in array}) == 1 else array


def _is_vector(entry: Any) -> bool:
    """Whether it is an array of numbers, or missing."""
    return is_missing(entry) or (isinstance(entry, np.ndarray) and entry.dtype != object)


def _filled(values: np.ma.MaskedArray[Any, Any]) -> NDArray[Any]:
    if not np.ma.is_masked(values):
        return np.asarray(values.data)
    if values.dtype.kind == "f" or (values.ndim > 1 and values.dtype.kind in "iub"):
        wide = values.astype(np.result_type(values.dtype, np.float32))
        return np.asarray(np.ma.filled(wide, np.nan))
    objects = values.data.astype(object)
    objects[np.ma.getmaskarray(values)] = None
    return objects


def names_of(values: Any) -> list[str]:
    """The names of a frame's columns, of pandas, Polars or Arrow; none for anything else."""
    names = getattr(values, "column_names", getattr(values, "columns", ()))
    return [name for name in names if isinstance(name, str)]
