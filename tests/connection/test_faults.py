"""What goes wrong leaves nothing behind: no state, no open result, no line on stderr."""

# ruff: noqa: E501 - a statement on one line is a statement that can be read

from __future__ import annotations

import threading
from collections.abc import Iterator

import duckdb
import pytest

import sqlsel
from sqlsel.feed import REGISTRY
from sqlsel.feed.fed_run import Run
from sqlsel.feed.watch import Watch
from tests.connection.subprocesses import python

Con = duckdb.DuckDBPyConnection
PICK = "SELECT id FROM images USING STRATEGY "


@pytest.fixture
def images(con: Con) -> Iterator[Con]:
    con.execute(
        "CREATE TABLE images AS SELECT i AS id, i::DOUBLE AS score, [sin(i), cos(i)]::FLOAT[2] AS embedding, "
        "CASE WHEN i = 4000 THEN NULL ELSE i END AS holed, i // 2 AS pairs FROM range(5000) r(i)"
    )
    yield con
    assert len(REGISTRY) == 0
    assert con.execute("SELECT 42").fetchall() == [(42,)]
    assert sqlsel.sql(con, PICK + "WEIGHTS(score) LIMIT 1").fetchall() == [(4999,)]
    assert len(REGISTRY) == 0


FAILING = {
    "a row that fails": ("WEIGHTS(CASE WHEN id = 4500 THEN error('boom') ELSE score END)", duckdb.Error, "boom"),
    "a condition that fails": ("WEIGHTS(score), THRESHOLD(id < 10 OR error('boom'))", duckdb.Error, "boom"),
    "a query that fails": ("SIMILARITY(embedding, query := (SELECT error('boom')::FLOAT[2]))", duckdb.Error, "boom"),
    "a limit that fails": ("WEIGHTS(score) LIMIT (SELECT error('boom')::INT)", duckdb.Error, "boom"),
    "an option that fails": ("WEIGHTS(score, strength := (SELECT error('boom')::INT))", duckdb.Error, "boom"),
    "an overflow": ("WEIGHTS((id * 1e300)::FLOAT)", duckdb.Error, "out of range"),
    "a NaN": ("WEIGHTS(CASE WHEN id = 4500 THEN 'nan'::DOUBLE ELSE score END)", sqlsel.InvalidInput, "4500"),
    "a ragged vector": ("DIVERSITY(embedding[1 : 1 + (id < 4500)::INT])", sqlsel.InvalidInput, "different lengths"),
    "a zero vector": ("DIVERSITY([id % 4500, 0]::FLOAT[2])", sqlsel.InvalidInput, "zero"),
    "a wrong type": ("WEIGHTS(id::VARCHAR)", sqlsel.InvalidInput, "WEIGHTS needs a number"),
    "a key twice": ("WEIGHTS(score), key := pairs", sqlsel.InvalidInput, "occurs more than once"),
    "a key that is NULL": ("WEIGHTS(score), key := holed", sqlsel.InvalidInput, "key is NULL at row 4001"),
    "a wrong option": ("WEIGHTS(score, strength := 'x')", sqlsel.InvalidInput, "strength must be a number"),
    "a wrong limit": ("WEIGHTS(score) LIMIT -1", sqlsel.InvalidInput, "LIMIT must be a whole number"),
    "no query vector": ("SIMILARITY(embedding, (SELECT embedding FROM images WHERE false))", sqlsel.InvalidInput, "query"),
    "a mistake in the clause": ("WIEGHTS(score)", sqlsel.ClauseError, "WEIGHTS"),
    "a column that does not exist": ("WEIGHTS(scores)", duckdb.BinderException, "scores"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILING)
def test_an_error_leaves_no_state_and_a_usable_connection(images: Con, name: str) -> None:
    items, kind, message = FAILING[name]
    for _ in range(2):
        with pytest.raises(kind, match=message):
            sqlsel.sql(images, PICK + items)
        assert len(REGISTRY) == 0


@pytest.mark.parametrize("name", ["a row that fails", "a NaN", "a key twice"])
def test_an_error_in_a_statement_of_several_leaves_the_transaction_to_duckdb(
    images: Con, name: str
) -> None:
    items, kind, message = FAILING[name]
    with pytest.raises(kind, match=message):
        sqlsel.sql(
            images,
            f"CREATE TABLE made (id BIGINT); INSERT INTO made (SELECT id FROM images USING STRATEGY {items})",
        )
    assert images.execute("SELECT count(*) FROM made").fetchall() == [(0,)]


def test_a_failed_create_table_leaves_no_table(images: Con) -> None:
    with pytest.raises(sqlsel.InvalidInput):
        sqlsel.sql(
            images,
            "CREATE TABLE made AS (SELECT id FROM images USING STRATEGY WEIGHTS(score), key := pairs)",
        )
    assert images.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'made'"
    ).fetchall() == [(0,)]


