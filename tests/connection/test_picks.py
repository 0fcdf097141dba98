"""The rows that SQL picks are the rows that the engine picks, wherever the data lies."""

# ruff: noqa: E501 - a statement on one line is a statement that can be read

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

import sqlsel
import sqlsel.feed
from sqlsel.feed import REGISTRY
from tests.connection.data import COMBINATIONS, Data, make

Con = duckdb.DuckDBPyConnection
ROWS = 1000


@pytest.fixture(scope="module")
def data() -> Data:
    return make(ROWS)


@pytest.fixture(scope="module")
def loaded(data: Data) -> Iterator[Con]:
    images = data.table
    with duckdb.connect() as con:
        con.execute("CREATE TABLE images AS FROM images")
        assert images.num_rows == ROWS
        yield con


def clause(name: str, table: str = "images") -> str:
    return COMBINATIONS[name][0].replace("{table}", table)


def ids(con: Con, sql: str) -> list[int]:
    return [row[0] for row in sqlsel.sql(con, sql).fetchall()]


@pytest.mark.parametrize("name", COMBINATIONS)
def test_sql_picks_what_select_picks(loaded: Con, data: Data, name: str) -> None:
    expected = sqlsel.select(data.vectors, 60, strategies=COMBINATIONS[name][1](data), ids=data.ids)
    result = sqlsel.sql(
        loaded,
        "SELECT id, selection_rank() AS r, selection_gain() AS g, selection_values() AS v FROM images "
        f"USING STRATEGY {clause(name)}, key := id LIMIT 60",
    )
    found = result.fetchall()
    assert [row[0] for row in found] == data.ids[expected.indices].tolist()
    assert [row[1] for row in found] == expected.rank.tolist()
    np.testing.assert_array_equal([row[2] for row in found], expected.gain)
    values = [[np.nan if v is None else v for v in row[3].values()] for row in found]
    np.testing.assert_array_equal(values, expected.values)
    assert result.n_candidates == expected.n_candidates
    assert result.stopped_by == expected.stopped_by == "budget"


@pytest.mark.parametrize("name", ["diversity", "everything", "random", "weights"])
def test_text_keys_pick_what_select_picks_with_text_ids(loaded: Con, data: Data, name: str) -> None:
    strategies = COMBINATIONS[name][1](data)
    expected = sqlsel.select(data.vectors, 40, strategies=strategies, ids=data.names)
    found = ids(
        loaded, f"SELECT name FROM images USING STRATEGY {clause(name)}, key := name LIMIT 40"
    )
    assert found == [data.names[i] for i in expected.indices]


@pytest.mark.parametrize("name", ["diversity", "everything", "random", "weights", "balance"])
def test_without_a_key_the_rows_number_decides(loaded: Con, data: Data, name: str) -> None:
    expected = sqlsel.select(data.vectors, 40, strategies=COMBINATIONS[name][1](data))
    found = ids(loaded, f"SELECT id FROM images USING STRATEGY {clause(name)} LIMIT 40")
    assert found == data.ids[expected.indices].tolist()


@pytest.mark.parametrize("name", ["diversity", "diversity and balance", "everything"])
def test_preselected_rows_do_in_sql_what_they_do_in_select(
    loaded: Con, data: Data, name: str
) -> None:
    strategies = COMBINATIONS[name][1](data)
    expected = sqlsel.select(
        n=200, strategies=strategies, ids=data.ids, preselected=data.done, n_counts="total"
    )
    sql = f"SELECT id FROM images USING STRATEGY {clause(name)}, key := id, preselected := done, n_counts := 'total' LIMIT 200"
    assert ids(loaded, sql) == data.ids[expected.indices].tolist()


def test_threshold_and_preselected_together_leave_only_candidates_that_pass(
    loaded: Con, data: Data
) -> None:
    used = (data.scores > 0.5) | data.done
    rows = np.flatnonzero(used)
    expected = sqlsel.select(
        data.vectors[rows], 50, ids=data.ids[rows], preselected=data.done[rows]
    )
    sql = "SELECT id FROM images USING STRATEGY DIVERSITY(embedding), THRESHOLD(score > 0.5), key := id, preselected := done LIMIT 50"
    assert ids(loaded, sql) == data.ids[rows][expected.indices].tolist()
    shown = sqlsel.sql(loaded, sql.replace("SELECT id", "SELECT score, done"))
    assert all(score > 0.5 and not done for score, done in shown.fetchall())


