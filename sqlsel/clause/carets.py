"""DuckDB's own errors, moved from the rewritten statement to the text that the user wrote."""

from __future__ import annotations

import json
import re
from typing import Any

import duckdb

from sqlsel.clause.errors import point_at
from sqlsel.clause.rewriter import Rewritten

_LINE = re.compile(r"\n+LINE \d+:.*", re.DOTALL)
_QUOTED = re.compile(r'"([^"]+)"')


def translated(con: duckdb.DuckDBPyConnection, rewritten: Rewritten, error: duckdb.Error) -> duckdb.Error:
    """The same error with its caret under the user's own character, as far as that can be known."""
    if not rewritten.clauses:
        return error
    message = _LINE.sub("", str(error)).strip()
    if "Python exception occurred" in message:
        return error
    place = _place(con, rewritten, message)
    if place is None:
        return type(error)(message)
    return type(error)(f"{message}\n\n{point_at(rewritten.original, *place)}")


def _place(con: duckdb.DuckDBPyConnection, rewritten: Rewritten, message: str) -> tuple[int, int] | None:
    found = _binder_offset(con, rewritten.sql)
    if found is not None:
        original = rewritten.original_position(found)
        if original is not None:
            word = re.match(r'"(?:[^"]|"")*"|\w+|.', rewritten.original[original:], re.DOTALL)
            return original, len(word.group()) if word else 1
    for name in _QUOTED.findall(message):  # last resort: the name that the message quotes
        at = re.search(rf"\b{re.escape(name)}\b", rewritten.original)
        if at is not None:
            return at.start(), len(name)
    return None


def _binder_offset(con: duckdb.DuckDBPyConnection, sql: str) -> int | None:
    """The character offset of the error that binding ``sql`` gives, by DuckDB's report of errors as JSON."""
    cursor = con.cursor()
    try:
        cursor.execute("SET errors_as_json = true")
        cursor.execute("EXPLAIN " + sql).fetchall()
    except duckdb.Error as error:
        start = str(error).find("{")
        details: dict[str, Any] = {}
        try:
            details = json.loads(str(error)[start:]) if start >= 0 else {}
        except ValueError:
            return None
        position = details.get("position")
        if position is None:
            return None
        before = len("EXPLAIN ".encode())
        return len(sql.encode()[: max(int(position) - before, 0)].decode(errors="ignore"))
    except RuntimeError:
        return None
    finally:
        cursor.execute("SET errors_as_json = false")
        cursor.close()
    return None
