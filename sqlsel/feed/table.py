"""The fed columns of a run, over the rows of the block or of one group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sqlsel.errors import InvalidInput

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Table:
    """Columns over the same rows: ``columns[slot, kind]`` holds (values, mask of rows that are not NULL)."""

    rows: Rows  # their numbers in the block
    ids: pa.Array | None
    order: Rows  # rank of each row's id
    chosen: Mask  # preselected
    columns: Mapping[tuple[int, Any], tuple[Any, Mask]]

    def __len__(self) -> int:
        return len(self.rows)

    def names(self) -> list[Any]:
        """The id of each row; without a key its number in the block."""
        names: list[Any] = self.rows.tolist() if self.ids is None else self.ids.to_pylist()
        return names

    def row_of(self, start: Any) -> int | None:
        """The index of the row with this id, None without one; without a key the id is the row's number from 1."""
        names = (self.rows + 1).tolist() if self.ids is None else self.ids.to_pylist()
        return next((row for row, name in enumerate(names) if str(name) == str(start)), None)

    def part(self, rows: Rows) -> Table:
        """The table of some rows, with their ids ranked among themselves."""
        order = np.empty(len(rows), np.int64)
        order[np.argsort(self.order[rows], kind="stable")] = np.arange(len(rows))
        columns = {
            place: (_part(values, rows), present[rows])
            for place, (values, present) in self.columns.items()
        }
        ids = None if self.ids is None else self.ids.take(pa.array(rows))
        return Table(self.rows[rows], ids, order, self.chosen[rows], columns)


def _part(values: Any, rows: Rows) -> Any:
    """Some rows of a column; a column of classes is a tuple (form, names, data)."""
    if isinstance(values, tuple):
        form, names, data = values
        return form, names, data[rows]
    return values[rows]


def check_start(table: Table, strategy: int, start: Any) -> None:
    """InvalidInput where no row has this id, which the strategy of this number asks for."""
    if start is not None and table.row_of(start) is None:
        message = f"DIVERSITY: start {start!r} is not the key of any row"
        error = InvalidInput(message, option="start")
        error.strategy = strategy
        raise error