@pytest.mark.parametrize("name", COMBINATIONS)
def test_the_number_of_threads_changes_nothing(loaded: Con, name: str) -> None:
    sql = f"SELECT id FROM images USING STRATEGY {clause(name)}, key := id LIMIT 40"
    found = []
    for threads in (1, 2, 4):
        loaded.execute(f"SET threads = {threads}")
        found.append(ids(loaded, sql))
    assert found[0] == found[1] == found[2]
    assert len(set(found[0])) == 40


def test_a_table_of_many_row_groups_is_numbered_alike_by_all_threads(con: Con) -> None:
    con.execute(
        "CREATE TABLE large AS SELECT i AS id, [sin(i), cos(i * i)]::FLOAT[2] AS e, "
        "(hash(i) % 7)::INTEGER AS w FROM range(300_000) AS t(i)"  # three row groups
    )
    con.execute("DELETE FROM large WHERE id % 1000 = 3")
    found = []
    for threads in (1, 8):
        con.execute(f"SET threads = {threads}")
        for rest in ("", "WHERE id > 1000"):
            text = f"SELECT id FROM large {rest} USING STRATEGY DIVERSITY(e), WEIGHTS(w) LIMIT 20"
            found.append(ids(con, text))
        found.append(ids(con, "SELECT id FROM large USING STRATEGY WEIGHTS(w) LIMIT 9"))
    first = con.execute("SELECT id FROM large ORDER BY w DESC, id LIMIT 9").fetchall()
    assert found[2] == [row[0] for row in first]
    assert found[:3] == found[3:]


@pytest.mark.parametrize("name", COMBINATIONS)
def test_shuffled_rows_with_a_key_give_the_same_picks(loaded: Con, name: str) -> None:
    loaded.execute("CREATE OR REPLACE TEMP TABLE shuffled AS FROM images ORDER BY hash(id)")
    tail = f"USING STRATEGY {clause(name)}, key := id LIMIT 40"
    assert ids(loaded, f"SELECT id FROM images {tail}") == ids(
        loaded, f"SELECT id FROM shuffled {tail}"
    )


# ---- where the data lies


TAIL = "USING STRATEGY DIVERSITY(embedding), WEIGHTS(score), key := id LIMIT 30"


@pytest.fixture(scope="module")
def expected(data: Data) -> list[int]:
    strategies = COMBINATIONS["diversity and weights"][1](data)
    strategies[1] = sqlsel.weights(data.scores)
    return data.ids[
        sqlsel.select(data.vectors, 30, strategies=strategies, ids=data.ids).indices
    ].tolist()


def test_from_a_table(loaded: Con, expected: list[int]) -> None:
    assert ids(loaded, f"SELECT id FROM images {TAIL}") == expected


@pytest.mark.parametrize("size", [500, 100_000])
def test_from_a_parquet_file(loaded: Con, expected: list[int], tmp_path: Path, size: int) -> None:
    path = tmp_path / "images.parquet"
    loaded.execute(f"COPY images TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE {size})")
    assert ids(loaded, f"SELECT id FROM '{path}' {TAIL}") == expected
    assert ids(loaded, f"SELECT id FROM read_parquet('{path}') AS p {TAIL}") == expected


def test_from_several_parquet_files(loaded: Con, expected: list[int], tmp_path: Path) -> None:
    for part in range(3):
        loaded.execute(f"COPY (FROM images WHERE id % 3 = {part}) TO '{tmp_path}/{part}.parquet'")
    assert ids(loaded, f"SELECT id FROM '{tmp_path}/*.parquet' {TAIL}") == expected


def test_from_an_arrow_table_of_the_caller(con: Con, data: Data, expected: list[int]) -> None:
    arrow = data.table
    found = sqlsel.sql(con, f"SELECT id FROM arrow {TAIL}")  # the frame that calls is looked at
    assert [row[0] for row in found.fetchall()] == expected
    assert arrow.num_rows == ROWS


