"""An error in a statement, shown as DuckDB shows its own: the line, and carets under the place."""

from __future__ import annotations

from unicodedata import category, east_asian_width

import duckdb

from sqlsel.errors import SqlselError

_WIDEST = 120
_NO_WIDTH = ("Mn", "Me", "Cf")  # marks and format characters stand on the character before them


class ClauseError(SqlselError, duckdb.ParserException):
    """A mistake in a clause; ``position`` and ``length`` count characters of ``sql``."""

    def __init__(self, message: str, sql: str, position: int, length: int = 1) -> None:
        self.message, self.sql, self.position, self.length = message, sql, position, max(length, 1)
        super().__init__(f"Parser Error: {message}\n\n{point_at(sql, position, self.length)}")


def point_at(sql: str, position: int, length: int) -> str:
    """The line of ``sql`` with ``position``, cut to a readable width, and the carets below it."""
    position = min(max(position, 0), len(sql))
    start = sql.rfind("\n", 0, position) + 1
    end = sql.find("\n", position)
    line = (
        sql[start : len(sql) if end < 0 else end].rstrip("\r").replace("\t", " ").replace("\r", " ")
    )
    column = position - start
    length = max(1, min(length, len(line) - column))
    if len(line) > _WIDEST:
        first = max(0, column - _WIDEST // 2)
        cut = line[first : first + _WIDEST]
        before = "..." if first else ""
        line = before + cut + ("..." if first + _WIDEST < len(line) else "")
        column = column - first + len(before)
        length = min(length, _WIDEST)
    head = f"LINE {sql.count(chr(10), 0, start) + 1}: "
    indent = len(head) + _width(line[:column])
    return f"{head}{line}\n{' ' * indent}{'^' * max(1, _width(line[column : column + length]))}"


def _width(text: str) -> int:
    """The columns of a terminal that ``text`` takes: wide characters two, combining ones none."""
    return sum(
        0 if category(c) in _NO_WIDTH else 2 if east_asian_width(c) in ("W", "F") else 1
        for c in text
    )
