"""``USING STRATEGY`` found in SQL text, checked, and turned into SQL that DuckDB runs."""

from sqlsel.clause.clause_error import ClauseError
from sqlsel.clause.find import Clause, find_clauses
from sqlsel.clause.rewriter import Rewritten, rewrite

__all__ = ["Clause", "ClauseError", "Rewritten", "find_clauses", "rewrite"]