def test_from_a_polars_frame_of_the_caller(con: Con, data: Data, expected: list[int]) -> None:
    frame = pl.from_arrow(data.table)
    found = sqlsel.sql(con, f"SELECT id FROM frame {TAIL}")  # the frame that calls is looked at
    assert [row[0] for row in found.fetchall()] == expected
    assert len(frame) == ROWS


def test_from_a_lazy_frame_of_the_caller(con: Con, data: Data, expected: list[int]) -> None:
    lazy = pl.LazyFrame(pl.from_arrow(data.table))
    found = sqlsel.sql(con, f"SELECT id FROM lazy {TAIL}")  # the frame that calls is looked at
    assert [row[0] for row in found.fetchall()] == expected
    assert lazy is not None


def test_from_an_arrow_reader_which_can_be_read_once(
    con: Con, data: Data, expected: list[int]
) -> None:
    reader = data.table.to_reader(max_chunksize=700)
    found = sqlsel.sql(con, f"SELECT id FROM reader {TAIL.replace('30', '3%')}")
    assert [row[0] for row in found.fetchall()] == expected
    assert reader is not None


def test_from_a_temporary_table_that_shadows_another(
    con: Con, data: Data, expected: list[int]
) -> None:
    arrow = data.table
    con.execute("CREATE TABLE images AS SELECT 1 AS id")
    con.execute("CREATE TEMP TABLE images AS FROM arrow")
    assert ids(con, f"SELECT id FROM images {TAIL}") == expected
    assert arrow.num_rows == ROWS


def test_from_rows_that_are_not_committed(con: Con, data: Data, expected: list[int]) -> None:
    arrow = data.table
    con.execute("CREATE TABLE images AS FROM arrow WHERE id > 100")
    con.execute("BEGIN")
    con.execute("INSERT INTO images FROM arrow WHERE id <= 100")
    assert ids(con, f"SELECT id FROM images {TAIL}") == expected
    con.execute("ROLLBACK")
    assert ids(con, f"SELECT id FROM images {TAIL}") != expected
    assert arrow.num_rows == ROWS


def test_from_a_registered_view(con: Con, data: Data, expected: list[int]) -> None:
    con.register("seen", data.table)
    assert ids(con, f"SELECT id FROM seen {TAIL}") == expected


def test_from_a_view_and_a_csv_file(loaded: Con, expected: list[int], tmp_path: Path) -> None:
    loaded.execute(f"COPY images TO '{tmp_path}/images.csv'")
    loaded.execute(
        f"CREATE OR REPLACE TEMP VIEW typed AS SELECT * REPLACE (embedding::FLOAT[] AS embedding) FROM '{tmp_path}/images.csv'"
    )
    assert ids(loaded, f"SELECT id FROM typed {TAIL}") == expected


def test_from_a_read_only_database(data: Data, expected: list[int], tmp_path: Path) -> None:
    path, arrow = str(tmp_path / "images.duckdb"), data.table
    with duckdb.connect(path) as con:
        con.execute("CREATE TABLE images AS FROM arrow")
    with sqlsel.connect(path, read_only=True) as con:
        assert [row[0] for row in con.sql(f"SELECT id FROM images {TAIL}").fetchall()] == expected
    assert arrow.num_rows == ROWS


def test_the_setting_that_finds_the_callers_variables_is_put_back(con: Con) -> None:
    for value in (True, False):
        con.execute(f"SET python_scan_all_frames = {value}")
        sqlsel.sql(con, "SELECT 1 AS a USING STRATEGY WEIGHTS(a)")
        assert con.sql("SELECT current_setting('python_scan_all_frames')").fetchall() == [(value,)]


def test_a_locked_configuration_still_selects(con: Con) -> None:
    con.execute("CREATE TABLE t AS FROM range(3) r(i)")
    con.execute("SET lock_configuration = true")
    assert ids(con, "SELECT i FROM t USING STRATEGY WEIGHTS(i) LIMIT 1") == [2]


# ---- order and storage


