"""EXPLAIN and EXPLAIN ANALYZE of a statement with clauses: the selection's plan before DuckDB's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from sqlsel.clause.rewriter import with_numbered_parameters
from sqlsel.clause.scanner import Token, scan
from sqlsel.duckdb.execution import Parameters
from sqlsel.duckdb.plans import measured_plan, predicted_plan
from sqlsel.feed import Facts
from sqlsel.feed.statements import find_clauses

KEY = "selection_plan"


def explained(con: duckdb.DuckDBPyConnection, text: str, params: Parameters) -> list[str] | None:
    """The plan of each clause where the last statement is an EXPLAIN; none yet for ANALYZE."""
    statement = _last_statement(scan(text))
    clauses = [c for c in find_clauses(text) if statement and c.start >= statement[0].start]
    if not clauses or statement[0].word != "EXPLAIN":
        return None
    if any(token.word == "ANALYZE" for token in statement[1:6]):
        return []
    numbered = str(with_numbered_parameters(text)) if "?" in text else text
    return [
        predicted_plan(con, numbered, clause, params)
        for clause in find_clauses(numbered)[-len(clauses) :]
    ]


def with_plans(table: Any, plans: Sequence[str], facts: Sequence[Facts]) -> Any:
    """DuckDB's rows of (key, value), and in front of them one row per selection."""
    import pyarrow as pa

    lines = list(plans) or [measured_plan(one) for one in facts]
    rows = [pa.array([KEY] * len(lines), pa.string()), pa.array(lines, pa.string())]
    return pa.concat_tables([pa.table(rows, names=table.column_names), table])


def _last_statement(tokens: Sequence[Token]) -> list[Token]:
    """The tokens of the last statement that is not empty."""
    last: list[Token] = []
    current: list[Token] = []
    for token in tokens:
        if token.text == ";":
            last, current = current or last, []
        else:
            current.append(token)
    return current or last
