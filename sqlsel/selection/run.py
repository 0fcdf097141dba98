"""One selection: it is fed with rows in any order and by any thread, then it picks.

Here tables become arrays, and the arrays become objectives.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sqlsel.errors import Interrupted, InvalidInput, SqlselError
from sqlsel.fulfilment import fulfilment
from sqlsel.kernels.classes import as_classes, one_hot
from sqlsel.kernels.vectors import Owned
from sqlsel.objective import Prepared
from sqlsel.optimizer.run import Problem, Selection, run
from sqlsel.scan.classes import ClassColumn
from sqlsel.scan.columns import Column, Flags, Numbers, Places
from sqlsel.scan.keys import Keys
from sqlsel.scan.memory import MemoryBudget
from sqlsel.scan.vectors import Vectors
from sqlsel.selection.limits import budget_of, whole_number
from sqlsel.selection.picks import as_structs, first_by_key
from sqlsel.selection.watch import Facts, Watch
from sqlsel.strategies import STRATEGIES
from sqlsel.strategies.lottery import hashed

_KINDS: dict[str, Any] = {
    "DIVERSITY": Vectors,
    "DEDUPLICATE": Vectors,
    "SIMILARITY": Vectors,
    "WEIGHTS": Numbers,
    "BALANCE": ClassColumn,
}
_VECTORS = ("DIVERSITY", "DEDUPLICATE", "SIMILARITY")


class Run:
    """One selection; ``spec`` is the JSON that the rewritten statement made of the clause."""

    def __init__(self, spec: dict[str, Any], watch: Watch) -> None:
        self._spec, self.watch = spec, watch
        self.touched = time.monotonic()
        self._lock = threading.Lock()
        self._budget = MemoryBudget(watch.memory_limit)
        self._calls: list[dict[str, Any]] = spec["strategies"]
        self._columns: dict[tuple[int, Any], Column] = {}
        for call in self._calls:
            kind = _KINDS.get(call["type"])
            if kind is not None:
                told = {"skip": spec.get("on_invalid") == "skip"} if kind is Vectors else {}
                column = kind(call["input"], self._budget, **told)
                self._columns.setdefault((call["slot"], kind), column)
        self._keys = Keys("key") if spec["keyed"] else None
        self._chosen = Flags("preselected", self._budget) if spec["chosen"] else None
        self._fed = 0  # rows of the block
        self._queries: dict[int, Vectors] = {}

    def feed(self, slot: int, places: Places, struct: pa.StructArray) -> None:
        """Store some rows: of the block (slot 0), or query vectors of strategy ``slot`` − 1."""
        self.touched = time.monotonic()
        if self.watch.stop.is_set():
            raise Interrupted("interrupted while reading rows")
        names = [f.name for f in struct.type]
        parts = dict(zip(names, struct.flatten(), strict=True))
        with self._lock:
            if slot:
                queries = self._queries.setdefault(slot - 1, Vectors("query", self._budget))
                queries.put(places, parts["v"])
                return
            self._fed += len(places)
            for (place, _), column in self._columns.items():
                column.put(places, parts[f"i{place}"])
            if self._keys is not None:
                self._keys.put(places, parts["k"])
            if self._chosen is not None:
                self._chosen.put(places, parts["p"])

    def finish(
        self, rows: int, limit: str | None, *, percent: bool, offset: str | None, total: int | None
    ) -> pa.Array:
        """Select among ``rows`` rows, and give the picks as a list of structs.

        ``total``: the rows before the thresholds, where a percentage counts them.
        """
        if self._fed != rows:
            raise SqlselError(f"fed {self._fed} rows, counted {rows}: this is a defect of sqlsel")
        counts = self._choice("n_counts", ("new", "total"))
        asked = budget_of(limit, percent=percent, rows=rows if total is None else total)
        skip = whole_number("OFFSET", offset) or 0
        ids, order = self._keys.finish(rows) if self._keys is not None else (None, np.arange(rows))
        chosen = np.zeros(rows, np.bool_)
        if self._chosen is not None:
            chosen, _ = self._chosen.finish(rows)
        if asked is not None and counts == "total":
            asked = max(0, asked - int(chosen.sum()))
        prepared, skipped = self._prepared(ids, rows)
        wanted = rows if asked is None else min(asked + skip, rows)
        if wanted == 0 or not prepared:
            selection = first_by_key(order, ~chosen, wanted, len(prepared))
        else:
            start = self._start(ids, rows)
            poll, report = self._poll, self._report
            selection = run(
                Problem(
                    prepared,
                    order,
                    ~chosen,
                    chosen,
                    wanted,
                    start=start,
                    progress=report,
                    poll=poll,
                )
            )
        self._keep(selection, prepared, ~chosen, asked=asked, skipped=skipped)
        return as_structs(selection, skip)

    def _choice(self, name: str, known: tuple[str, str]) -> str:
        """An option with two values, of which the first is the default."""
        value: str = self._spec.get(name, known[0])
        if value not in known:
            raise InvalidInput(f"{name} must be {known[0]!r} or {known[1]!r}, got {value!r}")
        return value

    def _prepared(self, ids: pa.Array | None, rows: int) -> tuple[list[Prepared], dict[str, int]]:
        """The strategies with their columns; how many rows each one could not use, and why."""
        on_invalid = self._choice("on_invalid", ("error", "skip"))
        finished = {k: c.finish(rows) for k, c in self._columns.items()}
        pool = np.ones(rows, np.bool_)
        prepared: list[Prepared] = []
        skipped: dict[str, int] = {}
        for i, call in enumerate(self._calls):
            strategy, kind = self._strategy(i, call), call["type"]
            if kind == "RANDOM":
                names = range(rows) if ids is None else ids.to_pylist()
                prepared.append(strategy.prepared(hashed(names, strategy.seed)))
                continue
            if rows == 0:
                continue
            values, present = finished[call["slot"], _KINDS[kind]]
            given = _as_input(values, strategy)
            if kind in _VECTORS and self._all_normalize(call["slot"]):
                given = given.view(Owned)
            one = strategy.prepare(given, present, pool, on_invalid, self._poll)
            prepared.append(one)
            if kind != "BALANCE":
                skipped[f"NULL input of {kind}"] = int(rows - present.sum())
                skipped[f"invalid input of {kind}"] = int(present.sum() - one.present.sum())
        return prepared, {reason: count for reason, count in skipped.items() if count}

    def _all_normalize(self, slot: int) -> bool:
        """Whether every strategy over this input wants unit vectors."""
        using = [c for c in self._calls if c["slot"] == slot and c["type"] in _VECTORS]
        return all(c.get("normalize", True) is True for c in using)

    def _strategy(self, number: int, call: dict[str, Any]) -> Any:
        options = {k: v for k, v in call.items() if k not in ("type", "slot", "input")}
        kind = STRATEGIES["DIVERSITY" if call["type"] == "DEDUPLICATE" else call["type"]]
        if call["type"] == "SIMILARITY":
            options = {"query": self._query(number), **options}
        if call["type"] == "RANDOM":
            options.setdefault("seed", self._spec.get("seed", 0))
        try:
            return kind(**options) if call["type"] == "RANDOM" else kind(call["input"], **options)
        except (TypeError, ValueError) as error:
            raise InvalidInput(f"{call['type']}: {error}") from error

    def _query(self, number: int) -> NDArray[np.float32]:
        """The query vectors that strategy ``number`` was fed."""
        fed = self._queries.get(number)
        if fed is None:
            return np.empty((0, 1), np.float32)
        matrix, present = fed.finish(fed.fed)
        vectors: NDArray[np.float32] = matrix[present]
        return vectors

    def _start(self, ids: pa.Array | None, rows: int) -> int | None:
        """The row that DIVERSITY is told to start with; rows without key count from 1."""
        start = next((c["start"] for c in self._calls if c.get("start") is not None), None)
        if start is None:
            return None
        known = [str(name) for name in (range(1, rows + 1) if ids is None else ids.to_pylist())]
        if str(start) not in known:
            raise InvalidInput(f"DIVERSITY: start {start!r} is not the key of any row")
        return known.index(str(start))

    def _poll(self) -> None:
        if self.watch.stop.is_set():
            raise Interrupted("interrupted while selecting")

    def _report(self, done: int, budget: int) -> None:
        self._poll()
        if self.watch.progress is not None:
            self.watch.progress(done, budget)

    def _keep(
        self,
        selection: Selection,
        prepared: list[Prepared],
        waiting: NDArray[np.bool_],
        *,
        asked: int | None,
        skipped: dict[str, int],
    ) -> None:
        """Put what there is to know of this selection where the front end finds it."""
        names = [call["type"] for call in self._calls]
        self.watch.facts.append(
            Facts(
                n_input=len(waiting),
                n_candidates=selection.n_candidates,
                n_asked=asked,
                n_selected=len(selection.rows),
                stopped_by="all rows" if asked is None else selection.stopped_by,
                skipped=skipped,
                notes=tuple(note for one in prepared for note in one.notes),
                refreshes=selection.refreshes,
                seconds=selection.seconds,
                fulfilment=fulfilment(names, prepared, selection, waiting),
            )
        )


def _as_input(values: Any, strategy: Any) -> Any:
    """Fed columns as the strategies take them: class columns as class rows, all else as it is."""
    if not isinstance(values, tuple):
        return values
    form, names, data = values
    if form == "codes":
        return one_hot(names, data)
    return as_classes(data, strategy.classes if names is None else names)
