"""Statements in the manner of DuckDB's documentation give the same through ``sqlsel.sql`` as without it.

Each runs on two connections with the same tables: rows, names and types of the columns are DuckDB's.
``{folder}`` is an empty folder; of several statements the last one counts, as in ``con.sql``.
"""

# ruff: noqa: E501 - a statement on one line is a statement that can be read

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import sqlsel

Con = duckdb.DuckDBPyConnection

TABLES = """
CREATE TYPE sky AS ENUM ('clear', 'cloudy', 'rain');
CREATE TABLE weather (city VARCHAR, temp_lo INTEGER, temp_hi INTEGER, prcp FLOAT, date DATE, sky sky);
INSERT INTO weather VALUES
    ('Bern', 3, 11, 0.25, '2024-03-01', 'rain'), ('Bern', 4, 15, 0.0, '2024-03-02', 'clear'), ('Bern', 1, 9, NULL, '2024-03-03', 'cloudy'),
    ('Chur', -2, 8, 0.0, '2024-03-01', 'clear'), ('Chur', 0, 12, 0.1, '2024-03-02', 'cloudy'), ('Zürich', 5, 13, 1.5, '2024-03-02', NULL),
    ('Zürich', 4, 10, 0.75, '2024-03-03', 'rain');
CREATE TABLE cities (name VARCHAR PRIMARY KEY, canton VARCHAR, population UINTEGER, position STRUCT(lat DOUBLE, lon DOUBLE), rivers VARCHAR[]);
INSERT INTO cities VALUES
    ('Bern', 'BE', 134591, {'lat': 46.9, 'lon': 7.4}, ['Aare']), ('Chur', 'GR', 38042, {'lat': 46.8, 'lon': 9.5}, ['Rhein', 'Plessur']),
    ('Basel', 'BS', 173232, {'lat': 47.6, 'lon': 7.6}, ['Rhein', 'Birs', 'Wiese']), ('Thun', 'BE', 43500, NULL, []);
CREATE TABLE sales (shop INTEGER, year SMALLINT, quarter VARCHAR, amount DECIMAL(8, 2));
INSERT INTO sales SELECT s, 2020 + y, 'Q' || q, (s * 100 + y * 10 + q)::DECIMAL(8, 2) / 4 FROM range(1, 4) a(s), range(3) b(y), range(1, 5) c(q);
CREATE TABLE prices (ticker VARCHAR, "when" TIMESTAMP, price DECIMAL(10, 3));
INSERT INTO prices VALUES ('A', '2024-01-01 10:00', 1.5), ('A', '2024-01-01 11:00', 1.75), ('B', '2024-01-01 10:30', 20), ('B', '2024-01-01 11:30', 21.125);
CREATE TABLE trades (ticker VARCHAR, "when" TIMESTAMP, shares BIGINT);
INSERT INTO trades VALUES ('A', '2024-01-01 10:59', 5), ('A', '2024-01-01 11:00', 7), ('B', '2024-01-01 10:00', 1), ('B', '2024-01-01 12:00', 2);
CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, salary DOUBLE DEFAULT 50.0 CHECK (salary >= 0), boss INTEGER, strategy VARCHAR);
INSERT INTO people VALUES (1, 'Ada', 90, NULL, 'x'), (2, 'Bo', 60, 1, 'y'), (3, 'Cyd', 60, 1, 'x'), (4, 'Dee', 40, 2, NULL);
CREATE TABLE raises (id INTEGER, amount DOUBLE);
INSERT INTO raises VALUES (2, 5), (3, 10), (9, 1);
"""