def test_the_order_of_picks_survives_create_table_and_copy(
    loaded: Con, data: Data, tmp_path: Path
) -> None:
    loaded.execute("SET threads = 4")
    loaded.execute("SET preserve_insertion_order = false")
    try:
        sql = (
            "SELECT id, selection_rank() AS r FROM images USING STRATEGY WEIGHTS(score), key := id"
        )
        sqlsel.sql(loaded, f"CREATE OR REPLACE TABLE kept AS {sql}")
        sqlsel.sql(loaded, f"COPY ({sql}) TO '{tmp_path}/kept.parquet'")
        sqlsel.sql(loaded, f"COPY ({sql}) TO '{tmp_path}/kept.csv'")
        expected = list(range(1, ROWS + 1))
        assert [r for _, r in sqlsel.sql(loaded, sql).fetchall()] == expected
        assert [r for _, r in loaded.sql("FROM kept").fetchall()] == expected
        assert [r for _, r in loaded.sql(f"FROM '{tmp_path}/kept.parquet'").fetchall()] == expected
        lines = (tmp_path / "kept.csv").read_text(encoding="utf-8").splitlines()
        assert lines[0] == "id,r"
        assert [int(line.split(",")[1]) for line in lines[1:]] == expected
    finally:
        loaded.execute("RESET preserve_insertion_order")


def test_a_view_in_a_file_works_again_when_the_database_is_opened_anew(tmp_path: Path) -> None:
    path = str(tmp_path / "views.duckdb")
    with sqlsel.connect(path) as con:
        con.sql("CREATE TABLE images AS SELECT i AS id FROM range(9) r(i)")
        con.sql("CREATE VIEW best AS SELECT id FROM images USING STRATEGY WEIGHTS(id) LIMIT 2")
    with duckdb.connect(path) as plain:
        with pytest.raises(duckdb.CatalogException, match="sqlsel_"):
            plain.sql("FROM best").fetchall()
        sqlsel.load(plain)
        assert plain.sql("FROM best").fetchall() == [(8,), (7,)]
        assert plain.sql("FROM best").fetchall() == [(8,), (7,)]
    assert len(REGISTRY) == 0


# ---- several at once


def test_four_cursors_in_four_threads_select_at_once(loaded: Con, data: Data) -> None:
    names = ["diversity", "weights", "balance", "everything"]
    expected = {
        name: data.ids[
            sqlsel.select(
                data.vectors, 40, strategies=COMBINATIONS[name][1](data), ids=data.ids
            ).indices
        ].tolist()
        for name in names
    }
    found: dict[str, list[list[int]]] = {name: [] for name in names}
    errors: list[BaseException] = []
    gate = threading.Barrier(4)

    def work(name: str) -> None:
        try:
            with loaded.cursor() as cursor:
                gate.wait()
                for _ in range(3):
                    found[name].append(
                        ids(
                            cursor,
                            f"SELECT id FROM images USING STRATEGY {clause(name)}, key := id LIMIT 40",
                        )
                    )
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert found == {name: [expected[name]] * 3 for name in names}
    assert len(REGISTRY) == 0


def test_a_statement_with_two_selections_knows_the_facts_of_both(loaded: Con) -> None:
    result = sqlsel.sql(
        loaded,
        "SELECT id FROM (SELECT id, score FROM images USING STRATEGY WEIGHTS(score) LIMIT 100) USING STRATEGY WEIGHTS(-score) LIMIT 7",
    )
    assert sorted((f.n_input, f.n_selected) for f in result.facts) == [(100, 7), (ROWS, 100)]


# ---- the result


def test_reading_a_result_twice_selects_once(loaded: Con) -> None:
    calls: list[int] = []
    result = sqlsel.sql(
        loaded,
        "SELECT id FROM images USING STRATEGY DIVERSITY(embedding) LIMIT 5",
        progress=lambda done, _: calls.append(done),
    )
    before = len(calls)
    assert len(result.fetchall()) == 5
    assert result.fetchall() == []
    assert len(result.pl()) == len(result.arrow()) == len(result) == 5
    assert pl.DataFrame(result).shape == (5, 1)
    assert loaded.sql("FROM result").fetchall() if hasattr(result, "__arrow_c_stream__") else True
    assert len(calls) == before > 0


def test_rows_come_one_by_one_or_together(loaded: Con) -> None:
    result = sqlsel.sql(
        loaded, "SELECT id FROM images USING STRATEGY WEIGHTS(score), key := id LIMIT 3"
    )
    first = result.fetchone()
    rest = result.fetchall()
    assert first is not None
    assert [first, *rest] == sqlsel.sql(
        loaded, "SELECT id FROM images USING STRATEGY WEIGHTS(score), key := id LIMIT 3"
    ).fetchall()
    assert result.fetchone() is None


