"""Reads a column of vectors in any order into one float32 matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sqlsel.columns.buffers import Growing, Later, Places
from sqlsel.columns.memory import MemoryBudget
from sqlsel.columns.object_column import ObjectColumn
from sqlsel.columns.remedies import for_elements, for_vector
from sqlsel.columns.types import is_list, is_number, plain, sql_name
from sqlsel.errors import InvalidInput


class Vectors:
    """Vectors of one length as rows of a float32 matrix; others are an error, or skipped.

    ``objects``: the column may hold lists of vectors instead, one for each object of a sample.
    """

    def __init__(
        self, name: str, budget: MemoryBudget, *, skip: bool = False, objects: bool = False
    ) -> None:
        self._name, self._budget, self._skip = name, budget, skip
        self._objects = ObjectColumn(name, budget, skip=skip) if objects else None
        self._nested = False
        self._matrix: Growing | None = None
        self._present = Growing(np.bool_, budget)
        self._width = 0
        self._lengths: dict[int, tuple[int, int]] = {}  # length → (rows, lowest place)
        self._others: dict[int, list[tuple[Places, pa.Array]]] = {}  # kept when rows are skipped
        self.fed = 0

    def put(self, places: Places, array: pa.Array) -> Later | None:
        array = plain(array)
        self.fed += len(places)
        if self._objects is not None and is_list(array.type) and is_list(array.type.value_type):
            self._nested = True
            self._objects.put(places, array)
            return None
        mask = self._present.reach(int(places.max(initial=-1)) + 1)
        if pa.types.is_null(array.type):
            return None
        array, places = self._of_one_length(array, places)
        if not len(places) or not self._width:
            return None
        store = self._stored(array, places, mask)
        if self._matrix is not None and self._matrix.stays:
            return store  # this copy takes most of the time, and needs no lock, as the matrix does not move
        store()
        return None

    def _stored(self, array: pa.Array, places: Places, mask: NDArray[np.bool_]) -> Later:
        """A function that copies the rows into the matrix; the matrix has room for them already."""
        mask[places] = True
        values = self._numbers(array).reshape(-1, self._width)
        if self._matrix is None:
            self._matrix = Growing(np.float32, self._budget, self._width)
        matrix = self._matrix.reach(int(places.max()) + 1)
        together = places[-1] - places[0] == len(places) - 1 and (np.diff(places) == 1).all()
        where = slice(places[0], places[-1] + 1) if together else places

        def store() -> None:
            with np.errstate(over="ignore"):
                matrix[where] = values

        return store

    def _of_one_length(self, array: pa.Array, places: Places) -> tuple[pa.Array, Places]:
        """(rows that are not NULL and as long as the first row to arrive, their places); others are stored apart."""
        kind = array.type
        if not (
            pa.types.is_list(kind)
            or pa.types.is_large_list(kind)
            or pa.types.is_fixed_size_list(kind)
        ):
            raise InvalidInput(
                f"{self._name} is {sql_name(kind)}; this strategy needs a vector (FLOAT[n] or FLOAT[])"
                + for_vector(kind, self._name)
            )
        if pa.types.is_boolean(kind.value_type) or not is_number(kind.value_type):
            raise InvalidInput(
                f"{self._name} holds {sql_name(kind.value_type)}; "
                "this strategy needs vectors of numbers" + for_elements(kind.value_type, self._name)
            )
        if pa.types.is_fixed_size_list(kind) and not array.null_count and len(places):
            return array, self._all_of_one_length(int(kind.list_size), places)
        present = np.asarray(array.is_valid())
        lengths = np.asarray(pc.list_value_length(array).drop_null())
        places = places[present]
        for length in np.unique(lengths).tolist():
            count, lowest = self._lengths.get(length, (0, 1 << 62))
            at = places[lengths == length]
            self._lengths[length] = (count + len(at), min(lowest, int(at.min())))
        self._width = self._width or int(next((n for n in lengths if n), 0))
        if len(lengths) and (lengths != self._width).any():
            array = array.drop_null()
            self._keep_others(array, places, lengths)
            fits = lengths == self._width
            return array.filter(pa.array(fits)), places[fits]
        return array, places

    def _all_of_one_length(self, length: int, places: Places) -> Places:
        """Count rows of FLOAT[n] without NULL, the usual case: the length is in the type."""
        count, lowest = self._lengths.get(length, (0, 1 << 62))
        self._lengths[length] = (count + len(places), min(lowest, int(places.min())))
        self._width = length
        return places

    def _keep_others(self, array: pa.Array, places: Places, lengths: NDArray[Any]) -> None:
        """Store rows of other lengths apart: the first row to arrive need not have the most common one."""
        for length in np.unique(lengths[lengths != self._width]).tolist() if self._skip else ():
            part = array.filter(pa.array(lengths == length))
            self._budget.take(len(part) * length * 4)
            self._others.setdefault(length, []).append((places[lengths == length], part))

    def _numbers(self, array: pa.Array) -> NDArray[Any]:
        flat = array.flatten()  # leaves out what NULL rows hold
        if pa.types.is_decimal(flat.type):
            flat = flat.cast(pa.float64())
        return np.asarray(flat.to_numpy(zero_copy_only=False))

    @property
    def ragged(self) -> bool:
        """Whether some vectors so far are empty, or of different lengths."""
        return len(self._lengths) > 1 or 0 in self._lengths

    def finish(self, rows: int) -> tuple[Any, NDArray[np.bool_]]:
        if self._objects is not None and self._nested:
            return self._objects.finish(rows)
        self._check_lengths()
        matrix = np.zeros((rows, 1), np.float32) if self._matrix is None else self._matrix.cut(rows)
        return matrix, self._present.cut(rows)

    def _common_length(self) -> int:
        """The most common length; of equally common ones that of the first row, in the order of the data."""
        candidates = [n for n in self._lengths if n or not self._skip] or list(self._lengths)
        return max(candidates, key=lambda n: (self._lengths[n][0], -self._lengths[n][1]))

    def _take_common_length(self, common: int) -> None:
        """Rebuild the matrix of the rows of the common length, if the first row had another."""
        if common in (0, self._width):
            return
        self._width, self._matrix = common, None
        mask = self._present.array
        mask[:] = False
        for places, part in self._others.pop(common):
            self._stored(part, places, mask)()

    def _check_lengths(self) -> None:
        """InvalidInput for several lengths; its message does not depend on the order of arrival."""
        if set(self._lengths) <= {self._width} and 0 not in self._lengths:
            return None
        common = self._common_length()
        if self._skip:
            return self._take_common_length(common)
        total = sum(count for count, _ in self._lengths.values())
        odd = min(
            (n for n in self._lengths if n != common),
            key=lambda n: self._lengths[n][1],
            default=common,
        )
        if common == 0:
            first = self._lengths[0][1]
            raise InvalidInput(f"{self._name}: row {{row}} has an empty vector", first)
        raise InvalidInput(
            f"{self._name}: vectors of different lengths: {total - self._lengths[common][0]} of "
            f"{total} do not have the common length {common} (first at row "
            f"{{row}}: length {odd}); pad, truncate or filter them",
            self._lengths[odd][1],
        )
