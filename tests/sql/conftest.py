"""Collects ``*.test`` files: SQL and what it must give, in the manner of DuckDB's sqllogictest.

Records are separated by blank lines, ``#`` starts a comment line::

    statement ok
    CREATE TABLE t AS SELECT 1 AS x

    statement error
    SELECT y FROM t
    ----
    Binder Error
    "y"

    query II rowsort
    SELECT x, x + 1 FROM t
    ----
    1	2

Each line below an error must occur in the message (blanks count, so a caret has its place); DuckDB
words its errors anew in every release, so of those only the class and what the user wrote stand there.
The letters after ``query`` are as many as there are columns; values stand between tabs. A file has a
connection of its own, and its records run in their order: once through ``sqlsel.sql``, and once on a
plain connection, where every SELECT with a clause is read with ``FROM sqlsel.sql(text)``. What only
the Python front end can tell is a ``statement error python``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import shown

import sqlsel
from sqlsel.clause.scanner import scan


@dataclass(frozen=True)
class Record:
    """One statement of a file, and what must come of it."""

    line: int
    kind: str
    text: str
    expected: list[str]


class RecordError(Exception):
    """A record that gave something else than it says."""


def records(lines: list[str]) -> Iterator[Record]:
    """Cut a file into its records."""
    start = 0
    for end in range(len(lines) + 1):
        if end < len(lines) and lines[end].strip():
            continue
        block = [line for line in lines[start:end] if not line.startswith("#")]
        if block:
            body = block[1:]
            cut = body.index("----") if "----" in body else len(body)
            yield Record(start + 1, block[0].strip(), "\n".join(body[:cut]), body[cut + 1 :])
        start = end + 1


Rows = list[tuple[Any, ...]]
Way = Callable[[duckdb.DuckDBPyConnection, str], Rows]


def through_python(con: duckdb.DuckDBPyConnection, text: str) -> Rows:
    """The rows of a statement through the Python front end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sqlsel.SelectionWarning)
        return sqlsel.sql(con, text).fetchall()


def through_the_macro(con: duckdb.DuckDBPyConnection, text: str) -> Rows:
    """The same on a plain connection, as far as a table macro can hold the statement."""
    return (
        con.execute("FROM sqlsel.sql($1)", [text]).fetchall()
        if is_select_with_clause(text)
        else through_python(con, text)
    )


def is_select_with_clause(text: str) -> bool:
    """Whether a table macro can hold the text: one SELECT, with a clause (or a mistake in it)."""
    tokens = scan(text)
    words = [token.word for token in tokens]
    one = all(token.text != ";" for token in tokens[:-1])
    begins = next((t.word for t in tokens if t.text != "("), "")
    return "STRATEGY" in words and one and begins in {"SELECT", "FROM", "WITH"}


def run(con: duckdb.DuckDBPyConnection, record: Record, way: Way) -> None:
    """Run one record; RecordError says what it gave instead."""
    head = record.kind.split()
    if record.kind == "statement ok":
        way(con, record.text)
    elif record.kind == "statement error python":
        _must_fail(con, record, through_python)
    elif record.kind == "statement error":
        _must_fail(con, record, way)
    elif len(head) in {2, 3} and head[0] == "query" and head[2:] in ([], ["rowsort"]):
        _must_give(con, record, way, width=len(head[1]), ordered=len(head) == 2)
    else:
        raise RecordError(f"neither statement nor query: {record.kind!r}")


def _must_fail(con: duckdb.DuckDBPyConnection, record: Record, way: Way) -> None:
    try:
        way(con, record.text)
    except (duckdb.Error, sqlsel.SqlselError) as error:
        expected = record.expected
        if way is through_the_macro:  # DuckDB's own carets stand below the macro
            expected = [line for line in expected if line.strip(" ^~") and "LINE " not in line]
        missing = [line for line in expected if line not in str(error)]
        if missing or not record.expected:
            raise RecordError("\n".join(["no such line:", *missing, "in:", str(error)])) from error
        return
    raise RecordError("no error")


def _must_give(
    con: duckdb.DuckDBPyConnection, record: Record, way: Way, *, width: int, ordered: bool
) -> None:
    rows = way(con, record.text)
    found = [shown.row(row) for row in rows]
    expected = record.expected
    if not ordered:
        found, expected = sorted(found), sorted(expected)
    if found != expected:
        raise RecordError("\n".join(["expected:", *expected, "found:", *found]))
    if rows and len(rows[0]) != width:
        raise RecordError(f"{len(rows[0])} columns, {width} letters")


class SqlItem(pytest.Item):
    """All records of one file."""

    def __init__(self, *, way: Way, **given: Any) -> None:
        super().__init__(**given)
        self._way = way

    def runtest(self) -> None:
        with duckdb.connect() as con:
            sqlsel.load(con)
            for record in records(self.path.read_text(encoding="utf-8").split("\n")):
                try:
                    run(con, record, self._way)
                except Exception as error:
                    raise RecordError(
                        f"{self.path}:{record.line}: {record.kind}\n{record.text}\n{error}"
                    ) from error

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:
        if isinstance(excinfo.value, RecordError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.path.name


class SqlFile(pytest.File):
    """A ``.test`` file."""

    def collect(self) -> Iterator[SqlItem]:
        yield SqlItem.from_parent(self, name=self.path.stem, way=through_python)
        yield SqlItem.from_parent(self, name=f"{self.path.stem}-plain", way=through_the_macro)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SqlFile | None:
    """Take every ``.test`` file below this folder."""
    return SqlFile.from_parent(parent, path=file_path) if file_path.suffix == ".test" else None
