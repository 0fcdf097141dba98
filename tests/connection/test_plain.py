"""A plain DuckDB connection after ``sqlsel.load``: cursors, threads, databases, transactions, the log."""

# ruff: noqa: E501 - a statement on one line is a statement that can be read

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

import sqlsel
from sqlsel.clause.signatures import CLAUSE_OPTIONS
from sqlsel.duckdb import registration
from sqlsel.feed import REGISTRY
from sqlsel.feed.statements import signatures

Con = duckdb.DuckDBPyConnection
KNOWN = signatures()
ROOT = Path(__file__).parents[2]
FRAMES = (
    "CREATE TABLE frames AS SELECT i AS id, ['a', 'b', 'c'][i % 3 + 1] AS video, (i * 7919 % 101) / 100 AS score, "
    "[sin(i), cos(i)]::FLOAT[2] AS embedding FROM range(1, 31) r(i)"
)
BEST = "SELECT id FROM frames USING STRATEGY WEIGHTS(score) LIMIT 1"


@pytest.fixture
def plain(con: Con) -> Con:
    con.execute(FRAMES)
    sqlsel.load(con)
    return con


@pytest.fixture(scope="module")
def shared() -> Iterator[Con]:
    """For tests that change nothing."""
    with duckdb.connect() as con:
        con.execute(FRAMES)
        sqlsel.load(con)
        yield con


def through_the_macro(con: Con, text: str) -> list[tuple[object, ...]]:
    return con.execute("FROM sqlsel.sql($1)", [text]).fetchall()


def best(con: Con) -> int:
    """The id with the highest score, by DuckDB alone."""
    return int(con.execute("SELECT arg_max(id, score) FROM frames").fetchall()[0][0])


# ---- what is there


def test_the_options_of_the_strategy_macros_are_those_of_the_strategies(shared: Con) -> None:
    text = "SELECT function_name, parameters FROM duckdb_functions() WHERE database_name = 'sqlsel'"
    found = dict(shared.execute(text).fetchall())
    for name, signature in KNOWN.items():
        takes_input = signature.input or name == "THRESHOLD"
        assert found[name.lower()] == ["input"] * takes_input + list(signature.options)


def test_the_options_of_select_samples_are_those_of_the_clause(shared: Con) -> None:
    text = "SELECT parameters FROM duckdb_functions() WHERE function_name = 'select_samples'"
    ((parameters,),) = shared.execute(text).fetchall()
    assert parameters[:4] == ["source", "strategies", "n_samples", "proportion_samples"]
    assert sorted(parameters[4:]) == sorted(CLAUSE_OPTIONS)


def test_every_file_of_macros_is_one_macro_with_a_comment(shared: Con) -> None:
    text = "SELECT function_name, comment FROM duckdb_functions() WHERE database_name = $1"
    for database, rooms in {
        "sqlsel": ["namespace", "scores", "macros", "session"],
        "temp": ["scores", "macros", "session"],
    }.items():
        files = {path.stem for room in rooms for path in (ROOT / "sql" / room).glob("*.sql")}
        found = dict(shared.execute(text, [database]).fetchall())
        made = {name.lower() for name in KNOWN} if database == "sqlsel" else set()
        assert set(found) == files | made
        assert all(found.values())


def test_a_score_is_the_same_with_and_without_the_name_in_front(shared: Con) -> None:
    text = "SELECT uncertainty_entropy([0.5, 0.5]), sqlsel.uncertainty_entropy([0.5, 0.5])"
    assert shared.execute(text).fetchall() == [(1.0, 1.0)]


def test_the_users_own_database_stays_as_it_was(tmp_path: Path) -> None:
    file = str(tmp_path / "mine.duckdb")
    with duckdb.connect(file) as con:
        con.execute(FRAMES)
        sqlsel.load(con)
        assert through_the_macro(con, BEST) == [(best(con),)]
        assert con.execute("SHOW TABLES").fetchall() == [("frames",)]
    with duckdb.connect(file) as con:
        assert con.execute("SHOW DATABASES").fetchall() == [("mine",)]
        text = "SELECT count(*) FROM duckdb_functions() WHERE NOT internal"
        assert con.execute(text).fetchall() == [(0,)]
        assert con.execute("SHOW TABLES").fetchall() == [("frames",)]


