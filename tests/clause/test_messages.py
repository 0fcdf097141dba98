"""Every message that a wrong clause can give, as the user sees it: ``messages.txt`` beside this file.

The file begins with the tables that its statements read. Each record after a line ``=====`` is a
statement, a line ``-----`` with the class of the error, and the message. ``␍`` stands for a carriage
return, ``␉`` for a tab, ``␀`` for NUL; lines that begin with ``#`` before a statement are remarks, or
arguments of ``sqlsel.sql`` as JSON: ``# {"params": [1]}``.

Our words are compared as they are; a list of all strategies is ``<strategies>``, so that a new one
changes nothing here. DuckDB words its messages anew in every release: of those the file holds the
class, the line with the caret, and what of our own words DuckDB passes on.

With SQLSEL_REWRITE_MESSAGES=1 the messages in the file are written anew; read what changed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

import sqlsel
from sqlsel.engine.objective import Strategy
from sqlsel.engine.strategies import STRATEGIES, by_kind, register
from sqlsel.errors import listing

FILE = Path(__file__).with_name("messages.txt")
BETWEEN, BEFORE_MESSAGE = "\n=====\n", "\n-----"
WORDS_OF_DUCKDB = "…"
# What of a message in an exception of DuckDB's is ours: raised in a function that DuckDB calls, put in
# the place of DuckDB's words (sqlsel/clause/carets.py), or the text of error() in sql/session.
OURS = re.compile(
    r"(?<=executing the UDF: ).*|\w+ must be a constant$|selection_\w+\(\) belongs .*$",
    re.DOTALL | re.MULTILINE,
)
POINTING = re.compile(r"^LINE \d+: .*\n *\^.*$", re.MULTILINE)
SIGNS = {"\r": "␍", "\t": "␉", "\0": "␀"}
Con = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class Record:
    """A wrong statement, and what must come of it; ``remarks`` are the lines before it."""

    remarks: str
    statement: str
    expected: str

    def arguments(self) -> dict[str, Any]:
        lines = [line for line in self.remarks.split("\n") if line.startswith("# {")]
        return {k: v for line in lines for k, v in json.loads(line[2:]).items()}


def read() -> tuple[str, list[Record]]:
    """The statements that make the tables, and the records."""
    tables, *parts = FILE.read_text(encoding="utf-8").split(BETWEEN)
    return tables, [record(part) for part in parts]


def record(part: str) -> Record:
    above, _, expected = part.partition(BEFORE_MESSAGE)
    lines = above.split("\n")
    first = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return Record("\n".join(lines[:first]), "\n".join(lines[first:]), expected.strip())


def written(tables: str, records: list[Record]) -> str:
    parts = [tables]
    for one in records:
        above = f"{one.remarks}\n{one.statement}" if one.remarks else one.statement
        parts.append(f"{above}{BEFORE_MESSAGE} {one.expected}")
    return BETWEEN.join(parts) + "\n"


def message(con: Con, one: Record) -> str:
    """The class and the text of the error, without space at the ends of lines or DuckDB's words."""
    sql = one.statement
    for character, sign in SIGNS.items():
        sql = sql.replace(sign, character)
    try:
        sqlsel.sql(con, sql, **one.arguments()).fetchall()
    except (duckdb.Error, sqlsel.SqlselError) as error:
        words = str(error) if isinstance(error, sqlsel.SqlselError) else without_duckdbs(str(error))
        text = f"{type(error).__name__}\n{words}"
    else:
        return "no error"
    for character, sign in SIGNS.items():
        text = text.replace(character, sign)
    return "\n".join(line.rstrip() for line in without_strategies(text).split("\n"))


def without_strategies(text: str) -> str:
    """The text with ``<strategies>`` in the place of a list of all of them, in either of the two orders."""
    in_order = [*STRATEGIES, *sorted({kind.upper() for kind in by_kind()} - set(STRATEGIES))]
    for names in (in_order, sorted(in_order)):
        for listed in (", ".join(names), listing(names)):
            text = text.replace(listed, "<strategies>")
    return text


def without_duckdbs(text: str) -> str:
    """A message of DuckDB's reduced to what is not DuckDB's to word."""
    ours = OURS.search(text)
    if ours is not None:
        pointing = POINTING.search(text, ours.end())
        return "\n\n".join([ours.group(), *([pointing.group()] if pointing else [])])
    pointing = POINTING.search(text)
    return "\n\n".join([WORDS_OF_DUCKDB, *([pointing.group()] if pointing else [])])


@pytest.fixture(scope="module")
def images() -> Iterator[Con]:
    with duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false")
        con.execute(read()[0])
        if os.environ.get("SQLSEL_REWRITE_MESSAGES") == "1":
            rewrite_all(con)
        yield con


def rewrite_all(con: Con) -> None:
    """Put the messages of now in the place of those of the file."""
    tables, records = read()
    now = [Record(one.remarks, one.statement, message(con, one)) for one in records]
    FILE.write_text(written(tables, now), encoding="utf-8")


def test_every_message_is_the_one_in_the_file(images: Con) -> None:
    _, records = read()
    wrong = [
        f"{one.statement}\nexpected: {one.expected}\nfound:    {found}"
        for one in records
        if (found := message(images, one)) != one.expected
    ]
    advice = "SQLSEL_REWRITE_MESSAGES=1 writes messages.txt anew; read what changed"
    assert not wrong, "\n\n".join([*wrong, advice])
    assert len(records) > 150
    assert "no error" not in {one.expected for one in records}


def test_a_new_strategy_changes_no_message(images: Con) -> None:
    @dataclass(frozen=True)
    class Nearly(Strategy):
        """Prefer nothing."""

        kind = "nearly"
        input: Any

    listing_all = [one for one in read()[1] if "<strategies>" in one.expected]
    assert len(listing_all) > 3
    register(Nearly)
    try:
        assert [message(images, one) for one in listing_all] == [
            one.expected for one in listing_all
        ]
    finally:
        del STRATEGIES["NEARLY"]


def test_no_statement_stands_in_the_file_twice() -> None:
    statements = [(one.statement, one.remarks) for one in read()[1]]
    assert len(statements) == len(set(statements))


def test_a_message_comes_again_after_the_error_before(images: Con) -> None:
    _, records = read()
    some = records[:: len(records) // 12]
    assert [message(images, one) for one in some for _ in range(2)] == [
        one.expected for one in some for _ in range(2)
    ]


def test_the_file_is_written_as_it_is_read() -> None:
    assert written(*read()) == FILE.read_text(encoding="utf-8")


# ---- known defects; each mark is strict, so it falls with its defect


@pytest.mark.parametrize(
    "items",
    [
        "SIMILARITY(embedding, query := NULL)",
        "BALANCE(MAP {'a': 'x'}, 'uniform')",
        "BALANCE([[1]], 'uniform')",
        "WEIGHTS(score || '\0')",
    ],
)
def test_every_error_is_one_of_sqlsels_or_duckdbs(images: Con, items: str) -> None:
    assert message(images, Record("", f"SELECT id FROM images USING STRATEGY {items}", ""))


@pytest.mark.parametrize(
    "items",
    [
        "DEDUPLICATE(embedding, NULL)",
        "WEIGHTS(score), seed := 'x'",
        "THRESHOLD(unnest(embedding) > 3)",
        "SIMILARITY(embedding, query := (SELECT embedding, id FROM images))",
    ],
)
def test_what_cannot_be_meant_is_refused(images: Con, items: str) -> None:
    one = Record("", f"SELECT id FROM images USING STRATEGY {items}", "")
    assert message(images, one) != "no error"