def test_a_statement_without_clause_gives_a_result_too(loaded: Con) -> None:
    result = sqlsel.sql(loaded, "SELECT 1 AS a, 'x' AS b")
    assert result.columns == ["a", "b"]
    assert result.fetchall() == [(1, "x")]
    assert result.n_candidates is None
    assert result.stopped_by is None
    assert result.fulfilment == ()


def test_explain_runs_nothing(loaded: Con) -> None:
    calls: list[int] = []
    result = sqlsel.sql(
        loaded,
        "EXPLAIN SELECT id FROM images USING STRATEGY DIVERSITY(embedding) LIMIT 5",
        progress=lambda done, _: calls.append(done),
    )
    assert "images" in str(result.fetchall())
    assert calls == []
    assert result.facts == ()


@pytest.mark.filterwarnings("ignore::sqlsel.ShortSelection")
@pytest.mark.parametrize(
    ("limit", "stopped_by"),
    [("LIMIT 5", "budget"), ("", "nobody feasible"), ("LIMIT 999", "nobody feasible")],
)
def test_the_result_says_why_it_ended(loaded: Con, limit: str, stopped_by: str) -> None:
    sql = f"SELECT id FROM images USING STRATEGY DIVERSITY(embedding, min_distance := 0.5) {limit}"
    assert sqlsel.sql(loaded, sql).stopped_by == stopped_by


@pytest.mark.filterwarnings("ignore::sqlsel.ShortSelection")
@pytest.mark.parametrize("limit", ["", "LIMIT 99999", "LIMIT 99999 OFFSET 1"])
def test_no_budget_ends_a_selection_of_all_rows(loaded: Con, limit: str) -> None:
    sql = f"SELECT id FROM images USING STRATEGY RANDOM() {limit}"
    assert sqlsel.sql(loaded, sql).stopped_by == "all rows"


def test_progress_counts_the_picks_up_to_the_budget(loaded: Con) -> None:
    calls: list[tuple[int, int]] = []
    sqlsel.sql(
        loaded,
        "SELECT id FROM images USING STRATEGY DIVERSITY(embedding) LIMIT 50",
        progress=lambda done, budget: calls.append((done, budget)),
    )
    assert calls[-1] == (50, 50)
    assert calls == sorted(calls)


def test_skipped_rows_are_counted(con: Con) -> None:
    con.execute(
        "CREATE TABLE t AS SELECT * FROM (VALUES (1, 1.0), (2, NULL), (3, 'nan'::DOUBLE), (4, 2.0)) v(id, score)"
    )
    result = sqlsel.sql(con, "SELECT id FROM t USING STRATEGY WEIGHTS(score), on_invalid := 'skip'")
    assert result.facts[-1].skipped == {"NULL input of WEIGHTS": 1, "invalid input of WEIGHTS": 1}
    assert (result.facts[-1].n_input, result.n_candidates) == (4, 2)


def test_ten_tens_of_the_real_digits(con: Con, digits: Path) -> None:
    result = sqlsel.sql(
        con,
        f"SELECT label, count(*) FROM (SELECT * FROM '{digits}/digits.parquet' "
        "USING STRATEGY BALANCE(label, 'uniform', strength := 10), DIVERSITY(embedding) LIMIT 100) GROUP BY ALL",
    )
    assert sorted(result.fetchall()) == [(digit, 10) for digit in range(10)]


def test_a_tenth_of_a_thousand_rows_is_a_hundred_though_only_four_hundred_pass(con: Con) -> None:
    con.execute(
        "CREATE TABLE t AS SELECT i AS id, i % 5 < 2 AS fit, [sin(i), cos(i)]::FLOAT[2] AS v FROM range(1000) r(i)"
    )
    result = sqlsel.sql(
        con, "SELECT id, fit FROM t USING STRATEGY DIVERSITY(v), THRESHOLD(fit) LIMIT 10%"
    )
    assert len(result) == 100
    assert all(fit for _, fit in result.fetchall())
