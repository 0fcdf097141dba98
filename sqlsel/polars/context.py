"""The inputs of a selection that Polars passes to its function: series of one length, read by slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from sqlsel.engine.inputs import InputColumn
from sqlsel.engine.kernels.exact import Index
from sqlsel.engine.objective.protocol import Mask
from sqlsel.errors import InvalidInput
from sqlsel.polars import columns
from sqlsel.polars.column_keys import Key


class Slot(NamedTuple):
    """An input of the expression: its index among them, and its key."""

    place: int
    key: Key


class Context:
    """The inputs by slot; the first series is the number of rows. ``matrices``: inputs that are read already."""

    def __init__(
        self, series: Sequence[pl.Series], matrices: Mapping[int, InputColumn | None] | None = None
    ) -> None:
        self._series, self._matrices = series, matrices or {}
        self.rows = int(series[0][0])

    def numbers(
        self, slot: Slot, what: str, pool: Mask | None = None, *, as_given: bool = False
    ) -> InputColumn:
        """Numbers in float64, or ``as_given`` in the column's type; rows outside ``pool`` are not checked."""
        column, from_json = self._column(slot)
        column = columns.only(column, pool if from_json else None)
        return columns.numbers(column, slot.key.name, what, from_json=from_json, as_given=as_given)

    def vectors(self, slot: Slot, pool: Mask, *, skip: bool) -> InputColumn:
        """Vectors; rows outside ``pool`` are not checked."""
        matrix = self._matrices.get(slot.place)
        if matrix is not None:
            return matrix
        column, from_json = self._column(slot)
        return columns.vectors(column, slot.key.name, pool, skip=skip, from_json=from_json)

    def categories(
        self, slot: Slot, classes: Sequence[str] | None, pool: Mask, *, skip: bool
    ) -> InputColumn:
        """Classes; rows outside ``pool`` are not checked, and have no class."""
        column, _ = self._column(slot)
        return columns.categories(columns.only(column, pool), slot.key.name, classes, skip=skip)

    def flags(self, slot: Slot, what: str, remedy: str = "") -> Mask:
        """A boolean input as a mask; null is false."""
        column, from_json = self._column(slot)
        return columns.flags(column, f"{what} {slot.key.name}", remedy, from_json=from_json)

    def ids(self, slot: Slot) -> tuple[Index, Sequence[Any]]:
        """(rank of each row's id, the ids)."""
        return columns.ids(self._column(slot)[0], slot.key.name)

    def queries(self, slot: Slot) -> Any:
        """The query vectors, one per row of their own input; InvalidInput for null and for lists of vectors."""
        column, _ = slot.key.values(self._series[slot.place])
        every = np.ones(len(column), np.bool_)
        name = "query" if slot.key.name == "query" else f"query {slot.key.name}"
        if column.null_count():
            row = int(column.is_null().arg_true()[0])
            raise InvalidInput(f"{name} is null at row {row}; leave it out")
        vectors = columns.vectors(column, name, every, skip=False, from_json=False)
        if not isinstance(vectors.values, np.ndarray):
            raise InvalidInput(f"{name} holds lists of vectors; explode it first")
        return vectors.values

    def count(self, slot: Slot) -> int:
        """The input ``n``: one integer of at least 0, else InvalidInput."""
        column, name = self._series[slot.place], slot.key.name
        kind = column.dtype
        whole = kind.is_integer() or (isinstance(kind, pl.Decimal) and not kind.scale)
        if not (whole or kind == pl.Null):
            raise InvalidInput(f"n: {name} is {kind}; it must be an integer")
        if len(column) != 1:
            raise InvalidInput(
                f"n: {name} gives {len(column)} values; one per group is needed, "
                f"as of pl.col({name!r}).first()"
            )
        count = column.item()
        if count is None or count < 0:
            text = "null" if count is None else count
            raise InvalidInput(f"n: {name} is {text}; it must be an integer of at least 0")
        return int(count)

    def _column(self, slot: Slot) -> tuple[pl.Series, bool]:
        """(the values of a slot, one per row, whether they are texts of JSON values); a single one is repeated."""
        column, from_json = slot.key.values(self._series[slot.place])
        if len(column) == 1 and self.rows != 1:
            column = column.new_from_index(0, self.rows)
        if len(column) != self.rows:
            raise InvalidInput(
                f"{slot.key.name} has {len(column)} values for {self.rows} rows; "
                "every input needs one per row"
            )
        return column, from_json
