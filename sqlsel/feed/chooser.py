"""From fed columns to picks: builds the strategies, prepares them with their columns, and runs the engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.choosing import (
    chosen,
    fulfilment,
    infeasible_reason,
    input_warnings,
    pool_of,
    start_of,
)
from sqlsel.engine.inputs import InputColumn, Rows, class_rows, owned
from sqlsel.engine.neighbours.graphs import IN_MEMORY, Graphs
from sqlsel.engine.objective import Prepared
from sqlsel.engine.optimizer.selection import Selection
from sqlsel.engine.strategies import STRATEGIES
from sqlsel.errors import InvalidInput
from sqlsel.feed.fed_columns import READERS
from sqlsel.feed.table import Table
from sqlsel.feed.watch import Facts


@dataclass(frozen=True)
class Chooser:
    """The strategies of a clause and their options; ``choose`` selects among the rows of a table."""

    calls: list[dict[str, Any]]
    queries: Mapping[int, NDArray[np.float32]]  # query vectors by number of the strategy
    seed: int
    on_invalid: str
    poll: Callable[[], None]
    graphs: Graphs = IN_MEMORY

    def choose(
        self,
        table: Table,
        budget: int | None,
        skip: int,
        progress: Callable[[int, int], None],
    ) -> tuple[Selection, Facts]:
        """(the first ``budget`` + ``skip`` picks, facts without those skipped); a budget of None picks all."""
        began = perf_counter()
        rows, strategies = self._rows(table), self._strategies()
        prepared, skipped = self._prepared(strategies, rows, table)
        ready = perf_counter()
        n_picks = len(table) if budget is None else min(budget + skip, len(table))
        start = start_of(strategies)
        first = None if start is None else table.row_of(start)
        selection = chosen(
            prepared, rows, n_picks, first_row=first, progress=progress, poll=self.poll
        )
        names = [call["type"] for call in self.calls]
        reason = _reason(selection, None if budget is None else budget + skip)
        picked = max(len(selection.rows) - skip, 0)
        return selection, Facts(
            n_input=len(table),
            n_candidates=selection.n_candidates,
            n_asked=budget,
            n_selected=picked,
            stopped_by=reason,
            skipped=skipped,
            notes=selection.notes or tuple(note for one in prepared for note in one.notes),
            refreshes=selection.refreshes,
            seconds=selection.seconds,
            fulfilment=fulfilment(
                _labels(self.calls), prepared, selection, ~table.chosen, table.chosen
            ),
            strategies=tuple(f"{call['type']}({call['input']})" for call in self.calls),
            prepare_seconds=ready - began,
            exact=all(one.exact for one in prepared),
            short=budget is not None and picked < budget and reason != "max_sum",
            infeasible_reason=infeasible_reason(strategies),
            input_warnings=tuple(input_warnings(names, prepared)),
        )

    def check(self, table: Table) -> None:
        """InvalidInput where the strategies cannot use the columns."""
        self._prepared(self._strategies(), self._rows(table), table)

    def _rows(self, table: Table) -> Rows:
        """The engine's rows, without ids, which are expensive: a strategy that needs them reads ``Pool.ids``."""
        return Rows(table.order, (), ~table.chosen, table.chosen, self.seed, self.on_invalid)

    def _strategies(self) -> list[Any]:
        return [self._strategy(i, call) for i, call in enumerate(self.calls)]

    def _prepared(
        self, strategies: list[Any], rows: Rows, table: Table
    ) -> tuple[list[Prepared], dict[str, int]]:
        """(prepared strategies, reason → number of rows that a strategy could not use)."""
        prepared: list[Prepared] = []
        skipped: dict[str, int] = {}
        if not len(table):
            return prepared, skipped
        pool = replace(pool_of(rows, self.poll, self.graphs), ids=table.names)
        for strategy, call in zip(strategies, self.calls, strict=True):
            try:
                column = self._column(strategy, call["slot"], table)
                one = strategy.prepare(column.values, column.present, pool)
            except InvalidInput as error:
                raise _of_strategy(len(prepared), _with_row_of(table, error)) from None
            prepared.append(one)
            if strategy.takes in ("vectors", "numbers"):  # BALANCE may pick a row without a class
                present = column.present
                skipped[f"NULL input of {call['type']}"] = int(len(table) - present.sum())
                skipped[f"invalid input of {call['type']}"] = int(present.sum() - one.present.sum())
        return prepared, {reason: count for reason, count in skipped.items() if count}

    def _column(self, strategy: Any, slot: int, table: Table) -> InputColumn:
        if strategy.takes == "nothing":
            return InputColumn(None, np.ones(len(table), np.bool_))
        values, present = table.columns[slot, READERS[strategy.takes]]
        if strategy.takes == "classes":
            values = class_rows(*values)
        if strategy.takes == "vectors" and self._all_normalize(slot):
            values = owned(values)
        return InputColumn(values, present)

    def _all_normalize(self, slot: int) -> bool:
        """Whether every strategy over this input normalises, so that the matrix may be overwritten by unit vectors."""
        using = [(c, STRATEGIES[c["type"]]) for c in self.calls if c["slot"] == slot]
        return all(
            call.get("normalize", kind.defaults().get("normalize")) is True
            for call, kind in using
            if kind.takes == "vectors"
        )

    def _strategy(self, number: int, call: dict[str, Any]) -> Any:
        name, kind = call["type"], STRATEGIES[call["type"]]
        options = {k: v for k, v in call.items() if k not in ("type", "slot", "input")}
        for needed in kind.required():
            if options.get(needed, 0) is None:
                wrong = InvalidInput(f"{name}: {needed} is NULL", option=needed)
                raise _of_strategy(number, wrong)
        if "query" in kind.options():  # a subquery of no rows was never fed
            options.setdefault("query", self.queries.get(number, np.empty((0, 1), np.float32)))
        try:
            return kind(**options) if kind.takes == "nothing" else kind(call["input"], **options)
        except (TypeError, ValueError) as error:
            option = _option_in(str(error), options) or name
            message = re.sub(r"\bgot None$", "got NULL", str(error))
            wrong = InvalidInput(f"{name}: {message}", option=option)
            raise _of_strategy(number, wrong) from error


