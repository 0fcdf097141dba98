"""The picked rows in order: of a frame in memory, or of a lazy one that is read twice, wide columns for picks only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl
from polars.io.plugins import register_io_source

from sqlsel.engine.objective.protocol import Poll, no_poll
from sqlsel.errors import InvalidInput
from sqlsel.polars import telling
from sqlsel.polars.batch_reader import batchwise
from sqlsel.polars.building import Built
from sqlsel.polars.column_keys import exactly
from sqlsel.process.interrupts import interruptible

_RANK, ROW = "__sqlsel_rank", "__sqlsel_row"


@dataclass(frozen=True)
class Ranked:
    """A selection whose result is the picked rows, sorted by group and rank.

    ``groups``: names of columns; ranks count within a group. ``column``: the name of a column of ranks in the
    result, None for none. ``done`` is called once the ranks are computed, or have failed.
    """

    selection: Built
    groups: list[str]
    column: str | None
    done: Callable[[], None]

    @property
    def rank(self) -> pl.Expr:
        """The ranks as an expression."""
        expr = self.selection.expr().alias(_RANK)
        return expr.over(exactly(self.groups)) if self.groups else expr

    def eager(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The picked rows of a frame, in order."""
        self.check(frame.columns)
        if frame.is_empty() and isinstance(self.selection.call.n, int):
            telling.warn_of_no_rows()
        numbered = frame.lazy().with_row_index(ROW)
        keys = numbered.select(ROW, *exactly(self.groups), self.rank)
        try:
            picked = self._in_order(keys).collect(engine="in-memory")
        except pl.exceptions.ColumnNotFoundError as error:
            wrong = str(error).split("\n\n")[0].replace(f'"{ROW}", ', "")
            raise pl.exceptions.ColumnNotFoundError(wrong) from None
        finally:
            self.done()
        rows = frame[picked[ROW]]
        return rows if self.column is None else rows.with_columns(picked[_RANK].alias(self.column))

    def wide(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The same of a lazy frame, which is read once and whole."""
        self.check(frame.collect_schema().names())
        numbered = frame.with_row_index(ROW) if self.groups else frame
        ranked = self._in_order(numbered.with_columns(self.rank)).drop(ROW, strict=False)
        if self.column is None:
            return ranked.drop(_RANK)
        return ranked.rename({_RANK: self.column})

    def keys(self, frame: pl.LazyFrame, id: str, poll: Poll = no_poll) -> pl.DataFrame:
        """Id, groups and rank of the picked rows, in order."""
        names = exactly(dict.fromkeys([*self.groups, id]))
        try:
            picked = None if self.groups else self._read(frame, id, poll)
            if picked is None:
                picked = self._in_order(frame.select(*names, self.rank)).collect()
        finally:
            self.done()
        return picked

    def _read(self, frame: pl.LazyFrame, id: str, poll: Callable[[], None]) -> pl.DataFrame | None:
        """Id and rank of the picked rows where vectors can be read straight into a matrix; else None."""
        call, inputs = self.selection
        vectors = call.vectors()
        if not vectors:
            return None
        read = batchwise(frame, [*inputs, *exactly([id])], vectors, poll)
        if read is None:
            return None
        context, columns = read
        ranked = pl.DataFrame({id: columns[-1], _RANK: call.of(context)})
        return self._in_order(ranked.lazy()).collect()

    def check(self, names: list[str]) -> None:
        """ValueError where the column of ranks exists, or one of those that are made in between."""
        if self.column in names:
            raise ValueError(f"rank_column: there is a column {self.column!r} already")
        for name in (_RANK, ROW):
            if name in names:
                raise ValueError(f"rows needs the name {name!r} for itself; rename the column")

    def _in_order(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        picked = frame.filter(pl.col(_RANK).is_not_null())
        return picked.sort(*exactly([*self.groups, _RANK]), nulls_last=True)


@dataclass(frozen=True)
class _Source:
    """An IO source that reads its frame twice: the columns of the selection, then the picked rows."""

    frame: pl.LazyFrame
    ranked: Ranked
    id: str

    def schema(self) -> pl.Schema:
        """The columns of the frame, and that of ranks."""
        schema = self.frame.collect_schema()
        self.ranked.check(schema.names())
        if self.ranked.column is None:
            return schema
        return pl.Schema({**schema, self.ranked.column: pl.Int64()})

    def __call__(
        self,
        with_columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,
        batch_size: int | None,
    ) -> Iterator[pl.DataFrame]:
        """The picked rows; the arguments are those that Polars passes to an IO source."""
        del batch_size  # the picked rows are few
        with interruptible() as poll:
            picked = self.ranked.keys(self.frame, self.id, poll)
            if n_rows is not None:
                picked = picked.head(n_rows)
            names = self.schema().names() if with_columns is None else with_columns
            roots = [] if predicate is None else predicate.meta.root_names()
            rows = self._rows(picked, [*dict.fromkeys([*names, *roots])])
            poll()
        if predicate is not None:
            rows = rows.filter(predicate)
        yield rows[names]

    def _rows(self, picked: pl.DataFrame, names: list[str]) -> pl.DataFrame:
        """These columns of the picked rows, in the order of picking."""
        ranked = (
            picked if self.ranked.column is None else picked.rename({_RANK: self.ranked.column})
        )
        if set(names) <= set(ranked.columns):
            return ranked[names]
        keys = [*dict.fromkeys([*self.ranked.groups, self.id])]
        read = exactly([*keys, *(n for n in names if n not in ranked.columns)])
        (id,) = exactly([self.id])
        wide = self.frame.filter(id.is_in(picked[self.id].implode())).select(read)
        joined = (
            ranked.lazy()
            .join(wide, on=exactly(keys), nulls_equal=True, maintain_order="left")
            .collect()
        )
        if not joined[keys].equals(picked[keys]):
            raise InvalidInput(
                f"{len(picked)} rows were picked, {len(joined)} found when the frame was read again: it does not give "
                "the same rows twice; collect it first, or leave id out"
            )
        return joined[names]


def scan(frame: pl.LazyFrame, ranked: Ranked, id: str, name: str, detail: str) -> pl.LazyFrame:
    """A lazy frame of the picked rows, whose plan shows ``name`` and ``detail``."""
    source = _Source(frame, ranked, id)
    return register_io_source(
        source, schema=source.schema(), is_pure=True, explain_name=name, explain_detail=detail
    )
