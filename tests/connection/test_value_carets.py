"""A wrong value of an option is shown with a caret, and an error of a macro in our own words."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

import sqlsel
from sqlsel.feed.registry import REGISTRY

TABLE = "CREATE TABLE rows AS SELECT range AS id, range::DOUBLE AS w, [range, 1.0]::FLOAT[2] AS v FROM range(20)"
WRONG = "SELECT id FROM rows USING STRATEGY DIVERSITY(v, min_distance := -1) LIMIT 3"


@pytest.fixture
def con() -> Iterator[sqlsel.duckdb.Connection]:
    with sqlsel.connect() as opened:
        opened.execute(TABLE)
        yield opened


def message(con: sqlsel.duckdb.Connection, text: str, *params: object) -> str:
    with pytest.raises(sqlsel.SqlselError) as caught:
        con.sql(text, list(params) or None).fetchall()
    return str(caught.value)


def below(text: str) -> str:
    """What of the line above the carets they point at."""
    line, carets = text.split("\n")[-2:]
    return line[carets.index("^") : len(carets)]


@pytest.mark.parametrize(
    ("items", "value"),
    [
        ("DIVERSITY(v, min_distance := 'far')", "'far'"),
        ("DIVERSITY(v, min_distance := -1)", "-1"),
        ("WEIGHTS(w), DIVERSITY(v, normalize := 3)", "3"),
        ("THRESHOLD(w > 2), WEIGHTS(w), WEIGHTS(w, strength := 1e10)", "1e10"),
        ("DEDUPLICATE(v, NULL)", "NULL"),
        ("DIVERSITY(v, start := 1 + 98), key := id", "1 + 98"),
        ("WEIGHTS(w), seed := 'x'", "'x'"),
        ("WEIGHTS(w), on_invalid := 'drop'", "'drop'"),
        ("WEIGHTS(w) LIMIT 2 OFFSET -1", "-1"),
        ("BALANCE(w > 3, {'tru': 1})", "{'tru': 1}"),
        ("BALANCE(w > 3, classes := ['a', 'a'])", "['a', 'a']"),
    ],
)
def test_the_caret_stands_below_the_value(
    con: sqlsel.duckdb.Connection, items: str, value: str
) -> None:
    assert below(message(con, f"SELECT id\nFROM rows\nUSING STRATEGY {items}")) == value


def test_a_parameter_is_shown_as_it_is_written(con: sqlsel.duckdb.Connection) -> None:
    text = "SELECT id, ? FROM rows USING STRATEGY DIVERSITY(v, min_distance := ?) LIMIT 3"
    assert below(message(con, text, 1, -2)) == "?"


def test_of_two_clauses_the_right_one_is_shown(con: sqlsel.duckdb.Connection) -> None:
    right = "SELECT id FROM rows USING STRATEGY DIVERSITY(v, min_distance := 0.1) LIMIT 3"
    one, two = (
        message(con, f"FROM ({first})\nUNION ALL\nFROM ({second})")
        for first, second in ((WRONG, right), (right, WRONG))
    )
    assert below(one) == below(two) == "-1"
    assert "LINE 1: " in one
    assert "LINE 3: " in two


def test_a_clause_within_a_clause_is_shown(con: sqlsel.duckdb.Connection) -> None:
    inner = "SELECT * FROM rows USING STRATEGY WEIGHTS(w, strength := 'a') LIMIT 5"
    assert below(message(con, f"FROM ({inner}) USING STRATEGY WEIGHTS(w) LIMIT 2")) == "'a'"
    inner = inner.replace("'a'", "2")
    outer = f"FROM ({inner}) USING STRATEGY WEIGHTS(w, strength := 'b') LIMIT 2"
    assert below(message(con, outer)) == "'b'"


def test_a_configuration_is_shown_no_statement_that_nobody_wrote() -> None:
    balance = {"type": "BALANCE", "target": {"suny": 1}}
    entry = {"input": {"type": "METADATA", "key": "c"}, "strategy": balance}
    data = duckdb.sql("SELECT range AS id, 'sunny' AS c FROM range(9)").to_arrow_table()
    with pytest.raises(sqlsel.SqlselError) as caught:
        sqlsel.run({"n_samples": 2, "strategies": [entry]}, data, id="id")
    assert "unknown class 'suny'" in str(caught.value)
    assert "LINE" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        (
            "FROM sqlsel.select_samples('rows', sqlsel.diversity('v', min_distance := -1), n_samples := 3)",
            sqlsel.InvalidInput,
            "DIVERSITY: min_distance must be at least 0, got -1.0",
        ),
        (
            "FROM sqlsel.select_samples('rows', sqlsel.weights('w'), n_samples := 3, key := 'a, b')",
            sqlsel.InvalidInput,
            "key: 'a, b' is not one expression",
        ),
        (
            "FROM sqlsel.config('rows', '{\"n_samples\": 3, \"strategies\": [{}]}')",
            sqlsel.ConfigError,
            "strategies[0]: needs 'input'\nstrategies[0]: needs 'strategy'",
        ),
        (
            """FROM sqlsel.config('row', '{"n_samples": 3, "strategies": [
                {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}]}')""",
            sqlsel.CatalogError,
            "Table with name row does not exist!",
        ),
    ],
)
def test_an_error_of_a_macro_is_the_error_itself(
    con: sqlsel.duckdb.Connection, text: str, kind: type[Exception], expected: str
) -> None:
    for _ in range(2):
        with pytest.raises(kind) as caught:
            con.sql(text).fetchall()
        assert str(caught.value).startswith(expected)
        assert "Python exception" not in str(caught.value)
        assert isinstance(caught.value, duckdb.InvalidInputException)  # as on a plain connection
    assert len(REGISTRY) == 0


def test_a_statement_in_a_statement_has_its_caret(con: sqlsel.duckdb.Connection) -> None:
    assert below(message(con, f"SELECT 1,\n id FROM sqlsel.sql($$ {WRONG} $$)")) == "-1"
    wrong = WRONG.replace("DIVERSITY", "DIVERSTY")
    with pytest.raises(sqlsel.ClauseError) as caught:
        con.sql(f"SELECT 1,\n id FROM sqlsel.sql($$ {wrong} $$)")
    assert below(str(caught.value)) == "DIVERSTY"
    assert str(caught.value).startswith('Parser Error: unknown strategy "DIVERSTY"; did you mean')


def test_a_statement_too_long_to_be_kept_has_its_message_without_a_caret(
    con: sqlsel.duckdb.Connection,
) -> None:
    text = f"FROM sqlsel.sql($$ {WRONG.replace('id FROM', ', '.join(['id'] * 900) + ' FROM')} $$)"
    assert message(con, text) == "DIVERSITY: min_distance must be at least 0, got -1"


def test_a_function_of_the_users_own_keeps_duckdbs_words(con: sqlsel.duckdb.Connection) -> None:
    def refuse(x: int) -> int:
        message = "no"
        raise ValueError(message)

    con.create_function("refuse", refuse)
    with pytest.raises(duckdb.InvalidInputException, match="Python exception occurred"):
        con.sql("SELECT refuse(1)")


def test_a_plain_connection_has_the_words_in_duckdbs_frame(
    con: sqlsel.duckdb.Connection,
) -> None:
    with pytest.raises(duckdb.InvalidInputException) as caught:
        con.plain.execute(f"FROM sqlsel.sql($$ {WRONG} $$)").fetchall()
    assert "InvalidInput: DIVERSITY: min_distance must be at least 0, got -1" in str(caught.value)
