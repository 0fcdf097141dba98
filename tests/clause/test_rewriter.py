# ruff: noqa: E501 - a statement on one line is a statement that can be read

from __future__ import annotations

import dataclasses
import inspect
import random

import duckdb
import pytest

import sqlsel
from sqlsel.clause import ClauseError
from sqlsel.clause.signatures import CLAUSE_OPTIONS
from sqlsel.engine.strategies import STRATEGIES
from sqlsel.feed.statements import find_clauses, rewrite, signatures
from tests import effort
from tests.clause import statements

Con = duckdb.DuckDBPyConnection
KNOWN = signatures()
IMAGES = "CREATE TABLE images AS SELECT i AS id, i::DOUBLE AS score, i % 2 = 0 AS even FROM range(1, 9) r(i)"


@pytest.fixture
def images(con: Con) -> Con:
    con.execute(IMAGES)
    return con


def parses(con: Con, sql: str) -> bool:
    try:
        con.extract_statements(sql)
    except duckdb.Error:
        return False
    return True


def rows(con: Con, sql: str, params: object = None) -> list[tuple[object, ...]]:
    return sqlsel.sql(con, sql, params).fetchall()  # type: ignore[arg-type]


# ---- generated statements


def test_a_rewritten_statement_parses_exactly_when_the_blanked_one_does(con: Con) -> None:
    rng = random.Random(5)
    seen = {True: 0, False: 0}
    for _ in range(effort.cases(900)):
        made = statements.statement(rng, broken=rng.random() < 0.15)
        right = parses(con, made.blanked)
        try:
            written = parses(con, rewrite(made.sql).sql)
        except ClauseError:
            written = False
        assert written == right, made.sql
        seen[right] += 1
    assert min(seen.values()) > effort.cases(80)


@pytest.mark.parametrize(
    "broken", [*statements.BROKEN, "FROM images WHERE", "FROM images WHERE AND even"]
)
def test_a_mistake_outside_of_the_clause_is_a_parser_error(images: Con, broken: str) -> None:
    with pytest.raises(duckdb.ParserException, match="LINE 1: "):
        sqlsel.sql(images, f"SELECT id {broken} USING STRATEGY WEIGHTS(score), THRESHOLD(even)")


def test_the_generated_clause_is_found_where_it_was_put() -> None:
    rng = random.Random(6)
    for _ in range(effort.cases(1000)):
        made = statements.statement(rng)
        (clause,) = find_clauses(made.sql)
        assert clause.start == len(made.head), made.sql
        assert made.sql[clause.start : clause.parsed.end] == made.clause.rstrip(), made.sql


@pytest.mark.filterwarnings("ignore::sqlsel.errors.SelectionWarning")
def test_generated_statements_run(images: Con) -> None:
    rng = random.Random(7)
    failed = []
    for _ in range(80):
        made = statements.statement(rng)
        try:
            sqlsel.sql(images, made.sql).fetchall()
        except (duckdb.Error, sqlsel.SqlselError) as error:
            failed.append((made.sql, str(error)))
            continue
        if "PREPARE" in made.sql:
            images.execute("DEALLOCATE p")
    assert failed == []


def test_verbatim_pieces_know_where_they_came_from() -> None:
    rng = random.Random(8)
    for _ in range(effort.cases(300)):
        made = statements.statement(rng)
        rewritten = rewrite(made.sql)
        for segment in rewritten.segments:
            piece = rewritten.sql[segment.start : segment.start + segment.length]
            assert piece == made.sql[segment.original : segment.original + segment.length]


def test_what_stands_around_a_clause_is_kept_to_the_letter() -> None:
    sql = "/* ä */ SELECT 1; SELECT  id FROM\timages\r\n USING STRATEGY WEIGHTS(score) -- end\r\n; SELECT '  x'"
    rewritten = rewrite(sql).sql
    assert rewritten.startswith("/* ä */ SELECT 1; ")
    assert rewritten.endswith(" -- end\r\n; SELECT '  x'")
    assert "SELECT  id" in rewritten
    assert "FROM\timages" in rewritten


