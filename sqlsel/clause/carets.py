"""DuckDB's own errors, moved from the rewritten statement to the text that the user wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import duckdb

from sqlsel.clause.clause_error import point_at
from sqlsel.clause.find import Clause
from sqlsel.clause.parsed import Expression
from sqlsel.clause.rewriter import Rewritten
from sqlsel.errors import InvalidInput

_LINE = re.compile(r"\n+LINE \d+:.*", re.DOTALL)
_QUOTED = re.compile(r'"([^"]+)"')


def with_user_carets(
    con: duckdb.DuckDBPyConnection, rewritten: Rewritten, error: duckdb.Error
) -> duckdb.Error:
    """``error`` with the line and caret in the user's text; without a caret where the place is unknown."""
    if not rewritten.n_clauses and "LINE " in str(error):
        return error
    message = _LINE.sub("", str(error)).strip()
    if "Python exception occurred" in message:
        return error
    place = _place(con, rewritten, message)
    if "because the FROM clause is missing" in message and place is not None:
        owner = _constant_at(rewritten, place[0])
        message = f"Binder Error: {owner} must be a constant" if owner else message
    if place is None and "syntax error at" in message:
        place = _broken_off(con, rewritten)
    if place is None:
        return type(error)(message)
    return type(error)(f"{message}\n\n{point_at(rewritten.original, *place)}")


def _place(
    con: duckdb.DuckDBPyConnection, rewritten: Rewritten, message: str
) -> tuple[int, int] | None:
    """(first character, number of characters) of the error in the user's text; None if unknown."""
    offset = _binder_offset(con, rewritten.sql)
    if offset is not None:
        original = rewritten.original_position(offset)
        if original is not None:
            word = re.match(r'"(?:[^"]|"")*"|\w+|.', rewritten.original[original:], re.DOTALL)
            return original, len(word.group()) if word else 1
    for name in _QUOTED.findall(message):  # last resort: the name that the message quotes
        at = re.search(rf"\b{re.escape(name)}\b", rewritten.original)
        if at is not None:
            return at.start(), len(name)
    return None


def _broken_off(con: duckdb.DuckDBPyConnection, rewritten: Rewritten) -> tuple[int, int] | None:
    """The place behind the user's last characters before a syntax error in generated text.

    Generated text is correct, so what breaks off is the user's expression in front of it.
    """
    offset = _binder_offset(con, rewritten.sql)
    end = None if offset is None else rewritten.original_end_before(offset)
    return None if end is None else (end, 1)


def _constant_at(rewritten: Rewritten, position: int) -> str | None:
    """The name of the option, LIMIT or OFFSET whose expression holds this character; None without one."""
    for clause in rewritten.clauses:
        parsed = clause.parsed
        constants = [(name, e) for call in parsed.calls for name, e in call.options.items()]
        constants += [
            (name, e) for name, e in parsed.options.items() if name not in ("key", "preselected")
        ]
        constants += [
            (n, e) for n, e in (("LIMIT", parsed.limit), ("OFFSET", parsed.offset)) if e is not None
        ]
        for name, expression in constants:
            if expression.start <= position < expression.start + len(expression.text):
                return name
    return None


def at_value(
    sql: str, clauses: Sequence[Clause], error: InvalidInput, start: int = 0
) -> InvalidInput:
    """The error with a caret below the value of ``error.option``; unchanged if it names no option.

    ``clauses``: those of the statement, which begins at ``start`` of ``sql``.
    """
    if not error.option or error.clause >= len(clauses):
        return error
    value = _value(clauses[error.clause], error.strategy, error.option)
    if value is None:
        return error
    return error.with_caret(point_at(sql, start + value.start, len(value.text)))


def _value(clause: Clause, strategy: int | None, option: str) -> Expression | None:
    """The value of an option of strategy number ``strategy``, or (None) of the clause, LIMIT and OFFSET included.

    The strategy's name if the option is not written; None if the clause has no such option.
    """
    parsed = clause.parsed
    if strategy is None:
        limits = {"LIMIT": parsed.limit, "OFFSET": parsed.offset}
        return parsed.options.get(option) or limits.get(option)
    call = parsed.calls[strategy]
    return call.options.get(option, Expression(call.name, call.start))


def syntax_error_at(
    con: duckdb.DuckDBPyConnection, blanked: str, original: str, error: duckdb.ParserException
) -> duckdb.ParserException:
    """DuckDB's syntax error of ``blanked``, with the caret in ``original``, a text of the same length."""
    details = _as_json(con, lambda cursor: cursor.extract_statements(blanked))
    if details.get("position") is None:
        return error
    start, length = json.loads(details["location"])
    before = len(blanked.encode()[:start].decode(errors="ignore"))
    width = len(blanked.encode()[start : start + length].decode(errors="ignore"))
    return duckdb.ParserException(
        f"Parser Error: {details['exception_message']}\n\n{point_at(original, before, width)}"
    )


def _binder_offset(con: duckdb.DuckDBPyConnection, sql: str) -> int | None:
    """The character of ``sql`` at which DuckDB's binder fails; None if it succeeds or gives no place."""
    # An EXPLAIN is bound as it is: EXPLAIN ANALYZE runs only what can be bound, and this cannot.
    explain = "" if re.match(r"\s*EXPLAIN\b", sql, re.IGNORECASE) else "EXPLAIN "
    details = _as_json(con, lambda cursor: cursor.execute(explain + sql).fetchall())
    if details.get("position") is None:
        return None
    before = len(explain)
    return len(sql.encode()[: max(int(details["position"]) - before, 0)].decode(errors="ignore"))


def _as_json(
    con: duckdb.DuckDBPyConnection, work: Callable[[duckdb.DuckDBPyConnection], Any]
) -> dict[str, Any]:
    """The fields of the error that ``work`` raises on a new cursor; empty if it raises none."""
    cursor = con.cursor()  # the setting must not change the user's connection
    try:
        cursor.execute("SET errors_as_json = true")
        work(cursor)
    except (duckdb.Error, RuntimeError) as error:
        start = str(error).find("{")
        try:
            details: dict[str, Any] = json.loads(str(error)[start:]) if start >= 0 else {}
        except ValueError:
            return {}
        return details
    finally:
        cursor.close()
    return {}
