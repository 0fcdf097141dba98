"""Late materialisation: picks that are looked up again are the rows that would have been kept."""

# ruff: noqa: E501 - a statement on one line is a statement that can be read

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

import sqlsel
from sqlsel.duckdb.row_places import places_of
from sqlsel.feed.statements import rewrite
from tests.connection.subprocesses import python

Con = duckdb.DuckDBPyConnection
pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlsel.SelectionWarning"
)  # tests/connection/test_warned.py
Rows = list[tuple[Any, ...]]
CLAUSE = "USING STRATEGY DIVERSITY(v), WEIGHTS(score), key := n LIMIT 12"
FRAMES = (
    "SELECT i * 7919 % 101 AS id, i % 3 AS g, (i * 7919 % 103) / 103 AS score, [sin(i), cos(i)]::FLOAT[2] AS v, "
    "{'day': i % 7} AS meta, i AS n FROM range(1, 101) r(i)"
)
NAMES = """
CREATE TABLE frames AS {frames};
CREATE SCHEMA s; CREATE TABLE s.other AS FROM frames WHERE id % 2 = 0;
CREATE TEMP TABLE kept AS FROM frames WHERE id > 9;
CREATE TABLE "we""ird Näme" AS FROM frames;
CREATE VIEW seen AS FROM frames WHERE g = 1;
CREATE TABLE with_rowid AS SELECT *, n % 2 AS "ROWID" FROM frames;
CREATE TABLE computed (n BIGINT, v FLOAT[2], score DOUBLE, twice AS (n * 2)); INSERT INTO computed SELECT n, v, score FROM frames;
CREATE TABLE keyed (n BIGINT PRIMARY KEY, score DOUBLE, v FLOAT[2]); INSERT INTO keyed SELECT n, score, v FROM frames;
CREATE TABLE nothing AS FROM frames LIMIT 0;
ATTACH '{folder}/attached.duckdb' AS att; CREATE TABLE att.there AS FROM frames; CREATE SCHEMA att.sc; CREATE TABLE att.sc.there AS FROM frames;
COPY frames TO '{folder}/one.parquet' (ROW_GROUP_SIZE 20);
COPY frames TO '{folder}/one.csv';
COPY (FROM frames WHERE n < 40) TO '{folder}/part0.parquet'; COPY (FROM frames WHERE n >= 40) TO '{folder}/part1.parquet';
COPY frames TO '{folder}/hive' (FORMAT parquet, PARTITION_BY (g));
COPY (SELECT *, 1 AS file_row_number FROM frames) TO '{folder}/numbered.parquet';
COPY (SELECT *, 1 AS rowid FROM frames) TO '{folder}/rowid.parquet';
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("places")


@pytest.fixture(scope="module")
def tables(folder: Path) -> Iterator[Con]:
    """Every kind of relation; for reading only."""
    with duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false")
        con.execute(NAMES.format(frames=FRAMES, folder=folder)).fetchall()
        yield con


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Rows]:
    """Runs a statement in the form that keeps whole rows."""

    def run(con: Con, text: str, params: Any = None) -> Rows:
        with monkeypatch.context() as patch:
            patch.setattr("sqlsel.duckdb.connection.places_of", lambda con, relation: ())
            return sqlsel.sql(con, text, params).fetchall()

    return run


def is_narrow(con: Con, text: str) -> bool:
    """Whether the statement keeps places instead of rows."""
    return "__sqlsel_l0" in rewrite(text, "", functools.partial(places_of, con)).sql


NARROW = [
    f"SELECT * FROM frames {CLAUSE}", f"SELECT * FROM FRAMES {CLAUSE}", f'SELECT * FROM "frames" {CLAUSE}',
    f"SELECT * FROM main.frames {CLAUSE}", f"SELECT * FROM memory.main.frames {CLAUSE}", f"SELECT * FROM s.other {CLAUSE}",
    f"SELECT * FROM kept {CLAUSE}", f"SELECT * FROM temp.kept {CLAUSE}", f'SELECT * FROM "we""ird Näme" {CLAUSE}',
    f"SELECT * FROM att.there {CLAUSE}", f"SELECT * FROM att.sc.there {CLAUSE}", f"SELECT * FROM computed {CLAUSE}", f"SELECT * FROM nothing {CLAUSE}",
    f"SELECT f.*, f.id FROM frames AS f WHERE f.id > 5 {CLAUSE}", f'SELECT "F f".id FROM frames "F f" {CLAUSE}', f"SELECT * FROM frames rowid {CLAUSE}",
    f"SELECT * FROM '{{folder}}/one.parquet' {CLAUSE}", f"SELECT * FROM '{{folder}}/one.parquet' WHERE n > 50 {CLAUSE}",
    f"SELECT id FROM read_parquet('{{folder}}/one.parquet') {CLAUSE}", f"SELECT one.id FROM parquet_scan('{{folder}}/part*.parquet') one WHERE n % 3 = 0 {CLAUSE}",
    f"SELECT *, filename FROM '{{folder}}/part*.parquet' WHERE filename LIKE '%1.parquet' {CLAUSE}",
    f"SELECT n, file_row_number, file_index FROM '{{folder}}/part*.parquet' WHERE n > 30 {CLAUSE}", f"SELECT * FROM '{{folder}}/rowid.parquet' {CLAUSE}",
    f"FROM frames {CLAUSE}", f"FROM frames WHERE id > 30 {CLAUSE}", f"FROM frames SELECT id {CLAUSE}", f"FROM frames SELECT id, WHERE id > 30 {CLAUSE}",
    f"SELECT id, FROM frames {CLAUSE}", f"SELECT id /* a */ -- b\n FROM frames -- c\n {CLAUSE}",
    f"SELECT * EXCLUDE (v, g) FROM frames {CLAUSE}", f"SELECT * EXCLUDE v FROM frames {CLAUSE}", f"SELECT *, id FROM frames {CLAUSE}", f"SELECT id, id FROM frames {CLAUSE}",
    f"SELECT id AS n, n AS id FROM frames {CLAUSE}", f"SELECT id AS rowid, n FROM frames {CLAUSE}", f"SELECT rowid, n FROM frames {CLAUSE}",
    f"SELECT id AS file_row_number FROM '{{folder}}/one.parquet' {CLAUSE}",
    f"SELECT id + 1 AS x, x * 2 AS y, v[1], meta.day, -id, id::VARCHAR FROM frames WHERE x > 3 {CLAUSE}",
    f"SELECT id, selection_rank(), selection_gain() AS gain, selection_values() AS vals FROM frames {CLAUSE}",
    f"SELECT selection_rank() AS id, *, selection_rank() AS n FROM frames {CLAUSE}",
    "SELECT * FROM frames USING STRATEGY WEIGHTS(score), by := g LIMIT 4 OFFSET 2", "SELECT * FROM frames USING STRATEGY WEIGHTS(score), by := g LIMIT 10%",
    "SELECT id FROM frames USING STRATEGY DIVERSITY(v), THRESHOLD(id > 50), preselected := g = 1 LIMIT 9 OFFSET 3",
    "SELECT id FROM frames USING STRATEGY DIVERSITY(v), WEIGHTS(score)", "SELECT id FROM frames WHERE id > 3 OR id = 2 USING STRATEGY WEIGHTS(score), THRESHOLD(id < 90 OR g = 1)",
    "SELECT id FROM frames USING STRATEGY WEIGHTS(score), THRESHOLD(row_number() OVER (ORDER BY n) % 2 = 0) LIMIT 9",
    "SELECT n FROM frames USING STRATEGY WEIGHTS(rowid) LIMIT 9", "SELECT id FROM frames USING STRATEGY WEIGHTS(score), key := meta.day * 1000 + n LIMIT 9",
    f"SELECT id FROM frames WHERE n IN (SELECT n FROM frames USING STRATEGY WEIGHTS(score) LIMIT 50) {CLAUSE}",
    f"SELECT count(*), sum(id) FROM (SELECT * FROM frames {CLAUSE})", f"SELECT id FROM frames {CLAUSE} UNION ALL SELECT id FROM kept {CLAUSE}",
    f"WITH few AS (FROM frames WHERE id < 9), picked AS (SELECT * FROM frames {CLAUSE}) FROM picked",
]  # fmt: skip

WIDE = [
    f"SELECT * FROM seen {CLAUSE}", f"SELECT * FROM with_rowid {CLAUSE}", f"SELECT * FROM '{{folder}}/numbered.parquet' {CLAUSE}",
    "SELECT * FROM '{folder}/one.csv' USING STRATEGY WEIGHTS(score), key := n LIMIT 12", f"SELECT * FROM read_parquet(['{{folder}}/one.parquet']) {CLAUSE}",
    f"SELECT * FROM frames t(id, g, score, v, meta, n) {CLAUSE}", f"SELECT * FROM frames TABLESAMPLE 100% {CLAUSE}", f"SELECT * FROM (FROM frames) {CLAUSE}",
    f"SELECT frames.* FROM frames JOIN (SELECT 1 AS one) ON one = g {CLAUSE}", f"SELECT frames.* FROM frames, (SELECT 1) {CLAUSE}",
    f"WITH frames AS (FROM memory.frames WHERE id > 50) SELECT * FROM frames {CLAUSE}",
    f'WITH RECURSIVE "Frames"(id, n, v, score) AS MATERIALIZED (SELECT id, n, v, score FROM memory.frames WHERE id > 50) SELECT * FROM frames {CLAUSE}',
    f"WITH a AS (SELECT 1), frames AS NOT MATERIALIZED (FROM memory.frames WHERE id > 50) SELECT * FROM (SELECT * FROM frames {CLAUSE})",
    f"SELECT * FROM (WITH frames AS (FROM memory.frames WHERE id > 50) SELECT * FROM frames {CLAUSE})",
    f"SELECT * REPLACE (id + 1 AS id) FROM frames {CLAUSE}", f"SELECT upper(id::VARCHAR) FROM frames {CLAUSE}", f"SELECT COLUMNS('i.*') FROM frames {CLAUSE}",
    f"SELECT CASE g WHEN 1 THEN id END FROM frames {CLAUSE}", "SELECT g, avg(score) FROM frames GROUP BY g USING STRATEGY WEIGHTS(avg(score))",
    f"SELECT id FROM frames QUALIFY row_number() OVER (PARTITION BY g ORDER BY n) < 20 {CLAUSE}", f"SELECT id FROM frames USING SAMPLE 50% (bernoulli, 3) {CLAUSE}",
    "SELECT id FROM frames USING STRATEGY WEIGHTS(score), THRESHOLD(id > 50), by := g LIMIT 10%",  # a share counts what the threshold drops
]  # fmt: skip


@pytest.mark.parametrize("text", NARROW)
def test_looked_up_rows_are_the_rows_that_were_fed(
    tables: Con, folder: Path, wide: Callable[..., Rows], text: str
) -> None:
    text = text.replace("{folder}", folder.as_posix())
    assert is_narrow(tables, text)
    found = sqlsel.sql(tables, text).fetchall()
    assert found == wide(tables, text)
    assert found or "nothing" in text


@pytest.mark.parametrize("text", WIDE)
def test_what_cannot_be_looked_up_again_is_kept(
    tables: Con, folder: Path, wide: Callable[..., Rows], text: str
) -> None:
    text = text.replace("{folder}", folder.as_posix())
    assert not is_narrow(tables, text)
    assert sqlsel.sql(tables, text).fetchall() == wide(tables, text) != []


@pytest.mark.parametrize(
    "text",
    [
        "CREATE VIEW v1 AS SELECT * FROM frames", "CREATE OR REPLACE TEMP VIEW v1 AS (SELECT * FROM frames", "PREPARE p1 AS SELECT * FROM frames",
        "CREATE MACRO m1() AS TABLE SELECT * FROM frames", "CREATE FUNCTION m1(x) AS (SELECT id FROM frames", "SELECT 1; CREATE VIEW v1 AS SELECT * FROM frames",
    ],
)  # fmt: skip
def test_a_statement_that_is_kept_for_later_keeps_no_place_in_todays_table(
    tables: Con, text: str
) -> None:
    assert not is_narrow(tables, f"{text} {CLAUSE}{')' if '(SELECT' in text else ''}")


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE c1 AS SELECT * FROM frames {clause}", "INSERT INTO s.other SELECT * FROM frames {clause}", "EXPLAIN ANALYZE SELECT * FROM frames {clause}",
        "COPY (SELECT * FROM frames {clause}) TO 'x.parquet'", "CREATE VIEW v1 AS SELECT 1; SELECT * FROM frames {clause}", "DELETE FROM kept WHERE n IN (SELECT n FROM frames {clause})",
    ],
)  # fmt: skip
def test_other_statements_look_their_rows_up(tables: Con, text: str) -> None:
    assert is_narrow(tables, text.format(clause=CLAUSE))


def test_without_a_connection_nothing_is_known_of_places() -> None:
    assert "__sqlsel_l0" not in rewrite(f"SELECT * FROM frames {CLAUSE}").sql


def test_parameters_keep_their_places(tables: Con, wide: Callable[..., Rows]) -> None:
    text = "SELECT ? AS p, id FROM frames WHERE id > ? USING STRATEGY WEIGHTS(score * ?), THRESHOLD(n < ?) LIMIT ?"
    found = sqlsel.sql(tables, text, ["x", 20, -1, 80, 5]).fetchall()
    assert found == wide(tables, text, ["x", 20, -1, 80, 5])
    literal = "SELECT 'x' AS p, id FROM frames WHERE id > 20 USING STRATEGY WEIGHTS(score * -1), THRESHOLD(n < 80) LIMIT 5"
    assert found == sqlsel.sql(tables, literal).fetchall()


@pytest.mark.parametrize("threads", [1, 4])
def test_a_volatile_condition_is_asked_once_per_row(tables: Con, threads: int) -> None:
    tables.execute(f"SET threads = {threads}; CREATE OR REPLACE TEMP SEQUENCE seen_rows").fetchall()
    text = "SELECT n FROM frames WHERE nextval('seen_rows') > 0 AND random() < 0.5 USING STRATEGY WEIGHTS(score)"
    assert is_narrow(tables, text)
    result = sqlsel.sql(tables, text)
    assert len(result) == result.facts[0].n_input < 100
    assert tables.execute("SELECT nextval('seen_rows')").fetchall() == [(101,)]


def test_uncommitted_inserted_updated_and_deleted_rows(
    tables: Con, wide: Callable[..., Rows]
) -> None:
    tables.execute("BEGIN")
    try:
        for table in ("frames", "keyed"):
            tables.execute(f"DELETE FROM {table} WHERE n % 7 = 0").fetchall()
            tables.execute(
                f"UPDATE {table} SET score = score + 1, v = [v[2], v[1]] WHERE n % 5 = 0"
            )
            new = "SELECT 1000 + i, 2 + i / 10, [sin(3 * i), cos(3 * i)] FROM range(20) r(i)"
            tables.execute(f"INSERT INTO {table} (n, score, v) {new}").fetchall()
            tables.execute(f"UPDATE {table} SET n = n + 5000 WHERE n = 1003").fetchall()
            for where in ("", "WHERE n > 1000", "WHERE n % 5 = 0"):
                text = f"SELECT * FROM {table} {where} {CLAUSE}"
                assert is_narrow(tables, text)
                found = sqlsel.sql(tables, text).fetchall()
                assert found == wide(tables, text)
                assert len(found) == 12
    finally:
        tables.execute("ROLLBACK")


def test_a_table_may_be_selected_into_itself(tables: Con) -> None:
    tables.execute("CREATE OR REPLACE TEMP TABLE grows AS FROM frames")
    text = f"INSERT INTO grows SELECT * FROM grows {CLAUSE} RETURNING n"
    assert is_narrow(tables, text)
    inserted = sqlsel.sql(tables, text).fetchall()
    twice = "SELECT n FROM grows GROUP BY n HAVING count(*) = 2"
    assert sorted(inserted) == sorted(tables.execute(twice).fetchall())
    assert len(inserted) == 12


def test_a_file_may_be_replaced_by_its_selection(tables: Con, folder: Path) -> None:
    file = folder / "replaced.parquet"
    tables.execute(f"COPY frames TO '{file}'").fetchall()
    expected = sqlsel.sql(tables, f"SELECT * FROM '{file}' {CLAUSE}").fetchall()
    sqlsel.sql(tables, f"COPY (SELECT * FROM '{file}' {CLAUSE}) TO '{file}'")
    assert tables.execute(f"FROM '{file}'").fetchall() == expected


# ---- one name, several relations


@pytest.mark.parametrize(
    ("make", "drop", "narrow"),
    [
        ("CREATE TEMP VIEW frames AS FROM memory.frames WHERE id > 50", "DROP VIEW temp.frames", False),
        ("CREATE TEMP TABLE frames AS FROM memory.frames WHERE id > 50", "DROP TABLE temp.frames", True),
        ("CREATE TABLE s.frames AS FROM frames WHERE id > 50; USE memory.s", "USE memory.main; DROP TABLE s.frames", True),
        ("CREATE VIEW s.frames AS FROM memory.main.frames WHERE id > 50; USE memory.s", "USE memory.main; DROP VIEW s.frames", False),
    ],
)  # fmt: skip
def test_a_name_means_what_it_means_to_duckdb(
    tables: Con, wide: Callable[..., Rows], make: str, drop: str, narrow: bool
) -> None:
    tables.execute(make)
    try:
        text = f"SELECT * FROM frames {CLAUSE}"
        assert is_narrow(tables, text) == narrow
        found = sqlsel.sql(tables, text).fetchall()
        assert found == wide(tables, text)
        assert all(row[0] > 50 for row in found)
    finally:
        tables.execute(drop)


def test_a_table_of_this_name_elsewhere_does_not_hide_a_variable_of_python(tables: Con) -> None:
    there = pl.DataFrame({"n": [1, 2, 3], "score": [0.2, 0.9, 0.5]})
    text = "SELECT n FROM there USING STRATEGY WEIGHTS(score) LIMIT 2"
    assert not is_narrow(tables, text)
    assert sqlsel.sql(tables, text).fetchall() == [(2,), (3,)]
    assert there.height == 3


def test_a_table_hides_a_variable_of_python(tables: Con, wide: Callable[..., Rows]) -> None:
    frames = pl.DataFrame({"n": [1], "score": [0.5]})
    text = f"SELECT * FROM frames {CLAUSE}"
    assert is_narrow(tables, text)
    assert sqlsel.sql(tables, text).fetchall() == wide(tables, text)
    assert frames.height == 1


def test_a_registered_frame_has_no_places(tables: Con) -> None:
    tables.register("given", pl.DataFrame({"n": [1, 2, 3], "score": [0.2, 0.9, 0.5]}))
    text = "SELECT n FROM given USING STRATEGY WEIGHTS(score) LIMIT 2"
    assert not is_narrow(tables, text)
    assert sqlsel.sql(tables, text).fetchall() == [(2,), (3,)]
    tables.unregister("given")


def test_a_table_that_the_text_itself_makes_anew(tables: Con) -> None:
    tables.execute("CREATE OR REPLACE TABLE again AS FROM frames")
    text = f"DROP TABLE again; CREATE VIEW again AS FROM frames WHERE id > 50; SELECT id FROM again {CLAUSE}"
    assert all(row[0] > 50 for row in sqlsel.sql(tables, text).fetchall())
    tables.execute("DROP VIEW again")


# ---- hive partitions

HIVE = ["'{folder}/hive/**/*.parquet'", "read_parquet('{folder}/hive/*/*.parquet')"]


@pytest.mark.parametrize("relation", HIVE)
def test_partitions_are_read_as_one_table(
    tables: Con, folder: Path, wide: Callable[..., Rows], relation: str
) -> None:
    text = f"SELECT * FROM {relation} WHERE n % 2 = 0 {CLAUSE}".replace("{folder}", str(folder))
    assert sqlsel.sql(tables, text).fetchall() == wide(tables, text)


@pytest.mark.parametrize("relation", HIVE)
@pytest.mark.parametrize("condition", ["g = 2", "g > 0", "g = 1 AND n > 50"])
@pytest.mark.parametrize(
    "place", ["WHERE {c} {clause}", "USING STRATEGY WEIGHTS(score), THRESHOLD({c}) LIMIT 12"]
)
def test_a_condition_on_the_partition_leaves_its_rows(
    tables: Con, folder: Path, wide: Callable[..., Rows], relation: str, condition: str, place: str
) -> None:
    rest = place.format(c=condition, clause=CLAUSE)
    text = f"SELECT g, n FROM {relation} {rest}".replace("{folder}", folder.as_posix())
    found = sqlsel.sql(tables, text).fetchall()
    assert found == wide(tables, text)
    kept = tables.execute(f"SELECT g, n FROM frames WHERE {condition}").fetchall()
    assert set(found) <= set(kept)


# ---- what is easily lost


def test_looking_for_places_does_not_end_the_users_transaction(tables: Con) -> None:
    other = pl.DataFrame({"n": [1, 2, 3], "score": [0.2, 0.9, 0.5]})  # s.other is a table
    tables.execute("BEGIN")
    try:
        text = "SELECT n FROM other USING STRATEGY WEIGHTS(score) LIMIT 2"
        assert sqlsel.sql(tables, text).fetchall() == [(2,), (3,)]
        assert other.height == 3
    finally:
        tables.execute("ROLLBACK")


def test_a_table_may_be_called_as_a_file_is(con: Con) -> None:
    con.execute(f'CREATE TABLE "x.parquet" AS {FRAMES}')
    assert len(sqlsel.sql(con, f"SELECT * FROM 'x.parquet' {CLAUSE}")) == 12


INTERRUPTED = """
import os, signal, threading, duckdb, sqlsel, sqlsel.duckdb
con = duckdb.connect()
con.execute("SET enable_progress_bar = false")
con.execute("CREATE TABLE t AS SELECT 1 AS a")
def slow(con, relation):
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    con.execute("SELECT count(*) FROM range(300_000_000) r(i) WHERE hash(i) = 1").fetchall()
sqlsel.duckdb.connection.places_of = slow
try:
    sqlsel.sql(con, "SELECT * FROM t USING STRATEGY WEIGHTS(a)")