def test_a_database_for_reading_only_can_be_loaded(tmp_path: Path) -> None:
    file = tmp_path / "mine.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute(FRAMES)
    before = file.read_bytes()
    with duckdb.connect(str(file), read_only=True) as con:
        sqlsel.load(con)
        assert through_the_macro(con, BEST) == [(best(con),)]
        text = "SELECT id FROM sqlsel.select_samples('frames', sqlsel.weights('score'), n_samples := 1)"
        assert con.execute(text).fetchall() == [(best(con),)]
        assert con.execute("SELECT uncertainty_margin([1.0, 0])").fetchall() == [(0.0,)]
    assert file.read_bytes() == before


# ---- cursors, threads, databases


def test_a_cursor_needs_no_load_of_its_own(plain: Con) -> None:
    with plain.cursor() as cursor:
        assert through_the_macro(cursor, BEST) == [(best(plain),)]
        assert cursor.execute("SELECT sqlsel.uncertainty_margin([1.0, 0])").fetchall() == [(0.0,)]
        with pytest.raises(duckdb.CatalogException):
            cursor.execute("SELECT uncertainty_margin([1.0, 0])")
        sqlsel.load(cursor)
        assert cursor.execute("SELECT uncertainty_margin([1.0, 0])").fetchall() == [(0.0,)]


def test_temporary_tables_and_uncommitted_rows_are_seen(plain: Con) -> None:
    plain.execute("CREATE TEMP TABLE few AS FROM frames WHERE id < 3")
    plain.execute("BEGIN; INSERT INTO few (id, score) VALUES (77, 9)")
    text = BEST.replace("frames", "few")
    assert through_the_macro(plain, text) == [(77,)]
    sampled = "SELECT id FROM sqlsel.select_samples('few', sqlsel.weights('score'), n_samples := 1)"
    assert plain.execute(sampled).fetchall() == [(77,)]
    plain.execute("ROLLBACK")
    assert through_the_macro(plain, text) != [(77,)]


def test_threads_with_cursors_of_their_own_do_not_meet(plain: Con) -> None:
    found: dict[int, list[object]] = {}

    def work(number: int) -> None:
        with plain.cursor() as cursor:
            picks = [
                through_the_macro(
                    cursor,
                    f"SELECT id FROM frames WHERE id > {number} USING STRATEGY DIVERSITY(embedding), by := video LIMIT 2",
                )
                for _ in range(4)
            ]
            log = cursor.execute("SELECT statement, n_input FROM sqlsel.sqlsel_runs()").fetchall()
        found[number] = [picks, log]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(4):
        text = f"SELECT id FROM frames WHERE id > {number} USING STRATEGY DIVERSITY(embedding), by := video LIMIT 2"
        assert found[number] == [
            [through_the_macro(plain, text)] * 4,
            [(text, 30 - number)] * 4,
        ]
    assert len(REGISTRY) == 0


def test_two_databases_at_once_do_not_mix(plain: Con) -> None:
    with duckdb.connect() as other:
        other.execute(FRAMES + " WHERE i < 11")
        sqlsel.load(other)
        for con in (plain, other, plain):
            assert through_the_macro(con, BEST) == [(best(con),)]
        logs = [
            con.execute("SELECT n_input FROM sqlsel_runs()").fetchall() for con in (plain, other)
        ]
        assert logs == [[(30,), (30,)], [(10,)]]
        assert best(plain) != best(other)


