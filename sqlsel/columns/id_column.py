"""Reads sample ids, unique and not NULL: numbers are ordered by value, all others by the bytes of their text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sqlsel.columns.appended import Appended
from sqlsel.columns.buffers import Places
from sqlsel.columns.memory import MemoryBudget
from sqlsel.columns.remedies import for_key
from sqlsel.columns.types import plain, sql_name
from sqlsel.errors import InvalidInput


class Keys:
    """Collects the ids of all rows."""

    def __init__(self, name: str, budget: MemoryBudget) -> None:
        self._name, self._rows = name, Appended(budget)

    def put(self, places: Places, array: pa.Array) -> None:
        """Store the ids of some rows."""
        array = plain(array)
        if array.null_count:
            first = int(places[np.flatnonzero(np.asarray(array.is_null()))[0]])
            raise InvalidInput(
                f"{self._name} is NULL at row {{row}}; every sample needs an id", first
            )
        if pa.types.is_floating(array.type) or pa.types.is_nested(array.type):
            raise InvalidInput(
                f"{self._name} is {sql_name(array.type)}; ids must be integers or text"
                + for_key(self._name)
            )
        if not (_is_ordered(array.type) or pa.types.is_string(array.type)):
            try:
                array = array.cast(pa.string())
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
                kind = sql_name(array.type)
                raise InvalidInput(
                    f"{self._name} is {kind} that is no text; ids must be integers or text{_remedy(array.type)}"
                ) from None
        self._rows.put(places, array)

    def finish(self, rows: int) -> tuple[pa.Array, NDArray[np.int64]]:
        """(ids by row, rank of each row's id)."""
        ids, places = self._rows.finish()
        if not len(ids):
            return pa.array([], pa.int64()), np.empty(0, np.int64)
        if not _ascending(places):
            ids = ids.take(pa.array(np.argsort(places, kind="stable")))
        by_id, same = _sorted(ids)
        if pa.types.is_decimal(ids.type):
            ids = ids.cast(pa.string())
        if same.any():
            twice: Any = ids[int(by_id[np.flatnonzero(same)[0]])].as_py()
            raise InvalidInput(f"{self._name} {twice!r} occurs more than once; ids must be unique")
        order = np.empty(rows, np.int64)
        order[by_id] = np.arange(rows)
        return ids, order


def _is_ordered(kind: pa.DataType) -> bool:
    """Whether ids of this type are compared by value."""
    return bool(pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def _remedy(kind: pa.DataType) -> str:
    return ": give its digits, as hex(…) does" if pa.types.is_binary(kind) else for_key("key")


def _sorted(ids: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """(row numbers sorted by id, mask of neighbours in this order that have equal ids)."""
    if not pa.types.is_integer(ids.type):
        by_id = pc.sort_indices(ids)
        ordered = ids.take(by_id)
        return by_id.to_numpy(), np.asarray(pc.equal(ordered[1:], ordered[:-1]))
    values = ids.to_numpy(zero_copy_only=False)
    if _ascending(values):
        return np.arange(len(values)), np.zeros(max(0, len(values) - 1), np.bool_)
    by_id = np.argsort(values, kind="stable")
    values = values[by_id]
    return by_id, values[1:] == values[:-1]


def _ascending(values: NDArray[Any]) -> bool:
    """Whether each is greater than the one before."""
    return bool((values[1:] > values[:-1]).all())
