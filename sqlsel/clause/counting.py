"""The query that counts a block's rows, those that pass its thresholds one after the other, and NULL inputs."""

from __future__ import annotations

from sqlsel.clause.find import Clause
from sqlsel.clause.rewriter import BlockQuery, Text


def counting_query(sql: str, clause: Clause) -> str:
    """One row: all rows, then rows that pass the first threshold, the first two …, then per input its NULLs among those."""
    block = BlockQuery(sql, clause, "__sqlsel", "")
    extra = Text(sql)
    tests = []
    for i, threshold in enumerate(clause.parsed.thresholds):
        extra.new(", (").expression(threshold).new(f") AS __sqlsel_t{i}")
        tests.append(f"coalesce(__sqlsel_t{i}, false)")
    for i, given in enumerate(block.inputs):
        extra.new(", (").expression(given).new(f") AS __sqlsel_i{i}")
    counts = ["count(*)"]
    counts += [f"count(*) FILTER (WHERE {' AND '.join(tests[: i + 1])})" for i in range(len(tests))]
    passed = " AND ".join(tests) or "true"
    counts += [
        f"count(*) FILTER (WHERE {passed} AND __sqlsel_i{i} IS NULL)"
        for i in range(len(block.inputs))
    ]
    inner = block.with_list(extra, splice=False)
    return f"SELECT {', '.join(counts)} FROM ({inner})"


def width_query(sql: str, clause: Clause, number: int) -> str:
    """The length of the first vector of input ``number``."""
    block = BlockQuery(sql, clause, "__sqlsel", "")
    extra = Text(sql).new(", (").expression(block.inputs[number]).new(") AS __sqlsel_i")
    inner = block.with_list(extra, splice=False)
    return f"SELECT len(__sqlsel_i) FROM ({inner}) WHERE __sqlsel_i IS NOT NULL LIMIT 1"
