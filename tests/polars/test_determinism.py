"""With an id the picks depend on the rows alone: not on their order, on threads, or on the engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import sqlsel.polars as sel
from tests.polars.frames import ENGINES, diverse, farthest, in_pieces, program, samples


def with_ties(rows: int) -> pl.DataFrame:
    """Samples of which many have the same vector, number and group."""
    rng = np.random.default_rng(1)
    grid = rng.integers(-2, 3, (rows, 4)).astype(np.float32)
    grid[(grid == 0).all(axis=1)] = 1
    columns = [pl.Series("e", grid), (pl.col("w") * 4).floor().alias("w")]
    return samples(rows).with_columns(*columns)


TIED = with_ties(1000)
NEAR = np.array([[1.0, 1, 0, 0], [0, 0, 1, -1]])
STRATEGIES: dict[str, list[Any]] = {
    "diversity": [sel.diversity("e")],
    "diversity with distance": [sel.diversity("e", min_distance=0.3)],
    "weights": [sel.weights("w")],
    "balance": [sel.balance("g", {"0": 0.5, "1": 0.25})],
    "similarity": [sel.similarity("e", NEAR)],
    "typicality": [sel.typicality("e", neighbors=5)],
    "random": [sel.random(seed=4)],
    "conditions": [pl.col("w") > 1, sel.threshold("g", "<", 3)],
    "all": [
        sel.diversity("e"),
        sel.weights("w", strength=2),
        sel.balance("g", "uniform"),
        sel.similarity("e", NEAR, strength=0.5),
        sel.typicality("e", neighbors=5),
        sel.random(),
        pl.col("w") < 3,
    ],
}


def ranked(lf: pl.LazyFrame, strategies: list[Any], engine: Any = "auto") -> list[int]:
    """The ids in pick order."""
    lf = lf.with_columns(sel.rank(*strategies, n=30, id="id", seed=3)).drop_nulls("rank")
    ids: list[int] = lf.sort("rank").collect(engine=engine)["id"].to_list()
    return ids


@pytest.mark.parametrize("strategies", STRATEGIES.values(), ids=STRATEGIES)
def test_neither_rows_nor_strategies_need_an_order(strategies: list[Any]) -> None:
    wanted = ranked(TIED.lazy(), strategies)
    assert len(set(wanted)) == 30
    shuffled = TIED.sample(fraction=1, shuffle=True, seed=7)
    for frame in (TIED.reverse(), shuffled, in_pieces(shuffled, 50), TIED.sort("id")):
        for engine in ENGINES:
            assert ranked(frame.lazy(), strategies[::-1], engine) == wanted
            source = sel.rows(frame.lazy(), *strategies, n=30, id="id", seed=3)
            assert source.collect(engine=engine)["id"].to_list() == wanted


def test_ties_go_to_the_lowest_id_and_without_id_to_the_first_row() -> None:
    equal = TIED.with_columns(w=1.0)
    weights = sel.weights("w")
    assert ranked(equal.lazy(), [weights]) == list(range(30))
    by_position = equal.filter(sel.select(weights, n=30))
    assert by_position["id"].to_list() == equal["id"].head(30).to_list()


JOIN = """
import sys
import polars as pl, sqlsel.polars as sel

left, right, runs = pl.scan_parquet(sys.argv[1]), pl.scan_parquet(sys.argv[2]), int(sys.argv[3])
mask = sel.select(sel.diversity("e"), pl.col("w") < 0.9, n=20, id="id")
orders, picks = set(), []
for engine in ("in-memory", "streaming"):
    for _ in range(runs):
        both = left.join(right, on="id", maintain_order="none")
        picks.append(sorted(both.filter(mask).collect(engine=engine)["id"]))
        rows = sel.rows(both, sel.diversity("e"), pl.col("w") < 0.9, n=20, id="id")
        picks.append(sorted(rows.collect(engine=engine)["id"]))
        orders.add(both.select("id").collect(engine=engine)["id"].hash().implode().hash()[0])
print([pl.thread_pool_size(), len(orders), picks])
"""


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize(
    ("count", "runs"), [(30_000, 2), pytest.param(200_000, 20, marks=pytest.mark.slow)]
)
def test_a_join_whose_rows_come_in_any_order_gives_one_selection(
    count: int, runs: int, threads: int, tmp_path: Path
) -> None:
    data = samples(count)
    data.select("id", "e").write_parquet(tmp_path / "left.parquet", row_group_size=5000)
    other = data.select("id", "w").sample(fraction=1, shuffle=True, seed=2)
    other.write_parquet(tmp_path / "right.parquet", row_group_size=7000)
    given = (JOIN, tmp_path / "left.parquet", tmp_path / "right.parquet", runs)
    done = program(*given, seconds=300, POLARS_MAX_THREADS=str(threads))
    assert done.returncode == 0, done.stderr
    pool, orders, picks = json.loads(done.stdout)
    print(f"{count:,} rows, {threads} threads: {orders} orders of rows in {2 * runs} runs")
    wanted = sorted(farthest(data.filter(pl.col("w") < 0.9), 20))
    assert pool == threads
    assert picks == [wanted] * (4 * runs)


GROUPS = """
import sys
import polars as pl, sqlsel.polars as sel

lf = pl.scan_parquet(sys.argv[1])
mask = sel.select(sel.diversity("e"), sel.weights("w"), sel.random(seed=2), n=7, id="id")
found = []
for engine in ("in-memory", "streaming"):
    over = lf.filter(mask.over("g")).collect(engine=engine)
    agg = lf.group_by("g").agg(pl.col("id").filter(mask)).explode("id").collect(engine=engine)
    found += [sorted(over["id"]), sorted(agg["id"])]
print(found)
"""


def test_groups_that_run_in_threads_give_one_selection(tmp_path: Path) -> None:
    TIED.with_columns(g=pl.col("text").hash() % 40).write_parquet(tmp_path / "tied.parquet")
    every = []
    for threads in ("1", "4"):
        done = program(GROUPS, tmp_path / "tied.parquet", POLARS_MAX_THREADS=threads)
        assert done.returncode == 0, done.stderr
        every += json.loads(done.stdout)
    assert len(every) == 8
    assert every == [every[0]] * 8
    assert len(every[0]) == 40 * 7


@pytest.mark.parametrize("engine", ENGINES)
def test_a_mask_is_the_same_on_every_run(engine: Any) -> None:
    data = samples(5000)
    lf = data.lazy().join(data.lazy().select("id", "text"), on="id").filter(diverse(30))
    wanted = set(farthest(data, 30))
    for _ in range(20):
        assert set(lf.collect(engine=engine)["id"]) == wanted
