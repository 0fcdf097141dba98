"""How often a selection runs, in which forms of a filter, and by which ways its plan may go."""

from __future__ import annotations

import importlib
import io
import pickle
import warnings
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import sqlsel
import sqlsel.polars as sel
from sqlsel.engine.optimizer.budget import share_of
from tests.polars.frames import ENGINES, diverse, farthest, program, samples, watching

ROWS = 2000
DATA = samples(ROWS)
PICKED = DATA.filter(pl.col("id").is_in(farthest(DATA, 12)))
MASK = diverse()
TRACE = sel.trace(sel.diversity("e"), n=12, id="id")
COLD = pl.col("w") < 0.5

# Polars shares no function between expressions; its in-memory engine shares an expression that is the same object.
CALLS: dict[str, tuple[Callable[[pl.LazyFrame], pl.LazyFrame], int, int]] = {
    "a filter": (lambda lf: lf.filter(MASK), 1, 1),
    "a filter of a column": (lambda lf: lf.select(pl.col("text").filter(MASK)), 1, 1),
    "a filter of five columns": (lambda lf: lf.select(pl.all().filter(MASK)), 1, 5),
    "the same expression twice": (lambda lf: lf.select(MASK.alias("a"), MASK.alias("b")), 1, 2),
    "equal expressions": (lambda lf: lf.select(diverse().alias("a"), diverse().alias("b")), 2, 2),
    "two fields at once": (lambda lf: lf.select(TRACE.struct.field("rank", "gain")), 1, 2),
    "two fields": (
        lambda lf: lf.select(TRACE.struct.field("rank"), TRACE.struct.field("gain")),
        2,
        2,
    ),
    "all fields": (lambda lf: lf.select(TRACE.struct.unnest()), 1, 4),
    "with_columns and unnest": (lambda lf: lf.with_columns(TRACE).unnest("selection"), 1, 1),
    "with_columns and fields": (
        lambda lf: lf.with_columns(TRACE).select(
            pl.col("selection").struct.field("rank"), pl.col("selection").struct.field("gain")
        ),
        1,
        1,
    ),
    "a column that nobody reads": (lambda lf: lf.with_columns(MASK).select("id"), 0, 0),
    "a column that is dropped": (lambda lf: lf.with_columns(TRACE).drop("selection"), 0, 0),
    "the number of rows with such a column": (
        lambda lf: lf.with_columns(MASK).select(pl.len()),
        0,
        0,
    ),
    "no rows of a filter": (lambda lf: lf.filter(MASK).head(0), 0, 0),
    "concat with itself": (lambda lf: pl.concat([lf.filter(MASK)] * 3), 1, 1),
    "join with itself": (lambda lf: lf.filter(MASK).join(lf.filter(MASK), on="id"), 1, 1),
}


@pytest.mark.parametrize(("plan", "in_memory", "streaming"), CALLS.values(), ids=CALLS)
def test_a_selection_runs_as_often_as_it_is_written(
    plan: Callable[[pl.LazyFrame], pl.LazyFrame], in_memory: int, streaming: int
) -> None:
    with watching() as seen:
        plan(DATA.lazy()).collect(engine="in-memory")
    assert seen == [ROWS] * in_memory
    with watching() as seen:
        plan(DATA.lazy()).collect(engine="streaming")
    assert seen == [ROWS] * streaming


def test_an_eager_expression_that_is_written_twice_runs_twice() -> None:
    with watching() as seen:
        DATA.with_columns(MASK.alias("a"), MASK.alias("b"))
    assert seen == [ROWS, ROWS]
    with watching() as seen:
        assert_frame_equal(DATA.filter(MASK), PICKED)
    assert seen == [ROWS]


def test_schema_and_plan_are_known_without_a_run() -> None:
    with watching() as seen:
        schema = DATA.lazy().with_columns(TRACE, MASK).collect_schema()
        assert "python_udf" in DATA.lazy().filter(MASK).explain()
    assert seen == []
    fields = {
        "selected": pl.Boolean,
        "rank": pl.Int64,
        "gain": pl.Float64,
        "diversity": pl.Float64,
    }
    assert schema == {**DATA.schema, "selection": pl.Struct(fields), "selected": pl.Boolean()}
    assert DATA.lazy().with_columns(TRACE, MASK).collect().schema == schema