# The statement says in which order its rows come.
ORDERED = [
    "SELECT * FROM weather ORDER BY ALL",
    "SELECT city, temp_hi - temp_lo AS span FROM weather WHERE prcp IS NOT NULL ORDER BY span DESC, city LIMIT 3 OFFSET 1",
    "SELECT city, max(temp_hi) FROM weather GROUP BY city HAVING max(temp_hi) > 12 ORDER BY city",
    "SELECT DISTINCT ON (city) city, date, temp_hi FROM weather ORDER BY city, temp_hi DESC",
    "SELECT city, prcp FROM weather ORDER BY prcp DESC NULLS LAST, city COLLATE nocase",
    "FROM weather SELECT city, sky ORDER BY ALL DESC NULLS FIRST LIMIT 40%",
    "FROM cities ORDER BY population DESC LIMIT 2",
    "SELECT name, population FROM cities ORDER BY #2 FETCH FIRST 2 ROWS ONLY",
    "SELECT 1 AS a UNION ALL SELECT 2.5 UNION SELECT 3 ORDER BY a",
    "SELECT name FROM cities EXCEPT SELECT city FROM weather ORDER BY name",
    "SELECT name FROM cities INTERSECT SELECT city FROM weather ORDER BY 1",
    "SELECT city, date FROM weather UNION ALL BY NAME SELECT name AS city, canton FROM cities ORDER BY ALL",
    "WITH RECURSIVE power(a, b, c) AS (SELECT 2, 0, 1 UNION ALL SELECT a, b + 1, a * c FROM power WHERE b < 12) SELECT b, c FROM power ORDER BY b",
    "WITH hot AS MATERIALIZED (FROM weather WHERE temp_hi > 10), cold AS NOT MATERIALIZED (FROM weather WHERE temp_lo < 1) SELECT h.city, h.date, c.date AS other FROM hot h JOIN cold c USING (city) ORDER BY ALL",
    "WITH RECURSIVE chain(id, path) AS (SELECT id, [name] FROM people WHERE boss IS NULL UNION ALL SELECT p.id, list_append(c.path, p.name) FROM people p JOIN chain c ON p.boss = c.id) FROM chain ORDER BY id",
    "WITH RECURSIVE best(id, n) USING KEY (id) AS (SELECT 1, 5 UNION SELECT id, n - 1 FROM best WHERE n > 2) SELECT * FROM best ORDER BY ALL",
    "SELECT city, date, row_number() OVER w AS n, avg(temp_hi) OVER (w ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS smooth FROM weather WINDOW w AS (PARTITION BY city ORDER BY date) ORDER BY city, date",
    "SELECT city, date, temp_hi FROM weather QUALIFY rank() OVER (PARTITION BY city ORDER BY temp_hi DESC) = 1 ORDER BY city",
    "SELECT shop, year, sum(amount) AS total, grouping_id(shop, year) AS g FROM sales GROUP BY CUBE (shop, year) ORDER BY ALL",
    "SELECT shop, quarter, avg(amount) FROM sales GROUP BY ROLLUP (shop, quarter) ORDER BY shop NULLS LAST, quarter NULLS FIRST",
    "SELECT year, quarter, count(*) AS n FROM sales GROUP BY GROUPING SETS ((year, quarter), (year), ()) ORDER BY ALL",
    "SELECT shop, sum(amount) FILTER (WHERE year = 2021) AS in_2021, sum(amount) FROM sales GROUP BY ALL ORDER BY ALL",
    "SELECT t.ticker, t.shares, p.price FROM trades t ASOF JOIN prices p USING (ticker, \"when\") ORDER BY t.ticker, t.shares",
    "SELECT t.*, p.price FROM trades t ASOF LEFT JOIN prices p ON t.ticker = p.ticker AND t.\"when\" > p.\"when\" ORDER BY ALL",
    "SELECT w.city, c.canton FROM weather w LEFT JOIN cities c ON w.city = c.name ORDER BY ALL",
    "SELECT name, w.n FROM cities, LATERAL (SELECT count(*) AS n FROM weather WHERE city = name) AS w ORDER BY name",
    "SELECT c.name, s.i FROM cities c, LATERAL (SELECT unnest(generate_series(1, len(c.rivers)))) s(i) ORDER BY ALL",
    "SELECT name, unnest(rivers) AS river FROM cities ORDER BY river, name",
    "SELECT list_sort(array_agg(name)) AS names, string_agg(name, ', ' ORDER BY name DESC) FROM people GROUP BY strategy ORDER BY names",
    "PIVOT sales ON quarter IN ('Q1', 'Q4') USING sum(amount) AS total, count(*) AS n GROUP BY year ORDER BY year",
    "FROM sales PIVOT (sum(amount) FOR year IN (2020, 2022) GROUP BY shop) ORDER BY shop",
    "UNPIVOT (SELECT city, temp_lo, temp_hi FROM weather) ON COLUMNS(* EXCLUDE (city)) INTO NAME kind VALUE temperature ORDER BY ALL",
    "SELECT strategy, count(*) AS n FROM people GROUP BY strategy ORDER BY strategy NULLS LAST",
    "SELECT i, i % 3 AS using_strategy, 'USING STRATEGY' AS \"strategy\" FROM range(4) AS t(i) -- USING STRATEGY WEIGHTS(i)\nORDER BY i",
    "VALUES (2, 'b'), (1, 'a') ORDER BY col0",
    "SELECT * FROM (VALUES (1, 'x'), (2, NULL)) AS v(id, word) ORDER BY id",
    "SELECT city, sky FROM weather WHERE sky > 'clear' ORDER BY sky, date",
    "SELECT * FROM read_csv('{folder}/../cities.csv', header := true) ORDER BY name",
    "SELECT name, position.lat AS lat, position['lon'] AS lon FROM cities WHERE position IS NOT NULL ORDER BY lat",
    "SELECT time_bucket(INTERVAL '1 hour', \"when\") AS hour, sum(shares) FROM trades GROUP BY ALL ORDER BY hour",
    "SELECT year: year, share: round(100 * sum(amount) / (SELECT sum(amount) FROM sales), 2) FROM sales GROUP BY year ORDER BY year",
    "SELECT * FROM duckdb_columns() WHERE table_name = 'people' ORDER BY column_index LIMIT 0 OFFSET 0; SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'people' ORDER BY column_index",
]  # fmt: skip