except BaseException as error:
    print(isinstance(error, KeyboardInterrupt), type(error).__name__)
"""


def test_ctrl_c_while_places_are_looked_for_is_a_keyboard_interrupt() -> None:
    ended = python(INTERRUPTED, timeout=30)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("True")


# ---- memory

MEASURE = """
import sys, duckdb, numpy as np, pyarrow as pa, sqlsel, sqlsel.duckdb
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
if {wide}:
    sqlsel.duckdb.connection.places_of = lambda con, relation: ()
con = duckdb.connect({path!r}, read_only=True)
con.execute("SET enable_progress_bar = false; SET threads = 2")
sqlsel.sql(con, "SELECT * FROM images WHERE id < 100 USING STRATEGY WEIGHTS(id) LIMIT 5")
before = peak()
found = sqlsel.sql(con, "SELECT * FROM images USING STRATEGY WEIGHTS(hash(id) % 1000), key := id LIMIT 100")
print(sum(row[0] for row in found.fetchall()), peak() - before)
"""


def test_select_star_keeps_no_vectors_of_rows_that_are_not_picked(tmp_path: Path) -> None:
    matrix = 200_000 * 128 * 4
    path = str(tmp_path / "images.duckdb")
    with duckdb.connect(path) as con:
        vector = "[" + ", ".join(f"(i + {k}) % 1009" for k in range(128)) + "]::FLOAT[128]"
        con.execute(
            f"CREATE TABLE images AS SELECT i AS id, {vector} AS v FROM range(200_000) r(i)"
        )
    said = [python(MEASURE.format(wide=wide, path=path)) for wide in (False, True)]
    assert [ended.err for ended in said] == ["", ""]
    (narrow_ids, narrow), (wide_ids, wide) = (map(int, ended.out.split()) for ended in said)
    print(f"narrow {narrow / matrix:.2f}, wide {wide / matrix:.2f} × the matrix")
    assert narrow_ids == wide_ids
    assert wide > matrix
    assert narrow < wide - 0.6 * matrix
