"""The plan of a selection: the algorithm of each strategy, and estimates of rows, memory and time."""

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
from sqlsel.duckdb.execution import in_transaction, parameters_of
from sqlsel.engine.neighbours.graphs import IN_MEMORY, Graphs
from sqlsel.engine.strategies import STRATEGIES
from sqlsel.feed import Facts, budget_of
from sqlsel.feed.shelves import graphs_of


def predicted_plan(con: duckdb.DuckDBPyConnection, sql: str, clause: Clause, params: Any) -> str:
    """The lines of EXPLAIN for a clause, from DuckDB's estimates: nothing is counted or selected.

    ``sql``: the statement, its parameters numbered ($1, not ?); ``clause`` has its places in it.
    """
    lines = list(algorithm(clause, graphs_of(con)))
    cursor = _connection_for_estimates(con)
    rows = _estimated_rows(cursor, fed_query(sql, clause), params)
    if rows is None:
        return "\n".join([*lines, "rows unknown until it runs"])
    budget = _requested_picks(
        cursor, clause, _estimated_rows(cursor, whole_query(sql, clause), params) or rows, params
    )
    if budget is None:
        return "\n".join([*lines, f"about {rows:,} candidates"])
    picks = min(budget, rows)
    lines.append(f"about {rows:,} candidates, {picks:,} picks")
    width = _cheap_vector_width(cursor, sql, clause)
    if width is not None:
        memory, seconds = predict(rows, width, picks, len(clause.parsed.calls))
        lines.append(f"about {gib(memory)} of memory (free: {gib(free_memory())})")
        lines.append(f"about {seconds:.1f} s to select, after the scan")
    return "\n".join(lines)


def _connection_for_estimates(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A connection for statements that may fail: a failure in the user's transaction would abort it."""
    return con.cursor() if in_transaction(con) else con


def _requested_picks(
    cursor: duckdb.DuckDBPyConnection, clause: Clause, rows: int, params: Any
) -> int | None:
    """The number of picks by LIMIT, of ``rows`` rows; None for an expression that would have to be run."""
    limit = clause.parsed.limit
    if limit is None:
        return rows
    text = limit.text
    if any(t.kind in ("word", "quoted") or t.text == "(" for t in limit.tokens):
        return None
    if len(limit.tokens) > 1:
        text = cursor.execute(f"SELECT CAST(({text}) AS VARCHAR)").fetchall()[0][0]
    elif text.startswith("$"):
        by_name = params if isinstance(params, Mapping) else dict(enumerate(params or (), 1))
        value = {str(k): v for k, v in by_name.items()}.get(text[1:])
        if value is None:
            return None
        text = str(value)
    return budget_of(text, percent=clause.parsed.percent, rows=rows)


def _cheap_vector_width(cursor: duckdb.DuckDBPyConnection, sql: str, clause: Clause) -> int | None:
    """``vector_width`` where vectors are read from a stored table or file; None where they are computed."""
    inputs = list(dict.fromkeys(c.input.text for c in clause.parsed.calls if c.input is not None))
    if relation_of(sql, clause) is None and any(_reads_vectors(c) for c in clause.parsed.calls):
        return None
    try:
        return vector_width(cursor, sql, without_where(clause), inputs)
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


def _estimated_rows(cursor: duckdb.DuckDBPyConnection, text: str, params: Any) -> int | None:
    """DuckDB's estimate of the rows of a query; None where it cannot be bound on its own."""
    try:
        statement = cursor.extract_statements(f"EXPLAIN (FORMAT json) {text}")[0]
        plan = cursor.execute(statement, parameters_of(statement, params)).fetchall()[0][1]
    except (duckdb.Error, RuntimeError):
        return None
    for node in nodes(json.loads(plan)):
        cardinality = node.get("extra_info", {}).get("Estimated Cardinality")
        if cardinality is not None:
            return int(str(cardinality).replace(",", ""))
    return None


def number_of_picks(
    con: duckdb.DuckDBPyConnection, clause: Clause, rows: int, candidates: int
) -> int:
    """The number of picks by LIMIT, an expression being computed; ``candidates`` without LIMIT."""
    limit = clause.parsed.limit
    picks = _requested_picks(con, clause, rows, None)
    if picks is None and limit is not None:
        text = con.execute(f"SELECT CAST(({limit.text}) AS VARCHAR)").fetchall()[0][0]
        picks = budget_of(text, percent=clause.parsed.percent, rows=rows)
    return candidates if picks is None or limit is None else picks


def vector_width(
    con: duckdb.DuckDBPyConnection, statement: str, clause: Clause, inputs: Sequence[str]
) -> int:
    """Numbers per row of all vector inputs together, by their first row; 0 without rows."""
    total = 0
    for number, name in enumerate(inputs):
        if any(
            _reads_vectors(c) and c.input is not None and c.input.text == name
            for c in clause.parsed.calls
        ):
            widths = con.execute(width_query(statement, clause, number)).fetchall()
            total += int(widths[0][0]) if widths else 0
    return total


def _reads_vectors(call: Call) -> bool:
    return STRATEGIES[call.name].takes == "vectors"


def algorithm(clause: Clause, graphs: Graphs = IN_MEMORY) -> Iterator[str]:
    """A line or more on how each strategy is computed; with the recall of the stored ``graphs``."""
    calls = clause.parsed.calls
    if not calls:
        yield "only thresholds: the first candidates by key"
    for call in calls:
        options = {name: e.text for name, e in call.options.items()}
        yield from STRATEGIES[call.name].explained(options, graphs)


def predict(rows: int, width: int, picks: int, strategies: int) -> tuple[int, float]:
    """(peak bytes, seconds of the selection) for ``rows`` × ``width`` float32 numbers on this machine."""
    memory = int(2.1 * rows * width * 4 + rows * 8 * 4 * max(strategies, 1))
    operations = 2.0 * rows * width * max(picks, 1)
    return memory, 1.8 * operations / _product_speed() + 2e-4 * picks + 3e-8 * rows * strategies


def _product_speed() -> float:
    """Floating-point operations per second of a float32 matrix product on this machine."""
    a, b = np.ones((1024, 512), np.float32), np.ones((512, 256), np.float32)
    a @ b  # not timed: the first product also starts the threads of the library
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
