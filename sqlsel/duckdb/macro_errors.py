"""Errors that sqlsel raised inside of a function called by a macro, without the text that DuckDB puts around them."""

from __future__ import annotations

import duckdb

from sqlsel.clause import ClauseError
from sqlsel.clause.carets import at_value
from sqlsel.errors import Interrupted, InvalidInput, SqlselError
from sqlsel.feed.statements import find_clauses


def of_macro(error: SqlselError, sql: str) -> BaseException:
    """``error`` with its caret in ``sql``, the user's statement, if the statement of the error is a part of it.

    It is a ``duckdb.InvalidInputException`` too: DuckDB raises that, so callers may catch it.
    """
    if isinstance(error, ClauseError) and error.sql in sql:
        at = sql.index(error.sql) + error.position
        return ClauseError(error.message, sql, at, error.length)
    if isinstance(error, InvalidInput) and error.statement and error.statement in sql:
        error = _at_value(error, sql)
    if isinstance(error, (duckdb.Error, Interrupted)):
        return error
    kind = type(error)
    both = type(
        kind.__name__, (kind, duckdb.InvalidInputException), {"__module__": kind.__module__}
    )
    result: BaseException = both.__new__(both, *error.args)
    result.__dict__.update(error.__dict__)
    return result


def _at_value(error: InvalidInput, sql: str) -> InvalidInput:
    """The error with a caret below the option's value; its statement is a part of ``sql``."""
    try:
        clauses = find_clauses(error.statement)
    except ClauseError:  # only the first 2,000 characters of the statement are known
        return error
    return at_value(sql, clauses, error, sql.index(error.statement))
