"""The group keys of ``by := …``, sort keys of the groups' values (sql/clause/group_key.sql)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sqlsel.columns.appended import Appended
from sqlsel.columns.buffers import Places
from sqlsel.columns.memory import MemoryBudget
from sqlsel.columns.types import plain

Codes = NDArray[np.int64]


class Groups:
    """Collects the group keys of all rows."""

    def __init__(self, budget: MemoryBudget) -> None:
        self._rows = Appended(budget)

    def put(self, places: Places, array: pa.Array) -> None:
        """Store the keys of some rows."""
        self._rows.put(places, plain(array))

    def values(self) -> pa.Array:
        """The keys, sorted by row."""
        values, places = self._rows.finish()
        return values.take(pa.array(np.argsort(places, kind="stable")))


def numbered(keys: pa.Array) -> Codes:
    """The rank of each key among the distinct keys, from 0: the number of its group."""
    if pa.types.is_null(keys.type):
        return np.zeros(len(keys), np.int64)
    encoded = keys.dictionary_encode()
    ascending = pc.sort_indices(encoded.dictionary).to_numpy()
    number = np.empty(len(ascending), np.int64)
    number[ascending] = np.arange(len(ascending))
    codes: Codes = number[encoded.indices.to_numpy()]
    return codes


def in_groups(codes: Codes) -> list[NDArray[np.int64]]:
    """The rows of each group, in ascending order of the groups."""
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    return np.split(order, starts[1:]) if len(order) else []