UNORDERED = [
    "SELECT 42 AS answer, 'it''s' AS word, NULL AS nothing, 1e3 AS big",
    "SELECT DISTINCT city FROM weather",
    "SELECT count(*), min(date), max(prcp), median(temp_hi), mode(sky) FROM weather",
    "SELECT city, count(*) FROM weather GROUP BY ALL",
    "TABLE cities",
    "FROM people",
    "FROM people SELECT name, salary * 2 AS twice WHERE salary > 50",
    "SELECT * EXCLUDE (boss) REPLACE (upper(name) AS name) RENAME (salary AS pay) FROM people",
    "SELECT COLUMNS('temp_.*') + 1 FROM weather",
    "SELECT min(COLUMNS(*)), max(COLUMNS(* EXCLUDE (name, strategy))) FROM people",
    "SELECT COLUMNS(lambda c: c LIKE '%o%') FROM people",
    "SELECT * LIKE 'temp%' FROM weather",
    "SELECT * FROM weather USING SAMPLE reservoir(4 ROWS) REPEATABLE (42)",
    "SELECT * FROM sales USING SAMPLE 50 PERCENT (bernoulli, 7)",
    "SELECT i FROM range(20000) r(i) TABLESAMPLE system(20%) REPEATABLE (3)",
    "SELECT count(*) FROM weather TABLESAMPLE reservoir(60%) REPEATABLE (1)",
    "SELECT name FROM people p SEMI JOIN raises r USING (id)",
    "SELECT name FROM people p ANTI JOIN raises r USING (id)",
    "SELECT * FROM people FULL OUTER JOIN raises USING (id)",
    "SELECT * FROM people NATURAL JOIN raises",
    "SELECT p.name, r.amount FROM people p POSITIONAL JOIN raises r",
    "SELECT count(*) FROM people CROSS JOIN raises",
    "SELECT a.name, b.name FROM people a JOIN people b ON a.salary > b.salary AND a.strategy IS NOT DISTINCT FROM b.strategy",
    "SELECT * FROM people JOIN (VALUES ('x', 10), ('y', 20)) AS s(strategy, bonus) USING (strategy)",
    "SELECT name, salary > ALL (SELECT amount FROM raises) AS above, EXISTS (FROM raises r WHERE r.id = people.id) AS raised FROM people",
    "SELECT [1, 2, 3][2:], [x * x FOR x IN [1, 2, 3] IF x > 1], list_filter([4, 5, 6], lambda x: x % 2 = 0), list_reduce([1, 2, 3], lambda a, b: a + b)",
    "SELECT {'a': 1, 'b': {'c': [true, NULL]}} AS s, struct_pack(x := 1, y := 'z').y, row(1, 'q')",
    "SELECT CASE WHEN salary > 50 THEN 'high' ELSE 'low' END AS band, count(*) FROM people GROUP BY band",
    "SELECT DATE '2024-02-29' + 1 AS next, age(TIMESTAMP '2024-03-01', TIMESTAMP '2024-01-31') > INTERVAL 20 DAYS, extract(dow FROM DATE '2024-03-01'), strftime(DATE '2024-03-01', '%d.%m.%Y')",
    "SELECT '12'::INTEGER + TRY_CAST('x' AS INTEGER) AS n, 7 // 2, 7 % 4, 2 ** 10, 5::DECIMAL(4, 1) / 2, 'abc' ^@ 'a', 'a' || 'b'",
    "SELECT E'tab\\there' AS e, $$dollar 'quoted'$$ AS d, $tag$ $$ $tag$ AS t, 'größe 😀' AS u",
    "SELECT /* a /* nested */ comment */ 1 AS one -- and a line\r\n, 2 AS two",
    "SELECT 'a' AS a, 'b' AS a",
    "DESCRIBE people",
    "DESCRIBE SELECT city, sky, prcp FROM weather",
    "SUMMARIZE sales",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "SHOW people",
    "EXPLAIN SELECT city FROM weather WHERE temp_hi > 10",
    "EXPLAIN (FORMAT json) SELECT count(*) FROM sales",
    "SELECT * FROM duckdb_types() WHERE type_name = 'sky'",
    "SELECT unnest(position), unnest([1, 2]) FROM cities WHERE name = 'Bern'",
    "SELECT json_extract_string('{\"a\": [1, {\"b\": \"x\"}]}', '$.a[1].b') AS b, '{\"k\": 1}'::JSON ->> 'k' AS k",
]  # fmt: skip

