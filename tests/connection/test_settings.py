"""Whatever a session has SET, a statement gives what it gives without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import sqlsel

SETTINGS = [
    "default_order = 'DESC'",
    "default_null_order = 'NULLS_FIRST'",
    "preserve_insertion_order = false",
    "default_collation = 'NOCASE'",
    "integer_division = true",
    "ieee_floating_point_ops = false",
    "old_implicit_casting = true",
    "arrow_lossless_conversion = true",
    "arrow_output_list_view = true",
    "arrow_large_buffer_size = true",
    "arrow_output_version = '1.5'",
    "TimeZone = 'Asia/Tokyo'",
    "search_path = 'other,main'",
    "threads = 1",
    "threads = 5",
    "order_by_non_integer_literal = true",
    "disabled_optimizers = 'filter_pushdown,statistics_propagation,late_materialization,join_order'",
]
SAMPLES = """
CREATE TABLE samples AS
SELECT
    i::INTEGER AS id,
    chr(65 + (i % 2 * 32)::INTEGER) || (i * 7 % 100) AS name,
    uuid() AS u,
    [sin(i), cos(i * 3), i / 100]::FLOAT[3] AS e,
    (i * 37 % 100) / 100 AS w,
    chr(97 + (i % 3)::INTEGER) AS c,
    CASE WHEN i % 7 <> 0 THEN i % 4 END AS g,
    [chr(97 + (i % 3)::INTEGER), 'A'] AS cs,
    MAP {'a': i % 3, 'b': 1.5} AS m,
    list_transform(range(i % 3), lambda x: [x + 1, i]::FLOAT[2]) AS o,
    [0.2, 0.3, 0.5] AS p,
    list_transform(range(i % 3), lambda x: [0.2, 0.3, 0.5 * x]) AS ps,
    '2024-03-10'::TIMESTAMPTZ + to_hours(i * 5) AS t,
    i::HUGEINT AS h,
    (i % 5)::UHUGEINT AS uh,
    lpad(bin(i), 8, '0')::BIT AS bits
FROM range(100) AS r(i)"""
CONFIG = (
    '{"n_samples": 5, "strategies": '
    '[{"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}]}'
)
QUERIES = [
    (
        "SELECT id, selection_rank(), selection_gain(), selection_values() FROM samples "
        "USING STRATEGY DIVERSITY(e), WEIGHTS(w) LIMIT 20"
    ),
    "SELECT id FROM samples USING STRATEGY RANDOM(), key := name LIMIT 20",
    "SELECT id FROM samples USING STRATEGY BALANCE(c, 'uniform'), WEIGHTS(w), key := u LIMIT 20",
    "SELECT id FROM samples USING STRATEGY WEIGHTS(h), key := h LIMIT 20",
    "SELECT id FROM samples USING STRATEGY BALANCE(bits, 'uniform'), WEIGHTS(uh), key := bits LIMIT 20",
    "SELECT id, g FROM samples USING STRATEGY DIVERSITY(e), by := g LIMIT 2",
    "SELECT id, g FROM samples WHERE id < 24 USING STRATEGY DIVERSITY(e), by := (g, c, h) LIMIT 1",
    "SELECT id FROM samples WHERE id < 24 USING STRATEGY WEIGHTS(w), by := t LIMIT 1",
    "SELECT id FROM samples USING STRATEGY DIVERSITY(e), THRESHOLD(w > 0.3), by := g LIMIT 10%",
    (
        "SELECT id, selection_values() FROM samples "
        "USING STRATEGY SIMILARITY(e, query := (SELECT e FROM samples WHERE id < 3)) LIMIT 5"
    ),
    "SELECT count(*), sum(id) FROM (SELECT id FROM samples WHERE id % 2 = 0 USING STRATEGY TYPICALITY(e) LIMIT 10)",
    "SELECT id FROM samples USING STRATEGY BALANCE(cs, {a: 0.5, b: 0.2}), DIVERSITY(o), preselected := id < 4 LIMIT 12",
    "SELECT id FROM samples USING STRATEGY BALANCE(m, {a: 0.5, b: 0.2}) LIMIT 12",
    "SELECT * EXCLUDE (o) FROM samples USING STRATEGY DIVERSITY(e) LIMIT 4",
    "FROM sqlsel.sql($$ SELECT id FROM samples USING STRATEGY DIVERSITY(e) LIMIT 20 $$)",
    (
        "SELECT id, rank FROM sqlsel.select_samples("
        "'samples', (sqlsel.diversity('e'), sqlsel.weights('w')), n_samples := 5, key := 'id')"
    ),
    f"SELECT id FROM sqlsel.config('samples', '{CONFIG}', id := 'id', embedding := 'e')",
    "SELECT n_selected FROM sqlsel_runs() LIMIT 1",
    (
        "SELECT uncertainty_entropy(p), uncertainty_margin(p), uncertainty_least_confidence(p), "
        "max_uncertainty_entropy(ps), max_uncertainty_margin(ps), max_uncertainty_least_confidence(ps), "
        "class_distribution(ps), object_frequency_unscaled([c, c]), objectness_least_confidence(p), "
        "category_count([c, c], ['a']), estimated_probabilities(w, 2, 4), mean_vector(ps), mean_uncertainty(ps) "
        "FROM samples USING STRATEGY WEIGHTS(w) LIMIT 50"
    ),
]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The samples in a file, since the UUIDs are drawn."""
    file = str(tmp_path_factory.mktemp("samples") / "samples.parquet")
    with duckdb.connect() as con:
        con.execute(SAMPLES)
        con.execute(f"COPY samples TO '{file}'")
    return file


