"""Selections beside, within and above each other, and on any number of threads: all end, and each is right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import sqlsel.polars as sel
from tests.polars.frames import ENGINES, diverse, farthest, program, samples, watching

DATA = samples(3000)
DIVERSE = sel.diversity("e")
SECONDS = 60  # a plan that waits for itself does not end


def rows_of(lf: pl.LazyFrame, n: int, **options: Any) -> pl.LazyFrame:
    return sel.rows(lf, DIVERSE, n=n, id="id", **options)


def picked(frame: pl.DataFrame, n: int) -> pl.DataFrame:
    """The picks in pick order."""
    return pl.DataFrame({"id": farthest(frame, n)}).join(frame, on="id", maintain_order="left")


@pytest.fixture
def lf(tmp_path: Path) -> pl.LazyFrame:
    DATA.write_parquet(tmp_path / "whole.parquet", row_group_size=250)
    return pl.scan_parquet(tmp_path / "whole.parquet")


@pytest.mark.parametrize("engine", ENGINES)
def test_six_sources_are_collected_together(lf: pl.LazyFrame, engine: Any) -> None:
    six = [rows_of(lf if n % 2 else DATA.lazy(), n) for n in range(3, 9)]
    for n, found in zip(range(3, 9), pl.collect_all(six, engine=engine), strict=True):
        assert_frame_equal(found, picked(DATA, n).select(DATA.columns))
    half = [source.filter(pl.col("w") < 0.5).sort("w").head(2) for source in six]
    for n, found in zip(range(3, 9), pl.collect_all(half, engine=engine), strict=True):
        wanted = picked(DATA, n).filter(pl.col("w") < 0.5).sort("w").head(2)
        assert_frame_equal(found, wanted.select(DATA.columns))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_source_that_is_used_twice_gives_the_same_twice(lf: pl.LazyFrame, engine: Any) -> None:
    one, wanted = rows_of(lf, 7), picked(DATA, 7).select(DATA.columns)
    with watching() as seen:
        both = pl.concat([one, one]).collect(engine=engine)
    assert seen == [3000] * (1 if engine == "in-memory" else 2)
    assert_frame_equal(both, pl.concat([wanted, wanted]))
    again = one.join(one.select("id", second="w"), on="id").sort("id").collect(engine=engine)
    assert_frame_equal(again, wanted.with_columns(second="w").sort("id"))


@pytest.mark.parametrize("engine", ENGINES)
def test_sources_are_joined_and_concatenated(lf: pl.LazyFrame, engine: Any) -> None:
    a, b, c = rows_of(lf, 40), rows_of(DATA.lazy(), 30), rows_of(lf, 3, by="g")
    joined = a.join(b.select("id"), on="id").join(c.select("id"), on="id", how="left")
    kept = joined.sort("id").collect(engine=engine)
    assert_frame_equal(kept, DATA.filter(pl.col("id").is_in(farthest(DATA, 30))).sort("id"))
    every = pl.concat([a, b, c]).collect(engine=engine)
    of_groups = [i for g in range(5) for i in farthest(DATA.filter(g=g), 3)]
    assert every["id"].to_list() == [*farthest(DATA, 40), *farthest(DATA, 30), *of_groups]
    anti = a.join(b, on="id", how="anti").sort("id").collect(engine=engine)
    assert anti["id"].to_list() == sorted(farthest(DATA, 40)[30:])


def from_mask(lf: pl.LazyFrame, n: int) -> pl.LazyFrame:
    return lf.filter(diverse(n))


WITHIN: dict[str, tuple[Callable[..., pl.LazyFrame], Callable[..., pl.LazyFrame]]] = {
    "rows of rows": (rows_of, rows_of),
    "rows of a filter": (from_mask, rows_of),
    "a filter of rows": (rows_of, from_mask),
    "a filter of a filter": (from_mask, from_mask),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("inner", "outer"), WITHIN.values(), ids=WITHIN)
def test_a_selection_of_a_selection_is_of_its_picks(
    inner: Callable[..., pl.LazyFrame],
    outer: Callable[..., pl.LazyFrame],
    engine: Any,
    lf: pl.LazyFrame,
) -> None:
    among = inner(lf.filter(pl.col("w") < 0.7), 60)
    few = DATA.filter(pl.col("w") < 0.7)
    first = few.filter(pl.col("id").is_in(farthest(few, 60)))
    found = outer(among.filter(pl.col("g") > 0), 6).collect(engine=engine)
    left = first.filter(pl.col("g") > 0)
    assert_frame_equal(
        found.sort("id"), left.filter(pl.col("id").is_in(farthest(left, 6))).sort("id")
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_picked_before_is_preselected_later(lf: pl.LazyFrame, engine: Any) -> None:
    """A second round beside the first, in one plan."""
    first = rows_of(lf, 5).select("id", done=pl.lit(value=True))
    second = rows_of(lf.join(first, on="id", how="left"), 4, preselected="done")
    with watching() as seen:
        found = second.collect(engine=engine)
    assert found["id"].to_list() == farthest(DATA, 9)[5:]
    assert found["done"].to_list() == [None] * 4
    assert seen == [3000] * 3  # the first round runs in each of the two readings of the second


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["parquet", "ipc", "ndjson"])
def test_rows_are_written_by_a_sink(
    kind: str, engine: Any, lf: pl.LazyFrame, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    getattr(rows_of(lf, 9, rank_column="rank").drop("e"), f"sink_{kind}")(out, engine=engine)
    found = getattr(pl, f"read_{kind}")(out)
    assert found["id"].to_list() == farthest(DATA, 9)
    assert found["rank"].to_list() == list(range(1, 10))
    sinks = [rows_of(lf, n).sink_parquet(tmp_path / f"{n}", lazy=True) for n in (3, 4, 5)]
    pl.collect_all(sinks, engine=engine)
    for n in (3, 4, 5):
        assert pl.read_parquet(tmp_path / f"{n}")["id"].to_list() == farthest(DATA, n)


def test_duckdb_reads_rows(lf: pl.LazyFrame) -> None:
    with duckdb.connect() as con:
        con.register("picked", rows_of(lf, 20, rank_column="nr"))
        con.register("others", rows_of(lf, 10))
        wanted = picked(DATA, 20).with_row_index("nr", offset=1)
        text = "SELECT text FROM picked WHERE w < 0.5 ORDER BY nr LIMIT 4"
        cold = wanted.filter(pl.col("w") < 0.5)["text"].head(4).to_list()
        assert [row[0] for row in con.execute(text).fetchall()] == cold
        assert con.execute("SELECT count(*) FROM picked").fetchone() == (20,)
        assert con.execute("SELECT max(nr) FROM picked WHERE g = 1").fetchone() == (
            wanted.filter(g=1)["nr"].max(),
        )
        joined = "SELECT count(*), max(nr) FROM picked JOIN others USING (id)"
        assert con.execute(joined).fetchone() == (10, 10)


PROGRAM = """
import asyncio, json, sys
from concurrent.futures import ThreadPoolExecutor
import duckdb
import polars as pl
import sqlsel.polars as sel

