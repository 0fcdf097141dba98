"""What does not fit is refused before it is allocated; what fits is held about once."""

# ruff: noqa: E501 - a statement on one line is a statement that can be read

from __future__ import annotations

import re

import duckdb
import pytest

import sqlsel
from sqlsel.feed import REGISTRY
from tests.connection.subprocesses import python

Con = duckdb.DuckDBPyConnection
MIB = 2**20
VECTORS = "list_transform(range({d}), lambda k: (i * 7919 + k * 104729) % 1009 / 1009.0 + 0.001)::FLOAT[{d}]"

MEASURE = """
import resource, sys, duckdb, sqlsel
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
con = duckdb.connect({path!r}, read_only=True)
con.execute("SET enable_progress_bar = false")
con.execute("SET threads = 2")
con.execute("SELECT count(*) FROM images WHERE embedding[1] > 0.5 USING SAMPLE 1 ROWS").fetchall()
sqlsel.sql(con, "SELECT id FROM images WHERE id < 100 USING STRATEGY {warm} LIMIT 5")
before = peak()
try:
    result = sqlsel.sql(con, {sql!r}, memory_limit={limit!r})
    print(len(result))
except sqlsel.InvalidInput as error:
    print(error)
print(before, peak() - before)
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """200,000 vectors of 128 floats in a file."""
    path = str(tmp_path_factory.mktemp("memory") / "images.duckdb")
    with duckdb.connect(path) as con:
        con.execute(
            "CREATE TABLE images AS SELECT i AS id, "
            + VECTORS.format(d=128)
            + " AS embedding FROM range(200_000) r(i)"
        )
    return path


def measured(
    path: str, sql: str, limit: object = None, warm: str = "DIVERSITY(embedding)"
) -> tuple[str, int]:
    """What the statement gave, and by how many bytes it raised the peak of its process."""
    ended = python(MEASURE.format(path=path, sql=sql, limit=limit, warm=warm))
    assert (ended.code, ended.err) == (0, "")
    said, figures = ended.out.strip().split("\n")
    return said, int(figures.split()[1])


@pytest.mark.parametrize("limit", ["1 MiB", MIB, "1MiB", "1048.576 kB", "1048576 B"])
def test_what_does_not_fit_is_refused_with_the_numbers(con: Con, limit: str | int) -> None:
    con.execute(
        "CREATE TABLE images AS SELECT i AS id, "
        + VECTORS.format(d=64)
        + " AS embedding FROM range(20_000) r(i)"
    )
    with pytest.raises(
        sqlsel.InvalidInput,
        match=r"needs .*MiB for .* × 64 floats, limit 1\.0 MiB; narrow with WHERE",
    ):
        sqlsel.sql(
            con,
            "SELECT id FROM images USING STRATEGY DIVERSITY(embedding) LIMIT 5",
            memory_limit=limit,
        )
    assert len(REGISTRY) == 0
    assert (
        len(
            sqlsel.sql(
                con,
                "SELECT id FROM images WHERE id < 1000 USING STRATEGY DIVERSITY(embedding) LIMIT 5",
            )
        )
        == 5
    )


@pytest.mark.parametrize(
    "items",
    ["WEIGHTS(id)", "BALANCE(id % 2 = 0)", "BALANCE([id, 1]::DOUBLE[])", "DIVERSITY([id, 1])"],
)
def test_every_kind_of_column_asks_first(con: Con, items: str) -> None:
    with pytest.raises(sqlsel.InvalidInput, match=r"limit 0\.0 MiB"):
        sqlsel.sql(
            con,
            f"SELECT id FROM range(100_000) r(id) USING STRATEGY {items} LIMIT 5",
            memory_limit=1000,
        )


def test_lists_of_many_classes_ask_before_they_become_a_table(con: Con) -> None:
    con.execute(
        "CREATE TABLE labelled AS SELECT i AS id, ['c' || i, 'd' || i % 7] AS tags FROM range(60000) AS r(i)"
    )
    sql = "SELECT id FROM labelled USING STRATEGY BALANCE(tags) LIMIT 3"
    with pytest.raises(sqlsel.InvalidInput, match=r"60,000 × 60007 floats, limit 1.0 GiB"):
        sqlsel.sql(con, sql, memory_limit="1 GiB")


def test_what_fits_exactly_runs(con: Con) -> None:
    con.execute(
        "CREATE TABLE images AS SELECT i AS id, "
        + VECTORS.format(d=64)
        + " AS embedding FROM range(20_000) r(i)"
    )
    assert (
        len(
            sqlsel.sql(
                con,
                "SELECT id FROM images USING STRATEGY DIVERSITY(embedding) LIMIT 5",
                memory_limit="20 MiB",
            )
        )
        == 5
    )


@pytest.mark.parametrize("limit", ["much", "1 XB", "", "-1 MiB", "1.2.3 MiB", "MiB"])
def test_a_limit_that_is_no_size_is_refused(con: Con, limit: str) -> None:
    with pytest.raises(sqlsel.InvalidInput, match="write for example '12 GiB'"):
        sqlsel.sql(con, "SELECT 1 AS a USING STRATEGY WEIGHTS(a)", memory_limit=limit)


def test_the_refusal_comes_before_the_memory_is_taken(database: str) -> None:
    said, grown = measured(
        database, "SELECT id FROM images USING STRATEGY DIVERSITY(embedding) LIMIT 5", "1 MiB"
    )
    print(said, f"{grown / MIB:.0f} MiB")
    assert re.search(r"needs .* for .* × 128 floats, limit 1\.0 MiB", said)
    assert grown < 48 * MIB  # DuckDB's blocks; the matrix would be 98 MiB


def test_feeding_holds_the_matrix_less_than_three_times(database: str) -> None:
    matrix = 200_000 * 128 * 4
    said, grown = measured(
        database, "SELECT id FROM images USING STRATEGY DIVERSITY(embedding), key := id LIMIT 100"
    )
    print(f"{grown / matrix:.2f} × the matrix")
    assert said == "100"
    assert grown < 3 * matrix


@pytest.mark.slow
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM images USING STRATEGY DIVERSITY(embedding, normalize := false), key := id LIMIT 100",
        "SELECT id FROM images USING STRATEGY DIVERSITY(embedding::FLOAT[]), key := id LIMIT 100",
        "SELECT id FROM images USING STRATEGY DIVERSITY(embedding), THRESHOLD(id >= 0), key := id LIMIT 0.05%",
        "SELECT id FROM images USING STRATEGY SIMILARITY(embedding, (SELECT embedding FROM images LIMIT 5)), key := id LIMIT 100",
    ],
)
def test_other_forms_hold_the_matrix_less_than_three_times(database: str, sql: str) -> None:
    matrix = 200_000 * 128 * 4
    said, grown = measured(database, sql)
    print(f"{grown / matrix:.2f} × the matrix")
    assert said == "100"
    assert grown < 3 * matrix
