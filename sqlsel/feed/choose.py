"""From fed columns to picks: the strategies meet their columns, and the optimizer chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.columns.buffers import Numbers
from sqlsel.columns.classes import ClassColumn
from sqlsel.columns.vectors import Vectors
from sqlsel.engine.fulfilment import fulfilment
from sqlsel.engine.kernels.classes import as_classes, one_hot
from sqlsel.engine.kernels.objects import Objects
from sqlsel.engine.kernels.vectors import Owned
from sqlsel.engine.neighbours.graphs import IN_MEMORY, Graphs
from sqlsel.engine.objective import Prepared
from sqlsel.engine.optimizer.run import Problem, Selection, first_by_id, run
from sqlsel.engine.strategies import STRATEGIES
from sqlsel.engine.strategies.balance import check_unnamed
from sqlsel.engine.strategies.lottery import hashed
from sqlsel.errors import InvalidInput
from sqlsel.feed.table import Table
from sqlsel.feed.watch import Facts

VECTORS = ("DIVERSITY", "DEDUPLICATE", "SIMILARITY", "TYPICALITY")
KINDS: dict[str, Any] = {
    **dict.fromkeys(VECTORS, Vectors),
    "WEIGHTS": Numbers,
    "BALANCE": ClassColumn,
}

_NEEDY = ("DEDUPLICATE", "SIMILARITY")  # an option of theirs must be given


@dataclass(frozen=True)
class Chooser:
    """The strategies of a clause, ready to choose among the rows of a table."""

    calls: list[dict[str, Any]]
    queries: Mapping[int, NDArray[np.float32]]  # query vectors by number of the strategy
    seed: int
    on_invalid: str
    poll: Callable[[], None]
    graphs: Graphs = IN_MEMORY

    def choose(
        self,
        table: Table,
        asked: int | None,
        skip: int,
        progress: Callable[[int, int], None],
    ) -> tuple[Selection, Facts]:
        """The first ``asked`` + ``skip`` picks (None: all), and what there is to know of them."""
        began = perf_counter()
        prepared, skipped = self.prepared(table)
        ready = perf_counter()
        wanted = len(table) if asked is None else min(asked + skip, len(table))
        selection = self._selected(table, prepared, wanted, progress)
        names = [call["type"] for call in self.calls]
        reason = _reason(selection, None if asked is None else asked + skip)
        picked = max(len(selection.rows) - skip, 0)
        return selection, Facts(
            n_input=len(table),
            n_candidates=selection.n_candidates,
            n_asked=asked,
            n_selected=picked,
            stopped_by=reason,
            skipped=skipped,
            notes=selection.notes or tuple(note for one in prepared for note in one.notes),
            refreshes=selection.refreshes,
            seconds=selection.seconds,
            fulfilment=fulfilment(names, prepared, selection, ~table.chosen),
            strategies=tuple(f"{call['type']}({call['input']})" for call in self.calls),
            prepare_seconds=ready - began,
            exact=all(one.exact for one in prepared),
            short=asked is not None and picked < asked and reason != "max_sum",
            slips=tuple(_slips(names, prepared)),
        )

    def _selected(
        self,
        table: Table,
        prepared: list[Prepared],
        wanted: int,
        progress: Callable[[int, int], None],
    ) -> Selection:
        """The first ``wanted`` picks; by key where no strategy decides."""
        if wanted == 0 or not prepared:
            return first_by_id(table.order, ~table.chosen, wanted, len(prepared))
        start = next((c["start"] for c in self.calls if c.get("start") is not None), None)
        problem = Problem(
            prepared,
            table.order,
            ~table.chosen,
            table.chosen,
            wanted,
            start=None if start is None else table.row_of(start),
            progress=progress,
            poll=self.poll,
        )
        return run(problem)

    def prepared(self, table: Table) -> tuple[list[Prepared], dict[str, int]]:
        """The strategies with their columns; how many rows each one could not use, and why."""
        pool = np.ones(len(table), np.bool_)
        prepared: list[Prepared] = []
        skipped: dict[str, int] = {}
        for i, call in enumerate(self.calls):
            strategy, kind = self._strategy(i, call), call["type"]
            if kind == "RANDOM":
                prepared.append(strategy.prepared(hashed(table.names(), strategy.seed)))
                continue
            if len(table) == 0:
                continue
            values, present = table.columns[call["slot"], KINDS[kind]]
            try:
                given = _as_input(values, strategy)
                if kind in VECTORS and self._all_normalize(call["slot"]):
                    given = _owned(given)
                more: dict[str, Any] = {}
                if kind == "TYPICALITY":
                    more = {"order": table.order, "graphs": self.graphs}
                one = strategy.prepare(given, present, pool, self.on_invalid, self.poll, **more)
            except InvalidInput as error:
                raise _with_row_of(table, error) from None
            prepared.append(one)
            if kind != "BALANCE":
                skipped[f"NULL input of {kind}"] = int(len(table) - present.sum())
                skipped[f"invalid input of {kind}"] = int(present.sum() - one.present.sum())
        return prepared, {reason: count for reason, count in skipped.items() if count}

    def _all_normalize(self, slot: int) -> bool:
        """Whether every strategy over this input wants unit vectors."""
        using = [c for c in self.calls if c["slot"] == slot and c["type"] in VECTORS]
        return all(c.get("normalize", True) is True for c in using)

    def _strategy(self, number: int, call: dict[str, Any]) -> Any:
        options = {k: v for k, v in call.items() if k not in ("type", "slot", "input")}
        kind = STRATEGIES["DIVERSITY" if call["type"] == "DEDUPLICATE" else call["type"]]
        needed = "min_distance" if call["type"] == "DEDUPLICATE" else "query"
        if needed in options and options[needed] is None and call["type"] in _NEEDY:
            raise InvalidInput(f"{call['type']}: {needed} is NULL")
        if call["type"] == "SIMILARITY":
            nothing = np.empty((0, 1), np.float32)
            options = {"query": self.queries.get(number, nothing), **options}
        if call["type"] == "RANDOM":
            options.setdefault("seed", self.seed)
        try:
            return kind(**options) if call["type"] == "RANDOM" else kind(call["input"], **options)
        except (TypeError, ValueError) as error:
            raise InvalidInput(f"{call['type']}: {error}") from error


def _reason(selection: Selection, asked: int | None) -> str:
    """Why the selection ended: 'all rows' where that was no choice of ours, since no candidate was left."""
    picked = len(selection.rows)
    if selection.stopped_by == "max_sum" or (asked is not None and picked >= asked):
        return selection.stopped_by
    everyone = picked == selection.n_candidates and (picked > 0 or asked is None)
    return "all rows" if everyone or selection.stopped_by == "budget" else selection.stopped_by


def _slips(names: list[str], prepared: list[Prepared]) -> Iterator[str]:
    """What is probably not as it was meant; a shift of weights and an approximation are nobody's slip."""
    for name, one in zip(names, prepared, strict=False):
        if one.exact and name != "WEIGHTS":
            yield from (f"{name}: {note}" for note in one.notes)


def _owned(given: Any) -> Any:
    """The vectors, marked as those that nobody else will read."""
    if isinstance(given, Objects):
        return Objects(given.vectors.view(Owned), given.offsets)
    return given.view(Owned)


def _with_row_of(table: Table, error: InvalidInput) -> InvalidInput:
    """The error with its row as SQL counts, from 1 in the block, and the row's key."""
    row = error.row
    if row is None:
        return error
    if error.template.startswith("query:"):
        return error.told(row + 1)
    key = "" if table.ids is None else f" (key {table.ids[row].as_py()!r})"
    return error.told(f"{int(table.rows[row]) + 1}{key}")


def _as_input(values: Any, strategy: Any) -> Any:
    """Fed columns as the strategies take them: class columns as class rows, all else as it is."""
    if not isinstance(values, tuple):
        return values
    form, names, data = values
    if form == "codes":
        check_unnamed(strategy.classes, str(strategy.input))
        return one_hot(names, data)
    found = as_classes(data, strategy.classes if names is None else names)
    return replace(found, closed=form != "counts")
