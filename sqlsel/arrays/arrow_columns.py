"""Reads columns of Polars and Arrow with the readers of SQL; PyArrow is imported only for such a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sqlsel.arrays.frame_columns import names_of
from sqlsel.engine.inputs import InputColumn, class_rows, vector_rows

if TYPE_CHECKING:
    import pyarrow as pa


def read_arrow(values: Any, takes: str, name: str, *, skip: bool = False) -> InputColumn | None:
    """The column for a strategy that ``takes`` vectors or classes; None where these readers do not know its type.

    ``name`` is for messages. InvalidInput for vectors of several lengths, unless ``skip``.
    """
    column = _arrow_of(values)
    if column is None:
        return None
    if takes == "vectors" and _holds_vectors(column.type):
        return _vectors(column, name, skip=skip)
    if takes == "classes" and _holds_classes(column.type):
        return _classes(column, name)
    return None


def _arrow_of(values: Any) -> pa.ChunkedArray | None:
    """The column by its Arrow stream; None for frames, pandas and NumPy, and for types that Arrow cannot represent."""
    streams = hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__")
    if not streams or names_of(values) or type(values).__module__.startswith("pandas"):
        return None
    import pyarrow as pa

    try:
        if hasattr(values, "__arrow_c_stream__"):
            return pa.chunked_array(values)
        return pa.chunked_array([pa.array(values)])
    except (pa.ArrowException, TypeError, ValueError):
        return None


def _holds_vectors(kind: pa.DataType) -> bool:
    """Whether it is a vector of numbers per row, or a list of them."""
    return _is_vector(kind) or (_is_plain_list(kind) and _is_vector(kind.value_type))


def _is_vector(kind: pa.DataType) -> bool:
    import pyarrow as pa

    from sqlsel.columns.types import is_number

    if not _is_plain_list(kind):
        return False
    return is_number(kind.value_type) and not pa.types.is_boolean(kind.value_type)


def _is_plain_list(kind: pa.DataType) -> bool:
    from sqlsel.columns.types import is_list, is_list_view

    return is_list(kind) and not is_list_view(kind)


def _holds_classes(kind: pa.DataType) -> bool:
    """Whether it is a category, a list of categories, or a map from class to mass."""
    import pyarrow as pa

    from sqlsel.columns.types import is_number

    if pa.types.is_dictionary(kind):
        return _is_category(kind.value_type)
    if pa.types.is_map(kind):
        return is_number(kind.item_type)
    return _is_category(kind) or (_is_plain_list(kind) and _is_text(kind.value_type))


def _is_category(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(_is_text(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind))


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return bool(is_text or pa.types.is_string_view(kind))


def _vectors(column: pa.ChunkedArray, name: str, *, skip: bool) -> InputColumn:
    """Vectors of one length in their own type, as those of NumPy; else in float32, by the reader of SQL."""
    import pyarrow as pa

    from sqlsel.columns.memory import MemoryBudget
    from sqlsel.columns.reading import read_whole, stored_matrix
    from sqlsel.columns.vector_column import Vectors

    rows = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    stored = stored_matrix(pa.chunked_array([rows.drop_null() if rows.null_count else rows]))
    if stored is None:
        values, present = read_whole(Vectors(name, MemoryBudget(), skip=skip, objects=True), column)
        return InputColumn(vector_rows(values), present)
    if not rows.null_count:
        return InputColumn(stored, np.ones(len(rows), np.bool_))
    present = np.asarray(rows.is_valid())
    matrix = np.zeros((len(rows), stored.shape[1]), stored.dtype)
    matrix[present] = stored
    return InputColumn(matrix, present)


def _classes(column: pa.ChunkedArray, name: str) -> InputColumn:
    from sqlsel.columns.class_column import ClassColumn
    from sqlsel.columns.memory import MemoryBudget
    from sqlsel.columns.reading import read_whole

    values, present = read_whole(ClassColumn(name, MemoryBudget()), column)
    return InputColumn(class_rows(*values), present)