# What they change is seen in the last statement.
CHANGES = [
    "INSERT OR IGNORE INTO people (id, name) VALUES (1, 'x'); SELECT count(*) FROM people",
    "INSERT OR REPLACE INTO people VALUES (1, 'New', 1, NULL, 'z'); FROM people ORDER BY id",
    "UPDATE people SET salary = salary + amount FROM raises WHERE people.id = raises.id RETURNING name, salary",
    "UPDATE people SET strategy = 'all'; SELECT DISTINCT strategy FROM people",
    "DELETE FROM weather WHERE prcp IS NULL OR temp_lo < 0 RETURNING city, date",
    "DELETE FROM weather; SELECT count(*) AS left_over FROM weather",
    "MERGE INTO raises AS r USING (FROM people WHERE salary < 50) AS p ON r.id = p.id WHEN NOT MATCHED THEN INSERT VALUES (p.id, 3) WHEN NOT MATCHED BY SOURCE AND r.amount < 5 THEN DELETE; FROM raises ORDER BY id",
    "TRUNCATE raises; SELECT count(*) FROM raises",
    "CREATE TABLE tall AS FROM cities WHERE population > 100000; FROM tall ORDER BY name",
    "CREATE OR REPLACE TEMP TABLE made (a INTEGER, b INTEGER GENERATED ALWAYS AS (a * 2), c VARCHAR DEFAULT 'd'); INSERT INTO made (a) VALUES (1), (2); FROM made ORDER BY a",
    "CREATE TABLE IF NOT EXISTS people (x INTEGER); DESCRIBE people",
    "CREATE VIEW rainy AS SELECT city, prcp FROM weather WHERE sky = 'rain'; SELECT * FROM rainy ORDER BY ALL",
    "CREATE MACRO span(lo, hi := 20) AS hi - lo; SELECT span(5) AS a, span(5, hi := 6) AS b",
    "CREATE MACRO above(t) AS TABLE SELECT city, temp_hi FROM weather WHERE temp_hi > t; FROM above(12) ORDER BY ALL",
    "CREATE TYPE mood AS ENUM ('sad', 'ok'); SELECT 'ok'::mood AS m, enum_range(NULL::mood) AS all_of_them",
    "CREATE TYPE point AS STRUCT(x INTEGER, y INTEGER); SELECT {'x': 1, 'y': 2}::point AS p",
    "CREATE SEQUENCE numbers START 10 INCREMENT 5; SELECT nextval('numbers') AS a, nextval('numbers') AS b",
    "CREATE SCHEMA extra; CREATE TABLE extra.t AS SELECT 1 AS i; USE extra; FROM t",
    "CREATE INDEX by_city ON weather (city); SELECT index_name, is_unique FROM duckdb_indexes()",
    "ALTER TABLE people ADD COLUMN age INTEGER DEFAULT 30; ALTER TABLE people RENAME salary TO pay; ALTER TABLE people ALTER strategy TYPE INTEGER USING len(strategy); FROM people ORDER BY id",
    "COMMENT ON COLUMN people.strategy IS 'USING STRATEGY'; SELECT comment FROM duckdb_columns() WHERE table_name = 'people' AND column_name = 'strategy'",
    "DROP TABLE raises; SHOW TABLES",
    "SET VARIABLE strategy = (SELECT list(name ORDER BY name) FROM cities); SELECT getvariable('strategy') AS names, len(names) AS n",
    "SET threads = 1; SELECT current_setting('threads') AS n",
    "SET SESSION default_null_order = 'nulls_first'; SELECT prcp FROM weather ORDER BY prcp; RESET default_null_order; SELECT prcp FROM weather ORDER BY prcp LIMIT 1",
    "PRAGMA enable_progress_bar; SELECT 1 AS one",
    "COPY cities TO '{folder}/cities.parquet' (FORMAT parquet, COMPRESSION zstd); SELECT * FROM '{folder}/cities.parquet' ORDER BY name",
    "COPY (SELECT id, name FROM people) TO '{folder}/people.csv' (HEADER, DELIMITER ';'); SELECT * FROM read_csv('{folder}/people.csv') ORDER BY id",
    "COPY raises TO '{folder}/r.json' (FORMAT json, ARRAY true); COPY raises FROM '{folder}/r.json' (FORMAT json, ARRAY true); SELECT count(*), sum(amount) FROM raises",
    "COPY sales TO '{folder}/parts' (FORMAT parquet, PARTITION_BY (year)); SELECT year, count(*) FROM read_parquet('{folder}/parts/*/*.parquet', hive_partitioning := true) GROUP BY ALL ORDER BY ALL",
    "ATTACH '{folder}/other.duckdb' AS other; CREATE TABLE other.t AS FROM raises; DETACH other; ATTACH '{folder}/other.duckdb' AS again (READ_ONLY); FROM again.t ORDER BY id",
    "EXPORT DATABASE '{folder}/all' (FORMAT parquet); SELECT count(*) AS files FROM glob('{folder}/all/*.parquet')",
    "BEGIN; DELETE FROM people; ROLLBACK; SELECT count(*) FROM people",
    "BEGIN TRANSACTION; UPDATE people SET salary = 0 WHERE id = 1; COMMIT; SELECT salary FROM people WHERE id = 1",
    "SELECT 1 AS first; ; SELECT 2 AS second;",
]  # fmt: skip

