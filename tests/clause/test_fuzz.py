"""More than 20,000 generated statements: what is no clause stays as it is, and so does all around one.

The statements come from a small grammar (``generated.py``); DuckDB's own tokenizer and parser are the
oracle. At the end stand statements that are easily taken for a clause, or refused beside one.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import duckdb
import pytest

from sqlsel.clause import ClauseError
from sqlsel.clause.scanner import scan
from sqlsel.duckdb.execution import check_outside
from sqlsel.feed.statements import find_clauses, rewrite
from tests import effort
from tests.clause import generated, statements
from tests.clause.generated import Parts

Con = duckdb.DuckDBPyConnection
TYPE = duckdb.token_type
KINDS = {
    TYPE.string_const: {"string", "escaped", "dollar"},
    TYPE.identifier: {"word", "quoted"},
    TYPE.keyword: {"word"},
    TYPE.numeric_const: {"number"},
    TYPE.operator: {"other", "assign", "cast", "parameter"},
}
IN_A_RUN = {"other", "assign", "cast", "number", "parameter"}  # DuckDB has one token for ``->>``


@pytest.fixture(scope="module")
def parser() -> Iterator[Con]:
    with duckdb.connect() as con:
        yield con


def parses(con: Con, sql: str) -> bool:
    try:
        con.extract_statements(sql)
    except duckdb.Error:
        return False
    return True


# ---- without a clause


def test_a_statement_without_a_clause_comes_back_byte_for_byte(parser: Con) -> None:
    rng = random.Random(101)
    hidden = right = 0
    for _ in range(effort.cases(13_000)):
        sql = generated.without_clause(rng)
        rewritten = rewrite(sql)
        assert rewritten.sql.encode() == sql.encode(), sql
        assert rewritten.n_clauses == 0, sql
        hidden += "USING STRATEGY" in sql.upper()
        if hidden % 8 == 0:
            right += parses(parser, sql)
    assert hidden > effort.cases(8_000)
    assert right > effort.cases(1_000)  # the grammar makes SQL, not noise


def test_tokens_begin_where_duckdbs_tokens_begin() -> None:
    rng = random.Random(102)
    for _ in range(effort.cases(2_400)):
        for sql in (
            generated.without_clause(rng),
            generated.with_clause(rng).sql,
            statements.text(rng)[0],
        ):
            assert disagreement(sql) is None, sql


def disagreement(sql: str) -> str | None:
    """The first token that only one of the two sees; comments and space are no tokens."""
    ours, encoded = scan(sql), sql.encode()
    begun = {t.start: t for t in ours}
    inside = {i for t in ours if t.kind == "parameter" for i in range(t.start + 1, t.end)}
    theirs = {len(encoded[:at].decode()): kind for at, kind in duckdb.tokenize(sql)}
    for at, kind in theirs.items():
        if kind == TYPE.comment or at in inside:
            continue
        token = begun.get(at)
        dot = token is not None and token.text == "."  # which DuckDB calls a number
        if token is None or not (token.kind in KINDS[kind] or dot):
            return f"{kind} at {at}, {sql[at : at + 20]!r}: {token}"
    run = -1  # where an operator of several signs, or a number, may go on
    for token in ours:
        may_go_on = token.kind in IN_A_RUN
        alone = theirs.get(token.start, TYPE.comment) == TYPE.comment
        if alone and not (may_go_on and token.start == run):
            return f"{token} is none of DuckDB's"
        run = token.end if may_go_on else -1
    return None


# ---- with a clause


def test_around_a_clause_every_byte_stays_and_the_rest_still_parses(parser: Con) -> None:
    rng = random.Random(103)
    right = 0
    for _ in range(effort.cases(900)):
        made = generated.with_clause(rng)
        rewritten = rewrite(made.sql)
        assert rewritten.n_clauses == 1, made.sql
        (clause,) = find_clauses(made.sql)
        before, behind = made.numbered()
        assert clause.block.start == made.start, made.sql
        assert made.sql[clause.parsed.end :].lstrip() == made.sql[made.end :].lstrip(), made.sql
        assert rewritten.sql.startswith(before), made.sql
        assert rewritten.sql.endswith(behind), made.sql
        accepted = parses(parser, made.blanked)
        assert parses(parser, rewritten.sql) == accepted, made.sql
        right += accepted
    assert right > effort.cases(650)


def test_no_character_of_the_block_is_lost(parser: Con) -> None:
    rng = random.Random(104)
    for _ in range(effort.cases(400)):
        made = generated.with_clause(rng)
        sql, rewritten = made.sql, rewrite(made.sql)
        kept = bytearray(len(sql))
        for piece in rewritten.segments:
            until = piece.start + piece.length
            assert rewritten.sql[piece.start : until] == sql[piece.original :][: piece.length], sql
            kept[piece.original : piece.original + piece.length] = b"\1" * piece.length
        clause = find_clauses(sql)[0]
        block = [t for t in clause.tokens if made.start <= t.start < clause.start]
        assert {t.text for t in block if not all(kept[t.start : t.end])} <= {"?"}, sql


def test_several_clauses_in_a_text_are_rewritten_one_by_one(parser: Con) -> None:
    rng = random.Random(105)
    for _ in range(effort.cases(120)):
        one, two = generated.with_clause(rng, "$1"), generated.with_clause(rng, "$1")
        rewritten = rewrite(f"{one.sql}\n;{two.sql}")
        assert rewritten.n_clauses == 2, rewritten.original
        assert rewritten.sql.startswith(one.head), rewritten.original
        assert f"{one.tail.strip()}\n;{two.head}FROM (WITH" in rewritten.sql, rewritten.original
        assert rewritten.sql.endswith(two.tail), rewritten.original
        right = parses(parser, f"{one.blanked}\n;{two.blanked}")
        assert parses(parser, rewritten.sql) == right, rewritten.original


def test_a_clause_in_the_source_of_another_is_rewritten_too(parser: Con) -> None:
    rng = random.Random(106)
    for _ in range(effort.cases(120)):
        inner, outer = (generated.with_clause(rng, generated.QUESTION) for _ in range(2))
        whole = Parts("SELECT * FROM (", inner.block, inner.clause, ") AS q WHERE even ")
        rewritten = rewrite(whole.sql + outer.clause.replace(generated.QUESTION, "?"))
        assert rewritten.n_clauses == 2, rewritten.original
        assert parses(parser, rewritten.sql) == parses(parser, whole.blanked), rewritten.original


def test_a_mistake_outside_of_the_clause_is_always_found(parser: Con) -> None:
    rng = random.Random(107)
    seen = {True: 0, False: 0}
    for _ in range(effort.cases(600)):
        made = generated.with_clause(rng, "$strategy")  # since DuckDB reads ``? 1`` as ``?1``
        before = made.head + made.block
        token = rng.choice(scan(before))
        broken = before[: token.start] + before[token.end :]
        blanked = broken + re.sub(r"[^\r\n]", " ", made.clause) + made.tail
        sql = broken + made.clause + made.tail
        right = parses(parser, blanked)
        seen[right] += 1
        assert accepted(parser, sql, right=right) == right, sql
    assert min(seen.values()) > effort.cases(60)


def accepted(con: Con, sql: str, *, right: bool) -> bool:
    """Whether neither the clause's parser nor DuckDB refuses the text; a refusal may be ours alone."""
    try:
        check_outside(con, rewrite(sql))
        return parses(con, rewrite(sql).sql)
    except ClauseError:
        return right
    except duckdb.ParserException:
        return False