@pytest.mark.parametrize("engine", ENGINES)
def test_plans_that_are_collected_together_share_a_selection(engine: Any) -> None:
    lf = DATA.lazy().filter(MASK)
    with watching() as seen:
        whole, cold, first = pl.collect_all([lf, lf.filter(COLD), lf.head(3)], engine=engine)
    assert seen == [ROWS]
    assert_frame_equal(whole, PICKED)
    assert_frame_equal(cold, PICKED.filter(COLD))
    assert_frame_equal(first, PICKED.head(3))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["parquet", "ipc", "csv", "ndjson"])
def test_a_sink_writes_the_picks(kind: str, engine: Any, tmp_path: Path) -> None:
    with watching() as seen:
        getattr(DATA.lazy().filter(MASK).drop("e"), f"sink_{kind}")(tmp_path / "out", engine=engine)
    assert seen == [ROWS]
    assert_frame_equal(getattr(pl, f"read_{kind}")(tmp_path / "out"), PICKED.drop("e"))


@pytest.mark.parametrize("engine", ENGINES)
def test_batches_hold_the_picks(engine: Any) -> None:
    batches = list(DATA.lazy().filter(MASK).collect_batches(chunk_size=5, engine=engine))
    assert_frame_equal(pl.concat(batches), PICKED)


def test_duckdb_reads_a_lazy_frame_above_a_selection() -> None:
    picked = DATA.lazy().filter(MASK)
    with duckdb.connect() as con:
        con.register("picked", picked)
        with watching() as seen:
            found = con.execute("SELECT text FROM picked WHERE w < 0.5 ORDER BY id").fetchall()
            assert con.execute("SELECT count(*) FROM picked").fetchone() == (12,)
    assert seen == [ROWS, ROWS]
    assert [text for (text,) in found] == PICKED.filter(COLD).sort("id")["text"].to_list()


@pytest.mark.parametrize("engine", ENGINES)
def test_forms_of_a_filter_mean_what_their_order_says(engine: Any) -> None:
    def ids(lf: pl.LazyFrame) -> set[int]:
        return set(lf.collect(engine=engine)["id"])

    lf = DATA.lazy()
    survivors, all_rows = set(farthest(DATA.filter(COLD), 50)), set(farthest(DATA, 50))
    both = all_rows & set(DATA.filter(COLD)["id"])
    mask = diverse(50)
    assert len(survivors) == 50
    assert 0 < len(both) < 50
    assert ids(lf.filter(COLD).filter(mask)) == survivors
    assert ids(lf.filter(sel.select(COLD, sel.diversity("e"), n=50, id="id"))) == survivors
    assert ids(lf.filter(COLD, mask)) == ids(lf.filter(mask, COLD)) == both
    assert ids(lf.filter(mask & COLD)) == ids(lf.filter(mask).filter(COLD)) == both


@pytest.mark.parametrize("engine", ENGINES)
def test_a_proportion_is_of_the_rows_that_reach_it_before_its_own_conditions(engine: Any) -> None:
    lf, share = DATA.lazy(), {"proportion": 0.013, "id": "id"}
    survivors = int(DATA.select(COLD.sum()).item())
    outside = lf.filter(COLD).filter(sel.select(sel.diversity("e"), **share)).collect(engine=engine)
    inside = lf.filter(sel.select(COLD, sel.diversity("e"), **share)).collect(engine=engine)
    assert len(outside) == share_of(survivors, 0.013) != 26
    assert len(inside) == 26
    assert set(inside["id"]) == set(farthest(DATA.filter(COLD), 26))


