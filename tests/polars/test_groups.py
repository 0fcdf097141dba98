"""A selection in ``over`` and in ``group_by().agg`` is one selection for each group."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import sqlsel.polars as sel
from sqlsel.engine.optimizer.budget import share_of
from tests.parity.brute_force import Case, brute_force, unit
from tests.polars.frames import ENGINES, diverse, farthest, in_pieces, samples, watching

NULL_GROUP = pl.when(pl.col("id") % 8 > 0).then(pl.col("id") % 8 - 1)
DATA = samples(1600).with_columns(NULL_GROUP.alias("g"))  # groups 0…6 and null
GROUPS = {key: part for (key,), part in DATA.group_by("g", maintain_order=True)}
QUOTA = pl.col("g").first().fill_null(3)
Way = Callable[[pl.LazyFrame, pl.Expr], pl.LazyFrame]

WAYS: dict[str, Way] = {
    "filter over": lambda lf, mask: lf.filter(mask.over("g")),
    "column over": lambda lf, mask: (
        lf.with_columns(mask.over("g")).filter("selected").drop("selected")
    ),
    "over an expression": lambda lf, mask: lf.filter(mask.over(pl.col("g") * 2 - 1)),
    "over two": lambda lf, mask: lf.filter(mask.over("g", pl.col("g").is_null())),
    "agg": lambda lf, mask: (
        lf.group_by("g").agg(pl.all().filter(mask)).explode(pl.all().exclude("g")).drop_nulls("id")
    ),
    "agg of one": lambda lf, mask: lf.join(
        lf.group_by("g").agg(pl.col("id").filter(mask)).explode("id"), on="id", how="semi"
    ),
    "agg in order": lambda lf, mask: lf.join(
        lf.group_by("g", maintain_order=True).agg(pl.col("id").filter(mask)).explode("id"),
        on="id",
        how="semi",
    ),
}


def sources() -> list[pl.LazyFrame]:
    return [DATA.lazy(), in_pieces(DATA.sort("g"), 40).lazy()]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_every_group_has_its_quota_and_its_own_selection(way: Way, engine: Any) -> None:
    wanted = {key: farthest(part, 3 if key is None else key) for key, part in GROUPS.items()}
    for lf in sources():
        with watching() as seen:
            found = way(lf, diverse(n=QUOTA)).select(DATA.columns).collect(engine=engine)
        assert set(seen) == {len(part) for part in GROUPS.values()}
        ids = sorted(i for picks in wanted.values() for i in picks)
        assert_frame_equal(found.sort("id"), DATA.filter(pl.col("id").is_in(ids)).sort("id"))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_filter_on_the_group_leaves_the_selection_of_each_group_as_it_is(engine: Any) -> None:
    mask = diverse(4)
    plans: list[Callable[[pl.LazyFrame], pl.LazyFrame]] = [
        lambda lf: lf.filter(mask.over("g")).filter(pl.col("g") == 2),
        lambda lf: lf.filter(pl.col("g") == 2).filter(mask.over("g")),
        lambda lf: lf.filter(mask.over("g"), pl.col("g") == 2),
        lambda lf: lf.with_columns(mask.over("g")).filter(pl.col("g") == 2).filter("selected"),
    ]
    for plan in plans:
        found = plan(DATA.lazy()).collect(engine=engine)
        assert set(found["id"]) == set(farthest(GROUPS[2], 4))
    cold = DATA.lazy().filter(mask.over("g")).filter(pl.col("w") < 0.5).collect(engine=engine)
    every = [i for part in GROUPS.values() for i in farthest(part, 4)]
    assert set(cold["id"]) == set(DATA.filter(pl.col("id").is_in(every), pl.col("w") < 0.5)["id"])


@pytest.mark.parametrize("engine", ENGINES)
def test_several_strategies_agree_with_the_definition_in_every_group(engine: Any) -> None:
    strategies = [sel.diversity("e"), sel.weights("w", strength=2)]
    rank = sel.rank(*strategies, n=6, id="id").over("g")
    found = DATA.lazy().with_columns(rank).collect(engine=engine).drop_nulls("rank")
    for key, part in GROUPS.items():
        picks = found.filter(pl.col("g").eq_missing(key)).sort("rank")["id"].to_list()
        assert picks == by_definition(part, 6)


def by_definition(part: pl.DataFrame, n: int) -> list[int]:
    case = Case(
        ["diversity", "weights"],
        [unit(part["e"].to_numpy()), part["w"].to_numpy()],
        [{"strength": 1.0}, {"strength": 2.0}],
        part["id"].rank("ordinal").to_numpy().astype(np.int64) - 1,
        np.ones(len(part), np.bool_),
        np.zeros(len(part), np.bool_),
        n,
    )
    picks, clear = brute_force(case)
    assert clear == n
    return [part["id"][row] for row in picks]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_group_is_ordered_before_its_positions_settle_ties(engine: Any) -> None:
    mask = sel.select(sel.diversity("e"), n=4)
    found = DATA.lazy().filter(mask.over("g", order_by="w", descending=True)).collect(engine=engine)
    wanted = [
        i
        for part in GROUPS.values()
        for i in part.sort("w", descending=True)
        .with_row_index("nr")
        .filter(pl.col("nr").is_in(positions(part.sort("w", descending=True), 4)))["id"]
    ]
    assert set(found["id"]) == set(wanted)
    assert set(found["id"]) != set(DATA.filter(mask.over("g"))["id"])


def positions(part: pl.DataFrame, n: int) -> list[int]:
    return farthest(part.drop("id").with_row_index("id"), n)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("share", [0.004, 0.0175, 0.3])
def test_a_proportion_is_of_the_rows_of_each_group(share: float, engine: Any) -> None:
    lf = DATA.lazy().filter((pl.col("g") != 5) | (pl.col("id") < 99))
    mask = sel.select(sel.diversity("e"), pl.col("w") < 0.9, proportion=share, id="id")
    every = lf.group_by("g").agg(pl.len().alias("rows")).collect()
    found = lf.filter(mask.over("g")).group_by("g").agg(pl.len()).collect(engine=engine)
    counts = dict(found.iter_rows())
    assert counts == {key: share_of(rows, share) for key, rows in every.iter_rows()}
    assert len(set(counts.values())) > 1 or share == 0.004


@pytest.mark.parametrize("engine", ENGINES)
def test_ranks_and_traces_of_groups_begin_at_one(engine: Any) -> None:
    strategy = sel.diversity("e")
    rank = sel.rank(strategy, n=3, id="id").over("g")
    trace = sel.trace(strategy, n=3, id="id").over("g")
    found = DATA.lazy().with_columns(rank, trace).unnest("selection", separator=".")
    picks = found.collect(engine=engine).drop_nulls("rank")
    assert picks["rank"].to_list() == picks["selection.rank"].to_list()
    for key, part in GROUPS.items():
        mine = picks.filter(pl.col("g").eq_missing(key)).sort("rank")
        assert mine["rank"].to_list() == [1, 2, 3]
        assert mine["id"].to_list() == farthest(part, 3)
    second = picks.filter(pl.col("rank") == 2)["selection.diversity"]
    assert second.is_between(1.5, 2.0).all()


@pytest.mark.parametrize("engine", ENGINES)
def test_inputs_are_those_of_the_group(engine: Any) -> None:
    """Query vectors, preselected rows and a quota are of the group, also where none is there."""
    asked = DATA.with_columns(done=pl.col("id") < 40, query=pl.col("id") % 97 == 5)
    near = sel.similarity("e", pl.col("e").filter("query"))
    mask = sel.select(near, n=QUOTA, id="id", preselected="done", n_counts="total")
    lf = asked.lazy()
    over = lf.filter(mask.over("g")).collect(engine=engine)
    agg = lf.group_by("g").agg(pl.col("id").filter(mask)).explode("id").collect(engine=engine)
    loop = [i for _, part in asked.group_by("g") for i in part.filter(mask)["id"]]
    assert set(over["id"]) == set(agg["id"].drop_nulls()) == set(loop)
    done = dict(asked.group_by("g").agg(pl.col("done").sum()).iter_rows())
    room = {key: max(0, (3 if key is None else key) - done[key]) for key in GROUPS}
    assert dict(over.group_by("g").len().iter_rows()) == {k: n for k, n in room.items() if n}


def test_many_small_groups_and_one_large_are_all_served() -> None:
    sizes = [1] * 300 + [2] * 100 + [3000]
    keys = [key for key, size in enumerate(sizes) for _ in range(size)]
    random.Random(0).shuffle(keys)
    data = samples(len(keys)).with_columns(pl.Series("g", keys))
    mask = sel.select(sel.diversity("e"), n=pl.min_horizontal(2, pl.len()), id="id")
    over = data.lazy().filter(mask.over("g")).collect()
    agg = data.lazy().group_by("g").agg(pl.col("id").filter(mask)).explode("id").collect()
    assert set(over["id"]) == set(agg["id"])
    assert len(over) == 300 + 200 + 2
    assert set(over.filter(g=400)["id"]) == set(farthest(data.filter(g=400), 2))


def test_a_budget_over_groups_is_spread_by_balance_and_not_by_over() -> None:
    spread = sel.select(sel.balance("g", "uniform"), n=16, id="id")
    counts = DATA.drop_nulls("g").filter(spread).group_by("g").len().sort("g")
    assert counts["len"].sum() == 16
    assert set(counts["len"]) == {2, 3}
