"""Inputs of a lazy frame, read batch by batch: vectors go straight into one matrix."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl

from sqlsel.engine.inputs import InputColumn
from sqlsel.engine.kernels.vector_input import Owned
from sqlsel.engine.objective.protocol import Poll, no_poll
from sqlsel.polars.columns import as_arrow, holds_numbers
from sqlsel.polars.context import Context, Slot
from sqlsel.polars.slices import in_slices


def batchwise(
    frame: pl.LazyFrame,
    exprs: Sequence[pl.Expr],
    vectors: Mapping[int, Slot],
    poll: Poll = no_poll,
) -> tuple[Context, list[pl.Series]] | None:
    """The inputs ``exprs`` (the first of them is the number of rows), those in ``vectors`` as matrices; and the others.

    While they are read there is one copy of the vectors in memory, and some batches. None where that cannot be:
    vectors of several lengths, lists of vectors, inputs of another length, and what else must be looked at as a
    whole. ``poll`` is called for each batch; it may raise.
    """
    names = [str(place) for place in range(len(exprs))]
    asked = frame.select(e.alias(name) for e, name in zip(exprs[1:], names[1:], strict=True))
    reader = _Reader(names, vectors, poll)
    try:
        schema = asked.collect_schema()
        for some in in_slices(asked):
            some.sink_batches(reader, maintain_order=True)
            if reader.gave_up:
                return None
    except (pl.exceptions.ShapeError, pl.exceptions.DuplicateError):
        return None
    return reader.read(schema)


class _Reader:
    """Takes batches: vectors into matrices, all else as it comes; it gives up where vectors are not of one length."""

    def __init__(
        self, names: Sequence[str], vectors: Mapping[int, Slot], poll: Callable[[], None]
    ) -> None:
        self._names, self._vectors, self._poll = names, vectors, poll
        others = (place for place in range(1, len(names)) if place not in vectors)
        self._parts: dict[int, list[pl.Series]] = {place: [] for place in others}
        self._matrices = {place: _Matrix(slot.key.name) for place, slot in vectors.items()}
        self._rows = 0
        self.gave_up = False

    def __call__(self, batch: pl.DataFrame) -> bool:
        """Take a batch; whether no more are wanted."""
        self._poll()
        for place, series in self._parts.items():
            series.append(batch[self._names[place]])
        for place, slot in self._vectors.items():
            column, from_json = slot.key.found(batch[self._names[place]])
            if from_json or not self._matrices[place].put(column, self._rows):
                self.gave_up = True
        self._rows += len(batch)
        return self.gave_up

    def read(self, schema: pl.Schema) -> tuple[Context, list[pl.Series]]:
        """What was taken."""
        columns = [pl.Series([self._rows], dtype=pl.UInt32)]
        for place, name in enumerate(self._names[1:], 1):
            series = self._parts.get(place) or [pl.Series(dtype=schema[name])]
            columns.append(pl.concat(series, rechunk=False))
        given = {place: matrix.given(self._rows) for place, matrix in self._matrices.items()}
        return Context(columns, given), columns


class _Matrix:
    """Vectors of one length, as they come."""

    def __init__(self, name: str) -> None:
        from sqlsel.columns.memory import MemoryBudget, free_memory
        from sqlsel.columns.vector_column import Vectors

        budget = MemoryBudget(int(0.9 * free_memory()), "filter the frame first")
        self._reader = Vectors(name, budget)

    def put(self, column: pl.Series, at: int) -> bool:
        """Take the vectors of the rows from ``at`` on; False where they are no vectors, or not all of one length."""
        if isinstance(column.dtype, pl.BaseExtension):
            column = column.ext.storage()
        kind = column.dtype
        if not isinstance(kind, (pl.List, pl.Array)) or not holds_numbers(kind):
            return False
        for chunk in as_arrow(column).chunks:
            later = self._reader.put(np.arange(at, at + len(chunk)), chunk)
            if later is not None:
                later()
            at += len(chunk)
        return not self._reader.ragged

    def given(self, rows: int) -> InputColumn | None:
        """All of them, as a matrix without other references; None where there was no batch."""
        if not self._reader.fed:
            return None
        matrix, present = self._reader.finish(rows)
        return InputColumn(matrix.view(Owned), present)