# Neither SELECT nor without rows.
RETURNING = [
    "PIVOT sales ON year USING sum(amount) GROUP BY shop ORDER BY shop",
    "WITH wide AS (PIVOT sales ON quarter USING first(amount) GROUP BY shop, year) UNPIVOT wide ON Q1, Q2, Q3, Q4 INTO NAME quarter VALUE amount ORDER BY ALL",
    "PRAGMA table_info('cities')",
    "CALL pragma_table_info('cities')",
    "PIVOT people ON strategy USING count(*)",
    "INSERT INTO raises VALUES (1, 2.5), (4, DEFAULT) RETURNING id, amount * 2 AS twice",
    "INSERT INTO people BY NAME SELECT 5 AS id, 'Eve' AS name RETURNING *",
    "INSERT INTO people (id, name) VALUES (2, 'Bob') ON CONFLICT (id) DO UPDATE SET name = excluded.name, salary = salary + 1 RETURNING id, name, salary",
    "INSERT INTO people (id, name) VALUES (1, 'x'), (7, 'Gus') ON CONFLICT DO NOTHING RETURNING id",
    "DELETE FROM people USING raises WHERE people.id = raises.id RETURNING people.*",
    "MERGE INTO people USING raises USING (id) WHEN MATCHED THEN UPDATE SET salary = salary + amount WHEN NOT MATCHED THEN INSERT (id, name) VALUES (raises.id, 'new') RETURNING merge_action, id, salary",
    "PREPARE by_city AS SELECT temp_hi FROM weather WHERE city = $1 AND temp_hi > $2; EXECUTE by_city('Bern', 10)",
    "PREPARE named AS SELECT $low + 1 AS n; EXECUTE named(low := 4)",
]  # fmt: skip