def test_two_connections_to_one_file_share_the_macros_but_not_the_log(tmp_path: Path) -> None:
    file = str(tmp_path / "mine.duckdb")
    with duckdb.connect(file) as one, duckdb.connect(file) as two:
        one.execute(FRAMES)
        sqlsel.load(one)
        assert through_the_macro(two, BEST) == through_the_macro(one, BEST)
        assert through_the_macro(two, BEST) == [(best(one),)]
        text = "SELECT count(*) FROM sqlsel.sqlsel_runs()"
        assert [con.execute(text).fetchall() for con in (one, two)] == [[(1,)], [(2,)]]


def test_a_database_that_is_opened_again_can_be_loaded_again(tmp_path: Path) -> None:
    file = str(tmp_path / "mine.duckdb")
    for _ in range(2):
        with duckdb.connect(file) as con:
            con.execute(FRAMES.replace("TABLE", "OR REPLACE TABLE"))
            sqlsel.load(con)
            assert through_the_macro(con, BEST) == [(best(con),)]
            assert con.execute("SELECT count(*) FROM sqlsel_runs()").fetchall() == [(1,)]


# ---- Python


def test_variables_of_python_are_found_inside_of_the_text(shared: Con) -> None:
    frame = pl.DataFrame({"id": [1, 2, 3], "score": [0.1, 0.9, 0.5]})
    arrow = frame.with_columns(id=pl.col("id") + 10).to_arrow()
    lazy = frame.lazy().filter(pl.col("id") > 2)
    for name, expected in {"frame": 2, "arrow": 12, "lazy": 3}.items():
        text = f"FROM sqlsel.sql($$ SELECT id FROM {name} USING STRATEGY WEIGHTS(score) LIMIT 1 $$)"
        assert shared.execute(text).fetchall() == [(expected,)]
    text = "SELECT id FROM sqlsel.select_samples('frame', sqlsel.weights('-score'), n_samples := 1)"
    assert shared.execute(text).fetchall() == [(1,)]
    assert len(arrow) == lazy.collect().height + 2


def test_a_relation_of_python_goes_on_from_a_selection(shared: Con) -> None:
    relation = shared.sql("FROM sqlsel.sql('FROM frames USING STRATEGY WEIGHTS(id) LIMIT 4')")
    assert relation.filter("id % 2 = 0").order("id").project("id").fetchall() == [(28,), (30,)]
    assert relation.to_arrow_table().num_rows == relation.pl().height == 4


def test_values_of_python_are_parameters_of_the_macros(shared: Con) -> None:
    text = (
        "SELECT id FROM sqlsel.select_samples($source, sqlsel.weights($input, strength := $strength), "
        "proportion_samples := $share, seed := $seed)"
    )
    values = {"source": "frames", "input": "id", "strength": -1.0, "share": 0.1, "seed": 3}
    assert shared.execute(text, values).fetchall() == [(1,), (2,), (3,)]


def test_a_connection_of_sqlsel_knows_the_macros() -> None:
    with sqlsel.connect() as con:
        con.execute(FRAMES)
        ((found,),) = con.execute(f"FROM sqlsel.sql($$ {BEST} $$)").fetchall()
        assert found == best(con.plain)


# ---- transactions


def test_a_load_in_a_transaction_warns_and_the_clause_works_already(con: Con) -> None:
    con.execute(FRAMES)
    con.execute("BEGIN")
    with pytest.warns(UserWarning, match=r"call sqlsel\.load\(con\) before BEGIN"):
        sqlsel.load(con)
    assert sqlsel.sql(con, BEST).fetchall() == [(best(con),)]
    con.execute("COMMIT")
    sqlsel.load(con)
    assert through_the_macro(con, BEST) == [(best(con),)]


def test_a_load_that_was_rolled_back_can_be_done_again(con: Con) -> None:
    con.execute(FRAMES)
    con.execute("BEGIN")
    with pytest.warns(UserWarning, match="before BEGIN"):
        sqlsel.load(con)
    con.execute("ROLLBACK")
    sqlsel.load(con)
    assert through_the_macro(con, BEST) == [(best(con),)]
    assert con.execute("SELECT uncertainty_margin([1.0, 0])").fetchall() == [(0.0,)]


