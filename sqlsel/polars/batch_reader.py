"""Inputs of a lazy frame, read batch by batch: vectors go straight into one matrix."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from sqlsel.engine.inputs import InputColumn
from sqlsel.engine.kernels.vector_input import Owned
from sqlsel.engine.objective.protocol import Poll, no_poll
from sqlsel.polars.columns import as_arrow, holds_numbers
from sqlsel.polars.context import Context, Slot

_SLICES, _LEAST = 4, 50_000  # rows of a slice
_KNOWN = re.compile(
    r" *(SELECT \[|simple π|WITH_COLUMNS:|\[|Parquet SCAN|PROJECT|SLICE: Positive|ROW_INDEX|ESTIMATED ROWS)"
)


def batchwise(
    frame: pl.LazyFrame,
    exprs: Sequence[pl.Expr],
    vectors: Mapping[int, Slot],
    poll: Poll = no_poll,
) -> tuple[Context, list[pl.Series]] | None:
    """Read the inputs ``exprs`` batch by batch: those whose index is in ``vectors`` into one matrix each.

    Gives (Context, a Series per input): the first Series holds the number of rows, those of vectors are empty. While
    they are read there is one copy of the vectors in memory, and some batches. None where the inputs cannot be read so:
    vectors of several lengths, lists of vectors, JSON text, inputs of another length. InvalidInput where memory does
    not suffice. ``poll`` is called for each batch; it may raise.
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


def in_slices(frame: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    """The frame in slices of rows where Polars cuts them out of Parquet on this machine; else itself.

    Without slices several row groups are read ahead, and freed memory stays with the process while
    others arrive: together up to half of 1,000,000 × 128 in 20 row groups, as measured. Over a
    network each slice would ask for the ends of all files again.
    """
    if not _cut_by_scan(frame):
        yield frame
        return
    rows = frame.select(pl.len()).collect().item()
    step = max(_LEAST, -(-rows // _SLICES))
    for at in range(0, max(rows, 1), step):
        yield frame.slice(at, step)


def _cut_by_scan(frame: pl.LazyFrame) -> bool:
    """Whether Polars cuts out slices while it scans: local Parquet files, columns made of each row alone."""
    plan = frame.slice(1, 1).explain(engine="streaming")
    known = all(_KNOWN.match(line) for line in plan.splitlines())
    return known and plan.count("SLICE") == 1 and "://" not in plan


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
            column, from_json = slot.key.values(batch[self._names[place]])
            if from_json or not self._matrices[place].put(column, self._rows):
                self.gave_up = True
        self._rows += len(batch)
        return self.gave_up

    def read(self, schema: pl.Schema) -> tuple[Context, list[pl.Series]]:
        """(Context, a Series per input) of all batches so far; ``schema``: the types of inputs without batches.

        The first Series holds the number of rows, those of vectors are empty.
        """
        columns = [pl.Series([self._rows], dtype=pl.UInt32)]
        for place, name in enumerate(self._names[1:], 1):
            series = self._parts.get(place) or [pl.Series(dtype=schema[name])]
            columns.append(pl.concat(series, rechunk=False))
        matrices = {place: matrix.column(self._rows) for place, matrix in self._matrices.items()}
        return Context(columns, matrices), columns


class _Matrix:
    """Collects batches of vectors of one length into a matrix."""

    def __init__(self, name: str) -> None:
        from sqlsel.columns.memory import MemoryBudget, free_memory
        from sqlsel.columns.vector_column import Vectors

        budget = MemoryBudget(int(0.9 * free_memory()), "filter the frame first")
        self._reader = Vectors(name, budget)

    def put(self, column: pl.Series, at: int) -> bool:
        """Copy the vectors of ``column`` to the rows from number ``at`` on; a null leaves its row without a vector.

        False where they are no vectors of numbers, or of several lengths; InvalidInput where the matrix would need more
        than 90 % of the free memory.
        """
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

    def column(self, rows: int) -> InputColumn | None:
        """A matrix of ``rows`` rows, which may be overwritten, and the mask of rows with a vector.

        None where no batch was put.
        """
        if not self._reader.fed:
            return None
        matrix, present = self._reader.finish(rows)
        return InputColumn(matrix.view(Owned), present)