PARAMETERS = [
    ("SELECT name FROM people WHERE salary > ? AND strategy = ? ORDER BY name", [50, "x"]),
    ("SELECT $2 || $1 || $2 AS word, $1 AS one", ["a", "b"]),
    ("SELECT id, $tag AS tag FROM people WHERE id IN (FROM (SELECT unnest($ids))) ORDER BY id", {"tag": "ü", "ids": [1, 3]}),
    ("SELECT name FROM people ORDER BY name LIMIT ? OFFSET ?", [2, 1]),
    ("SELECT ? AS n, ?::DATE AS d, ? AS nothing, ? AS list, ? AS struct, ? AS blob", [1.5, "2024-01-31", None, [1, 2], {"a": "b"}, b"\0x"]),
    ("INSERT INTO raises VALUES ($1, $2) RETURNING amount", [8, 0.5]),
    ("CREATE TEMP TABLE few AS FROM range(5) r(i); SELECT sum(i) FROM few WHERE i < ?", [3]),
    ("UPDATE people SET strategy = $new WHERE id = $id RETURNING strategy, '?' AS mark /* ? */", {"new": "?", "id": 4}),
]  # fmt: skip

# Each is one value of another type.
VALUES = [
    "true", "7::UTINYINT", "-5::TINYINT", "1.5::FLOAT", "0.1::DOUBLE", "1.25::DECIMAL(5, 2)", "'größe 😀'", "''", "'\\x00\\xFF'::BLOB",
    "DATE '2024-02-29'", "TIME '12:30:01.5'", "TIMESTAMP '2024-01-01 10:00:00.25'", "'rain'::sky", "[1, NULL, 3]", "[[1], []]", "{'a': 1, 'b': ['x']}", "NULL",
    "1::UNION(n INTEGER, s VARCHAR)", "'{\"a\": [1]}'::JSON", "'inf'::DOUBLE",
]  # fmt: skip
OTHER_VALUES = [
    "sum(12)", "MAP {'a': 1}", "INTERVAL '1 month 2 days'", "TIMESTAMP_NS '2024-01-01 00:00:00.123456789'", "'1010'::BIT", "DATE 'infinity'",
    "[1, 2]::INTEGER[2]", "'1'::VARIANT",
]  # fmt: skip