def test_a_second_load_in_a_transaction_is_silent_and_outlives_its_rollback(plain: Con) -> None:
    with plain.cursor() as cursor:
        cursor.execute("BEGIN")
        sqlsel.load(cursor)
        assert cursor.execute("SELECT uncertainty_margin([1.0, 0])").fetchall() == [(0.0,)]
        cursor.execute("ROLLBACK")
        assert through_the_macro(cursor, BEST) == [(best(plain),)]
        assert sqlsel.sql(cursor, "SELECT uncertainty_margin([1.0, 0])").fetchall() == [(0.0,)]


def test_a_table_made_and_selected_from_in_one_transaction(con: Con) -> None:
    sqlsel.load(con)
    con.execute("BEGIN")
    con.execute(FRAMES)
    assert through_the_macro(con, BEST) == [(best(con),)]
    con.execute("ROLLBACK")
    with pytest.raises(duckdb.CatalogException, match="frames"):
        through_the_macro(con, BEST)


# ---- names that are the user's


def test_a_macro_of_the_user_with_the_name_of_a_score_stays_his(con: Con) -> None:
    con.execute(FRAMES)
    con.execute("CREATE MACRO uncertainty_entropy(x) AS 42")
    con.execute("CREATE TEMP MACRO uncertainty_margin(x) AS 43")
    con.execute(
        "CREATE MACRO selection_rank() AS 44; CREATE MACRO sqlsel_runs() AS TABLE SELECT 45"
    )
    sqlsel.load(con)
    text = "SELECT uncertainty_entropy([1.0]), uncertainty_margin([1.0]), selection_rank(), uncertainty_least_confidence([1.0])"
    assert con.execute(text).fetchall() == [(42, 43, 44, 0.0)]
    assert con.execute("FROM sqlsel_runs()").fetchall() == [(45,)]
    assert con.execute("SELECT sqlsel.uncertainty_entropy([1.0])").fetchall() == [(0.0,)]
    text = "SELECT id, selection_rank() AS r FROM frames USING STRATEGY WEIGHTS(uncertainty_entropy([score]) + score) LIMIT 1"
    assert sqlsel.sql(con, text).fetchall() == [(best(con), 1)]


@pytest.mark.parametrize("attached", [True, False])
def test_beside_a_database_called_sqlsel_the_clause_works(
    con: Con, tmp_path: Path, attached: bool
) -> None:
    file = str(tmp_path / "sqlsel.duckdb")
    con.execute(f"ATTACH '{file}' AS sqlsel" if attached else "SELECT 1")
    with con if attached else duckdb.connect(file) as own:
        own.execute(FRAMES)
        own.execute("CREATE TABLE sqlsel.mine AS SELECT 5 AS five")
        with pytest.warns(UserWarning, match="a database with the name sqlsel is attached"):
            sqlsel.load(own)
        assert sqlsel.sql(own, BEST).fetchall() == [(best(own),)]
        assert own.execute("FROM sqlsel.mine").fetchall() == [(5,)]
        text = "SELECT count(*) FROM duckdb_functions() WHERE database_name = 'sqlsel'"
        assert own.execute(text).fetchall() == [(0,)]


# ---- the log and the registry


def test_the_log_keeps_the_last_hundred_runs_the_latest_first(con: Con) -> None:
    sqlsel.load(con)
    for number in range(101):
        through_the_macro(con, f"SELECT {number} AS a USING STRATEGY WEIGHTS(a)")
    found = con.execute("SELECT statement FROM sqlsel_runs()").fetchall()
    assert found == [
        (f"SELECT {number} AS a USING STRATEGY WEIGHTS(a)",) for number in range(100, 0, -1)
    ]


