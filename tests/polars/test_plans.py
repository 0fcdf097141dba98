"""A selection within a plan sees all rows that reach it, once, and what stands above it sees its picks only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.io.plugins import register_io_source
from polars.testing import assert_frame_equal

import sqlsel.polars as sel
from tests.polars.frames import ENGINES, diverse, farthest, in_pieces, samples, watching

ROWS = 3000
DATA = samples(ROWS)
OTHER = samples(ROWS, seed=1).select(
    "id", (pl.col("w") * 10).alias("score"), pl.col("text").alias("note")
)
FEW = OTHER.filter(pl.col("score") < 4)
Lazy = pl.LazyFrame
Step = Callable[[Lazy], Lazy]


def parquet(folder: Path, frame: pl.DataFrame = DATA, name: str = "whole") -> Lazy:
    file = folder / f"{name}.parquet"
    frame.write_parquet(file, row_group_size=301)
    return pl.scan_parquet(file)


def files(folder: Path) -> list[Path]:
    named = [folder / f"part-{i}.parquet" for i in range(3)]
    for i, file in enumerate(named):
        DATA.slice(i * 1000, 1000).write_parquet(file, row_group_size=230)
    return named


def hive(folder: Path) -> Lazy:
    DATA.write_parquet(pl.PartitionBy(folder / "hive", key="g"), mkdir=True)
    return pl.scan_parquet(folder / "hive" / "**" / "*.parquet", hive_partitioning=True)


def ipc(folder: Path) -> Lazy:
    DATA.write_ipc(folder / "whole.arrow", record_batch_size=320)
    return pl.scan_ipc(folder / "whole.arrow")


def text_of(write: str, scan: str) -> Callable[[Path], Lazy]:
    """A file of texts, which holds vectors as columns of numbers."""

    def source(folder: Path) -> Lazy:
        names = [f"e{i}" for i in range(4)]
        flat = DATA.with_columns(pl.col("e").arr.to_struct(fields=names)).unnest("e")
        getattr(flat, write)(folder / "whole.txt")
        vector = pl.concat_arr(pl.col(names).cast(pl.Float32)).alias("e")
        lazy: Lazy = getattr(pl, scan)(folder / "whole.txt")
        return lazy.with_columns(vector).select(DATA.columns)

    return source


def python_source(_: Path) -> Lazy:
    def batches(
        columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        frame = DATA.head(n_rows) if n_rows is not None else DATA
        for part in frame.iter_slices(900):
            found = part if predicate is None else part.filter(predicate)
            yield found if columns is None else found.select(columns)

    return register_io_source(batches, schema=DATA.schema)


def from_duckdb(folder: Path) -> Lazy:
    con = duckdb.connect()
    DATA.write_parquet(folder / "duck.parquet")
    text = "SELECT id, g, e::FLOAT[4] AS e, w, text FROM read_parquet(?)"
    return con.sql(text, params=[str(folder / "duck.parquet")]).pl(lazy=True)


SOURCES: dict[str, Callable[[Path], Lazy]] = {
    "Parquet": parquet,
    "a list of Parquet files": lambda folder: pl.scan_parquet(files(folder)),
    "a pattern of Parquet files": lambda folder: pl.scan_parquet(
        files(folder)[0].parent / "part-*.parquet"
    ),
    "partitions of Hive": hive,
    "IPC": ipc,
    "CSV": text_of("write_csv", "scan_csv"),
    "lines of JSON": text_of("write_ndjson", "scan_ndjson"),
    "a frame": lambda _: DATA.lazy(),
    "a frame in pieces": lambda _: in_pieces(DATA).lazy(),
    "a Python source": python_source,
    "DuckDB": from_duckdb,
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_selection_sees_every_row_of_a_source_once(
    source: Callable[[Path], Lazy], engine: Any, tmp_path: Path
) -> None:
    with watching() as seen:
        found = source(tmp_path).filter(diverse()).collect(engine=engine)
    assert seen == [ROWS]
    wanted = DATA.filter(pl.col("id").is_in(farthest(DATA, 12)))
    order = "id" if source in {hive, from_duckdb} else []
    assert_frame_equal(
        found.sort(order) if order else found, wanted.sort(order) if order else wanted
    )


def exploded(lf: Lazy) -> Lazy:
    listed = lf.group_by("g", maintain_order=True).agg("id", "e", "w", "text")
    return listed.explode("id", "e", "w", "text")


BEFORE: dict[str, Step] = {
    "filter": lambda lf: lf.filter(pl.col("w") < 0.3),
    "filters on the columns of the selection": lambda lf: lf.filter(pl.col("id") % 3 == 1),
    "inner join, frame": lambda lf: lf.join(FEW.lazy(), on="id"),
    "inner join, other side": lambda lf: FEW.lazy().join(lf, on="id"),
    "left join": lambda lf: lf.join(FEW.lazy(), on="id", how="left").filter(pl.col("w") < 0.9),
    "full join": lambda lf: lf.join(FEW.lazy(), on="id", how="full", coalesce=True),
    "semi join": lambda lf: lf.join(FEW.lazy(), on="id", how="semi"),
    "anti join": lambda lf: lf.join(FEW.lazy(), on="id", how="anti"),
    "join, filter on the other side": lambda lf: lf.join(OTHER.lazy(), on="id").filter(
        pl.col("score") < 3
    ),
    "unequal join": lambda lf: lf.head(60).join_where(
        FEW.lazy().select("score").head(1), pl.col("w") * 10 > pl.col("score")
    ),
    "head": lambda lf: lf.head(1000),
    "tail": lambda lf: lf.tail(1000),
    "slice": lambda lf: lf.slice(700, 1501),
    "slice, then filter": lambda lf: lf.slice(700, 1501).filter(pl.col("g") == 2),
    "filter, then slice": lambda lf: lf.filter(pl.col("g") == 2).slice(100, 301),
    "unique": lambda lf: lf.unique(["g", "text"]),
    "sort": lambda lf: lf.sort("w", descending=True),
    "sort and head": lambda lf: lf.sort("w").head(777),
    "top_k": lambda lf: lf.top_k(600, by="w"),
    "bottom_k": lambda lf: lf.bottom_k(600, by="w"),
    "gather_every": lambda lf: lf.gather_every(7, 2),
    "reverse": lambda lf: lf.reverse(),
    "row index": lambda lf: lf.with_row_index("nr").filter(pl.col("nr") % 2 == 0),
    "row index as id": lambda lf: lf.drop("id").with_row_index("id"),
    "explode": exploded,
    "unnest": lambda lf: lf.select("id", pl.struct("g", "e", "w", "text").alias("s")).unnest("s"),
    "group_by": lambda lf: lf.group_by(pl.col("id") // 5).agg(pl.col("e", "w").first()),
    "concat of frames": lambda lf: pl.concat([lf, samples(900, seed=3, first=ROWS).lazy()]),
    "concat of one with itself": lambda lf: pl.concat(
        [lf.filter(pl.col("g") < 2), lf.filter(pl.col("g") > 2)]
    ),
    "merge": lambda lf: lf.sort("id").merge_sorted(
        samples(900, seed=3, first=ROWS).lazy().sort("id"), "id"
    ),
    "computed columns": lambda lf: lf.with_columns(
        (pl.col("w").cum_sum() % 1).alias("w"), pl.col("id") * 2
    ).filter(pl.col("w") < 0.5),
    "nulls": lambda lf: lf.with_columns(pl.when(pl.col("w") > 0.2).then("e").alias("e")),
    "an earlier selection": lambda lf: lf.filter(diverse(200)),
}


def sources(folder: Path) -> list[Lazy]:
    return [parquet(folder), in_pieces(DATA).lazy()]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("step", BEFORE.values(), ids=BEFORE)
def test_a_selection_sees_the_rows_that_a_step_below_it_leaves(
    step: Step, engine: Any, tmp_path: Path
) -> None:
    for lf in sources(tmp_path):
        reaching = step(lf).collect(engine="in-memory")
        with watching() as seen:
            found = step(lf).filter(diverse()).collect(engine=engine)
        assert seen[-1:] == [len(reaching)]
        assert len(seen) == (2 if step is BEFORE["an earlier selection"] else 1)
        wanted = reaching.filter(pl.col("id").is_in(farthest(reaching, 12)))
        assert len(wanted) == 12
        assert_frame_equal(found.sort("id"), wanted.sort("id"))


AFTER: dict[str, Step] = {
    "nothing": lambda lf: lf,
    "filter": lambda lf: lf.filter(pl.col("w") < 0.5),
    "filter on a column of the selection": lambda lf: lf.filter(pl.col("id") > 2000),
    "filter on another column, one column": lambda lf: lf.filter(pl.col("g") > 1).select("text"),
    "head": lambda lf: lf.head(5),
    "tail": lambda lf: lf.tail(5),
    "slice": lambda lf: lf.slice(3, 4),
    "negative slice": lambda lf: lf.slice(-6, 3),
    "head, then filter": lambda lf: lf.head(6).filter(pl.col("w") < 0.5),
    "filter, then head": lambda lf: lf.filter(pl.col("w") < 0.5).head(2),
    "sort": lambda lf: lf.sort("w"),
    "sort and head": lambda lf: lf.sort("w").head(4),
    "top_k": lambda lf: lf.top_k(4, by="w").sort("id"),
    "unique": lambda lf: lf.unique("g", keep="first", maintain_order=True),
    "gather_every": lambda lf: lf.gather_every(3),
    "row index": lambda lf: lf.with_row_index(),
    "len": lambda lf: lf.select(pl.len()),
    "mean": lambda lf: lf.select(pl.col("w").mean()),
    "no column of it": lambda lf: lf.select(pl.lit(1).alias("one"), pl.len()),
    "shift": lambda lf: lf.with_columns(pl.col("w").shift()),
    "drop": lambda lf: lf.drop("e", "id"),
    "group_by": lambda lf: lf.group_by("g").agg(pl.len(), pl.col("w").sum().round(9)).sort("g"),
    "explode": lambda lf: lf.with_columns(pl.col("e").arr.to_list()).explode("e"),
    "inner join": lambda lf: lf.join(FEW.lazy(), on="id").sort("id"),
    "inner join, other side": lambda lf: FEW.lazy().join(lf, on="id").sort("id"),
    "right of a left join": lambda lf: FEW.lazy().join(lf, on="id", how="left").sort("id"),
    "semi join": lambda lf: lf.join(FEW.lazy(), on="id", how="semi").sort("id"),
    "filter of a semi join": lambda lf: FEW.lazy().join(lf, on="id", how="semi").sort("id"),
    "anti join": lambda lf: lf.join(FEW.lazy(), on="id", how="anti").sort("id"),
    "join, filter on its key": lambda lf: (
        lf.join(OTHER.lazy(), on="id").filter(pl.col("id") > 1000, pl.col("score") < 8).sort("id")
    ),
    "concat": lambda lf: pl.concat([lf, DATA.head(3).lazy()]),
    "concat, then filter": lambda lf: pl.concat([lf, DATA.head(9).lazy()]).filter(
        pl.col("w") < 0.5
    ),
    "another function": lambda lf: lf.map_batches(lambda frame: frame.reverse()),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("step", AFTER.values(), ids=AFTER)
def test_a_step_above_a_selection_sees_its_picks_only(
    step: Step, engine: Any, tmp_path: Path
) -> None:
    picked = DATA.filter(pl.col("id").is_in(farthest(DATA, 12)))
    for lf in sources(tmp_path):
        with watching() as seen:
            found = step(lf.filter(diverse())).collect(engine=engine)
        assert seen == [ROWS]
        assert_frame_equal(found, step(picked.lazy()).collect(engine="in-memory"))


COLUMN: dict[str, Step] = {
    "nothing": lambda lf: lf,
    "filter on the mask": lambda lf: lf.filter("selected"),
    "filter on the mask and more": lambda lf: lf.filter("selected", pl.col("w") < 0.5),
    "filter on the mask, then more": lambda lf: lf.filter("selected").filter(pl.col("w") < 0.5),
    "filter on another column": lambda lf: lf.filter(pl.col("w") < 0.5),
    "filter on the id": lambda lf: lf.filter(pl.col("id") > 3000),
    "filter on the rank": lambda lf: lf.filter(pl.col("rank") <= 5),
    "not picked": lambda lf: lf.filter(~pl.col("selected"), pl.col("rank").is_null()),
    "head": lambda lf: lf.head(2000),
    "slice and filter": lambda lf: lf.slice(100, 4000).filter("selected"),
    "sort by rank": lambda lf: lf.sort("rank", "id", nulls_last=True).head(20),
    "semi join": lambda lf: lf.join(FEW.lazy(), on="id", how="semi").sort("id"),
    "inner join and filter": lambda lf: (
        lf.join(FEW.lazy(), on="id").filter(pl.col("g") == 1).sort("id")
    ),
    "group_by": lambda lf: lf.group_by("g").agg(pl.col("selected").sum()).sort("g"),
    "unique": lambda lf: lf.unique("g", keep="first", maintain_order=True),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("step", COLUMN.values(), ids=COLUMN)
def test_columns_of_picks_are_of_all_rows_whatever_is_done_with_them_later(
    step: Step, engine: Any, tmp_path: Path
) -> None:
    picks = farthest(DATA, 12)
    ranks = pl.col("id").replace_strict(picks, range(1, 13), default=None, return_dtype=pl.Int64)
    known = DATA.lazy().with_columns(
        pl.col("id").is_in(picks).alias("selected"), ranks.alias("rank")
    )
    rank = sel.rank(sel.diversity("e"), n=12, id="id")
    for lf in sources(tmp_path):
        with watching() as seen:
            found = step(lf.with_columns(diverse(), rank)).collect(engine=engine)
        assert set(seen) == {ROWS}
        assert_frame_equal(found, step(known).collect(engine="in-memory"))
