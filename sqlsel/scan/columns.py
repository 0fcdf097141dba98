"""Columns that are filled in any order: row r of the scan goes to place r − 1, whichever thread brings it."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sqlsel.errors import InvalidInput
from sqlsel.scan.memory import MemoryBudget

Places = NDArray[np.int64]


class Column(Protocol):
    """One input of the clause while it is fed."""

    def put(self, places: Places, array: pa.Array) -> None:
        """Store the values of some rows."""
        ...

    def finish(self, rows: int) -> tuple[Any, NDArray[np.bool_]]:
        """(values, mask of rows that are not NULL) of the first ``rows`` places."""
        ...


class Growing:
    """An array that grows without being copied twice."""

    def __init__(self, dtype: Any, budget: MemoryBudget, width: int | None = None, fill: Any = 0) -> None:
        self._width, self._budget, self._fill = width, budget, fill
        self.array = np.empty((0, width) if width else 0, dtype)

    def reach(self, rows: int) -> NDArray[Any]:
        """The array, at least this long."""
        have = len(self.array)
        if rows > have:
            size = max(rows, min(have + have // 2, have + (1 << 21)), 8192)
            width = self._width or 1
            self._budget.ask(size - have, width, self.array.itemsize, None)
            self._budget.take((size - have) * width * self.array.itemsize)
            self.array.resize((size, self._width) if self._width else size, refcheck=False)
            if self._fill:
                self.array[have:] = self._fill
        return self.array

    def cut(self, rows: int) -> NDArray[Any]:
        """The first ``rows`` places."""
        self.reach(rows)
        self.array.resize((rows, self._width) if self._width else rows, refcheck=False)
        return self.array


def plain(array: pa.Array) -> pa.Array:
    """Dictionaries and extension types as what they stand for."""
    if isinstance(array.type, pa.BaseExtensionType):
        array = array.storage
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def is_number(kind: pa.DataType) -> bool:
    """Whether values of this type are numbers (booleans count as 0 and 1)."""
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_boolean(kind)
    )


def shown(kind: pa.DataType) -> str:
    """A type in the words of a person."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    if pa.types.is_temporal(kind):
        return f"a {kind}"
    return "a struct" if pa.types.is_struct(kind) else "a list" if pa.types.is_nested(kind) else str(kind)


class Vectors:
    """Vectors of one length as rows of a float32 matrix."""

    def __init__(self, name: str, budget: MemoryBudget) -> None:
        self._name, self._budget = name, budget
        self._matrix: Growing | None = None
        self._present = Growing(np.bool_, budget)
        self._width = 0
        self.fed = 0

    def put(self, places: Places, array: pa.Array) -> None:
        array = plain(array)
        self.fed += len(places)
        if pa.types.is_null(array.type):
            self._present.reach(int(places.max(initial=-1)) + 1)
            return
        present = np.asarray(array.is_valid())
        values, width = self._flat(array, places[present])
        if len(values) and self._matrix is None:
            self._width = width
            self._matrix = Growing(np.float32, self._budget, width)
        mask = self._present.reach(int(places.max(initial=-1)) + 1)
        mask[places] = present
        if self._matrix is not None and len(values):
            self._check_width(width, places[present])
            rows = places[present]
            matrix = self._matrix.reach(int(rows.max()) + 1)
            shaped = values.reshape(-1, width)
            with np.errstate(over="ignore"):
                if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and (np.diff(rows) == 1).all():
                    matrix[rows[0] : rows[-1] + 1] = shaped
                else:
                    matrix[rows] = shaped

    def _flat(self, array: pa.Array, rows: Places) -> tuple[NDArray[Any], int]:
        kind = array.type
        if not (pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)):
            raise InvalidInput(f"{self._name} is {shown(kind)}; this strategy needs a vector (FLOAT[n] or FLOAT[])")
        element = kind.value_type
        if not (pa.types.is_floating(element) or pa.types.is_integer(element) or pa.types.is_decimal(element)):
            raise InvalidInput(f"{self._name} holds {shown(element)}; this strategy needs vectors of numbers")
        if pa.types.is_fixed_size_list(kind):
            width = kind.list_size
        else:
            lengths = np.asarray(pc.list_value_length(array).drop_null())
            width = self._width or (int(lengths[0]) if len(lengths) else 0)
            if (lengths != width).any():
                bad = int(np.flatnonzero(lengths != width)[0])
                raise InvalidInput(
                    f"{self._name}: vectors of different lengths: {width} and {int(lengths[bad])} "
                    f"(row {int(rows[bad]) + 1}); pad, truncate or filter them"
                )
        flat = array.flatten()  # leaves out what NULL rows hold
        if pa.types.is_decimal(element):
            flat = flat.cast(pa.float64())
        return flat.to_numpy(zero_copy_only=False), width

    def _check_width(self, width: int, rows: Places) -> None:
        if width == 0:
            raise InvalidInput(f"{self._name}: row {int(rows[0]) + 1} has an empty vector")
        if width != self._width:
            raise InvalidInput(
                f"{self._name}: vectors of different lengths: {self._width} and {width} (row {int(rows[0]) + 1}); "
                "pad, truncate or filter them"
            )

    def finish(self, rows: int) -> tuple[Any, NDArray[np.bool_]]:
        matrix = np.zeros((rows, 1), np.float32) if self._matrix is None else self._matrix.cut(rows)
        return matrix, self._present.cut(rows)


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
            raise InvalidInput(f"{self._name} is {shown(array.type)}; WEIGHTS needs a number")
        mask[places] = np.asarray(array.is_valid())
        values[places] = array.cast(pa.float64()).fill_null(0.0).to_numpy(zero_copy_only=False)

    def finish(self, rows: int) -> tuple[Any, NDArray[np.bool_]]:
        return self._values.cut(rows), self._present.cut(rows)


class Flags:
    """Booleans; NULL is false."""

    def __init__(self, name: str, budget: MemoryBudget) -> None:
        self._name, self._values = name, Growing(np.bool_, budget)

    def put(self, places: Places, array: pa.Array) -> None:
        values = self._values.reach(int(places.max(initial=-1)) + 1)
        if pa.types.is_null(array.type):
            return
        if not pa.types.is_boolean(array.type):
            raise InvalidInput(f"{self._name} is {array.type}; it must be a boolean")
        values[places] = array.fill_null(value=False).to_numpy(zero_copy_only=False)

    def finish(self, rows: int) -> tuple[Any, NDArray[np.bool_]]:
        values = self._values.cut(rows)
        return values, np.ones(rows, np.bool_)