@pytest.mark.parametrize("word", ["where", "HAVING", "qualify", "window", "group", "from"])
def test_a_word_after_as_is_a_name_and_begins_no_part(images: Con, word: str) -> None:
    sql = f"SELECT id AS {word}, id + 1 AS next FROM images WHERE even USING STRATEGY WEIGHTS(score), key := id LIMIT 2"
    assert rows(images, sql) == [(8, 9), (6, 7)]


def test_windows_line_ends_change_nothing(images: Con) -> None:
    sql = "SELECT id -- ids\nFROM images\nWHERE even -- so\nUSING STRATEGY\n  WEIGHTS(score), -- high\n  key := id\nLIMIT 2"
    assert rows(images, sql.replace("\n", "\r\n")) == rows(images, sql) == [(8,), (6,)]


@pytest.mark.nightly
def test_rewriting_a_long_statement_takes_time_in_proportion_to_its_length() -> None:
    from time import perf_counter

    def seconds(n: int) -> float:
        listed = ", ".join(f"score + {i} AS s{i}" for i in range(n))
        began = perf_counter()
        rewrite(f"SELECT {listed} FROM images WHERE id > ? USING STRATEGY WEIGHTS(score) LIMIT ?")
        return perf_counter() - began

    seconds(10)
    assert min(seconds(2000) for _ in range(3)) < 20 * max(
        min(seconds(500) for _ in range(3)), 0.005
    )


# ---- parameters


PLACES = (
    "SELECT id, {0} AS a FROM images WHERE id <> {1} AND id < {2} "
    "USING STRATEGY WEIGHTS(score * {3}), THRESHOLD(id > {4}), WEIGHTS(id, strength := {5}), key := id + {6} LIMIT {7} OFFSET {8}"
)
VALUES = [7, 4, 8, 2, 1, 0.5, 10, 3, 1]


def test_question_marks_mean_the_same_wherever_their_expressions_move(images: Con) -> None:
    literal = rows(images, PLACES.format(*VALUES))
    assert literal == [(6, 7), (5, 7), (3, 7)]
    assert rows(images, PLACES.format(*["?"] * 9), VALUES) == literal


def test_numbered_parameters_mean_the_same(images: Con) -> None:
    shuffled = [3, 1, 9, 2, 8, 4, 7, 5, 6]
    given = [VALUES[shuffled.index(i)] for i in range(1, 10)]
    assert rows(images, PLACES.format(*[f"${i}" for i in shuffled]), given) == rows(
        images, PLACES.format(*VALUES)
    )


def test_named_parameters_mean_the_same(images: Con) -> None:
    named = {f"p{i}": value for i, value in enumerate(VALUES)}
    assert rows(images, PLACES.format(*[f"$p{i}" for i in range(9)]), named) == rows(
        images, PLACES.format(*VALUES)
    )


def test_a_parameter_may_be_a_share(images: Con) -> None:
    sql = "SELECT id FROM images USING STRATEGY WEIGHTS(score) LIMIT ?%"
    assert rows(images, sql, [25]) == rows(images, sql.replace("?", "25")) == [(8,), (7,)]
    assert rows(
        images, "SELECT id FROM images USING STRATEGY WEIGHTS(score) LIMIT ? PERCENT", [12.5]
    ) == [(8,)]


def test_a_parameter_may_be_no_limit(images: Con) -> None:
    assert (
        len(rows(images, "SELECT id FROM images USING STRATEGY WEIGHTS(score) LIMIT ?", [None]))
        == 8
    )


def test_a_parameter_may_be_a_list_of_query_vectors(images: Con) -> None:
    sql = "SELECT id FROM images USING STRATEGY SIMILARITY([score]::FLOAT[1], query := ?, normalize := false), key := id LIMIT 2"
    assert rows(images, sql, [[[3.0]]]) == [(3,), (2,)]


