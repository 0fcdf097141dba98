"""``sqlsel explain``: a statement's SQL, scans, counts, algorithms, memory and time, without selecting."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import duckdb

from sqlsel.clause.counting import counting_query
from sqlsel.columns.memory import free_memory, gib
from sqlsel.duckdb.plans import algorithm, nodes, number_of_picks, predict, vector_width
from sqlsel.duckdb.registration import load
from sqlsel.engine.strategies import STRATEGIES
from sqlsel.errors import ConfigError
from sqlsel.feed.shelves import graphs_of
from sqlsel.feed.statements import find_clauses, rewrite


@dataclass(frozen=True)
class Explained:
    """The plan of a selection; ``memory`` and ``free`` in bytes.

    ``passed``: condition → rows that pass it and all conditions before; ``nulls``: input → rows with NULL;
    ``classes``: the inputs of which a row with NULL is a row without a class, which may be picked.
    """

    statement: str
    scans: list[dict[str, str]]
    rows: int
    passed: dict[str, int]
    nulls: dict[str, int]
    classes: list[str]
    candidates: int
    picks: int
    algorithm: list[str]
    memory: int
    free: int
    seconds: float
    hints: list[str]

    def text(self) -> str:
        """The plan as lines of text."""
        lines = [self.statement, "", f"rows            {self.rows:,}"]
        lines += [
            f"after threshold {left:,}   {condition}" for condition, left in self.passed.items()
        ]
        lines += [
            f"NULL input      {count:,}   {name} ({'no class' if name in self.classes else 'not eligible'})"
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
        """The plan as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)


def explain_statement(
    con: duckdb.DuckDBPyConnection, statement: str, hints: Sequence[str] = ()
) -> Explained:
    """Count rows, ask DuckDB for its plan, estimate memory and time; ConfigError without a clause."""
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
    # A row without a class may be picked, one without a vector or number may not.
    needed = {
        c.input.text
        for c in clause.parsed.calls
        if c.input and STRATEGIES[c.name].takes != "classes"
    }
    candidates = max(left - max((nulls[name] for name in needed), default=0), 0)
    picks = min(number_of_picks(con, clause, counts[0], candidates), candidates)
    width = vector_width(con, statement, clause, inputs)
    memory, seconds = predict(left, width, picks, len(clause.parsed.calls))
    return Explained(
        statement,
        list(_scans(con, statement)),
        counts[0],
        passed,
        nulls,
        [name for name in nulls if name not in needed],
        candidates,
        picks,
        list(algorithm(clause, graphs_of(con))),
        memory,
        free_memory(),
        seconds,
        list(hints),
    )


def _scans(con: duckdb.DuckDBPyConnection, statement: str) -> Iterator[dict[str, str]]:
    """Each different scan of DuckDB's plan of the rewritten statement, with the filters pushed into it."""
    plan = con.execute(f"EXPLAIN (FORMAT json) {rewrite(statement).sql}").fetchall()[0][1]
    seen = set()
    for node in nodes(json.loads(plan)):
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
