"""The rows that Polars hands to an expression: its inputs, all of one length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from sqlsel.arrays.given import Given
from sqlsel.errors import InvalidInput
from sqlsel.kernels.exact import Index
from sqlsel.objective.protocol import Mask
from sqlsel.polars import columns
from sqlsel.polars.keys import Key


class Slot(NamedTuple):
    """An input of the expression: its place among them, and what its user calls it."""

    place: int
    key: Key


class Context:
    """The inputs by slot. The first of all is the number of rows."""

    def __init__(self, series: Sequence[pl.Series]) -> None:
        self._series = series
        self.rows = int(series[0][0])

    def numbers(self, slot: Slot, what: str) -> Given:
        """Numbers for ``what``."""
        column, from_json = self._column(slot)
        return columns.numbers(column, slot.key.name, what, from_json=from_json)

    def vectors(self, slot: Slot, pool: Mask, *, skip: bool) -> Given:
        """Embeddings; rows outside ``pool`` are not looked at."""
        column, from_json = self._column(slot)
        return columns.vectors(column, slot.key.name, pool, skip=skip, from_json=from_json)

    def categories(self, slot: Slot, classes: Sequence[str] | None) -> Given:
        """Class rows."""
        return columns.categories(self._column(slot)[0], slot.key.name, classes)

    def flags(self, slot: Slot, what: str, remedy: str = "") -> Mask:
        """A mask; null is false."""
        return columns.flags(self._column(slot)[0], f"{what} {slot.key.name}", remedy)

    def ids(self, slot: Slot) -> tuple[Index, Sequence[Any]]:
        """(rank of each row's id, the ids)."""
        return columns.ids(self._column(slot)[0], slot.key.name)

    def queries(self, slot: Slot) -> Any:
        """Query vectors, of which there may be any number."""
        column, _ = slot.key.found(self._series[slot.place])
        every = np.ones(len(column), np.bool_)
        if column.null_count():
            row = int(column.is_null().arg_true()[0])
            raise InvalidInput(f"query {slot.key.name} is null at row {row}; leave it out")
        given = columns.vectors(
            column, f"query {slot.key.name}", every, skip=False, from_json=False
        )
        if not isinstance(given.values, np.ndarray):
            raise InvalidInput(f"query {slot.key.name} holds lists of vectors; explode it first")
        return given.values

    def count(self, slot: Slot) -> int:
        """A number of samples: one integer of at least 0."""
        column, name = self._series[slot.place], slot.key.name
        if not (column.dtype.is_integer() or (column.dtype == pl.Null)):
            raise InvalidInput(f"n: {name} is {column.dtype}; it must be an integer")
        if len(column) != 1:
            raise InvalidInput(
                f"n: {name} gives {len(column)} values; one per group is needed, "
                f"as of pl.col({name!r}).first()"
            )
        if column[0] is None or column[0] < 0:
            raise InvalidInput(f"n: {name} is {column[0]}; it must be an integer of at least 0")
        return int(column[0])

    def _column(self, slot: Slot) -> tuple[pl.Series, bool]:
        """The values of a slot, one per row, and whether they are the text of JSON values."""
        column, from_json = slot.key.found(self._series[slot.place])
        if len(column) == 1 and self.rows != 1:
            column = column.new_from_index(0, self.rows)
        if len(column) != self.rows:
            raise InvalidInput(
                f"{slot.key.name} has {len(column)} values for {self.rows} rows; "
                "every input needs one per row"
            )
        return column, from_json
