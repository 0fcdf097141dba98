"""Columns of data frames, and arrays with gaps, in the forms that strategies take."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.missing import is_missing, is_null
from sqlsel.engine.kernels.object_lists import packed

Mask = NDArray[np.bool_]


def as_column(given: Any) -> Any:
    """A column of pandas, Polars or Arrow as an array, or as a list where its entries are records or text.

    A masked array has NaN or None in its gaps. All else is given back as it is.
    """
    if isinstance(given, np.ma.MaskedArray):
        return _filled(given)
    if isinstance(given, np.ndarray) or not hasattr(given, "__array__"):
        return given
    kind = str(getattr(given, "type", ""))
    if "list_view" in kind or kind.startswith("map<"):  # NumPy gets wrong rows of a slice, or pairs
        return _listed(given)
    try:
        array = np.asarray(given)
    except Exception:  # of whatever class its library has: it has types that NumPy has not
        return _listed(given)
    records = getattr(getattr(given, "dtype", None), "fields", None)
    whole = "int" in str(getattr(given, "dtype", getattr(given, "type", ""))).lower()
    rounded = whole and array.ndim == 1 and array.dtype.kind == "f"  # integers with gaps
    if not (records or rounded) and (array.dtype != object or all(map(_is_vector, array))):
        return _matrix(array)
    return _listed(given, array)


def _listed(given: Any, otherwise: Any = None) -> Any:
    """The values of a column as Python's own."""
    if str(getattr(given, "type", "")).startswith("map<"):
        return given.to_pylist(maps_as_pydicts="strict")
    for listed in ("to_list", "to_pylist"):
        if hasattr(given, listed):
            return getattr(given, listed)()
    return given if otherwise is None else otherwise


def present_in(given: Any, rows: int) -> Mask:
    """The rows that have a value: None, NA, null and masked are none, nor is NaN of pandas, which knows no other.

    NaN elsewhere is a value, and so is a row of which some entries are missing: strategies refuse them.
    """
    missing = _missing_in(given)
    if missing is None or not rows:
        return np.ones(rows, np.bool_)
    there: Mask = ~np.asarray(missing, np.bool_).reshape(rows, -1)
    return np.asarray(there.any(axis=1))


def _missing_in(given: Any) -> Any:
    """Which entries are missing; None where none can be."""
    if isinstance(given, np.ma.MaskedArray):
        return np.ma.getmaskarray(given)
    if isinstance(given, (list, tuple)) or str(getattr(given, "dtype", "")) == "object":
        return _missing_objects(given)
    for method in ("isna", "is_null"):  # pandas has both, and Arrow and Polars the second one
        if hasattr(given, method):
            return getattr(given, method)()
    return None


def _missing_objects(given: Any) -> Any:
    """Of a list, or objects of NumPy or pandas."""
    if hasattr(given, "isna"):
        return given.isna()
    array = packed(given) if isinstance(given, (list, tuple)) else given
    return np.fromiter(map(is_null, array.reshape(-1)), np.bool_).reshape(array.shape)


def _matrix(array: NDArray[Any]) -> NDArray[Any]:
    """Vectors of one length as a matrix; all else as it is."""
    vectors = array.dtype == object and len(array) and not any(map(is_missing, array))
    return np.stack(list(array)) if vectors and len({v.shape for v in array}) == 1 else array


def _is_vector(entry: Any) -> bool:
    """Whether it is an array of numbers, or nothing."""
    return is_missing(entry) or (isinstance(entry, np.ndarray) and entry.dtype != object)


def _filled(given: np.ma.MaskedArray[Any, Any]) -> NDArray[Any]:
    if not np.ma.is_masked(given):
        return np.asarray(given.data)
    if given.dtype.kind == "f" or (given.ndim > 1 and given.dtype.kind in "iub"):
        wide = given.astype(np.result_type(given.dtype, np.float32))
        return np.asarray(np.ma.filled(wide, np.nan))
    found = given.data.astype(object)
    found[np.ma.getmaskarray(given)] = None
    return found


def names_of(given: Any) -> list[str]:
    """The names of a frame's columns, of pandas, Polars or Arrow; none for anything else."""
    names = getattr(given, "column_names", getattr(given, "columns", ()))
    return [name for name in names if isinstance(name, str)]
