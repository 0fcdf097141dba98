"""Reads whole Arrow columns with the readers that are made for batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sqlsel.columns.buffers import Column
from sqlsel.errors import InvalidInput

Mask = NDArray[np.bool_]


def read_whole(
    reader: Column, column: pa.Array | pa.ChunkedArray, rows: Mask | None = None
) -> tuple[Any, Mask]:
    """(values, mask of rows that have one) of a column; rows outside of ``rows`` are not checked, and have none.

    InvalidInput as the reader raises it, its row counted from 0.
    """
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    start = 0
    for chunk in chunks:
        places = np.arange(start, start + len(chunk))
        start += len(chunk)
        here = None if rows is None else rows[places]
        if here is not None and not here.all():
            places, chunk = places[here], chunk.filter(pa.array(here))  # noqa: PLW2901
        later = reader.put(places, chunk)
        if later is not None:
            later()
    return reader.finish(start)


def stored_matrix(column: pa.ChunkedArray) -> NDArray[Any] | None:
    """A view of the column as a matrix, uncopied; None unless it is one chunk of vectors of one length, none NULL.

    Buffers are read directly: Arrow's own conversion to NumPy imports pandas where that is installed.
    """
    if column.num_chunks != 1 or not len(column) or column.null_count:
        return None
    chunk = column.chunk(0)
    width, numbers = _width(chunk), chunk.flatten()
    kind = _FLOATS.get(str(numbers.type), str(numbers.type))
    if (
        not width
        or numbers.null_count
        or not (pa.types.is_floating(numbers.type) or pa.types.is_integer(numbers.type))
    ):
        return None
    values = np.frombuffer(numbers.buffers()[1], kind)
    return values[numbers.offset : numbers.offset + len(numbers)].reshape(-1, width)


_FLOATS = {"halffloat": "float16", "float": "float32"}  # Arrow's names that are not NumPy's


def _width(lists: pa.Array) -> int:
    """The length of all lists; 0 where lengths differ."""
    if pa.types.is_fixed_size_list(lists.type):
        return int(lists.type.list_size)
    kind = "int64" if pa.types.is_large_list(lists.type) else "int32"
    ends = np.frombuffer(lists.buffers()[1], kind)[lists.offset : lists.offset + len(lists) + 1]
    lengths = np.diff(ends)
    return int(lengths[0]) if (lengths == lengths[0]).all() else 0


@contextmanager
def rows_counted_from_one() -> Iterator[None]:
    """InvalidInput raised in the block names its row counted from 1, as SQL does."""
    try:
        yield
    except InvalidInput as error:
        if error.row is None:
            raise
        raise error.naming_row(error.row + 1) from None
