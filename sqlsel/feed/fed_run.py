"""One run: stores rows that arrive in any order and from any thread, and selects at the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from sqlsel.columns.buffers import Flags, Later, Places
from sqlsel.columns.group_column import Groups, in_groups, numbered
from sqlsel.columns.id_column import Keys
from sqlsel.columns.memory import MemoryBudget
from sqlsel.columns.reading import rows_counted_from_one
from sqlsel.columns.types import refuse_several_types
from sqlsel.columns.vector_column import Vectors
from sqlsel.engine.inputs import vector_rows
from sqlsel.engine.optimizer.selection import Selection
from sqlsel.errors import Interrupted, InvalidInput, SqlselError
from sqlsel.feed.chooser import Chooser
from sqlsel.feed.fed_columns import only_column, readers_of
from sqlsel.feed.limits import budget_of, in_sql, whole_number
from sqlsel.feed.picks import as_structs
from sqlsel.feed.roles import in_duckdbs_types, query_role, roles
from sqlsel.feed.table import Rows, Table, check_start
from sqlsel.feed.watch import Facts, Watch, joined
from sqlsel.process.interrupts import check_ending

ALL_GROUPS = -1  # the slot of the groups of all rows of the block, before thresholds


class Run:
    """One selection; ``spec`` is the JSON that the rewritten statement made of the clause."""

    def __init__(self, spec: dict[str, Any], watch: Watch, catalog: int = 0) -> None:
        self._spec, self.watch = spec, watch
        self.owner = (catalog, spec.get("connection", 0))  # database and connection
        self.query = spec.get("query", 0)  # number of the connection's query
        self.statement = str(spec.get("statement", ""))
        self.facts: Facts | None = None  # of this run alone, once it has ended
        self._began = self.touched = time.monotonic()
        self._lock = threading.Lock()
        self._budget = MemoryBudget(watch.memory_limit)
        self._calls: list[dict[str, Any]] = spec["strategies"]
        self._columns = readers_of(self._calls, self._budget, skip=spec.get("on_invalid") == "skip")
        self._keys = Keys("key", self._budget) if spec["key"] else None
        self._chosen = Flags("preselected", self._budget) if spec["preselected"] else None
        self._groups = Groups(self._budget) if spec["by"] else None
        self._all_groups = Groups(self._budget)
        self._roles = roles(self._calls)
        self._fed = 0  # rows of the block
        self._queries: dict[int, Vectors] = {}

    @property
    def clause(self) -> int:
        """The number of its clause among those of the statement."""
        return int(self._spec.get("clause", 0))

    def feed(self, slot: int, places: Places, struct: pa.StructArray) -> None:
        """Store some rows, of the block (slot 0) or query vectors of strategy ``slot`` − 1.

        ``places``: their numbers, from 0. Vectors are copied after the lock is released, so threads of DuckDB run
        in parallel.
        """
        self.touched = time.monotonic()
        check_ending()
        if self.watch.stop.is_set():
            raise Interrupted("interrupted while reading rows")
        parts = self._parts_of(slot, struct)
        with self._lock, rows_counted_from_one():
            later = self._store(slot, places, parts)
        for work in later:
            if work is not None:
                work()

    def _store(
        self, slot: int, places: Places, parts: dict[str, pa.Array]
    ) -> Sequence[Later | None]:
        """Store some rows; give what is left to do without the lock."""
        if slot == 0:
            return self._feed_block(places, parts)
        if slot == ALL_GROUPS:
            self._all_groups.put(places, parts["v"])
            return ()
        queries = self._queries.setdefault(slot - 1, Vectors("query", self._budget))
        return [queries.put(places, only_column(parts["v"]))]

    def _parts_of(self, slot: int, struct: pa.StructArray) -> dict[str, pa.Array]:
        """The columns of some rows by the letters under which they are fed."""
        for field in struct.type:
            role, kind = self._roles.get(field.name), field.type
            if field.name == "v" and slot > 0:  # a row of the query's subquery: its only column
                role, kind = query_role(kind), kind.field(0).type
            if role is not None:
                refuse_several_types(kind, role.name, role.cast)
        parts = dict(zip([f.name for f in struct.type], struct.flatten(), strict=True))
        return in_duckdbs_types(parts) if slot == 0 and len(struct) else parts

    def _feed_block(self, places: Places, parts: dict[str, pa.Array]) -> list[Later | None]:
        """Store rows of the block; the copies that are still to be made, without the lock."""
        self._fed += len(places)
        later = [c.put(places, parts[f"i{place}"]) for (place, _), c in self._columns.items()]
        for name, option in (("k", self._keys), ("p", self._chosen), ("g", self._groups)):
            if option is not None:
                option.put(places, parts[name])
        return later

    def finish(
        self, rows: int, limit: str | None, *, percent: bool, offset: str | None, total: int | None
    ) -> pa.Array:
        """Select among the fed rows, of which there must be ``rows``; the picks as one list of structs.

        ``total``: the number of rows before thresholds, of which ``limit`` is a percentage (None: of the fed rows).
        """
        if self._fed != rows:
            raise SqlselError(f"fed {self._fed} rows, counted {rows}: this is a defect of sqlsel")
        counts = self._choice("n_counts", ("new", "total"))
        chooser = self._chooser()
        skip = whole_number("OFFSET", offset) or 0
        table = self._table(rows)
        for number, call in enumerate(self._calls):
            check_start(table, number, call.get("start"))
        work: list[tuple[Rows | None, int | None]] = []
        for part, count in self._parts(rows if total is None else total):
            budget = budget_of(limit, percent=percent, rows=count)
            if budget is not None and counts == "total":
                budget = max(
                    0, budget - int(table.chosen[slice(None) if part is None else part].sum())
                )
            work.append((part, budget))
        scanned = time.monotonic() - self._began
        picked, facts = self._select(chooser, table, work, skip)
        one = facts[0] if self._groups is None else joined(facts)
        everything = percent and limit is not None and float(limit) == 100
        short = one.short and not everything
        self.facts = replace(one, scan_seconds=scanned, short=short)
        self.watch.facts.append(self.facts)  # beside those of the statement's other runs
        return as_structs(picked, skip)

    def _parts(self, total: int) -> list[tuple[Rows | None, int]]:
        """Per group (its rows, the number of rows that a percentage is of); without ``by`` one part, rows None."""
        if self._groups is None:
            return [(None, total)]
        values, all_values = self._groups.values(), self._all_groups.values()
        if not len(values):
            return [(np.empty(0, np.int64), 0)]
        if not len(all_values):  # no thresholds, or no percentage
            return [(rows, len(rows)) for rows in in_groups(numbered(values))]
        codes = numbered(pa.concat_arrays([all_values, values]))
        counts = np.bincount(codes[: len(all_values)])
        codes = codes[len(all_values) :]
        return [(rows, int(counts[codes[rows[0]]])) for rows in in_groups(codes)]

    def _select(
        self, chooser: Chooser, table: Table, work: list[tuple[Rows | None, int | None]], skip: int
    ) -> tuple[list[tuple[Rows, Selection]], list[Facts]]:
        """(rows and selection, facts) of each part; progress is reported over all parts together."""
        sizes = [len(table) if part is None else len(part) for part, _ in work]
        n_picks = [
            size if budget is None else min(budget + skip, size)
            for size, (_, budget) in zip(sizes, work, strict=True)
        ]
        picked: list[tuple[Rows, Selection]] = []
        facts: list[Facts] = []
        for number, (rows, budget) in enumerate(work):
            part = table if rows is None else table.part(rows)
            report = self._reporter(sum(n_picks[:number]), sum(n_picks))
            try:
                selection, part_facts = chooser.choose(part, budget, skip, report)
            except InvalidInput:
                if rows is not None:
                    chooser.check(table)  # fails alike, naming the row's number in the block
                raise
            picked.append((part.rows, selection))
            facts.append(part_facts)
        return picked, facts

    def _table(self, rows: int) -> Table:
        numbers: Rows = np.arange(rows)
        ids, order = (None, numbers) if self._keys is None else self._keys.finish(rows)
        chosen = np.zeros(rows, np.bool_)
        if self._chosen is not None:
            chosen, _ = self._chosen.finish(rows)
        with rows_counted_from_one():
            columns = {place: column.finish(rows) for place, column in self._columns.items()}
        columns = {place: (vector_rows(v), present) for place, (v, present) in columns.items()}
        return Table(numbers, ids, order, chosen, columns)

    def _chooser(self) -> Chooser:
        queries = {}
        for number, fed in self._queries.items():
            with rows_counted_from_one():
                matrix, present = fed.finish(fed.fed)
            queries[number] = matrix[present]
        on_invalid = self._choice("on_invalid", ("error", "skip"))
        seed = self._spec.get("seed", 0)
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise InvalidInput(f"seed must be an integer, got {in_sql(seed)}", option="seed")
        return Chooser(self._calls, queries, seed, on_invalid, self._poll, self.watch.graphs)

    def _choice(self, name: str, choices: tuple[str, str]) -> str:
        """An option with two allowed values, the first the default; InvalidInput for any other."""
        value: str = self._spec.get(name, choices[0])
        if value not in choices:
            wrong = f"{name} must be {choices[0]!r} or {choices[1]!r}, got {in_sql(value)}"
            raise InvalidInput(wrong, option=name)
        return value

    def _poll(self) -> None:
        check_ending()
        self.watch.check()
        if self.watch.stop.is_set():
            raise Interrupted("interrupted while selecting")

    def _reporter(self, before: int, budget: int) -> Callable[[int, int], None]:
        def report(done: int, _: int) -> None:
            self._poll()
            if self.watch.progress is not None:
                self.watch.progress(before + done, budget)

        return report
