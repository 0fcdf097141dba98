"""What a statement would do, before it does it: SQL, scan, counts, algorithm, memory and time."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import numpy as np

from sqlsel.clause import Clause, find_clauses, rewrite
from sqlsel.clause.counting import counting_query, width_query
from sqlsel.duckdb import load
from sqlsel.errors import ConfigError
from sqlsel.scan.memory import free_memory, gib
from sqlsel.selection import budget_of

_VECTORS = ("DIVERSITY", "DEDUPLICATE", "SIMILARITY")


@dataclass(frozen=True)
class Explained:
    """The plan of a selection.

    ``passed``: condition → rows left after it and those before; ``nulls``: input → rows.
    """

    statement: str
    scans: list[dict[str, str]]
    rows: int
    passed: dict[str, int]
    nulls: dict[str, int]
    candidates: int
    picks: int
    algorithm: list[str]
    memory: int
    free: int
    seconds: float
    hints: list[str]

    def text(self) -> str:
        """For a person."""
        lines = [self.statement, "", f"rows            {self.rows:,}"]
        lines += [
            f"after threshold {left:,}   {condition}" for condition, left in self.passed.items()
        ]
        lines += [
            f"NULL input      {count:,}   {name} (not eligible)"
            for name, count in self.nulls.items()
            if count
        ]
        lines += [f"candidates      {self.candidates:,}", f"picks           {self.picks:,}"]
        for scan in self.scans:
            pushed = (
                f", filters in the scan: {scan['filters']}"
                if scan["filters"]
                else ", no filter in the scan"
            )
            lines.append(f"scan            {scan['name']}{pushed}")
        lines += [f"algorithm       {line}" for line in self.algorithm]
        lines.append(f"memory          about {gib(self.memory)} (free: {gib(self.free)})")
        lines.append(f"time            about {self.seconds:.1f} s to select, after the scan")
        lines += [f"hint            {hint}" for hint in self.hints]
        return "\n".join(lines)

    def json(self) -> str:
        """For a program."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)


def explain_statement(
    con: duckdb.DuckDBPyConnection, statement: str, hints: Sequence[str] = ()
) -> Explained:
    """Count, ask DuckDB for its plan, and predict; ConfigError without a clause."""
    clauses = find_clauses(statement)
    if not clauses:
        raise ConfigError("the statement has no USING STRATEGY clause; EXPLAIN it in DuckDB")
    load(con)
    clause = clauses[-1]
    counts = con.execute(counting_query(statement, clause)).fetchall()[0]
    thresholds = [t.text for t in clause.parsed.thresholds]
    inputs = list(dict.fromkeys(c.input.text for c in clause.parsed.calls if c.input is not None))
    passed = dict(zip(thresholds, counts[1 : 1 + len(thresholds)], strict=True))
    nulls = dict(zip(inputs, counts[1 + len(thresholds) :], strict=True))
    left = counts[len(thresholds)]
    needed = [
        n
        for i, n in nulls.items()
        if any(c.name != "BALANCE" and c.input and c.input.text == i for c in clause.parsed.calls)
    ]
    candidates = max(left - max(needed, default=0), 0)
    picks = min(_asked(con, clause, counts[0], candidates), candidates)
    width = _width(con, statement, clause, inputs)
    memory, seconds = predict(left, width, picks, len(clause.parsed.calls))
    return Explained(
        statement,
        list(_scans(con, statement)),
        counts[0],
        passed,
        nulls,
        candidates,
        picks,
        list(algorithm(clause)),
        memory,
        free_memory(),
        seconds,
        list(hints),
    )


def _asked(con: duckdb.DuckDBPyConnection, clause: Clause, rows: int, candidates: int) -> int:
    limit = clause.parsed.limit
    if limit is None:
        return candidates
    text = limit.text
    if len(limit.tokens) != 1 or limit.tokens[0].kind != "number":
        text = con.execute(f"SELECT CAST(({limit.text}) AS VARCHAR)").fetchall()[0][0]
    found = budget_of(text, percent=clause.parsed.percent, rows=rows)
    return candidates if found is None else found


def _width(
    con: duckdb.DuckDBPyConnection, statement: str, clause: Clause, inputs: Sequence[str]
) -> int:
    """Float32 numbers per row: all vector inputs together."""
    total = 0
    for number, name in enumerate(inputs):
        if any(
            c.name in _VECTORS and c.input is not None and c.input.text == name
            for c in clause.parsed.calls
        ):
            found = con.execute(width_query(statement, clause, number)).fetchall()
            total += int(found[0][0]) if found else 0
    return total


def algorithm(clause: Clause) -> Iterator[str]:
    """How each strategy is computed."""
    calls = clause.parsed.calls
    if not calls:
        yield "only thresholds: the first candidates by key"
    for call in calls:
        options = {name: e.text for name, e in call.options.items()}
        if call.name in ("DIVERSITY", "DEDUPLICATE") and options.get(
            "strength", "1"
        ).lstrip().startswith("-"):
            yield f"{call.name}: exact, one pass over the data per pick (negative strength)"
        elif call.name in ("DIVERSITY", "DEDUPLICATE"):
            yield f"{call.name}: exact, from shortlists (10 to 30 passes over the data)"
        elif call.name == "SIMILARITY":
            yield "SIMILARITY: exact distance to the nearest query, once per row"
        elif call.name == "BALANCE":
            yield (
                "BALANCE: exact, by distinct class rows up to 128 of them, "
                "else by a bound of the cross-entropy"
            )
        else:
            yield f"{call.name}: exact, by order of the values"


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


def _scans(con: duckdb.DuckDBPyConnection, statement: str) -> Iterator[dict[str, str]]:
    """The scans of DuckDB's plan of the rewritten statement, with the filters that reached them."""
    plan = con.execute(f"EXPLAIN (FORMAT json) {rewrite(statement).sql}").fetchall()[0][1]
    seen = set()
    for node in _nodes(json.loads(plan)):
        name = str(node.get("name", "")).strip()
        info = node.get("extra_info", {})
        if (
            not re.search(r"SCAN|PARQUET|READ_", name)
            or "CTE" in name
            or "DUMMY" in name
            or "COLUMN_DATA" in name
        ):
            continue
        filters = info.get("Filters", "")
        text = (
            " AND ".join(filters)
            if isinstance(filters, list)
            else str(filters).replace("\n", " AND ")
        )
        source = str(info.get("Table") or info.get("Function") or name)
        if (source, text) not in seen:
            seen.add((source, text))
            yield {"name": source, "filters": text}


def _nodes(plan: Any) -> Iterator[dict[str, Any]]:
    if isinstance(plan, list):
        for node in plan:
            yield from _nodes(node)
    elif isinstance(plan, dict):
        yield plan
        yield from _nodes(plan.get("children", []))