# ---- what is easily taken for a clause, or refused beside one

NO_CLAUSE = [
    "MERGE INTO a USING strategy ON (a.id = strategy.id) WHEN MATCHED THEN DELETE",
    "MERGE INTO a USING strategy USING (id) WHEN MATCHED THEN DELETE",
    "DELETE FROM a USING strategy WHERE (a.x) = strategy.x",
    "DELETE FROM a USING strategy s(y) WHERE a.x = s.y",
    "DELETE FROM a USING strategy JOIN (FROM b) AS j USING (id)",
    "WITH c AS (SELECT 1) DELETE FROM a USING strategy WHERE a.x = strategy.x",
    "EXPLAIN DELETE FROM a USING strategy WHERE a.x = strategy.x",
    "ALTER TABLE a ALTER strategy TYPE BOOLEAN USING strategy IS NULL",
]
REFUSED = [
    "SELECT id AS where FROM images {}",  # any word may follow AS
    "SELECT id AS from, even FROM images {}",
    "SELECT id, selection_rank() AS 🙂 FROM images {}",  # DuckDB takes any character beyond ASCII
    "SELECT id, selection_rank() AS cafe\u0301 FROM images {}",
    "SELECT id FROM images WHERE 1::UNION(a INTEGER) = 1 {}",  # a type, not a set operation
    "SELECT id FROM images {}, preselected := even AND random() < 0.5",  # DuckDB's own random()
    "SELECT id FROM images {} LIMIT weights(3)",  # a macro of the user's
]


@pytest.mark.parametrize("sql", NO_CLAUSE)
def test_a_table_named_strategy_after_using_is_no_clause(parser: Con, sql: str) -> None:
    assert parses(parser, sql)
    assert rewrite(sql).sql == sql


@pytest.mark.parametrize("block", REFUSED)
def test_a_right_statement_is_not_refused(parser: Con, block: str) -> None:
    sql = block.format("USING STRATEGY WEIGHTS(score)")
    assert parses(parser, sql.partition("USING")[0])
    assert parses(parser, rewrite(sql).sql)


@pytest.mark.parametrize("name", ["cafe\u0301", "🙂", "a🙂b", "٣", "\u200ba"])
def test_a_name_of_any_characters_is_one_word(name: str) -> None:
    assert disagreement(f"SELECT {name} FROM t") is None