def test_the_log_holds_what_python_and_macros_ran_but_nothing_that_failed(plain: Con) -> None:
    by_macro = BEST.replace("LIMIT 1", "LIMIT 2")
    sqlsel.sql(plain, BEST)
    with pytest.raises(sqlsel.InvalidInput):
        sqlsel.sql(plain, "SELECT id FROM frames USING STRATEGY WEIGHTS(embedding)")
    with pytest.raises(duckdb.Error):
        through_the_macro(plain, "SELECT id FROM frames USING STRATEGY WEIGHTS(video)")
    through_the_macro(plain, by_macro)
    found = plain.execute("SELECT statement, n_asked FROM sqlsel_runs()").fetchall()
    assert found == [(by_macro, 2), (BEST, 1)]


def test_a_long_statement_is_logged_in_part_and_a_nested_one_twice(plain: Con) -> None:
    text = f"SELECT id FROM (SELECT * FROM frames USING STRATEGY RANDOM() LIMIT 9) USING STRATEGY WEIGHTS(score) LIMIT 1 /* {'ä' * 3000} */"
    sqlsel.sql(plain, text)
    found = plain.execute("SELECT statement, n_input FROM sqlsel_runs()").fetchall()
    assert found == [(text[:2000], 9), (text[:2000], 30)]


FAILING = [
    "SELECT id FROM frames USING STRATEGY WEIGHTS(embedding)",
    "SELECT id FROM frames USING STRATEGY WEIGHTS(CASE WHEN id = 20 THEN error('boom') ELSE 1 END)",
    "SELECT id FROM frames USING STRATEGY WEIGHTS(score), key := video",
    "SELECT id FROM frames USING STRATEGY WEIGHTS(score), key := nullif(id, 9)",
    "SELECT id FROM frames USING STRATEGY WEIGHTS(score), key := [id]",
    "SELECT id FROM frames USING STRATEGY WEIGHTS(score) LIMIT 1.5",
    "SELECT id FROM frames USING STRATEGY DIVERSITY(embedding, strength := 'much')",
    "SELECT id FROM frames USING STRATEGY SIMILARITY(embedding, query := (SELECT video FROM frames))",
    "SELECT error('boom') FROM frames USING STRATEGY WEIGHTS(score)",
]


@pytest.mark.parametrize("text", FAILING)
def test_a_statement_that_fails_leaves_nothing_behind(shared: Con, text: str) -> None:
    with pytest.raises((duckdb.Error, sqlsel.SqlselError)):
        sqlsel.sql(shared, text)
    assert len(REGISTRY) == 0
    with pytest.raises(duckdb.Error):
        through_the_macro(shared, text)
    assert through_the_macro(shared, BEST) == [(best(shared),)]
    assert len(REGISTRY) == 0  # at the latest when the connection selects again


# ---- what is easily lost


def test_a_score_beside_a_database_called_sqlsel_is_found_or_refused(
    con: Con, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Exception] = []

    def lost(con: Con, error: Exception) -> bool:
        tries.append(error)
        return len(tries) < 4 and registration.registration_was_rolled_back(
            con, error
        )  # else it takes half a minute

    monkeypatch.setattr("sqlsel.duckdb.connection.registration_was_rolled_back", lost)
    con.execute("ATTACH ':memory:' AS sqlsel")
    with warnings.catch_warnings(), contextlib.suppress(duckdb.CatalogException):
        warnings.simplefilter("ignore")
        sqlsel.sql(con, "SELECT 1.0 AS a USING STRATEGY WEIGHTS(uncertainty_margin([a]))")
    assert len(tries) < 3


def test_a_macro_that_the_user_makes_in_the_same_text_is_his(con: Con) -> None:
    text = "CREATE MACRO uncertainty_margin(x) AS 42; SELECT uncertainty_margin([1.0])"
    assert sqlsel.sql(con, text).fetchall() == [(42,)]


def test_a_macro_of_the_user_in_another_schema_does_not_hide_ours(con: Con) -> None:
    con.execute("CREATE SCHEMA mine; CREATE MACRO mine.uncertainty_margin(x) AS 42")
    sqlsel.load(con)
    assert con.execute("SELECT uncertainty_margin([1.0])").fetchall() == [(0.0,)]


