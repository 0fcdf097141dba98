"""An error of sqlsel's that was raised in a function which DuckDB called for a macro, as the user should see it."""

from __future__ import annotations

import duckdb

from sqlsel.clause import ClauseError
from sqlsel.clause.carets import at_value
from sqlsel.errors import Interrupted, InvalidInput, SqlselError
from sqlsel.feed.statements import find_clauses


def of_macro(error: SqlselError, sql: str) -> BaseException:
    """The error itself rather than DuckDB's words about it, with its caret in ``sql`` where the place is there.

    It is also a ``duckdb.InvalidInputException``, as what DuckDB makes of it is.
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
    duckdbs: BaseException = both.__new__(both, *error.args)
    duckdbs.__dict__.update(error.__dict__)
    return duckdbs


def _at_value(error: InvalidInput, sql: str) -> InvalidInput:
    """With the caret at the value of an option, in a statement that is a text within ``sql``."""
    try:
        clauses = find_clauses(error.statement)
    except ClauseError:  # only the first 2,000 characters of the statement are known
        return error
    return at_value(sql, clauses, error, sql.index(error.statement))
