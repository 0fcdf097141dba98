"""Whole columns, which are there at once, read as those that are fed row by row."""

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
    """(values, mask of rows that have one) of a column; rows outside ``rows`` are not looked at, and have none.

    InvalidInput as the reader raises it, with rows counted from 0.
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


@contextmanager
def rows_counted_from_one() -> Iterator[None]:
    """Errors inside name their row as SQL counts."""
    try:
        yield
    except InvalidInput as error:
        if error.row is None:
            raise
        raise error.naming_row(error.row + 1) from None