def test_errors_of_data_are_value_errors_with_a_message_of_one_line(images: Con) -> None:
    with pytest.raises(
        ValueError, match=r"^key 0 occurs more than once; ids must be unique$"
    ) as caught:
        sqlsel.sql(images, PICK + "WEIGHTS(score), key := pairs")
    assert "Python exception" not in str(caught.value)


def test_an_error_in_the_progress_function_ends_the_run(images: Con) -> None:
    def report(done: int, _: int) -> None:
        if done > 5:
            message = "enough"
            raise RuntimeError(message)

    with pytest.raises(Exception, match="enough"):
        sqlsel.sql(images, PICK + "DIVERSITY(embedding) LIMIT 400", progress=report)


def test_keyboard_interrupt_in_the_progress_function_ends_the_run(images: Con) -> None:
    def report(done: int, _: int) -> None:
        if done > 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sqlsel.sql(images, PICK + "DIVERSITY(embedding) LIMIT 400", progress=report)


def test_a_statement_interrupted_from_another_thread_ends_soon(con: Con) -> None:
    con.execute(
        "CREATE TABLE big AS SELECT i AS id, [sin(i), cos(i), sin(2 * i), sin(3 * i)]::FLOAT[4] AS v FROM range(50000) r(i)"
    )
    threading.Timer(0.7, con.interrupt).start()
    with pytest.raises((KeyboardInterrupt, duckdb.Error)):
        sqlsel.sql(
            con,
            "SELECT count(*) FROM (SELECT a.id FROM big a, big b WHERE a.id + b.id >= 0 USING STRATEGY RANDOM())",
        )
    assert len(REGISTRY) == 0
    assert sqlsel.sql(con, "SELECT id FROM big USING STRATEGY WEIGHTS(id) LIMIT 1").fetchall() == [
        (49999,)
    ]


CORRELATED = (
    "SELECT (SELECT max(i.id) FROM (SELECT id FROM images WHERE id < o.n "
    "USING STRATEGY WEIGHTS(score) LIMIT 1) i) FROM range(1, {end}) o(n)"
)


def test_a_correlated_clause_is_refused_and_leaves_no_state(images: Con) -> None:
    with pytest.raises(
        (sqlsel.SqlselError, duckdb.Error), match="cannot depend on a row of the outer query"
    ):
        sqlsel.sql(images, CORRELATED.format(end=3001))
    assert len(REGISTRY) == 0


def test_a_correlated_clause_over_two_rows_is_refused_or_right_but_never_wrong(images: Con) -> None:
    # DuckDB may evaluate each outer row in a chunk of its own: then each is a selection of its own.
    for _ in range(5):
        try:
            said = str(sorted(sqlsel.sql(images, CORRELATED.format(end=3)).fetchall()))
        except (sqlsel.SqlselError, duckdb.Error) as error:
            said = str(error)
        assert said == "[(0,), (1,)]" or "cannot depend on a row of the outer query" in said
        assert len(REGISTRY) == 0


def test_a_plain_statement_that_fails_half_way_leaves_a_usable_connection(images: Con) -> None:
    with pytest.raises(duckdb.Error, match="boom"):
        sqlsel.sql(images, "SELECT CASE WHEN id = 4999 THEN error('boom') ELSE id END FROM images")


def test_loading_twice_and_on_a_cursor_does_nothing(images: Con) -> None:
    sqlsel.load(images)
    sqlsel.load(images)
    with images.cursor() as cursor:
        sqlsel.load(cursor)
        assert len(sqlsel.sql(cursor, PICK + "WEIGHTS(score) LIMIT 2")) == 2


