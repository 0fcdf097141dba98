"""The groups of ``by := …``: numbers in ascending order of the values, NULL last."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sqlsel.errors import InvalidInput
from sqlsel.scan.columns import Places, plain, shown

Codes = NDArray[np.int64]


class Groups:
    """The values of ``by`` of all rows, kept as they come."""

    def __init__(self) -> None:
        self._parts: list[tuple[Places, pa.Array]] = []

    def put(self, places: Places, array: pa.Array) -> None:
        """Store the values of some rows."""
        if pa.types.is_dictionary(array.type):  # an ENUM, in the order of its values
            array = array.indices
        self._parts.append((places, plain(array)))

    def values(self) -> pa.Array:
        """The values by row."""
        if not self._parts:
            return pa.array([], pa.null())
        values = pa.concat_arrays([array for _, array in self._parts])
        places = np.concatenate([places for places, _ in self._parts])
        return values.take(pa.array(np.argsort(places, kind="stable")))


def numbered(values: pa.Array) -> Codes:
    """For each value the number of its group, counted from 0 in ascending order."""
    if pa.types.is_struct(values.type):  # several columns: the first one decides first
        code = np.asarray(values.is_null()).astype(np.int64)
        for field in values.flatten():
            finer = numbered(field)
            code = code * (int(finer.max(initial=0)) + 1) + finer
            code = np.unique(code, return_inverse=True)[1].reshape(-1)
        return code
    if pa.types.is_nested(values.type):
        message = (
            f"by is {shown(values.type)}; it must be a number, text, a date, or a row of these"
        )
        raise InvalidInput(message)
    if pa.types.is_null(values.type):
        return np.zeros(len(values), np.int64)
    if pa.types.is_interval(values.type) or pa.types.is_duration(values.type):
        raise InvalidInput("by is INTERVAL; it must be a number, text, a date, or a row of these")
    if pa.types.is_floating(values.type):
        values = pc.add(values, pa.scalar(0, values.type))  # -0.0 and 0.0 are one value
    found = values.dictionary_encode()
    ascending = pc.sort_indices(found.dictionary).to_numpy()
    number = np.empty(len(ascending), np.int64)
    number[ascending] = np.arange(len(ascending))
    indices = found.indices.fill_null(-1).to_numpy().astype(np.int64)
    codes: Codes = np.append(number, len(ascending))[indices]
    return codes


def in_groups(codes: Codes) -> list[NDArray[np.int64]]:
    """The rows of each group, in ascending order of the groups."""
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    return np.split(order, starts[1:]) if len(order) else []
