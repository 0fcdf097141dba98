"""The plan of a selection: how each strategy is computed, and what it will take."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np

from sqlsel.clause import Clause
from sqlsel.clause.counting import fed_query, whole_query, width_query
from sqlsel.clause.narrow import relation_of, without_where
from sqlsel.clause.parsed import Call
from sqlsel.columns.memory import free_memory, gib
from sqlsel.duckdb.execution import in_transaction, wanted
from sqlsel.engine.neighbours.graphs import IN_MEMORY, Graphs
from sqlsel.engine.strategies import STRATEGIES
from sqlsel.feed import Facts, budget_of
from sqlsel.feed.shelves import graphs_of


def predicted_plan(con: duckdb.DuckDBPyConnection, sql: str, clause: Clause, params: Any) -> str:
    """What EXPLAIN shows of a clause, from DuckDB's estimates: nothing is counted or selected.

    ``sql`` has numbered parameters.
    """
    lines = list(algorithm(clause, graphs_of(con)))
    look = _looker(con)
    rows = _estimated(look, fed_query(sql, clause), params)
    if rows is None:
        return "\n".join([*lines, "rows unknown until it runs"])
    asked = _asked_of(
        look, clause, _estimated(look, whole_query(sql, clause), params) or rows, params
    )
    if asked is None:
        return "\n".join([*lines, f"about {rows:,} candidates"])
    picks = min(asked, rows)
    lines.append(f"about {rows:,} candidates, {picks:,} picks")
    width = _known_width(look, sql, clause)
    if width is not None:
        memory, seconds = predict(rows, width, picks, len(clause.parsed.calls))
        lines.append(f"about {gib(memory)} of memory (free: {gib(free_memory())})")
        lines.append(f"about {seconds:.1f} s to select, after the scan")
    return "\n".join(lines)


def _looker(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A connection on which a statement may fail: in a transaction of the user's it may not."""
    return con.cursor() if in_transaction(con) else con


def _asked_of(
    look: duckdb.DuckDBPyConnection, clause: Clause, rows: int, params: Any
) -> int | None:
    """The picks that LIMIT asks of ``rows`` rows; None where it must be computed."""
    limit = clause.parsed.limit
    if limit is None:
        return rows
    text = limit.text
    if any(t.kind in ("word", "quoted") or t.text == "(" for t in limit.tokens):
        return None
    if len(limit.tokens) > 1:
        text = look.execute(f"SELECT CAST(({text}) AS VARCHAR)").fetchall()[0][0]
    elif text.startswith("$"):
        given = params if isinstance(params, Mapping) else dict(enumerate(params or (), 1))
        value = {str(k): v for k, v in given.items()}.get(text[1:])
        if value is None:
            return None
        text = str(value)
    return budget_of(text, percent=clause.parsed.percent, rows=rows)


def _known_width(look: duckdb.DuckDBPyConnection, sql: str, clause: Clause) -> int | None:
    """Float32 numbers per row; None where rows would have to be computed to know."""
    inputs = list(dict.fromkeys(c.input.text for c in clause.parsed.calls if c.input is not None))
    if relation_of(sql, clause) is None and any(_reads_vectors(c) for c in clause.parsed.calls):
        return None
    try:
        return vector_width(look, sql, without_where(clause), inputs)
    except duckdb.Error:
        return None


def measured_plan(facts: Facts) -> str:
    """What EXPLAIN ANALYZE shows of a selection that ran."""
    groups = "" if facts.groups is None else f" in {facts.groups:,} groups"
    ended = f"{facts.refreshes:,} refreshes; ended by: {facts.stopped_by}"
    return "\n".join(
        [
            ", ".join(facts.strategies) or "thresholds only",
            f"scan     {facts.scan_seconds:8.3f} s  {facts.n_input:,} rows fed{groups}",
            f"prepare  {facts.prepare_seconds:8.3f} s  {facts.n_candidates:,} candidates",
            f"select   {facts.seconds:8.3f} s  {facts.n_selected:,} picks, {ended}",
            *(f"note     {note}" for note in facts.notes),
        ]
    )


def _estimated(look: duckdb.DuckDBPyConnection, text: str, params: Any) -> int | None:
    """DuckDB's estimate of the rows of a query; None where it cannot stand alone."""
    try:
        statement = look.extract_statements(f"EXPLAIN (FORMAT json) {text}")[0]
        plan = look.execute(statement, wanted(statement, params)).fetchall()[0][1]
    except (duckdb.Error, RuntimeError):
        return None
    for node in nodes(json.loads(plan)):
        found = node.get("extra_info", {}).get("Estimated Cardinality")
        if found is not None:
            return int(str(found).replace(",", ""))
    return None


def asked_picks(con: duckdb.DuckDBPyConnection, clause: Clause, rows: int, candidates: int) -> int:
    """The number of picks by LIMIT, which is computed where it is an expression."""
    limit = clause.parsed.limit
    found = _asked_of(con, clause, rows, None)
    if found is None and limit is not None:
        text = con.execute(f"SELECT CAST(({limit.text}) AS VARCHAR)").fetchall()[0][0]
        found = budget_of(text, percent=clause.parsed.percent, rows=rows)
    return candidates if found is None or limit is None else found


def vector_width(
    con: duckdb.DuckDBPyConnection, statement: str, clause: Clause, inputs: Sequence[str]
) -> int:
    """Float32 numbers per row: all vector inputs together."""
    total = 0
    for number, name in enumerate(inputs):
        if any(
            _reads_vectors(c) and c.input is not None and c.input.text == name
            for c in clause.parsed.calls
        ):
            found = con.execute(width_query(statement, clause, number)).fetchall()
            total += int(found[0][0]) if found else 0
    return total


def _reads_vectors(call: Call) -> bool:
    return STRATEGIES[call.name].takes == "vectors"


def algorithm(clause: Clause, graphs: Graphs = IN_MEMORY) -> Iterator[str]:
    """How each strategy is computed; of the ``graphs`` that are kept, how good they are."""
    calls = clause.parsed.calls
    if not calls:
        yield "only thresholds: the first candidates by key"
    for call in calls:
        options = {name: e.text for name, e in call.options.items()}
        yield from STRATEGIES[call.name].explained(options, graphs)


def predict(rows: int, width: int, picks: int, strategies: int) -> tuple[int, float]:
    """(bytes at the peak, seconds of the selection), from the shape of the work and this machine."""
    memory = int(2.1 * rows * width * 4 + rows * 8 * 4 * max(strategies, 1))
    operations = 2.0 * rows * width * max(picks, 1)
    return memory, 1.8 * operations / _product_speed() + 2e-4 * picks + 3e-8 * rows * strategies


def _product_speed() -> float:
    """Floating-point operations per second of a float32 matrix product here."""
    a, b = np.ones((1024, 512), np.float32), np.ones((512, 256), np.float32)
    a @ b
    began = time.perf_counter()
    for _ in range(4):
        a @ b
    return 4 * 2 * 1024 * 512 * 256 / max(time.perf_counter() - began, 1e-6)


def nodes(plan: Any) -> Iterator[dict[str, Any]]:
    """All nodes of a plan of DuckDB, from the top."""
    if isinstance(plan, list):
        for node in plan:
            yield from nodes(node)
    elif isinstance(plan, dict):
        yield plan
        yield from nodes(plan.get("children", []))