def test_a_transaction_that_is_rolled_back_does_not_lose_the_functions(con: Con) -> None:
    text = "SELECT 1 AS a USING STRATEGY WEIGHTS(a)"
    con.execute("BEGIN")
    assert len(sqlsel.sql(con, text)) == 1
    con.execute("ROLLBACK")
    assert len(sqlsel.sql(con, text)) == 1


# ---- processes


START = """
import duckdb, sqlsel
con = duckdb.connect()
con.execute("SET enable_progress_bar = false")
con.execute("CREATE TABLE images AS SELECT i AS id, [sin(i), cos(i)]::FLOAT[2] AS v FROM range(2000) r(i)")
print("ready", flush=True)
"""


def numbered(items: str) -> str:
    """The text of ``con`` that picks five of its images."""
    return f"sqlsel.sql(con, 'SELECT id FROM images USING STRATEGY {items} LIMIT 5')"


ENDINGS = {
    "all is kept": [
        f"result = {numbered('DIVERSITY(v)')}; print(len(result))",
        f"other = con.cursor(); print(len({numbered('DIVERSITY(v)').replace('con,', 'other,')}))",
        "own = sqlsel.connect(); own.execute('SET enable_progress_bar = false')",
        "print(len(own.sql('SELECT i FROM range(5) r(i) USING STRATEGY WEIGHTS(i)')))",
    ],
    "nothing is kept": [
        f"print(len({numbered('DIVERSITY(v)')}))",
        "own = sqlsel.connect(); del own; print(5)",
    ],
    "only loaded": ["sqlsel.load(con); print(5)"],
    "closed": ["sqlsel.load(con); con.close(); print(5)"],
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_process_that_ends_without_close_prints_nothing(ending: str) -> None:
    code = ENDINGS[ending]
    ended = python(START + "\n".join(code))
    lines = "5\n" * "".join(code).count("print(")
    assert (ended.code, ended.out, ended.err) == (0, f"ready\n{lines}", "")


def test_a_process_that_ends_by_an_uncaught_error_prints_that_error_only() -> None:
    ended = python(START + "sqlsel.sql(con, 'SELECT id FROM images USING STRATEGY WEIGHTS(v)')")
    assert ended.code == 1
    assert ended.err.startswith("Traceback")
    assert (
        ended.err.strip().split("\n")[-1]
        == "sqlsel.errors.InvalidInput: v is a list; WEIGHTS needs a number: take one of its entries, as in v[1]"
    )
    assert "leak" not in ended.err


LONG = """
import sys, duckdb, numpy as np, pyarrow as pa, sqlsel
from sqlsel.feed import REGISTRY
rng = np.random.default_rng(0)
n, d = {rows}, {dimensions}
v = pa.FixedSizeListArray.from_arrays(pa.array(rng.normal(size=n * d).astype(np.float32)), d)
images = pa.table({{"id": np.arange(n), "v": v, "w": rng.random(n)}})
con = duckdb.connect()
con.execute("SET enable_progress_bar = false")
con.execute("CREATE TABLE images AS FROM images")
sqlsel.sql(con, "SELECT id FROM images WHERE id < 9 USING STRATEGY DIVERSITY(v)")  # all is imported
print("ready", flush=True)
try:
    sqlsel.sql(con, "SELECT id FROM images USING STRATEGY {items}")
except KeyboardInterrupt:
    assert len(REGISTRY) == 0
    assert con.execute("SELECT 42").fetchall() == [(42,)]
    assert len(sqlsel.sql(con, "SELECT id FROM images WHERE id < 100 USING STRATEGY DIVERSITY(v) LIMIT 5")) == 5
    print("interrupted")
    sys.exit(130)
print("not interrupted")
"""


def interrupted(items: str, rows: int, dimensions: int, after: float = 1.0) -> float:
    """The seconds that it goes on after Ctrl-C."""
    ended = python(
        LONG.format(items=items, rows=rows, dimensions=dimensions), interrupt_after=after
    )
    assert (ended.code, ended.out, ended.err) == (130, "ready\ninterrupted\n", "")
    print(f"{ended.seconds:.2f} s after Ctrl-C")
    return ended.seconds


def test_ctrl_c_stops_a_selection() -> None:
    interrupted("DIVERSITY(v) LIMIT 50000", 200_000, 64)


LONG_RUNS = [
    "DIVERSITY(v, strength := -1) LIMIT 50000",
    "DIVERSITY(v, min_distance := 0.01), WEIGHTS(w) LIMIT 50000",
    "SIMILARITY(v, query := (SELECT v FROM images LIMIT 20000)) LIMIT 1000",
    "DIVERSITY(v)",
    "DIVERSITY(v) LIMIT 50000",
]


@pytest.mark.nightly
@pytest.mark.parametrize("after", [0.1, 1.0, 5.0])
@pytest.mark.parametrize("items", LONG_RUNS)
def test_ctrl_c_stops_any_selection_at_any_time(items: str, after: float) -> None:
    assert interrupted(items, 200_000, 64, after) < 2.5


PLAIN = """
import os, duckdb, numpy as np, pyarrow as pa, sqlsel
from sqlsel.feed import REGISTRY
from sqlsel.feed.fed_run import Run

n, d = 100_000, 32
v = np.random.default_rng(0).normal(size=n * d).astype(np.float32)
images = pa.table({{"id": np.arange(n), "v": pa.FixedSizeListArray.from_arrays(pa.array(v), d)}})
con = duckdb.connect()
sqlsel.load(con)
con.execute("SET threads = 4")
con.execute("CREATE TABLE images AS FROM images")
finish = Run.finish

def told(self, *counts, **more):
    os.write(1, b"running\\n")  # in the main thread or in another, as DuckDB likes
    return finish(self, *counts, **more)

Run.finish = told
try:
    con.execute("{statement}").fetchall()
    print("not interrupted")
except BaseException as error:
    try:
        for _ in range(1000):
            pass  # Python may tell it here
    except KeyboardInterrupt:
        pass
print(len(REGISTRY), con.execute("SELECT 42").fetchall()[0][0])
"""


@pytest.mark.parametrize(
    "statement",
    [
        "FROM {0}",
        pytest.param("CREATE TABLE picks AS FROM {0}", marks=pytest.mark.slow),
        "SELECT count(*) FROM {0} JOIN images i USING (id) WHERE i.id > 7",
    ],
)
def test_ctrl_c_stops_a_statement_in_a_table_function(statement: str) -> None:
    long = "sqlsel.sql($$SELECT id FROM images USING STRATEGY DIVERSITY(v) LIMIT 30000$$)"
    ended = python(PLAIN.format(statement=statement.format(long)), interrupt_after=0.5)
    assert (ended.code, ended.out, ended.err) == (0, "running\n0 42\n", "")


def test_an_uncaught_ctrl_c_ends_the_process_as_pythons_own_does() -> None:
    code = LONG.format(items="DIVERSITY(v) LIMIT 50000", rows=100_000, dimensions=64).replace(
        "except KeyboardInterrupt", "except ZeroDivisionError"
    )
    ended = python(code, interrupt_after=0.5)
    assert ended.err.startswith("Traceback")
    assert "Interrupted" in ended.err.strip().split("\n")[-1]
    assert "leak" not in ended.err


def test_ctrl_c_stops_duckdbs_own_part_too() -> None:
    scan = "FROM (SELECT i AS id FROM range(1_000_000_000_000) r(i) WHERE hash(i) = 1) USING"
    code = LONG.format(items="RANDOM()", rows=1000, dimensions=2).replace("FROM images USING", scan)
    ended = python(code, interrupt_after=1.0)
    assert (ended.code, ended.out, ended.err) == (130, "ready\ninterrupted\n", "")


def test_after_a_statement_ctrl_c_is_pythons_again(images: Con) -> None:
    import signal

    before = signal.getsignal(signal.SIGINT)
    sqlsel.sql(images, PICK + "WEIGHTS(score) LIMIT 1")
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(sqlsel.InvalidInput):
        sqlsel.sql(images, PICK + "WEIGHTS(embedding) LIMIT 1")
    assert signal.getsignal(signal.SIGINT) is before


def test_a_feed_that_lost_rows_is_told_as_our_own_defect() -> None:
    run = Run({"strategies": [], "key": False, "preselected": False, "by": False}, Watch())
    with pytest.raises(sqlsel.SqlselError, match="fed 0 rows, counted 3"):
        run.finish(3, None, percent=False, offset=None, total=None)