def _of_strategy(number: int, error: InvalidInput) -> InvalidInput:
    """The error, which knows now by which strategy of the clause it was raised."""
    error.strategy = number
    return error


def _option_in(message: str, options: Mapping[str, Any]) -> str:
    """The option that a message names first, or an empty text."""
    words = re.findall(r"\w+", message)
    return next((word for word in words if word in options), "")


def _labels(calls: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of the strategies, with the input where several are alike."""
    kinds = [call["type"] for call in calls]
    return [
        kind if kinds.count(kind) == 1 else f"{kind}({call['input']})"
        for kind, call in zip(kinds, calls, strict=True)
    ]


def _reason(selection: Selection, budget: int | None) -> str:
    """Why the selection ended, as the engine says; 'all rows' where every candidate was picked before the budget."""
    picked = len(selection.rows)
    if selection.stopped_by == "max_sum" or (budget is not None and picked >= budget):
        return selection.stopped_by
    everyone = picked == selection.n_candidates and (picked > 0 or budget is None)
    return "all rows" if everyone or selection.stopped_by == "budget" else selection.stopped_by


def _with_row_of(table: Table, error: InvalidInput) -> InvalidInput:
    """The error with its row counted from 1 in the block, and the row's key."""
    row = error.row
    if row is None:
        return error
    if error.template.startswith("query:"):
        return error.naming_row(row + 1)
    key = "" if table.ids is None else f" (key {table.ids[row].as_py()!r})"
    return error.naming_row(f"{int(table.rows[row]) + 1}{key}")
