"""The seam between tables and arrays: begin, feed, finish of one run inside one SQL statement.

``sqlsel_begin`` opens a run, ``sqlsel_feed`` stores the inputs of each row, ``sqlsel_finish`` selects and gives the picks.
Runs are known by their token, so statements of other connections and threads never meet.
"""

from __future__ import annotations

import itertools
import json
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from sqlsel.errors import Interrupted, InvalidInput, SqlselError
from sqlsel.fulfilment import Fulfilment, fulfilment
from sqlsel.kernels.classes import Classes, one_hot
from sqlsel.optimizer.budget import share_of
from sqlsel.optimizer.run import Problem, Selection, run
from sqlsel.scan.classes import ClassColumn
from sqlsel.scan.columns import Column, Flags, Numbers, Vectors
from sqlsel.scan.keys import Keys
from sqlsel.scan.memory import MemoryBudget
from sqlsel.strategies import STRATEGIES
from sqlsel.strategies.lottery import hashed

_KINDS: dict[str, Any] = {
    "DIVERSITY": Vectors,
    "DEDUPLICATE": Vectors,
    "SIMILARITY": Vectors,
    "WEIGHTS": Numbers,
    "BALANCE": ClassColumn,
}
_STALE_AFTER = 3600.0


@dataclass
class Watch:
    """What the front end gives a run and learns from it."""

    memory_limit: int | None = None
    progress: Callable[[int, int], None] | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None
    facts: list[Facts] = field(default_factory=list)
    phases: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What there is to know of one selection, beside its rows."""

    n_input: int
    n_candidates: int
    n_asked: int | None
    n_selected: int
    stopped_by: str
    skipped: dict[str, int]
    notes: tuple[str, ...]
    refreshes: int
    seconds: float
    fulfilment: tuple[Fulfilment, ...]


class Run:
    """One selection while it is fed."""

    def __init__(self, spec: dict[str, Any], watch: Watch) -> None:
        self.spec, self.watch = spec, watch
        self.touched = time.monotonic()
        self._lock = threading.Lock()
        self._budget = MemoryBudget(watch.memory_limit)
        self.calls: list[dict[str, Any]] = spec["strategies"]
        self._columns: dict[tuple[int, Any], Column] = {}
        for call in self.calls:
            kind = _KINDS.get(call["type"])
            if kind is not None:
                told = {"skip": spec.get("on_invalid") == "skip"} if kind is Vectors else {}
                self._columns.setdefault(
                    (call["slot"], kind), kind(call["input"], self._budget, **told)
                )
        self._keys = Keys("key") if spec["keyed"] else None
        self._chosen = Flags("preselected", self._budget) if spec["chosen"] else None
        self._queries: dict[int, Vectors] = {}
        self._began = time.monotonic()

    def feed(self, slot: int, places: Any, struct: pa.StructArray) -> None:
        """Store some rows: of the block (slot 0), or query vectors of strategy ``slot`` − 1."""
        self.touched = time.monotonic()
        if self.watch.stop.is_set():
            raise Interrupted("interrupted while reading rows")
        names = [f.name for f in struct.type]
        parts = dict(zip(names, struct.flatten(), strict=True))
        with self._lock:
            if slot:
                self._queries.setdefault(slot - 1, Vectors("query", self._budget)).put(
                    places, parts["v"]
                )
                return
            for (place, _), column in self._columns.items():
                column.put(places, parts[f"i{place}"])
            if self._keys is not None:
                self._keys.put(places, parts["k"])
            if self._chosen is not None:
                self._chosen.put(places, parts["p"])

    def finish(
        self, rows: int, limit: str | None, *, percent: bool, offset: str | None, total: int | None
    ) -> pa.Array:
        """Select, and give the picks as a list of structs."""
        self.watch.phases["scan"] = time.monotonic() - self._began
        if self._option("n_counts", "new") not in ("new", "total"):
            raise InvalidInput(
                f"n_counts must be 'new' or 'total', got {self._option('n_counts', 'new')!r}"
            )
        asked = budget_of(limit, percent=percent, rows=rows if total is None else total)
        skipped_first = whole_number("OFFSET", offset) or 0
        ids, order = self._keys.finish(rows) if self._keys is not None else (None, np.arange(rows))
        chosen = (
            self._chosen.finish(rows)[0] if self._chosen is not None else np.zeros(rows, np.bool_)
        )
        waiting = ~chosen
        if asked is not None and self._option("n_counts", "new") == "total":
            asked = max(0, asked - int(chosen.sum()))
        prepared, notes, skipped = self._prepare(ids, rows)
        wanted = rows if asked is None else asked + skipped_first
        if rows == 0 or wanted == 0 or not prepared:
            selection = _by_id(order, waiting, min(wanted, rows), len(prepared))
        else:
            start = self._start(ids, rows)
            problem = Problem(
                prepared,
                order,
                waiting,
                chosen,
                min(wanted, rows),
                start=start,
                progress=self._report(),
                poll=self._poll,
            )
            selection = run(problem)
        self.watch.phases["select"] = selection.seconds
        self._keep(selection, prepared, waiting, rows, asked, skipped, notes)
        return _as_structs(selection, skipped_first)

    def _prepare(self, ids: Any, rows: int) -> tuple[list[Any], tuple[str, ...], dict[str, int]]:
        on_invalid = self._option("on_invalid", "error")
        if on_invalid not in ("error", "skip"):
            raise InvalidInput(f"on_invalid must be 'error' or 'skip', got {on_invalid!r}")
        finished = {k: c.finish(rows) for k, c in self._columns.items()}
        pool = np.ones(rows, np.bool_)
        prepared, skipped = [], {}
        for i, call in enumerate(self.calls):
            strategy = self._strategy(i, call)
            if call["type"] == "RANDOM":
                values: Any = hashed(range(rows) if ids is None else ids.to_pylist(), strategy.seed)
                one = strategy.prepared(values)
            else:
                values, present = finished[call["slot"], _KINDS[call["type"]]]
                if rows == 0:
                    continue
                one = strategy.prepare(_classes(values, strategy), present, pool, on_invalid)
                if call["type"] != "BALANCE":
                    skipped[f"NULL input of {call['type']}"] = int(rows - present.sum())
                    skipped[f"invalid input of {call['type']}"] = int(
                        present.sum() - one.present.sum()
                    )
            prepared.append(one)
        return (
            prepared,
            tuple(n for one in prepared for n in one.notes),
            {k: v for k, v in skipped.items() if v},
        )

    def _strategy(self, number: int, call: dict[str, Any]) -> Any:
        options = {k: v for k, v in call.items() if k not in ("type", "slot", "input")}
        kind = STRATEGIES["DIVERSITY" if call["type"] == "DEDUPLICATE" else call["type"]]
        if call["type"] == "SIMILARITY":
            if number in self._queries:
                matrix, present = self._queries[number].finish(self._queries_fed(number))
                options["query"] = matrix[present]
            options.setdefault("query", np.empty((0, 1), np.float32))
        if call["type"] == "RANDOM":
            options.setdefault("seed", self._option("seed", 0))
        try:
            return kind(**options) if call["type"] == "RANDOM" else kind(call["input"], **options)
        except (TypeError, ValueError) as error:
            raise InvalidInput(f"{call['type']}: {error}") from error

    def _queries_fed(self, number: int) -> int:
        return self._queries[number].fed

    def _start(self, ids: Any, rows: int) -> int | None:
        start = next((c["start"] for c in self.calls if c.get("start") is not None), None)
        if start is None:
            return None
        known = [str(i) for i in (range(1, rows + 1) if ids is None else ids.to_pylist())]
        if str(start) not in known:
            raise InvalidInput(f"DIVERSITY: start {start!r} is not the key of any row")
        return known.index(str(start))

    def _option(self, name: str, default: Any) -> Any:
        return self.spec.get(name, default)

    def _poll(self) -> None:
        if self.watch.stop.is_set():
            raise Interrupted("interrupted while selecting")

    def _report(self) -> Callable[[int, int], None]:
        def report(done: int, budget: int) -> None:
            self._poll()
            if self.watch.progress is not None:
                self.watch.progress(done, budget)

        return report

    def _keep(
        self,
        selection: Selection,
        prepared: list[Any],
        waiting: Any,
        rows: int,
        asked: int | None,
        skipped: dict[str, int],
        notes: tuple[str, ...],
    ) -> None:
        names = [c["type"] for c in self.calls]
        self.watch.facts.append(
            Facts(
                rows,
                selection.n_candidates,
                asked,
                len(selection.rows),
                selection.stopped_by if asked is not None else "all rows",
                skipped,
                notes,
                selection.refreshes,
                selection.seconds,
                fulfilment(names, prepared, selection, waiting),
            )
        )


def _classes(values: Any, strategy: Any) -> Any:
    """Fed class columns as the strategies take them."""
    if not (isinstance(values, tuple) and values and values[0] in ("codes", "masses")):
        return values
    form, names, data = values
    if form == "codes":
        return one_hot(names, data)
    from sqlsel.kernels.classes import as_classes

    given = names if names is not None else strategy.classes
    classes: Classes = as_classes(data, given)
    return classes


def _by_id(order: Any, waiting: Any, count: int, strategies: int) -> Selection:
    """Without any strategy: the first candidates by id."""
    place = np.argsort(order, kind="stable")
    rows = place[waiting[place]][:count]
    nothing = np.full((len(rows), strategies), np.nan)
    stopped = "budget" if len(rows) == count else "nobody feasible"
    return Selection(rows, np.zeros(len(rows)), nothing, int(waiting.sum()), stopped, 0, 0.0)


def budget_of(limit: str | None, *, percent: bool, rows: int) -> int | None:
    """How many picks a LIMIT asks for; None for all."""
    if limit is None:
        return None
    if not percent:
        return whole_number("LIMIT", limit)
    try:
        value = float(limit)
    except ValueError:
        raise InvalidInput(f"LIMIT {limit}%: a percentage is a number from 0 to 100") from None
    if not 0 <= value <= 100:
        raise InvalidInput(f"LIMIT {limit}%: a percentage lies between 0 and 100")
    from decimal import Decimal

    return share_of(rows, Decimal(limit) / 100) if value else 0


def whole_number(word: str, text: str | None) -> int | None:
    """A LIMIT or OFFSET as an integer of at least 0."""
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        raise InvalidInput(f"{word} must be a whole number, got {text}") from None
    if not math.isfinite(value) or value != int(value) or value < 0:
        raise InvalidInput(f"{word} must be a whole number of at least 0, got {text}")
    return int(value)


def _as_structs(selection: Selection, skip: int) -> pa.Array:
    count = max(len(selection.rows) - skip, 0)
    width = selection.values.shape[1]
    values = selection.values[skip:].reshape(-1)
    vals = pa.ListArray.from_arrays(
        pa.array(np.arange(count + 1) * width, pa.int32()),
        pa.array(values, pa.float64(), mask=~np.isfinite(values)),
    )
    struct = pa.StructArray.from_arrays(
        [
            pa.array(selection.rows[skip:] + 1, pa.int64()),
            pa.array(np.arange(skip + 1, skip + count + 1), pa.int64()),
            pa.array(selection.gain[skip:], pa.float64()),
            vals,
        ],
        ["i", "rank", "gain", "vals"],
    )
    return pa.ListArray.from_arrays(pa.array([0, count], pa.int32()), struct)


class Registry:
    """The runs of this process, by token; and what front ends wait for, by the name they gave."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens = itertools.count(1)
        self._runs: dict[int, Run] = {}
        self._watches: dict[str, Watch] = {}

    def watch(self, name: str, watch: Watch) -> None:
        """Expect a run of this name."""
        with self._lock:
            self._watches[name] = watch

    def forget(self, name: str) -> None:
        """Drop whatever is left of the runs of this name."""
        with self._lock:
            watch = self._watches.pop(name, None)
            for token in [
                t for t, r in self._runs.items() if watch is not None and r.watch is watch
            ]:
                del self._runs[token]

    def begin(self, spec: str) -> int:
        """Open a run; give its token."""
        parsed = json.loads(spec)
        with self._lock:
            old = time.monotonic() - _STALE_AFTER
            for token in [t for t, r in self._runs.items() if r.touched < old]:
                del self._runs[token]
            token = next(self._tokens)
            self._runs[token] = Run(parsed, self._watches.get(parsed.get("run", ""), Watch()))
        return token

    def run(self, token: int) -> Run:
        """The run of a token."""
        found = self._runs.get(token)
        if found is None:
            raise SqlselError(
                "this selection has ended already; USING STRATEGY cannot depend on a row of the outer query"
            )
        return found

    def end(self, token: int) -> None:
        """The run is over."""
        with self._lock:
            self._runs.pop(token, None)

    def __len__(self) -> int:
        return len(self._runs)


