"""Queries over a block without selecting: counts of its rows, its rows, the length of its vectors."""

from __future__ import annotations

from sqlsel.clause.block import BlockText
from sqlsel.clause.fed_inputs import find_inputs
from sqlsel.clause.find import Clause
from sqlsel.clause.text import Text

_NAMES = "__sqlsel"


def counting_query(sql: str, clause: Clause) -> str:
    """A query with one row of counts.

    All rows, those that pass the first threshold, the first two …, then for each input its NULLs
    among the rows that pass all.
    """
    block, inputs = BlockText(sql, clause, _NAMES), find_inputs(sql, clause.parsed).expressions
    extra = Text(sql)
    tests = []
    for i, threshold in enumerate(clause.parsed.thresholds):
        extra.new(", (").expression(threshold).new(f") AS {_NAMES}_t{i}")
        tests.append(f"coalesce({_NAMES}_t{i}, false)")
    for i, expression in enumerate(inputs):
        extra.new(", (").expression(expression).new(f") AS {_NAMES}_i{i}")
    counts = ["count(*)"]
    counts += [f"count(*) FILTER (WHERE {' AND '.join(tests[: i + 1])})" for i in range(len(tests))]
    passed = " AND ".join(tests) or "true"
    counts += [
        f"count(*) FILTER (WHERE {passed} AND {_NAMES}_i{i} IS NULL)" for i in range(len(inputs))
    ]
    return f"{_ctes(sql, clause)}SELECT {', '.join(counts)} FROM ({block.with_columns(extra)})"


def width_query(sql: str, clause: Clause, number: int) -> str:
    """A query for how many numbers input ``number`` has in the first row without NULL, nested lists flattened."""
    expression = find_inputs(sql, clause.parsed).expressions[number]
    extra = Text(sql).new(", (").expression(expression).new(f") AS {_NAMES}_i")
    inner = BlockText(sql, clause, _NAMES).with_columns(extra)
    # By commas of the text: flatten() takes a list of lists but no vector, and the type is not known.
    length = f"len(string_split(CAST({_NAMES}_i AS VARCHAR), ','))"
    select = f"SELECT {length} FROM ({inner}) WHERE {_NAMES}_i IS NOT NULL LIMIT 1"
    return _ctes(sql, clause) + select


def fed_query(sql: str, clause: Clause) -> str:
    """A query for the rows after thresholds, with their inputs."""
    block, inputs = BlockText(sql, clause, _NAMES), find_inputs(sql, clause.parsed)
    return f"{_ctes(sql, clause)}SELECT * FROM ({block.fed(inputs, keep=False)})"


def whole_query(sql: str, clause: Clause) -> str:
    """A query for the rows of the block, before thresholds."""
    block = BlockText(sql, clause, _NAMES)
    return f"{_ctes(sql, clause)}SELECT * FROM ({block.with_columns(Text(sql))})"


def _ctes(sql: str, clause: Clause) -> str:
    """The text of the WITH before a block that is not in a subquery; empty without one."""
    tokens, block = clause.tokens, clause.block
    if tokens[clause.using].depth:
        return ""
    before = [t for t in tokens if t.start < block.start and not t.depth]
    start = max((i for i, t in enumerate(before) if t.text == ";"), default=-1)
    first = next((t for t in before[start + 1 :] if t.word == "WITH"), None)
    return "" if first is None else sql[first.start : block.start]