FAILING = [
    "SELEC 1", "SELECT FROM weather WHERE", "SELECT nme FROM people", "SELECT * FROM poeple",
    "SELECT 'ä', nme FROM people", "SELECT\n  name,\n  salry\nFROM people", "SELECT id FROM people a JOIN people b USING (strategy)",
    "SELECT 'x'::INTEGER", "SELECT error('boom')", "SELECT name, count(*) FROM people", "INSERT INTO people VALUES (1, 'again', 1, NULL, NULL)",
    "INSERT INTO people (id) VALUES (8)", "INSERT INTO people (id, name, salary) VALUES (8, 'x', -1)", "SELECT 1; SELECT 2 FROM nowhere",
    "CREATE TABLE people (x INTEGER)", "FROM '{folder}/none.parquet'", "SELECT ?", "EXECUTE nothing", "SET no_such_setting = 1",
    "SELECT * FROM people USING SAMPLE 300%", "SELECT (SELECT id FROM people)", "SELECT $$ open", "COMMIT",
    "SELECT 1 WHERE 'a' > 1", "ALTER TABLE people DROP COLUMN nothing", "SELECT 9223372036854775807 + 1", "SELECT 'a', 'b' FROM",
]  # fmt: skip


Pair = tuple[Con, Con, Path]


def make_pair(folder: Path) -> Iterator[Pair]:
    """Two connections with the same tables, and the folder above their own ones."""
    with duckdb.connect() as plain, duckdb.connect() as ours:
        for con in (plain, ours):
            con.execute("SET enable_progress_bar = false")
            con.execute(TABLES)
        plain.execute(f"COPY cities TO '{folder}/cities.csv' (HEADER)")
        for name in ("plain", "ours"):
            (folder / name).mkdir()
        yield plain, ours, folder


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """For one statement, which may change the tables."""
    yield from make_pair(tmp_path)


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """For all statements that change nothing."""
    yield from make_pair(tmp_path_factory.mktemp("documented"))


def placed(sql: str, folder: Path) -> str:
    return sql.replace("{folder}", folder.as_posix())


def in_duckdb(con: Con, sql: str, params: Any = None) -> pa.Table:
    relation = con.sql(sql, params=params)
    assert relation is not None
    return relation.to_arrow_table()


def shown(table: pa.Table) -> list[str]:
    """Each row as text, whatever its values; names may occur twice."""
    columns = [column.to_pylist() for column in table.columns]
    return [repr(row) for row in zip(*columns, strict=True)]


def check_same(
    pair: Pair, sql: str, params: Any = None, *, ordered: bool, types: bool = True
) -> None:
    plain, ours, folder = pair
    expected = in_duckdb(plain, placed(sql, folder / "plain"), params)
    found = sqlsel.sql(ours, placed(sql, folder / "ours"), params).arrow()
    assert expected.num_rows > 0  # else there is nothing to compare
    assert found.column_names == expected.column_names
    assert found.schema == expected.schema or not types
    if ordered:
        assert shown(found) == shown(expected)
    else:
        assert Counter(shown(found)) == Counter(shown(expected))


def is_ordered(sql: str) -> bool:
    return "ORDER BY" in sql.rsplit(";", maxsplit=1)[-1]


@pytest.mark.parametrize("sql", ORDERED)
def test_rows_come_in_duckdbs_order_and_types(readers: Pair, sql: str) -> None:
    check_same(readers, sql, ordered=True)


@pytest.mark.parametrize("sql", UNORDERED)
def test_the_same_rows_and_types_come(readers: Pair, sql: str) -> None:
    check_same(readers, sql, ordered=False)


@pytest.mark.parametrize("sql", CHANGES)
def test_a_change_is_the_same_change(pair: Pair, sql: str) -> None:
    check_same(pair, sql, ordered=is_ordered(sql))


@pytest.mark.parametrize("sql", RETURNING)
def test_what_is_no_select_gives_the_same_rows(pair: Pair, sql: str) -> None:
    check_same(pair, sql, ordered=is_ordered(sql), types=False)


