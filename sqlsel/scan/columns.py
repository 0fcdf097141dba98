"""Columns that are filled in any order: row r of the scan goes to place r − 1."""

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

    def __init__(
        self, dtype: Any, budget: MemoryBudget, width: int | None = None, fill: Any = 0
    ) -> None:
        self._width, self._budget, self._fill = width, budget, fill
        self.array = np.empty((0, width) if width else 0, dtype)

    def reach(self, rows: int) -> NDArray[Any]:
        """The array, at least this long."""
        have = len(self.array)
        if rows > have:
            size = max(rows, have + min(have // 2, 1 << 16), 8192)  # mapped anew, not copied
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
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_boolean(kind)
    )


def shown(kind: pa.DataType) -> str:
    """A type in the words of a person."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    if pa.types.is_temporal(kind):
        return f"a {kind}"
    return (
        "a struct"
        if pa.types.is_struct(kind)
        else "a list"
        if pa.types.is_nested(kind)
        else str(kind)
    )


class Vectors:
    """Vectors of one length as rows of a float32 matrix; others are an error, or skipped."""

    def __init__(self, name: str, budget: MemoryBudget, *, skip: bool = False) -> None:
        self._name, self._budget, self._skip = name, budget, skip
        self._matrix: Growing | None = None
        self._present = Growing(np.bool_, budget)
        self._width = 0
        self._lengths: dict[int, tuple[int, int]] = {}  # length → (rows, lowest place)
        self.fed = 0

    def put(self, places: Places, array: pa.Array) -> None:
        array = plain(array)
        self.fed += len(places)
        mask = self._present.reach(int(places.max(initial=-1)) + 1)
        if pa.types.is_null(array.type):
            return
        array, places = self._of_one_length(array, places)
        if not len(places) or not self._width:
            return
        mask[places] = True
        values = self._numbers(array).reshape(-1, self._width)
        if self._matrix is None:
            self._matrix = Growing(np.float32, self._budget, self._width)
        matrix = self._matrix.reach(int(places.max()) + 1)
        with np.errstate(over="ignore"):
            if places[-1] - places[0] == len(places) - 1 and (np.diff(places) == 1).all():
                matrix[places[0] : places[-1] + 1] = values
            else:
                matrix[places] = values

    def _of_one_length(self, array: pa.Array, places: Places) -> tuple[pa.Array, Places]:
        """The rows that are not NULL and as long as the first one; others are remembered."""
        kind = array.type
        if not (
            pa.types.is_list(kind)
            or pa.types.is_large_list(kind)
            or pa.types.is_fixed_size_list(kind)
        ):
            raise InvalidInput(
                f"{self._name} is {shown(kind)}; this strategy needs a vector (FLOAT[n] or FLOAT[])"
            )
        if pa.types.is_boolean(kind.value_type) or not is_number(kind.value_type):
            raise InvalidInput(
                f"{self._name} holds {shown(kind.value_type)}; "
                "this strategy needs vectors of numbers"
            )
        present = np.asarray(array.is_valid())
        lengths = np.asarray(pc.list_value_length(array).drop_null())
        places = places[present]
        for length in np.unique(lengths).tolist():
            count, lowest = self._lengths.get(length, (0, 1 << 62))
            at = places[lengths == length]
            self._lengths[length] = (count + len(at), min(lowest, int(at.min())))
        self._width = self._width or int(next((n for n in lengths if n), 0))
        if len(lengths) and (lengths != self._width).any():
            return array.drop_null().filter(pa.array(lengths == self._width)), places[
                lengths == self._width
            ]
        return array, places

    def _numbers(self, array: pa.Array) -> NDArray[Any]:
        flat = array.flatten()  # leaves out what NULL rows hold
        if pa.types.is_decimal(flat.type):
            flat = flat.cast(pa.float64())
        return np.asarray(flat.to_numpy(zero_copy_only=False))

    def finish(self, rows: int) -> tuple[Any, NDArray[np.bool_]]:
        self._check_lengths()
        matrix = np.zeros((rows, 1), np.float32) if self._matrix is None else self._matrix.cut(rows)
        return matrix, self._present.cut(rows)

    def _check_lengths(self) -> None:
        """One length, or a message that does not depend on the order in which rows came."""
        if set(self._lengths) <= {self._width} and 0 not in self._lengths:
            return
        total = sum(count for count, _ in self._lengths.values())
        common = max(self._lengths, key=lambda n: (self._lengths[n][0], -self._lengths[n][1]))
        odd = min(
            (n for n in self._lengths if n != common),
            key=lambda n: self._lengths[n][1],
            default=common,
        )
        if self._skip and common == self._width:
            return
        if common == 0:
            raise InvalidInput(f"{self._name}: row {self._lengths[0][1] + 1} has an empty vector")
        raise InvalidInput(
            f"{self._name}: vectors of different lengths: {total - self._lengths[common][0]} of "
            f"{total} do not have the common length {common} (first at row "
            f"{self._lengths[odd][1] + 1}: length {odd}); pad, truncate or filter them"
        )


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
        values[places] = pc.fill_null(array, fill_value=False).to_numpy(zero_copy_only=False)

    def finish(self, rows: int) -> tuple[Any, NDArray[np.bool_]]:
        values = self._values.cut(rows)
        return values, np.ones(rows, np.bool_)
