"""Reads a column of lists of vectors in any order: the objects of all samples as rows of one matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sqlsel.columns.buffers import Places
from sqlsel.columns.memory import MemoryBudget
from sqlsel.columns.types import is_number, sql_name
from sqlsel.errors import InvalidInput

Counts = NDArray[np.int64]

_NULL = -1  # the length of an object that is NULL


class ObjectLists(NamedTuple):
    """The objects of row i are the rows ``offsets[i]`` to ``offsets[i + 1]`` of ``vectors``."""

    vectors: NDArray[np.float32]
    offsets: Counts


@dataclass(frozen=True)
class _Fed:
    """One batch: objects per row, numbers per object, and the numbers."""

    places: Places
    counts: Counts
    lengths: Counts
    numbers: NDArray[np.float32]


class ObjectColumn:
    """Lists of vectors of one length. An object that is NULL or of another length becomes NaN, or is an error."""

    def __init__(self, name: str, budget: MemoryBudget, *, skip: bool = False) -> None:
        self._name, self._budget, self._skip = name, budget, skip
        self._fed: list[_Fed] = []
        self._lengths: dict[int, tuple[int, int]] = {}  # length → (objects, lowest place)

    def put(self, places: Places, array: pa.Array) -> None:
        """Store some rows; NULL rows are left out."""
        places = places[np.asarray(array.is_valid())]
        array = array.drop_null()
        objects = array.flatten()
        element = objects.type.value_type
        if pa.types.is_boolean(element) or not is_number(element):
            raise InvalidInput(
                f"the objects of {self._name} hold {sql_name(element)}; "
                "this strategy needs vectors of numbers: give lists of lists of numbers"
            )
        counts = np.asarray(pc.list_value_length(array)).astype(np.int64)
        lengths = np.asarray(pc.fill_null(pc.list_value_length(objects), _NULL)).astype(np.int64)
        self._fed.append(_Fed(places, counts, lengths, self._numbers(objects.drop_null())))
        owners = np.repeat(places, counts)
        for length in np.unique(lengths[lengths != _NULL]).tolist():
            at = owners[lengths == length]
            count, lowest = self._lengths.get(length, (0, 1 << 62))
            self._lengths[length] = (count + len(at), min(lowest, int(at.min())))

    def _numbers(self, objects: pa.Array) -> NDArray[np.float32]:
        flat = objects.flatten()
        if pa.types.is_decimal(flat.type):
            flat = flat.cast(pa.float64())
        self._budget.ask(len(flat), 1, 4, None)
        self._budget.take(4 * len(flat))
        with np.errstate(over="ignore"):
            return np.array(
                flat.to_numpy(zero_copy_only=False), np.float32
            )  # DuckDB reuses its own

    def finish(self, rows: int) -> tuple[Any, NDArray[np.bool_]]:
        """(ObjectLists, mask of rows that are not NULL); each batch is released once it is copied."""
        width = self._common_length()
        counts, present = np.zeros(rows, np.int64), np.zeros(rows, np.bool_)
        for part in self._fed:
            counts[part.places] = part.counts
            present[part.places] = True
        offsets = np.concatenate([[0], np.cumsum(counts)])
        vectors = np.empty((int(offsets[-1]), width), np.float32)
        while self._fed:
            _place(self._fed.pop(), offsets, vectors)
        return ObjectLists(vectors, offsets), present

    def _common_length(self) -> int:
        """The most common length of objects; of equally common ones that of the first row."""
        lengths = {n: occurrences for n, occurrences in self._lengths.items() if n}
        if not lengths:
            if self._lengths and not self._skip:
                raise InvalidInput(
                    f"{self._name}: row {{row}} has an empty vector among its objects",
                    self._lengths[0][1],
                )
            return 1
        common = max(lengths, key=lambda n: (lengths[n][0], -lengths[n][1]))
        if len(self._lengths) > 1 and not self._skip:
            raise self._different_lengths(common)
        return common

    def _different_lengths(self, common: int) -> InvalidInput:
        total = sum(count for count, _ in self._lengths.values())
        others = (n for n in self._lengths if n != common)
        odd = min(others, key=lambda n: self._lengths[n][1])
        return InvalidInput(
            f"{self._name}: objects of different lengths: {total - self._lengths[common][0]} of "
            f"{total} do not have the common length {common} (first in row "
            f"{{row}}: length {odd}); pad, truncate or filter them",
            self._lengths[odd][1],
        )


def _place(part: _Fed, offsets: Counts, vectors: NDArray[np.float32]) -> None:
    """Copy one batch into ``vectors``; objects of another length become NaN."""
    width = vectors.shape[1]
    before = np.cumsum(part.counts) - part.counts
    at = np.repeat(offsets[part.places] - before, part.counts) + np.arange(len(part.lengths))
    fits = part.lengths == width
    if fits.all():
        vectors[at] = part.numbers.reshape(-1, width)
        return
    lengths = np.maximum(part.lengths, 0)
    starts = np.cumsum(lengths) - lengths
    vectors[at[fits]] = part.numbers[starts[fits][:, None] + np.arange(width)]
    vectors[at[~fits]] = np.nan