REGISTRY = Registry()


def begin(specs: pa.ChunkedArray) -> pa.Array:
    """The SQL function ``sqlsel_begin(spec)``."""
    return pa.array([REGISTRY.begin(s) for s in specs.to_pylist()], pa.int64())


def feed(
    tokens: pa.ChunkedArray, slots: pa.ChunkedArray, rows: pa.ChunkedArray, values: pa.ChunkedArray
) -> pa.ChunkedArray:
    """The SQL function ``sqlsel_feed(token, slot, row, struct)``: gives the row back."""
    if len(rows) == 0:
        return rows
    token = _only(tokens)
    current = REGISTRY.run(token)
    with _remembered(current):
        at = 0
        for chunk in values.chunks:
            places = np.asarray(rows.slice(at, len(chunk)).combine_chunks()).astype(np.int64) - 1
            current.feed(int(slots[0].as_py()), places, chunk)
            at += len(chunk)
    return rows


def finish(
    tokens: pa.ChunkedArray,
    counts: pa.ChunkedArray,
    limits: pa.ChunkedArray,
    percents: pa.ChunkedArray,
    offsets: pa.ChunkedArray,
    totals: pa.ChunkedArray,
) -> pa.Array:
    """The SQL function ``sqlsel_finish(token, n, limit, percent, offset, total)``: gives the picks."""
    token = _only(tokens)
    current = REGISTRY.run(token)
    try:
        with _remembered(current):
            return current.finish(
                counts[0].as_py(),
                limits[0].as_py(),
                percent=percents[0].as_py(),
                offset=offsets[0].as_py(),
                total=totals[0].as_py(),
            )
    finally:
        REGISTRY.end(token)


def _only(tokens: pa.ChunkedArray) -> int:
    found = set(tokens.unique().to_pylist())
    if len(found) != 1:
        raise SqlselError("USING STRATEGY cannot depend on a row of the outer query")
    return int(found.pop())


class _remembered:  # noqa: N801 - reads as a word after `with`
    """Keeps an error for the front end, since DuckDB passes on its text only."""

    def __init__(self, current: Run) -> None:
        self._run = current

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None and self._run.watch.error is None:
            self._run.watch.error = error
