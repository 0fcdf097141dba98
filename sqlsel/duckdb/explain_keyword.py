"""EXPLAIN and EXPLAIN ANALYZE of a statement with clauses: the selection's plan before DuckDB's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from sqlsel.clause import Rewritten
from sqlsel.clause.scanner import Token
from sqlsel.duckdb.execution import Parameters
from sqlsel.duckdb.plans import measured_plan, predicted_plan
from sqlsel.feed import Facts

KEY = "selection_plan"


def explained(
    con: duckdb.DuckDBPyConnection, rewritten: Rewritten, params: Parameters
) -> list[str] | None:
    """The plan of each clause of the last statement if it is an EXPLAIN; None for any other statement.

    An empty list for EXPLAIN ANALYZE, whose plans need the facts of the run.
    """
    if not rewritten.clauses:
        return None
    statement = _last_statement(rewritten.clauses[0].tokens)
    clauses = [c for c in rewritten.clauses if c.start >= statement[0].start]
    if not clauses or statement[0].word != "EXPLAIN":
        return None
    if any(token.word == "ANALYZE" for token in statement[1:6]):
        return []
    return [
        predicted_plan(con, rewritten.numbered_sql, clause, params)
        for clause in rewritten.numbered_clauses[-len(clauses) :]
    ]


def with_plans(table: Any, plans: Sequence[str], facts: Sequence[Facts]) -> Any:
    """``table``, DuckDB's rows of (key, value), with one row per selection in front."""
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