def prepare(con: duckdb.DuckDBPyConnection, stored: str) -> None:
    """Make the samples, and load sqlsel."""
    con.execute("CREATE SCHEMA other")
    con.execute(SAMPLES)
    con.execute(f"UPDATE samples SET u = f.u FROM '{stored}' AS f WHERE f.id = samples.id")
    sqlsel.load(con)


def answers(con: duckdb.DuckDBPyConnection) -> list[str]:
    """What each query gives."""
    return [repr(sqlsel.sql(con, text).fetchall()) for text in QUERIES]


@pytest.fixture(scope="module")
def shared(stored: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on which each setting is put back."""
    with duckdb.connect() as con:
        prepare(con, stored)
        yield con


@pytest.fixture(scope="module")
def expected(shared: duckdb.DuckDBPyConnection) -> list[str]:
    return answers(shared)


@pytest.mark.parametrize("setting", SETTINGS)
def test_no_setting_changes_what_is_selected(
    setting: str, shared: duckdb.DuckDBPyConnection, expected: list[str]
) -> None:
    time_zone = "TimeZone" in setting  # a TIMESTAMPTZ is shown in another zone, at the same moment
    shared.execute(f"SET {setting}")
    try:
        found = answers(shared)
    finally:
        shared.execute(f"RESET {setting.split(maxsplit=1)[0]}")
    for text, one, other in zip(QUERIES, found, expected, strict=True):
        assert one == other or (time_zone and "*" in text), text


def test_a_locked_configuration_changes_nothing(
    con: duckdb.DuckDBPyConnection, stored: str, expected: list[str]
) -> None:
    prepare(con, stored)
    con.execute("SET lock_configuration = true")
    assert answers(con) == expected


def test_pick_order_does_not_depend_on_the_order_of_insertion_being_kept() -> None:
    """Of many rows, that are scanned by several threads."""
    text = "SELECT id FROM samples USING STRATEGY WEIGHTS(w), key := id LIMIT 5000"
    found = []
    for kept in ("true", "false"):
        with duckdb.connect() as con:
            con.execute("SET threads = 4")
            con.execute(
                "CREATE TABLE samples AS SELECT i AS id, hash(i) % 1000 + 1 AS w FROM range(400_000) AS r(i)"
            )
            con.execute(f"SET preserve_insertion_order = {kept}")
            con.execute("SET default_order = 'DESC'")
            found.append(sqlsel.sql(con, text).fetchall())
    assert found[0] == found[1]
    weights = [int(id_) for (id_,) in found[0]]
    assert len(set(weights)) == 5000


ROOT = Path(sqlsel.__file__).parents[1]
OURS = [
    *(ROOT / "sql").rglob("*.sql"),
    *(p for p in (ROOT / "sqlsel").rglob("*.py") if p.name != "parser.py"),
]


def terms(order: str) -> list[str]:
    """What an ORDER BY sorts by, up to the bracket that closes around it."""
    depth, found = 0, [""]
    for letter in order:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            break
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return found


def test_every_order_by_of_ours_says_its_direction() -> None:
    """Without one, SET default_order decides, and reverses results."""
    unsaid = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in OURS
        for found in re.findall(r"ORDER BY [^\n\"]*", path.read_text(encoding="utf-8"))
        if not all(" ASC" in term or " DESC" in term for term in terms(found))
    ]
    assert not unsaid


def test_own_connections_give_freed_memory_back_unless_their_user_says_otherwise() -> None:
    name = "allocator_bulk_deallocation_flush_threshold"
    asked = f"SELECT current_setting('{name}')"
    with sqlsel.connect() as con:
        assert con.plain.execute(asked).fetchall() == [("30.5 MiB",)]
    with sqlsel.connect(config={name: "1GB"}) as con:
        before = con.plain.execute(asked).fetchall()
    plain = duckdb.connect(config={name: "1GB"}).execute(asked).fetchall()
    assert before == plain
    with sqlsel.connect(config={"lock_configuration": True}) as con:
        assert con.plain.execute("SELECT 1").fetchall() == [(1,)]
