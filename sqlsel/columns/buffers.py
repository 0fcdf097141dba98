"""Columns that are filled in any order, since DuckDB scans in parallel: row r goes to index r − 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sqlsel.columns.memory import MemoryBudget
from sqlsel.columns.remedies import for_flag, for_number
from sqlsel.columns.types import is_number, plain, sql_name
from sqlsel.errors import InvalidInput

Places = NDArray[np.int64]


Later = Callable[[], None]


class Column(Protocol):
    """A reader of one input: ``put`` for each batch, then ``finish`` once."""

    def put(self, places: Places, array: pa.Array) -> Later | None:
        """Store the values of some rows; the function returned, if any, finishes that, and may run without a lock."""
        ...

    def finish(self, rows: int) -> tuple[Any, NDArray[np.bool_]]:
        """(values, mask of rows that are not NULL) of the first ``rows`` places."""
        ...


class Growing:
    """An array that grows in place: its address space is reserved, and the system adds pages as they are written."""

    def __init__(
        self, dtype: Any, budget: MemoryBudget, width: int | None = None, fill: Any = 0
    ) -> None:
        self._width, self._budget, self._fill = width, budget, fill
        self.array = np.zeros((0, width) if width else 0, dtype)
        self._reserved = self.array
        self.stays = False  # whether it never moves: as much as the budget allows is reserved

    def reach(self, rows: int) -> NDArray[Any]:
        """The array with at least this many rows; InvalidInput where the memory budget does not allow them."""
        have = len(self.array)
        if rows > have:
            size = max(rows, have + min(have // 2, 1 << 16), 8192)
            width = self._width or 1
            self._budget.ask(size - have, width, self.array.itemsize, None)
            self._budget.take((size - have) * width * self.array.itemsize)
            if size > len(self._reserved):
                self._reserve(size)
            self.array = self._reserved[:size]
            if self._fill:
                self.array[have:] = self._fill
        return self.array

    def _reserve(self, size: int) -> None:
        """Reserve as many rows as the budget allows, or ``size`` if the system refuses that."""
        before, row = self.array, self.array.itemsize * (self._width or 1)
        whole = max(self._budget.limit // row, size)
        for rows in (whole, max(size, 2 * len(before))):
            try:
                room = np.zeros((rows, self._width) if self._width else rows, before.dtype)
            except (MemoryError, ValueError):
                continue
            room[: len(before)] = before
            self._reserved, self.stays = room, rows == whole
            return
        raise InvalidInput(f"there is no memory for {size:,} rows")

    def cut(self, rows: int) -> NDArray[Any]:
        """The first ``rows`` rows."""
        return self.reach(rows)[:rows]


class Numbers:
    """Numbers and booleans as float64."""

    def __init__(self, name: str, budget: MemoryBudget) -> None:
        self._name = name
        self._values, self._present = Growing(np.float64, budget), Growing(np.bool_, budget)

    def put(self, places: Places, array: pa.Array) -> None:
        array = plain(array)
        end = int(places.max(initial=-1)) + 1
        values, mask = self._values.reach(end), self._present.reach(end)
        if pa.types.is_null(array.type):
            return
        if not is_number(array.type):
            raise InvalidInput(
                f"{self._name} is {sql_name(array.type)}; WEIGHTS needs a number"
                + for_number(array.type, self._name)
            )
        mask[places] = np.asarray(array.is_valid())
        values[places] = array.cast(pa.float64()).fill_null(0.0).to_numpy(zero_copy_only=False)

    def finish(self, rows: int) -> tuple[Any, NDArray[np.bool_]]:
        return self._values.cut(rows), self._present.cut(rows)


class Flags:
    """Booleans; NULL is false."""

    def __init__(self, name: str, budget: MemoryBudget) -> None:
        self._name, self._values = name, Growing(np.bool_, budget)

    def put(self, places: Places, array: pa.Array) -> None:
        array = plain(array)
        values = self._values.reach(int(places.max(initial=-1)) + 1)
        if pa.types.is_null(array.type):
            return
        if not pa.types.is_boolean(array.type):
            raise InvalidInput(
                f"{self._name} is {sql_name(array.type)}; it must be a boolean"
                + for_flag(array.type, self._name)
            )
        values[places] = pc.fill_null(array, fill_value=False).to_numpy(zero_copy_only=False)

    def finish(self, rows: int) -> tuple[Any, NDArray[np.bool_]]:
        values = self._values.cut(rows)
        return values, np.ones(rows, np.bool_)
