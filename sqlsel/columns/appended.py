"""An append-only column of ids or group keys, copied into buffers of its own."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sqlsel.columns.buffers import Growing, Places
from sqlsel.columns.memory import MemoryBudget


class Appended:
    """Numbers, text or bytes without NULL, in order of arrival; all batches have one type.

    They are copied on arrival: an Arrow slice keeps its whole batch in memory, vectors too. And they are copied
    into arrays that grow in place: small buffers between freed batches would keep the system from reusing their pages.
    """

    def __init__(self, budget: MemoryBudget) -> None:
        self._budget = budget
        self._type: pa.DataType | None = None
        self._places, self._ends = Growing(np.int64, budget), Growing(np.int64, budget)
        self._data: Growing | None = None
        self._rows = self._size = 0  # rows, and bytes of text, so far

    def put(self, places: Places, array: pa.Array) -> None:
        """Store the values of the rows at these places; the array has no NULL."""
        if not len(array):
            return
        if pa.types.is_large_binary(array.type):  # DuckDB's setting arrow_large_buffer_size
            array = array.cast(pa.binary())
        self._type = array.type
        end = self._rows + len(array)
        self._places.reach(end)[self._rows : end] = places
        if pa.types.is_string(array.type) or pa.types.is_binary(array.type):
            self._put_text(array, end)
        elif not pa.types.is_null(array.type):
            self._put_numbers(array, end)
        self._rows = end

    def _put_numbers(self, array: pa.Array, end: int) -> None:
        width = array.type.bit_width // 8
        if self._data is None:
            self._data = Growing(np.uint8, self._budget, width)
        start = array.offset * width
        values = np.frombuffer(array.buffers()[1], np.uint8)[start : start + len(array) * width]
        self._data.reach(end)[self._rows : end] = values.reshape(len(array), width)

    def _put_text(self, array: pa.Array, end: int) -> None:
        if self._data is None:
            self._data = Growing(np.uint8, self._budget)
        _, offsets, data = array.buffers()
        cuts = np.frombuffer(offsets, np.int32)[array.offset : array.offset + len(array) + 1]
        first, last = int(cuts[0]), int(cuts[-1])
        size = self._size + last - first
        if last > first:
            text = np.frombuffer(data, np.uint8)[first:last]
            self._data.reach(size)[self._size : size] = text
        self._ends.reach(end)[self._rows : end] = cuts[1:].astype(np.int64) - first + self._size
        self._size = size

    def finish(self) -> tuple[pa.Array, NDArray[np.int64]]:
        """(the values in order of arrival, numbers without a copy; the row of each)."""
        rows, places = self._rows, self._places.cut(self._rows)
        if self._type is None or pa.types.is_null(self._type) or self._data is None:
            return pa.nulls(rows, self._type or pa.null()), places
        if not (pa.types.is_string(self._type) or pa.types.is_binary(self._type)):
            data = pa.py_buffer(self._data.cut(rows))
            return pa.Array.from_buffers(self._type, rows, [None, data]), places
        wide = pa.large_string() if pa.types.is_string(self._type) else pa.large_binary()
        offsets = np.concatenate([np.zeros(1, np.int64), self._ends.cut(rows)])
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(self._data.cut(self._size))]
        return pa.Array.from_buffers(wide, rows, buffers).cast(self._type), places
