"""Queries that look at a block before anything is selected: its rows, and the width of a vector."""

from __future__ import annotations

from sqlsel.clause.block import BlockText
from sqlsel.clause.fed_inputs import find_inputs
from sqlsel.clause.find import Clause
from sqlsel.clause.text import Text

_NAMES = "__sqlsel"


def counting_query(sql: str, clause: Clause) -> str:
    """One row of counts.

    All rows, then those that pass the first threshold, the first two …, then for each input its
    NULLs among those that pass all.
    """
    block, inputs = BlockText(sql, clause, _NAMES), find_inputs(sql, clause.parsed).expressions
    extra = Text(sql)
    tests = []
    for i, threshold in enumerate(clause.parsed.thresholds):
        extra.new(", (").expression(threshold).new(f") AS {_NAMES}_t{i}")
        tests.append(f"coalesce({_NAMES}_t{i}, false)")
    for i, given in enumerate(inputs):
        extra.new(", (").expression(given).new(f") AS {_NAMES}_i{i}")
    counts = ["count(*)"]
    counts += [f"count(*) FILTER (WHERE {' AND '.join(tests[: i + 1])})" for i in range(len(tests))]
    passed = " AND ".join(tests) or "true"
    counts += [
        f"count(*) FILTER (WHERE {passed} AND {_NAMES}_i{i} IS NULL)" for i in range(len(inputs))
    ]
    return f"{_ctes(sql, clause)}SELECT {', '.join(counts)} FROM ({block.with_columns(extra)})"


def width_query(sql: str, clause: Clause, number: int) -> str:
    """How many numbers the first row of input ``number`` has, in a vector or in a list of vectors."""
    given = find_inputs(sql, clause.parsed).expressions[number]
    extra = Text(sql).new(", (").expression(given).new(f") AS {_NAMES}_i")
    inner = BlockText(sql, clause, _NAMES).with_columns(extra)
    # as text, since a list of lists must be flattened and a vector cannot be
    length = f"len(string_split(CAST({_NAMES}_i AS VARCHAR), ','))"
    found = f"SELECT {length} FROM ({inner}) WHERE {_NAMES}_i IS NOT NULL LIMIT 1"
    return _ctes(sql, clause) + found


def fed_query(sql: str, clause: Clause) -> str:
    """The rows that are fed, with their inputs."""
    block, inputs = BlockText(sql, clause, _NAMES), find_inputs(sql, clause.parsed)
    return f"{_ctes(sql, clause)}SELECT * FROM ({block.fed(inputs, keep=False)})"


def whole_query(sql: str, clause: Clause) -> str:
    """The rows of the block, before thresholds."""
    block = BlockText(sql, clause, _NAMES)
    return f"{_ctes(sql, clause)}SELECT * FROM ({block.with_columns(Text(sql))})"


def _ctes(sql: str, clause: Clause) -> str:
    """The WITH before a block, where the block is the statement's own."""
    tokens, block = clause.tokens, clause.block
    if tokens[clause.using].depth:
        return ""
    before = [t for t in tokens if t.start < block.start and not t.depth]
    start = max((i for i, t in enumerate(before) if t.text == ";"), default=-1)
    first = next((t for t in before[start + 1 :] if t.word == "WITH"), None)
    return "" if first is None else sql[first.start : block.start]
