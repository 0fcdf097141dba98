# ruff: noqa: E501 - a statement on one line is a statement that can be read

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlsel.clause.scanner import Token, scan
from sqlsel.feed.statements import rewrite
from tests import effort
from tests.clause import statements

KIND = {  # numbers are left out: DuckDB's tokenizer begins one at each dot and inside of $1
    duckdb.token_type.string_const: {"string", "escaped", "dollar"},
    duckdb.token_type.identifier: {"word", "quoted"},
    duckdb.token_type.keyword: {"word"},
}


def starts(sql: str) -> list[tuple[int, object]]:
    """Where DuckDB's own tokens begin, as characters, without comments."""
    encoded = sql.encode()
    found = [(len(encoded[:at].decode()), kind) for at, kind in duckdb.tokenize(sql)]
    return [(at, kind) for at, kind in found if kind != duckdb.token_type.comment]


def disagreement(sql: str) -> str | None:
    """The first token of DuckDB's that the scanner sees otherwise, signs aside."""
    ours = {t.start: t for t in scan(sql)}
    for at, kind in starts(sql):
        if kind not in KIND or sql[at - 1 : at] == "$":  # it begins a word inside of $name
            continue
        token = ours.get(at)
        if token is None or token.kind not in KIND[kind]:
            return f"{kind} at {at} ({sql[at : at + 20]!r}): {token}"
    return None


def made_of(tokens: list[Token], sql: str) -> bool:
    return all(sql[t.start : t.end] == t.text for t in tokens)


def test_the_scanner_sees_the_words_and_strings_that_duckdb_sees() -> None:
    rng = random.Random(1)
    wrong = []
    for _ in range(effort.cases(2000)):
        sql, _ = statements.text(rng)
        if (found := disagreement(sql)) is not None:
            wrong.append((sql, found))
    assert wrong == []


def test_a_dollar_inside_of_a_name_begins_no_string() -> None:
    sql = "SELECT a$b$ FROM t USING STRATEGY RANDOM() -- $b$"
    assert [token.text for token in scan(sql)][:3] == ["SELECT", "a$b$", "FROM"]
    assert disagreement(sql) is None


def test_the_scanner_cuts_a_text_into_the_pieces_it_was_made_of() -> None:
    rng = random.Random(2)
    for _ in range(effort.cases(3000)):
        sql, places = statements.text(rng)
        begun = {t.start for t in scan(sql)}
        assert {at for at, _ in places} <= begun, sql


def test_statements_with_a_clause_are_cut_as_duckdb_cuts_them() -> None:
    rng = random.Random(3)
    wrong = []
    for _ in range(effort.cases(1500)):
        sql = statements.statement(rng).sql
        if (found := disagreement(sql)) is not None:
            wrong.append((sql, found))
    assert wrong == []


@given(
    st.text(
        alphabet=st.sampled_from(list("aEe'\"$/*-?.:= \n\r\t1_(){}[];,äß€😀\\\x00xX%")), max_size=60
    )
)
@settings(max_examples=effort.cases(800), deadline=None)
def test_any_text_is_cut_into_pieces_of_itself_in_order(sql: str) -> None:
    tokens = scan(sql)
    assert made_of(tokens, sql)
    assert all(a.end <= b.start for a, b in pairwise(tokens))
    assert all(t.depth >= 0 for t in tokens)


@given(st.text(max_size=100))
@settings(max_examples=effort.cases(200), deadline=None)
def test_any_text_without_the_words_is_left_alone(sql: str) -> None:
    assert rewrite(sql).sql == sql


@pytest.mark.parametrize(
    ("sql", "kinds"),
    [
        (r"E'\\'' '", ["escaped"]),
        (r"E'\' '", ["escaped"]),
        (r"'\' ' '", ["string", "string"]),
        ("$1$2", ["parameter", "parameter"]),
        ("a$1$b", ["word"]),
        ("$a$ $b$ $a$", ["dollar"]),
        ("$$a$$$$b$$", ["dollar", "dollar"]),
        ("/* /* */", []),
        ("1.5.a", ["number", "other", "word"]),
        ("t.1", ["word", "number"]),
        ("?1 ?", ["parameter", "parameter"]),
        ("a:=1", ["word", "assign", "number"]),
        ("a::INT", ["word", "cast", "word"]),
        ("'open", ["string"]),
        ('"open', ["quoted"]),
        ("$$open", ["dollar"]),
        ("e''", ["escaped"]),
        ("me'x'", ["word", "string"]),
    ],
)
def test_hard_pieces(sql: str, kinds: list[str]) -> None:
    assert [t.kind for t in scan(sql)] == kinds


def test_depth_is_the_number_of_open_brackets() -> None:
    depths = {t.text: t.depth for t in scan("a(b[c{d}e]f)g")}
    assert depths["a"] == depths["g"] == 0
    assert depths["b"] == depths["f"] == 1
    assert depths["c"] == depths["e"] == 2
    assert depths["d"] == 3


def test_brackets_in_strings_names_and_comments_open_nothing() -> None:
    assert scan("""'(' "[" $$ { $$ /* ( */ E'(' x""")[-1].depth == 0


WITHOUT_CLAUSE = [
    "SELECT 1", "", " ", "\n", ";", "SELECT 'USING STRATEGY WEIGHTS(x)'", 'SELECT "USING STRATEGY WEIGHTS(x)" FROM t',
    "SELECT 1 -- USING STRATEGY WEIGHTS(x)", "SELECT 1 /* USING STRATEGY WEIGHTS(x) */",
    "SELECT $$USING STRATEGY WEIGHTS(x)$$", "SELECT $q$ ' USING STRATEGY WEIGHTS(x) $q$ ?",
    "SELECT E'\\' USING STRATEGY WEIGHTS(x)'", "PIVOT t ON a USING strategy(x)", "PIVOT t ON a USING\n STRATEGY (x)",
    "SELECT * FROM a JOIN b USING (strategy)", "SELECT strategy FROM t", "SELECT t.using FROM strategy t",
    "MERGE INTO a USING strategy ON true WHEN MATCHED THEN DELETE", "DELETE FROM a USING strategy WHERE a.x = strategy.x",
    "SELECT ? FROM strategy WHERE a = ?\r\n", "CREATE TABLE using_strategy (strategy INT)", "SELECT 'ä' AS strategy -- €\r\n",
    "DELETE FROM a USING strategy AS s WHERE a.x = s.x", "DELETE FROM a USING strategy s WHERE a.x = s.x",
]  # fmt: skip


@pytest.mark.parametrize("sql", WITHOUT_CLAUSE)
def test_a_text_without_clause_comes_back_byte_for_byte(sql: str) -> None:
    rewritten = rewrite(sql)
    assert rewritten.sql.encode() == sql.encode()
    assert rewritten.n_clauses == 0


def test_generated_texts_without_clause_come_back_byte_for_byte() -> None:
    rng = random.Random(4)
    for _ in range(effort.cases(3000)):
        sql, _ = statements.text(rng)
        words = [t.word for t in scan(sql)]
        if ("USING", "STRATEGY") not in pairwise(words):
            assert rewrite(sql).sql == sql


def test_the_projects_own_queries_come_back_byte_for_byte() -> None:
    for path in sorted((Path(__file__).parents[2] / "sql").rglob("*.sql")):
        sql = path.read_text(encoding="utf-8")
        assert rewrite(sql).sql == sql