def test_a_parameter_may_be_a_balance_target(images: Con) -> None:
    sql = "SELECT even FROM images USING STRATEGY BALANCE(even, ?), key := id LIMIT 4"
    assert rows(images, sql, [{"true": 0.25, "false": 0.75}]).count((True,)) == 1


def test_question_marks_of_two_clauses_and_of_the_query_around_them_keep_their_order(
    images: Con,
) -> None:
    sql = (
        "SELECT id, {} AS tag FROM (SELECT id FROM images WHERE id < {} USING STRATEGY WEIGHTS(id * {}) LIMIT {}) "
        "WHERE id <> {} USING STRATEGY WEIGHTS(-id), THRESHOLD(id > {}) LIMIT {}"
    )
    values = [5, 8, 1, 4, 6, 4, 2]
    literal = rows(images, sql.format(*values))
    assert literal == [(5, 5), (7, 5)]
    assert rows(images, sql.format(*["?"] * 7), values) == literal


def test_a_question_mark_in_a_string_or_comment_is_none(images: Con) -> None:
    sql = "SELECT '?' AS q, id /* ? */ FROM images WHERE id < ? -- ?\nUSING STRATEGY WEIGHTS(score) LIMIT ?"
    assert rows(images, sql, [5, 1]) == [("?", 4)]


def test_question_marks_of_a_percentage_rewritten_with_a_second_reading_are_bound_once(
    images: Con,
) -> None:
    sql = "SELECT id FROM images WHERE id > ? USING STRATEGY WEIGHTS(score), THRESHOLD(id < ?) LIMIT ?%"
    assert rows(images, sql, [2, 6, 50]) == [(5,), (4,), (3,)]


def test_several_statements_share_their_parameters_by_name(images: Con) -> None:
    sql = "CREATE TEMP TABLE few AS (SELECT id FROM images WHERE id < $a); SELECT id FROM few USING STRATEGY WEIGHTS(id) LIMIT $n"
    assert rows(images, sql, {"a": 5, "n": 1}) == [(4,)]


@pytest.mark.parametrize("given", [None, [], [1], [1, 2, 3], {"a": 1}])
def test_too_few_or_too_many_parameters_are_duckdbs_error(images: Con, given: object) -> None:
    with pytest.raises((duckdb.Error, sqlsel.SqlselError)):
        rows(
            images,
            "SELECT id FROM images WHERE id > ? USING STRATEGY WEIGHTS(score) LIMIT ?",
            given,
        )


# ---- signatures


@pytest.mark.parametrize("name", sorted(set(KNOWN) - {"THRESHOLD"}))
def test_a_signature_names_the_options_of_its_strategy(name: str) -> None:
    fields = [f.name for f in dataclasses.fields(STRATEGIES[name])]
    signature = KNOWN[name]
    assert ("input" in fields) == signature.input
    assert sorted(signature.options) == sorted(set(fields) - {"input"})


def test_every_strategy_has_a_signature() -> None:
    assert set(STRATEGIES) | {"THRESHOLD"} == set(KNOWN)


@pytest.mark.parametrize("name", sorted(set(KNOWN) - {"THRESHOLD"}))
def test_required_options_are_those_without_default(name: str) -> None:
    parameters = inspect.signature(STRATEGIES[name]).parameters.values()
    needed = {p.name for p in parameters if p.default is p.empty} - {"input"}
    assert set(KNOWN[name].required) == needed
    assert needed <= set(KNOWN[name].options)


def test_deduplicate_takes_options_of_diversity() -> None:
    assert set(KNOWN["DEDUPLICATE"].options) <= set(KNOWN["DIVERSITY"].options)


def test_the_second_position_is_an_option() -> None:
    assert all(s.second is None or s.second in s.options for s in KNOWN.values())


def test_options_of_the_clause_are_those_of_select() -> None:
    known = set(inspect.signature(sqlsel.select).parameters)
    # Arrays have ids of their own, and groups of arrays are slices.
    assert set(CLAUSE_OPTIONS) - {"key", "by"} <= known