lf, out, rounds, told = pl.scan_parquet(sys.argv[1]), sys.argv[2], int(sys.argv[3]), []
rows = lambda lf, n, **more: sel.rows(lf, sel.diversity("e"), n=n, id="id", **more)
mask = lambda n: sel.select(sel.diversity("e"), n=n, id="id")
for engine in ("in-memory", "streaming") * rounds:
    ids = lambda lf: lf.collect(engine=engine)["id"].to_list()
    six = [rows(lf, n) for n in range(3, 9)]
    told.append([found["id"].to_list() for found in pl.collect_all(six, engine=engine)])
    told.append(ids(pl.concat(six)))
    told.append(ids(pl.concat([six[0], six[0]])))
    joined = six[5]
    for other in six[:5]:
        joined = joined.join(other.select("id"), on="id", maintain_order="left")
    told.append(ids(joined))
    within = rows(rows(lf.filter(mask(90)), 40), 5)
    told.append(ids(within))
    told.append(ids(rows(lf, 1, by="g")))
    several = pl.collect_all([within, joined, *six, lf.filter(mask(4)), within], engine=engine)
    told.append([found["id"].to_list() for found in several][:2])
    six[2].filter(pl.col("w") < 2).sink_parquet(out, engine=engine)
    told.append(pl.read_parquet(out)["id"].to_list())
    source = six[3]
    told.append(duckdb.sql("SELECT count(*)::INT FROM source JOIN lf USING (id)").fetchall()[0][0])
    ragged = lf.with_columns(pl.when(pl.col("id") == 77).then([1.0]).otherwise(pl.col("e").arr.to_list()).alias("e"))
    told.append(ids(rows(ragged.filter(pl.col("id") != 77), 2)))
    plans = [rows(lf, 6), lf.filter(mask(6)), rows(lf, 6, by="g"), lf.filter(mask(6).over("g"))] * min(rounds, 3)
    with ThreadPoolExecutor(4) as pool:
        beside = list(pool.map(ids, plans))
    async def together():
        return await asyncio.gather(*(plan.collect_async(engine=engine) for plan in plans))
    later = [found["id"].to_list() for found in asyncio.run(together())]
    told.append([sorted(found) for found in beside + later])
    try:
        ids(rows(ragged, 2))
    except ValueError:
        told.append("error")
print(json.dumps([pl.thread_pool_size(), told]))
"""


# The other tests of this file nest sources on as many threads as there are cores.
MANY = [
    pytest.param(*more, marks=pytest.mark.slow) for more in ((2, 1), *((t, 5) for t in (1, 2, 4)))
]


@pytest.mark.parametrize(("threads", "rounds"), [(1, 1), *MANY])
def test_everything_ends_on_any_number_of_threads(
    threads: int, rounds: int, tmp_path: Path
) -> None:
    file = tmp_path / "whole.parquet"
    data = DATA.filter(pl.col("id") < 600)
    data.write_parquet(file, row_group_size=100)
    given = (PROGRAM, file, tmp_path / "out", rounds)
    done = program(*given, seconds=SECONDS * rounds, POLARS_MAX_THREADS=str(threads))
    assert done.returncode == 0, done.stderr
    pool, told = json.loads(done.stdout.splitlines()[-1])
    six = [farthest(data, n) for n in range(3, 9)]
    groups = [i for g in range(5) for i in farthest(data.filter(g=g), 1)]
    first = data.filter(pl.col("id").is_in(farthest(data, 90)))
    inner = farthest(first.filter(pl.col("id").is_in(farthest(first, 40))), 5)
    without = farthest(data.filter(pl.col("id") != 77), 2)
    whole = sorted(farthest(data, 6))
    parts = sorted(i for g in range(5) for i in farthest(data.filter(g=g), 6))
    wanted = [
        six,
        [i for ids in six for i in ids],
        six[0] * 2,
        six[0],
        inner,
        groups,
        [inner, six[0]],
        six[2],
        6,
        without,
        [whole, whole, parts, parts] * 2 * min(rounds, 3),
        "error",
    ]
    assert pool == threads
    assert told == wanted * 2 * rounds
