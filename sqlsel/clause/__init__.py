"""Finds ``USING STRATEGY`` in SQL text, checks it, and rewrites it to SQL that DuckDB runs."""

from sqlsel.clause.clause_error import ClauseError
from sqlsel.clause.find import Clause, find_clauses
from sqlsel.clause.rewriter import Rewritten, rewrite

__all__ = ["Clause", "ClauseError", "Rewritten", "find_clauses", "rewrite"]
