"""Reads whole Arrow columns with the readers that are made for batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
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
    """A view of the column as a matrix, uncopied; None unless it is one chunk of vectors of one length, none NULL."""
    if column.num_chunks != 1 or not len(column) or column.null_count:
        return None
    chunk = column.chunk(0)
    lengths = pc.list_value_length(chunk)
    width = lengths[0].as_py()
    numbers = chunk.flatten()
    plain = pa.types.is_floating(numbers.type) or pa.types.is_integer(numbers.type)
    if not (plain and width) or numbers.null_count or not pc.all(pc.equal(lengths, width)).as_py():
        return None
    return np.asarray(numbers.to_numpy(zero_copy_only=True)).reshape(-1, width)


@contextmanager
def rows_counted_from_one() -> Iterator[None]:
    """InvalidInput raised in the block names its row counted from 1, as SQL does."""
    try:
        yield
    except InvalidInput as error:
        if error.row is None:
            raise
        raise error.naming_row(error.row + 1) from None
