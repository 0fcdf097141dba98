"""The input column of a strategy, and the rows of a selection with their ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sqlsel.engine.kernels.class_input import Classes, as_classes, one_hot
from sqlsel.engine.kernels.exact import Index
from sqlsel.engine.kernels.object_lists import Objects
from sqlsel.engine.kernels.vector_input import Owned
from sqlsel.engine.objective.protocol import Mask


@dataclass(frozen=True)
class InputColumn:
    """The input of a strategy over all rows, and the mask of rows that have one."""

    values: Any
    present: Mask

    def part(self, rows: Index) -> InputColumn:
        """The column of some rows, by number."""
        return InputColumn(_part(self.values, rows), self.present[rows])


def vector_rows(values: Any) -> Any:
    """A column as its reader gives it, lists of vectors (``columns.object_column.ObjectLists``) as Objects."""
    return Objects(values.vectors, values.offsets) if hasattr(values, "offsets") else values


def owned(values: Any) -> Any:
    """A matrix or Objects, marked as what may be overwritten."""
    if isinstance(values, Objects):
        return Objects(values.vectors.view(Owned), values.offsets)
    return values.view(Owned)


def class_rows(form: str, names: Sequence[str] | None, data: Any) -> Any:
    """A class column as its reader gives it (``ClassColumn.finish``), as Classes.

    ``form``: "codes" for a class number per row, else "masses" or "counts" for a matrix. A matrix without ``names`` is
    given back, for the strategy to name its columns.
    """
    if form == "codes":
        return one_hot(tuple(names or ()), data)
    if names is None:
        return data
    return replace(as_classes(data, names), closed=form != "counts")


def _part(values: Any, rows: Index) -> Any:
    if isinstance(values, Classes):
        if values.index is None:
            return Classes(values.names, values.table[rows], None, values.closed)
        return Classes(values.names, values.table, values.index[rows], values.closed, values.single)
    if values is None or isinstance(values, (np.ndarray, Objects)):
        return None if values is None else values[rows]
    if hasattr(values, "__array__"):
        return np.asarray(values)[rows]
    return [values[row] for row in rows.tolist()]


@dataclass(frozen=True)
class Rows:
    """The rows of one selection and their ids.

    ``order``: rank of each row's id. ``names``: the ids. ``waiting``: mask of candidates.
    ``chosen``: mask of preselected rows. The pool is both together.
    """

    order: Index
    names: Sequence[Any]
    waiting: Mask
    chosen: Mask
    seed: int = 0
    on_invalid: str = "error"

    def __len__(self) -> int:
        return len(self.order)

    def part(self, rows: Index) -> Rows:
        """Some rows, with their ids ranked among themselves."""
        # The inverse of the sorting permutation: order[row] is the row's rank.
        order = np.empty(len(rows), np.int64)
        order[np.argsort(self.order[rows], kind="stable")] = np.arange(len(rows))
        names = [self.names[row] for row in rows.tolist()]
        waiting, chosen = self.waiting[rows], self.chosen[rows]
        return Rows(order, names, waiting, chosen, self.seed, self.on_invalid)

    def row_of(self, start: Any) -> int | None:
        """The row whose id is ``start``; None where no row has it."""
        text = str(start)
        return next((row for row, name in enumerate(self.names) if str(name) == text), None)
