"""A strategy that is registered from outside works on every surface, and so does every one that there is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sqlsel
import sqlsel.polars as sel
from sqlsel.cli.main import cli
from sqlsel.engine.strategies import STRATEGIES, register
from sqlsel.errors import ConfigError
from tests.strategies.near_zero import NearZero

ROWS, PICKS = 60, 7
VECTORS = np.random.default_rng(5).standard_normal((ROWS, 4)).astype(np.float32)
NUMBERS = np.random.default_rng(6).random(ROWS)
LABELS = np.random.default_rng(7).choice(["a", "b", "c"], ROWS, p=[0.6, 0.3, 0.1])
LISTS = [VECTORS[i : i + 1 + i % 3].tolist() for i in range(ROWS)]  # 1 to 3 vectors each
NEAREST = np.argsort(np.linalg.norm(VECTORS.astype(np.float64), axis=1))[:PICKS].tolist()
INPUTS = {"vectors": "v", "numbers": "w", "classes": "c"}
NEEDED: dict[str, dict[str, Any]] = {
    "similarity": {"query": [[1.0, 0, 0, 0], [0, 1.0, 0, 0]]},
    "deduplicate": {"min_distance": 0.1},
}


@pytest.fixture
def near_zero() -> Iterator[str]:
    register(NearZero)
    yield "near_zero"
    del STRATEGIES["NEAR_ZERO"]


@pytest.fixture
def table() -> pa.Table:
    listed = pa.FixedSizeListArray.from_arrays(pa.array(VECTORS.ravel()), 4)
    return pa.table({"id": range(ROWS), "v": listed, "w": NUMBERS, "c": LABELS})


def arguments(kind: str, **options: Any) -> str:
    """The arguments of a strategy in a clause."""
    takes = STRATEGIES[kind.upper()].takes
    told = [f"{name} := {value}" for name, value in {**NEEDED.get(kind, {}), **options}.items()]
    return ", ".join([*([INPUTS[takes]] if takes in INPUTS else []), *told])


def on_sql(table: pa.Table, kind: str, **options: Any) -> list[int]:
    con = sqlsel.connect()
    con.register("pool", table)
    text = f"{kind.upper()}({arguments(kind, **options)}), key := id"
    statement = f"SELECT id FROM pool USING STRATEGY {text} LIMIT {PICKS}"
    return [row[0] for row in con.sql(statement).fetchall()]


def on_macros(table: pa.Table, kind: str) -> list[int]:
    con = sqlsel.connect()
    con.register("arrived", table)
    con.execute("CREATE TABLE pool AS FROM arrived")
    takes = STRATEGIES[kind.upper()].takes
    source = [f"'{INPUTS[takes]}'"] if takes in INPUTS else []
    told = [f"{name} := {value}" for name, value in NEEDED.get(kind, {}).items()]
    call = f"sqlsel.{kind}({', '.join([*source, *told])})"
    text = f"FROM sqlsel.select_samples('pool', {call}, n_samples := {PICKS}, key := 'id')"
    return [row[0] for row in con.execute(f"SELECT id {text} ORDER BY rank").fetchall()]


def on_arrays(kind: str, vectors: Any = VECTORS, **options: Any) -> list[int]:
    make, takes = getattr(sqlsel, kind), STRATEGIES[kind.upper()].takes
    source = {"vectors": [vectors], "numbers": [NUMBERS], "classes": [LABELS]}.get(takes, [])
    strategy = make(*source, **NEEDED.get(kind, {}), **options)
    ids = {} if source else {"ids": range(ROWS)}
    return sqlsel.select(n=PICKS, strategies=[strategy], **ids).indices.tolist()


def on_polars(table: pa.Table, kind: str, **options: Any) -> list[int]:
    make, takes = getattr(sel, kind), STRATEGIES[kind.upper()].takes
    source = [INPUTS[takes]] if takes in INPUTS else []
    strategy = make(*source, **NEEDED.get(kind, {}), **options)
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return sel.rows(frame, strategy, n=PICKS, id="id")["id"].to_list()


def in_namespace(table: pa.Table, kind: str) -> list[int]:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    column = pl.col(INPUTS[STRATEGIES[kind.upper()].takes])
    chosen = getattr(column.sel, kind)(n=PICKS, id="id", **NEEDED.get(kind, {}))  # type: ignore[attr-defined]
    return sorted(frame.filter(chosen)["id"].to_list())


@pytest.mark.parametrize("kind", sorted(name.lower() for name in STRATEGIES))
def test_every_strategy_gives_the_same_on_every_surface(table: pa.Table, kind: str) -> None:
    wanted = on_sql(table, kind)
    assert len(wanted) == PICKS
    assert on_arrays(kind) == on_polars(table, kind) == on_macros(table, kind) == wanted
    if STRATEGIES[kind.upper()].takes != "nothing":
        assert in_namespace(table, kind) == sorted(wanted)


@pytest.mark.parametrize(
    "kind",
    [name.lower() for name, one in STRATEGIES.items() if one.takes == "vectors"] + ["near_zero"],
)
def test_lists_of_vectors_give_the_same_on_every_surface(
    table: pa.Table, near_zero: str, kind: str
) -> None:
    lists = table.set_column(1, "v", pa.array(LISTS, pa.list_(pa.list_(pa.float32(), 4))))
    expected = on_sql(lists, kind)
    assert len(expected) == PICKS
    assert on_arrays(kind, LISTS) == on_polars(lists, kind) == on_macros(lists, kind) == expected
    assert in_namespace(lists, kind) == sorted(expected)


def test_near_zero_sums_over_the_vectors_of_a_sample_also_far_from_zero(near_zero: str) -> None:
    worth = np.array([np.exp(-np.linalg.norm(one, axis=1)).sum() for one in LISTS])
    expected = np.argsort(-worth, kind="stable")[:PICKS].tolist()
    assert on_arrays(near_zero, LISTS) == expected
    # Below 1e-8 samples would count alike beside another strategy.
    far = [sqlsel.near_zero(VECTORS * 4 + 30), sqlsel.weights(np.ones(ROWS))]  # type: ignore[attr-defined]
    nearest = np.argsort(np.linalg.norm(VECTORS.astype(np.float64) * 4 + 30, axis=1))[:PICKS]
    assert sqlsel.select(n=PICKS, strategies=far).indices.tolist() == nearest.tolist()


def test_a_registered_strategy_is_known_everywhere(table: pa.Table, near_zero: str) -> None:
    assert on_sql(table, near_zero) == NEAREST
    assert on_macros(table, near_zero) == NEAREST
    assert on_arrays(near_zero) == NEAREST
    assert on_polars(table, near_zero) == NEAREST
    assert in_namespace(table, near_zero) == sorted(NEAREST)
    assert on_sql(table, near_zero, strength=-1.0) != NEAREST
    assert len(on_sql(table, near_zero, scale=2.0)) == PICKS


def test_it_is_run_from_a_configuration(
    table: pa.Table, near_zero: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "NEAR_ZERO", "scale": 2}}
    config = {"n_samples": PICKS, "strategies": [entry]}
    renamed = table.rename_columns(["id", "embedding", "w", "c"])
    found = sqlsel.run(config, renamed, id="id")
    assert found.arrow()["id"].to_pylist() == NEAREST
    assert "near_zero" in found.arrow().column_names
    assert found.facts[0].fulfilment[0].texts().reached.startswith("mean ")

    pq.write_table(renamed, tmp_path / "pool.parquet")
    (tmp_path / "c.json").write_text(json.dumps(config))
    told = [str(tmp_path / "c.json"), "--data", str(tmp_path / "pool.parquet"), "--id", "id"]
    assert not cli.main(["run", *told], standalone_mode=False)
    assert [int(line) for line in capsys.readouterr().out.split()] == NEAREST
    cli.main(["explain", *told], standalone_mode=False)
    assert "NEAR_ZERO: exact, by order of the values" in capsys.readouterr().out
    cli.main(["validate", "--schema"], standalone_mode=False)
    assert '"NEAR_ZERO"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        ({"type": "NEAR_ZERO", "scale": -2}, "strategies[0].strategy: scale must be above 0"),
        ({"type": "NEAR_ZERO", "scal": 2}, "strategies[0].strategy: unknown key 'scal'"),
        ({"type": "NEAR_ZER"}, "Did you mean 'NEAR_ZERO'?"),
    ],
)
def test_its_mistakes_in_a_configuration_are_told_with_their_place(
    table: pa.Table, near_zero: str, strategy: dict[str, Any], message: str
) -> None:
    entry = {"input": {"type": "EMBEDDINGS"}, "strategy": strategy}
    with pytest.raises(ConfigError) as caught:
        sqlsel.run({"n_samples": 3, "strategies": [entry]}, table, id="id")
    assert message in str(caught.value)


def test_its_mistakes_in_a_clause_are_told(table: pa.Table, near_zero: str) -> None:
    con = sqlsel.connect()
    con.register("pool", table)
    text = "SELECT id FROM pool USING STRATEGY {} LIMIT 3"
    with pytest.raises(sqlsel.ClauseError, match="did you mean NEAR_ZERO"):
        con.sql(text.format("NEAR_ZER(v)"))
    with pytest.raises(sqlsel.ClauseError, match="NEAR_ZERO has no option scal"):
        con.sql(text.format("NEAR_ZERO(v, scal := 2)"))
    with pytest.raises(sqlsel.InvalidInput, match="NEAR_ZERO: scale must be above 0, got -1"):
        con.sql(text.format("NEAR_ZERO(v, scale := -1)")).fetchall()


def test_its_macro_has_a_comment(near_zero: str) -> None:
    con = sqlsel.connect()
    sqlsel.load(con)
    text = "SELECT comment FROM duckdb_functions() WHERE function_name = 'near_zero'"
    ((comment,),) = con.execute(text).fetchall()
    assert comment.endswith(
        "U = Σ exp(−norm / scale); of a sample with a list of vectors, their sum."
    )


def test_a_name_is_taken_once(near_zero: str) -> None:
    with pytest.raises(ValueError, match="there is a strategy NEAR_ZERO already"):
        register(NearZero)


def test_without_it_nothing_knows_it(table: pa.Table) -> None:
    with pytest.raises(AttributeError):
        sqlsel.near_zero  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError):
        sel.near_zero  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError):
        pl.col("v").sel.near_zero  # type: ignore[attr-defined]  # noqa: B018


def test_editors_see_it(near_zero: str) -> None:
    for known in (sqlsel, sel, pl.col("v").sel):  # type: ignore[attr-defined]
        assert near_zero in dir(known)
        assert {"weights", "balance"} <= set(dir(known))


def test_a_wrong_option_in_the_namespace_is_told(near_zero: str) -> None:
    with pytest.raises(
        TypeError,
        match=r"^near_zero has no option scal. Did you mean scale\? Options: strength, scale, n,",
    ):
        pl.col("v").sel.near_zero(n=5, scal=2)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_says_what_it_prefers_and_has_an_example_for_what_it_needs(
    name: str,
) -> None:
    kind = STRATEGIES[name]
    assert (kind.__doc__ or "").split("\n")[0].endswith((".", ":")) or "U =" in (kind.__doc__ or "")
    assert not (kind.__doc__ or "").startswith(f"{kind.__name__}(")
    assert not kind.required() or kind.example
