"""The function of an expression, which Polars calls with the columns of its inputs: one selection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from sqlsel.engine.choosing import choose, start_of
from sqlsel.engine.inputs import InputColumn, Rows
from sqlsel.engine.kernels.exact import Index
from sqlsel.engine.kernels.object_lists import Objects
from sqlsel.engine.objective.protocol import Mask, Poll
from sqlsel.engine.optimizer.budget import share_of
from sqlsel.errors import InvalidInput
from sqlsel.polars import telling
from sqlsel.polars.context import Context, Slot
from sqlsel.polars.result_shapes import Picks, Shape
from sqlsel.process.interrupts import interruptible


class StrategyInputs(NamedTuple):
    """A strategy, the slot of its input (None for RANDOM), and the slot of its query vectors (None without)."""

    strategy: Any
    slot: Slot | None
    query: Slot | None = None


@dataclass(frozen=True)
class Call:
    """One selection as the function of an expression, from columns to a column.

    ``saw_nan``: whether a condition saw NaN in a row. The number of rows is the first input.
    """

    shape: Shape
    strategies: tuple[StrategyInputs, ...]
    conditions: tuple[Slot, ...] = ()
    saw_nan: Slot | None = None
    n: int | Slot | None = None
    proportion: float | None = None
    id: Slot | None = None
    preselected: Slot | None = None
    n_counts: str = "new"
    seed: int = 0
    on_invalid: str = "error"
    progress: Callable[[int, int], None] | None = None

    def __call__(self, series: Sequence[pl.Series]) -> pl.Series:
        """The picks among the rows of one context."""
        return self.of(Context(series))

    def of(self, context: Context) -> pl.Series:
        """The same for a context whose inputs are read already."""
        if not context.rows:
            return self.shape.series(Picks(0))
        with interruptible() as poll:
            poll()
            return self.shape.series(self._picks(context, poll))

    def _picks(self, context: Context, poll: Poll) -> Picks:
        names: Sequence[Any] | None = None
        try:
            chosen = self._preselected(context)
            waiting = self._waiting(context, chosen)
            order: Index = np.arange(context.rows)
            if self.id is not None:
                order, names = context.ids(self.id)
            ids = range(context.rows) if names is None else names
            rows = Rows(order, ids, waiting, chosen, self.seed, self.on_invalid)
            budget = self._budget(context, chosen)
            strategies, columns = self._strategies(context, waiting | chosen)
            _check_start(rows, strategies)
            selection, prepared = choose(strategies, columns, rows, budget, self.progress, poll)
        except InvalidInput as error:
            raise telling.with_row(error, names) from None
        everything = self.proportion == 1
        telling.warn(strategies, prepared, selection, 0 if everything else budget)
        return Picks(context.rows, selection.rows, selection.gain, selection.values)

    def vectors(self) -> dict[int, Slot] | None:
        """The slots that are read as vectors only; None where inputs may have another length than there are rows."""
        if isinstance(self.n, Slot) or any(one.query is not None for one in self.strategies):
            return None
        slots = [one.slot for one in self.strategies if one.strategy.takes == "vectors"]
        others = [one.slot for one in self.strategies if one.strategy.takes != "vectors"]
        others += [*self.conditions, self.id, self.preselected]
        taken = {slot.place for slot in others if slot is not None}
        return {slot.place: slot for slot in slots if slot is not None and slot.place not in taken}

    def _preselected(self, context: Context) -> Mask:
        if self.preselected is None:
            return np.zeros(context.rows, np.bool_)
        return context.flags(
            self.preselected, "preselected", "; cast it: pl.col(…).cast(pl.Boolean)"
        )

    def _waiting(self, context: Context, chosen: Mask) -> Mask:
        """Mask of the candidates: rows that are not preselected, and meet all conditions and thresholds."""
        mask = ~chosen
        for slot in self.conditions:
            mask &= context.flags(slot, "condition", "; a strategy is made by sel.diversity(…)")
        for one in self.strategies:
            if one.strategy.filters and one.slot is not None:
                numbers = context.numbers(one.slot, one.strategy.kind, as_given=True)
                mask &= one.strategy.passes(numbers.values, numbers.present)
        if self.saw_nan is not None and (mask & context.flags(self.saw_nan, "condition")).any():
            telling.warn_of_nan()
        return mask

    def _budget(self, context: Context, chosen: Mask) -> int:
        if isinstance(self.n, Slot):
            budget = context.count(self.n)
        else:
            budget = self.n if self.n is not None else share_of(context.rows, self.proportion or 0)
        return max(0, budget - int(chosen.sum())) if self.n_counts == "total" else budget

    def _strategies(self, context: Context, pool: Mask) -> tuple[list[Any], list[InputColumn]]:
        """(strategies that do not filter, their columns); a column of vectors is read once for all of them."""
        strategies, columns = [], []
        skip = self.on_invalid == "skip"
        vectors: dict[int, InputColumn] = {}
        for strategy, slot, query in self.strategies:
            if strategy.filters:
                continue
            if query is not None:
                strategy = replace(strategy, query=context.queries(query))  # noqa: PLW2901
            strategies.append(strategy)
            if slot is None:
                columns.append(InputColumn(None, np.ones(context.rows, np.bool_)))
            elif strategy.takes == "numbers":
                columns.append(context.numbers(slot, strategy.kind, pool))
            elif strategy.takes == "classes":
                classes = getattr(strategy, "classes", None)
                columns.append(context.categories(slot, classes, pool, skip=skip))
            else:
                if slot.place not in vectors:
                    vectors[slot.place] = self._vectors(context, slot, pool)
                columns.append(vectors[slot.place])
        return strategies, columns

    def _vectors(self, context: Context, slot: Slot, pool: Mask) -> InputColumn:
        """A column of vectors, which may be normalised in place if every strategy over it normalises."""
        column = context.vectors(slot, pool, skip=self.on_invalid == "skip")
        using = [w.strategy for w in self.strategies if w.slot and w.slot.place == slot.place]
        if all(getattr(strategy, "normalize", False) for strategy in using):
            return column
        if isinstance(column.values, Objects):
            plain = column.values.vectors.view(np.ndarray)
            return InputColumn(Objects(plain, column.values.offsets), column.present)
        return InputColumn(column.values.view(np.ndarray), column.present)


def _check_start(rows: Rows, strategies: Sequence[Any]) -> None:
    start = start_of(strategies)
    if start is not None and rows.row_of(start) is None:
        telling.warn_of_start(start)