def test_what_was_detached_comes_back_with_load(plain: Con) -> None:
    plain.execute("DETACH sqlsel")
    sqlsel.load(plain)
    assert through_the_macro(plain, BEST) == [(best(plain),)]


CONFIG = '{"n_samples": 1, "strategies": [{"input": {"type": "METADATA", "key": "score"}, "strategy": {"type": "WEIGHTS"}}]}'


def test_config_looks_where_its_connection_looks(plain: Con) -> None:
    expected = best(plain)
    plain.execute("CREATE SCHEMA demo; CREATE TABLE demo.few AS FROM frames; USE demo")
    text = "SELECT id FROM sqlsel.config('few', $1)"
    assert plain.execute(text, [CONFIG]).fetchall() == [(expected,)]


@pytest.mark.parametrize(
    "make", ["CREATE TEMP TABLE few AS FROM frames", "BEGIN; CREATE TABLE few AS FROM frames"]
)
def test_config_says_why_it_does_not_see_a_table(plain: Con, make: str) -> None:
    plain.execute(make)
    text = "SELECT id FROM sqlsel.config('few', $1)"
    with pytest.raises(duckdb.Error, match=r"few.*what is committed"):
        plain.execute(text, [CONFIG])


@pytest.mark.parametrize(
    "option",
    [
        "key := 'id UNION ALL FROM (SELECT 66, NULL, NULL, NULL, 1, 1.0, NULL)'",
        "\"by\" := 'video OFFSET 1'",
        "preselected := 'id > 99 OFFSET 1'",
    ],
)
def test_an_expression_of_select_samples_cannot_end_its_clause(shared: Con, option: str) -> None:
    text = (
        f"FROM sqlsel.select_samples('frames', sqlsel.weights('score'), n_samples := 99, {option})"
    )
    with pytest.raises(duckdb.Error, match="is not one expression"):
        shared.execute(text).fetchall()


@pytest.mark.parametrize(
    "source", ["frames WHERE (id > 20)", "'frames' WHERE id > 20", "my frames"]
)
def test_a_source_is_one_relation(shared: Con, source: str) -> None:
    shared.execute(
        'CREATE TABLE IF NOT EXISTS my AS SELECT 1 AS id; CREATE TABLE IF NOT EXISTS "my frames" AS SELECT 2 AS id'
    )
    text = "SELECT id FROM sqlsel.select_samples($1, sqlsel.weights('id'), n_samples := 1)"
    try:
        found = shared.execute(text, [source]).fetchall()
    except duckdb.Error as error:
        assert source in str(error)  # noqa: PT017 - taken as a name, and there is none
        return
    assert found == [(2,)]


@pytest.mark.parametrize("first", ["SELECT 1", BEST])
def test_a_score_is_known_in_a_transaction_before_the_first_load(con: Con, first: str) -> None:
    con.execute(FRAMES)
    con.execute("BEGIN")
    sqlsel.sql(con, first)
    text = "SELECT uncertainty_margin([1.0, 0])"
    assert sqlsel.sql(con, text).fetchall() == [(0.0,)]
    con.execute("ROLLBACK")
    assert sqlsel.sql(con, text).fetchall() == [(0.0,)]


def test_beside_a_database_called_sqlsel_the_bare_names_are_known(con: Con) -> None:
    con.execute("ATTACH ':memory:' AS sqlsel")
    with pytest.warns(UserWarning, match="a database with the name sqlsel is attached"):
        sqlsel.load(con)
    assert con.execute("SELECT uncertainty_margin([1.0, 0])").fetchall() == [(0.0,)]
    assert con.execute("FROM sqlsel_runs()").fetchall() == []


def test_the_example_shows_each_way_with_its_picks() -> None:
    file = Path(__file__).parents[2] / "examples" / "plain_connection.py"
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, check=True)
    blocks = done.stdout.split("\n\n")[1:]
    assert [block.count("\n    (") for block in blocks] == [3, 3, 3, 3]
