"""The graph beside a catalogue: which runs make it, use it, and leave it alone; and how approximation is told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

import sqlsel
from sqlsel.catalog import connect
from tests.near.commands import duplicates, put, rows, similar, vectors_of
from tests.neighbours.clouds import units

TEXT = (
    "SELECT sample_id FROM demo.catalog {} "
    "USING STRATEGY TYPICALITY({}, approximate := true), key := sample_id LIMIT 30"
)


def stamps(path: Path) -> dict[str, int]:
    folder = Path(f"{path}.index")
    return {p.name: p.stat().st_mtime_ns for p in folder.iterdir()} if folder.exists() else {}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of 1,500 vectors, without a graph."""
    path = tmp_path_factory.mktemp("large") / "c.duckdb"
    put(path, [f"{i:05}" for i in range(1500)], units(1500, 12))
    return path


@pytest.fixture
def large(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copy(made, tmp_path / "c.duckdb")


def picks(path: Path, where: str = "", column: str = "embedding") -> list[str]:
    with connect(path) as con:
        return [r[0] for r in sqlsel.sql(con, TEXT.format(where, column)).fetchall()]


def test_one_graph_serves_typicality_duplicates_and_similar(large: Path) -> None:
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{large}' AS other (READ_ONLY)")
        con.execute("CREATE TABLE t AS SELECT sample_id, embedding FROM other.demo.catalog")
        plain = sqlsel.sql(con, TEXT.format("", "embedding").replace("demo.catalog", "t"))
        in_memory = [r[0] for r in plain.fetchall()]
        con.execute("DETACH other")
    first = picks(large)
    assert first == in_memory
    before = stamps(large)
    assert sorted(before) == ["demo.default.unit.hnsw", "demo.default.unit.json"]
    assert picks(large) == first
    for command in (
        duplicates("--db", str(large), "--approximate", "--min-distance", "0.3"),
        similar("00007", "--db", str(large), "--approximate"),
    ):
        assert rows(command)
    assert stamps(large) == before


def test_a_configuration_uses_the_same_graph(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlsel.engine.strategies.typicality.EXACT_ROWS", 1000)
    config = {
        "n_samples": 30,
        "strategies": [{"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "TYPICALITY"}}],
    }
    found = sqlsel.run(config, db=str(large))
    assert (
        found.facts[-1]
        .notes[0]
        .startswith("typicality of 1,500 rows is approximate (hnswlib), recall ")
    )
    before = stamps(large)
    assert sorted(before) == ["demo.default.unit.hnsw", "demo.default.unit.json"]
    assert picks(large) == found.arrow()["sample_id"].to_pylist()
    assert stamps(large) == before


def test_some_of_the_samples_have_no_stored_graph(large: Path) -> None:
    picks(large, "WHERE sample_id < '01400'")
    assert stamps(large) == {}
    picks(large)
    before = stamps(large)
    picks(large, "WHERE sample_id < '01400'")
    assert stamps(large) == before


def test_the_graph_follows_the_vectors(large: Path) -> None:
    picks(large)
    before = stamps(large)
    put(large, [f"{i:05}" for i in range(1500)], units(1500, 12, seed=4))
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{large}' AS other (READ_ONLY)")
        con.execute("CREATE TABLE t AS SELECT sample_id, embedding FROM other.demo.catalog")
        con.execute("DETACH other")
        text = TEXT.format("", "embedding").replace("demo.catalog", "t")
        wanted = [r[0] for r in sqlsel.sql(con, text).fetchall()]
    assert picks(large) == wanted
    after = stamps(large)
    assert after.keys() == before.keys()
    assert after != before


def test_every_model_has_its_own(large: Path) -> None:
    put(large, [f"{i:05}" for i in range(1500)], units(1500, 12, seed=9), model="clip")
    picks(large)
    picks(large, column="clip")
    picks(large)
    assert sorted(stamps(large)) == [
        f"demo.{model}.unit.{kind}" for model in ("clip", "default") for kind in ("hnsw", "json")
    ]


def test_a_table_of_nobody_s_has_no_graph_beside_it(tmp_path: Path) -> None:
    x = units(1200, 6)
    with duckdb.connect(str(tmp_path / "plain.duckdb")) as con:
        con.register("given", vectors_of([f"{i}" for i in range(1200)], x))
        con.execute("CREATE SCHEMA demo; CREATE TABLE demo.catalog AS FROM given")
        assert len(sqlsel.sql(con, TEXT.format("", "embedding")).fetchall()) == 30
    assert not Path(f"{tmp_path}/plain.duckdb.index").exists()


def test_explain_says_how_queries_are_found(line: str) -> None:
    with connect(line) as con:
        for option, told in (
            ("", "; above 40,000,000,000 pairs of row and query from a graph (hnswlib)"),
            (", approximate := false", ""),
        ):
            text = f"EXPLAIN SELECT sample_id FROM demo.catalog USING STRATEGY SIMILARITY(embedding, [[1, 0]]{option})"
            plan = sqlsel.sql(con, text).fetchall()[0][1]
            exact = "SIMILARITY: exact distance to the nearest query, once per row"
            assert plan.split("\n")[0] == exact + told


def test_lightly_knows_no_such_option(line: str) -> None:
    strategy = {"type": "SIMILARITY", "approximate": True}
    config = {
        "n_samples": 1,
        "strategies": [{"input": {"type": "EMBEDDINGS"}, "strategy": strategy}],
    }
    with pytest.raises(sqlsel.ConfigError, match="approximate"):
        sqlsel.run(json.dumps(config), db=line)


def test_explain_tells_how_good_the_kept_graph_is(large: Path) -> None:
    text = TEXT.format("", "embedding")
    kept = "graph kept of demo.default (unit): recall of 20 neighbours "
    with connect(large) as con:
        assert kept not in sqlsel.sql(con, f"EXPLAIN {text}").fetchall()[0][1]
        sqlsel.sql(con, text)
        assert kept in sqlsel.sql(con, f"EXPLAIN {text}").fetchall()[0][1]
        exact = text.replace("true", "false")
        assert kept not in sqlsel.sql(con, f"EXPLAIN {exact}").fetchall()[0][1]
        measured = sqlsel.sql(con, f"EXPLAIN ANALYZE {text}").fetchall()[0][1]
        assert "is approximate (hnswlib), recall of 20 neighbours" in measured