@pytest.mark.parametrize(("sql", "params"), PARAMETERS, ids=[sql for sql, _ in PARAMETERS])
def test_parameters_mean_the_same(pair: Pair, sql: str, params: Any) -> None:
    check_same(pair, sql, params, ordered="ORDER BY" in sql)


def test_a_table_of_the_caller_is_found_by_its_name(readers: Pair) -> None:
    plain, ours, _ = readers
    local_rows = pa.table({"i": [3, 1, 2]})
    sql = "SELECT sum(i) AS total FROM local_rows"
    assert plain.sql(sql).to_arrow_table() == sqlsel.sql(ours, sql).arrow()
    assert local_rows.num_rows == 3


@pytest.mark.parametrize("value", VALUES)
def test_a_fetched_value_is_the_same_python_value(readers: Pair, value: str) -> None:
    check_values(readers, value)


def check_values(pair: Pair, value: str) -> None:
    plain, ours, _ = pair
    sql = f"SELECT {value} AS value, [{value}] AS several"
    expected = plain.execute(sql).fetchall()
    found = sqlsel.sql(ours, sql).fetchall()
    assert repr(found) == repr(expected)


@pytest.mark.parametrize("sql", FAILING)
def test_an_error_is_duckdbs_own(readers: Pair, sql: str) -> None:
    check_error(readers, sql)


def check_error(pair: Pair, sql: str) -> None:
    """The same class and message; a caret may be added where DuckDB shows none."""
    plain, ours, folder = pair
    sql = placed(sql, folder)
    with pytest.raises(duckdb.Error) as expected:
        plain.execute(sql).fetchall()
    with pytest.raises(duckdb.Error) as found:
        sqlsel.sql(ours, sql).fetchall()
    assert type(found.value) is type(expected.value)
    message = str(expected.value)
    if "\nLINE " in message:
        assert str(found.value) == message
    else:
        assert str(found.value).split("\n\nLINE ")[0] == message


# ---- what is easily lost on the way


@pytest.mark.parametrize("sql", RETURNING)
def test_what_is_no_select_gives_the_same_types(pair: Pair, sql: str) -> None:
    check_same(pair, sql, ordered=is_ordered(sql))


def test_returned_columns_may_have_the_same_name(pair: Pair) -> None:
    sql = "INSERT INTO raises VALUES (5, 1) RETURNING id, id"
    assert sqlsel.sql(pair[1], sql).fetchall() == in_rows(pair[0], sql) == [(5, 5)]


def in_rows(con: Con, sql: str) -> list[tuple[Any, ...]]:
    return con.execute(sql).fetchall()


@pytest.mark.parametrize("value", OTHER_VALUES)
def test_a_fetched_value_of_a_rarer_type_is_the_same_python_value(
    readers: Pair, value: str
) -> None:
    check_values(readers, value)


@pytest.mark.parametrize(
    "sql",
    ["SELECT uper(name) FROM people", "SELECT '😀', nme FROM people", "SELECT [1, 'a'::DATE]"],
)
def test_a_caret_is_duckdbs_own(readers: Pair, sql: str) -> None:
    check_error(readers, sql)


@pytest.mark.parametrize(
    ("sql", "params"), [("SELECT 1", [5]), ("SELECT 1", {"a": 1}), ("SELECT $a", {"a": 1, "b": 2})]
)
def test_a_parameter_too_many_is_an_error(readers: Pair, sql: str, params: Any) -> None:
    with pytest.raises(duckdb.Error) as expected:
        readers[0].execute(sql, params)
    with pytest.raises(type(expected.value)):
        sqlsel.sql(readers[1], sql, params)


def test_a_table_of_the_caller_may_have_any_name(readers: Pair) -> None:
    text = params = pa.table({"i": [3, 1, 2]})
    assert sqlsel.sql(readers[1], "SELECT max(i) FROM text").fetchall() == [(3,)]
    assert sqlsel.sql(readers[1], "SELECT max(i) FROM params").fetchall() == [(3,)]
    assert text is params