@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_a_share_of_rows_is_rounded_half_up_in_decimal(step: int) -> None:
    differing = 0
    for rows in range(1, 1001, step):
        for thousandths in range(1, 1001):
            wanted = max(1, (thousandths * rows + 500) // 1000)
            assert share_of(rows, thousandths / 1000) == wanted
            differing += max(1, int(thousandths / 1000 * rows + 0.5)) != wanted
    assert step > 1 or differing == 103  # what binary numbers would round the other way
    share = Fraction(29, 100) * 50
    assert share + Fraction(1, 2) == share_of(50, 0.29) == 15


@pytest.mark.parametrize("options", [{}, {"min_distance": 0.5}, {"min_distance": 1.2}])
def test_the_first_ranks_of_many_are_the_selection_of_few(options: dict[str, float]) -> None:
    def selection(make: Any, n: int) -> pl.Expr:
        strategies = [sel.diversity("e", **options), sel.weights("w"), sel.balance("g", "uniform")]
        expr: pl.Expr = make(*strategies, n=n, id="id")
        return expr

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        ranked = DATA.with_columns(selection(sel.rank, 300)).drop_nulls("rank")
    assert (len(ranked) < 300) == bool(options) == bool(told)
    for few in (1, 2, 7, len(ranked) - 1):
        picked = DATA.filter(selection(sel.select, few))
        assert_frame_equal(picked, ranked.filter(pl.col("rank") <= few).drop("rank"))


def test_neighbours_that_are_too_near_are_passed_over_in_every_prefix() -> None:
    wanted = farthest(DATA, 300, min_distance=0.5)
    assert 50 < len(wanted) < 300
    spread = sel.diversity("e", min_distance=0.5)
    for n in (2, 40, len(wanted)):
        assert sel.rows(DATA, spread, n=n, id="id")["id"].to_list() == wanted[:n]


ROUND: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "pickle": lambda expr: pickle.loads(pickle.dumps(expr)),  # noqa: S301
    "binary": lambda expr: pl.Expr.deserialize(expr.meta.serialize()),
}


@pytest.mark.parametrize("there_and_back", ROUND.values(), ids=ROUND)
def test_a_selection_that_was_stored_gives_the_same(
    there_and_back: Callable[[pl.Expr], pl.Expr],
) -> None:
    strategies = [
        sel.diversity("e", min_distance=0.1, start=77),
        sel.weights(pl.col("w") * 2, strength=0.5),
        sel.balance("g", {"0": 0.5, "1": 0.5}),
        sel.similarity("e", [[1.0, 0, 0, 0]]),
        sel.random(seed=3),
        sel.threshold("w", ">", 0.1),
        COLD,
    ]
    expr = sel.trace(*strategies, n=pl.len() // 100, id="id", preselected=pl.col("id") == 5)
    stored = there_and_back(expr)
    assert_frame_equal(DATA.select(stored), DATA.select(expr))


def test_a_plan_that_was_stored_gives_the_same_elsewhere(tmp_path: Path) -> None:
    DATA.write_parquet(tmp_path / "whole.parquet")
    lf = pl.scan_parquet(tmp_path / "whole.parquet").filter(MASK)
    (tmp_path / "plan").write_bytes(lf.serialize())
    assert_frame_equal(pl.LazyFrame.deserialize(io.BytesIO(lf.serialize())).collect(), PICKED)
    text = """
import sys, polars as pl
with open(sys.argv[1], "rb") as file:
    print(*pl.LazyFrame.deserialize(file).collect()["id"])
"""
    done = program(text, tmp_path / "plan")
    assert done.stdout.split() == [str(i) for i in PICKED["id"]], done.stderr


def test_the_door_can_be_loaded_again() -> None:
    again = importlib.reload(sel)
    assert_frame_equal(DATA.filter(again.select(again.diversity("e"), n=12, id="id")), PICKED)
    assert_frame_equal(DATA.filter(pl.col("e").sel.diversity(n=12, id="id")), PICKED)  # type: ignore[attr-defined]


def test_loading_the_polars_interface_loads_no_other_engine() -> None:
    done = program("import sys, sqlsel.polars; print(*sys.modules)")
    assert not {"duckdb", "pyarrow", "sklearn", "hnswlib", "click"} & set(done.stdout.split())
    assert sqlsel.__name__ in done.stdout.split()
