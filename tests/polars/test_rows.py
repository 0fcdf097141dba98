"""``rows`` gives the picked rows in pick order, whatever it is given and whatever is asked of it later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import sqlsel.polars as sel
from sqlsel.errors import SelectionWarning
from sqlsel.polars import source
from tests.polars.frames import ENGINES, farthest, in_pieces, samples, watching

ROWS = 800
DATA = samples(ROWS)
DIVERSE = sel.diversity("e")


def in_order(frame: pl.DataFrame, ids: list[Any], rank: str | None = None) -> pl.DataFrame:
    """The rows of these ids, in their order."""
    found = pl.DataFrame({"id": ids}, schema={"id": frame.schema["id"]}).join(
        frame, on="id", maintain_order="left"
    )
    ranks = pl.Series(rank, range(1, len(found) + 1), dtype=pl.Int64)
    return found.select(frame.columns) if rank is None else found.select(*frame.columns, ranks)


def by_groups(frame: pl.DataFrame, n: int, by: list[str]) -> pl.DataFrame:
    """The picks of each group in a loop, the groups by ascending key, null last."""
    keys = frame.select(by).unique().sort(by, nulls_last=True)
    parts = [
        frame.filter(*(pl.col(name).eq_missing(value) for name, value in key.items()))
        for key in keys.iter_rows(named=True)
    ]
    return pl.concat([in_order(part, farthest(part, n), "rank") for part in parts])


WANTED = in_order(DATA, farthest(DATA, 20), "rank")


def scanned(folder: Path, frame: pl.DataFrame = DATA) -> pl.LazyFrame:
    frame.write_parquet(folder / "rows.parquet", row_group_size=300)
    return pl.scan_parquet(folder / "rows.parquet")


def test_rows_of_a_frame_come_in_pick_order() -> None:
    for frame in (DATA, in_pieces(DATA), DATA.reverse()):
        with watching() as seen:
            found = sel.rows(frame, DIVERSE, n=20, id="id", rank_column="rank")
        assert_frame_equal(found, WANTED)
        assert seen == [ROWS]
    assert_frame_equal(sel.rows(DATA, DIVERSE, n=20, id="id"), WANTED.drop("rank"))
    assert_frame_equal(DATA.sel.rows(DIVERSE, n=20, id="id"), WANTED.drop("rank"))  # type: ignore[attr-defined]


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_of_a_lazy_frame_are_the_same_with_one_selection(engine: Any, tmp_path: Path) -> None:
    for lf in (scanned(tmp_path), DATA.lazy(), in_pieces(DATA).lazy()):
        with watching() as seen:
            lazy = sel.rows(lf, DIVERSE, n=20, id="id", rank_column="rank")
            assert lazy.collect_schema() == {**DATA.schema, "rank": pl.Int64()}
            assert seen == []
            assert_frame_equal(lazy.collect(engine=engine), WANTED)
        assert seen == [ROWS]


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_of_a_lazy_frame_without_id_are_read_once_and_warned_of(engine: Any) -> None:
    by_position = DATA.drop("id").with_row_index("id")
    wanted = in_order(by_position, farthest(by_position, 20), "rank").drop("id")
    with pytest.warns(SelectionWarning, match="give id") as told:
        lazy = DATA.drop("id").lazy().sel.rows(DIVERSE, n=20, rank_column="rank")  # type: ignore[attr-defined]
    assert len(told) == 1
    assert lazy.collect_schema() == wanted.schema
    assert_frame_equal(lazy.collect(engine=engine), wanted)
    assert_frame_equal(
        lazy.drop("rank").head(3).collect(engine=engine), wanted.drop("rank").head(3)
    )
    eager = sel.rows(DATA.drop("id"), DIVERSE, n=20, rank_column="rank")
    assert_frame_equal(eager, wanted)


ABOVE: dict[str, Callable[[pl.LazyFrame], pl.LazyFrame]] = {
    "one column": lambda lf: lf.select("text"),
    "the id": lambda lf: lf.select("id"),
    "the ranks": lambda lf: lf.select("rank"),
    "all but the id": lambda lf: lf.drop("id", "rank"),
    "another order of columns": lambda lf: lf.select("rank", "text", "id", "g"),
    "filter": lambda lf: lf.filter(pl.col("w") < 0.5),
    "filter on ranks": lambda lf: lf.filter(pl.col("rank") <= 7),
    "filter on ranks, which nobody reads": lambda lf: lf.filter(pl.col("rank") > 7).select("text"),
    "filter on columns that nobody reads": lambda lf: lf.filter(
        pl.col("w") < 0.5, pl.col("g") > 1
    ).select("text"),
    "filter on ids": lambda lf: lf.filter(pl.col("id").is_in([0, 1, 2, *WANTED["id"][:3]])),
    "filter on a function": lambda lf: lf.filter(
        pl.col("w").map_batches(lambda w: w < 0.5, return_dtype=pl.Boolean)
    ),
    "filter that none meets": lambda lf: lf.filter(pl.col("w") > 7),
    "head": lambda lf: lf.head(4),
    "nothing": lambda lf: lf.head(0),
    "tail": lambda lf: lf.tail(4),
    "slice": lambda lf: lf.slice(3, 5),
    "slice from the end": lambda lf: lf.slice(-5, 2),
    "filter, then head": lambda lf: lf.filter(pl.col("w") < 0.5).head(3),
    "head, then filter": lambda lf: lf.head(9).filter(pl.col("w") < 0.5),
    "head, then filter on ranks": lambda lf: lf.head(9).filter(pl.col("rank") > 5).select("w"),
    "slice, then filter": lambda lf: lf.slice(2, 9).filter(pl.col("w") < 0.5).select("text"),
    "len": lambda lf: lf.select(pl.len()),
    "len of a filter": lambda lf: lf.filter(pl.col("w") < 0.5).select(pl.len()),
    "len of a head": lambda lf: lf.head(9).select(pl.len()),
    "a literal": lambda lf: lf.select(pl.lit(1), pl.len()),
    "sort": lambda lf: lf.sort("w"),
    "sort and head": lambda lf: lf.sort("w", descending=True).head(3),
    "top_k": lambda lf: lf.top_k(3, by="w").sort("w"),
    "unique": lambda lf: lf.unique("g", keep="first", maintain_order=True),
    "row index": lambda lf: lf.with_row_index().filter(pl.col("index") % 2 == 1),
    "group_by": lambda lf: lf.group_by("g").agg(pl.col("rank").min(), pl.len()).sort("g"),
    "join": lambda lf: lf.join(DATA.lazy().select("id", again="w"), on="id").sort("rank"),
    "join with the source": lambda lf: (
        DATA.lazy().join(lf.select("id", "rank"), on="id").sort("rank")
    ),
    "computed": lambda lf: lf.select(pl.col("w") * 2, pl.col("rank").cast(pl.String)),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("step", ABOVE.values(), ids=ABOVE)
def test_what_stands_above_rows_is_done_to_the_picked_rows(
    step: Callable[[pl.LazyFrame], pl.LazyFrame], engine: Any, tmp_path: Path
) -> None:
    for lf in (scanned(tmp_path), DATA.lazy()):
        found = step(sel.rows(lf, DIVERSE, n=20, id="id", rank_column="rank"))
        wanted = step(WANTED.lazy())
        assert found.collect_schema() == wanted.collect_schema()
        assert_frame_equal(found.collect(engine=engine), wanted.collect(engine="in-memory"))


def given(
    lf: pl.LazyFrame, columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None
) -> pl.DataFrame:
    """What the source of ``rows`` gives where Polars asks for this."""
    with pytest.MonkeyPatch.context() as patch:
        made: list[Any] = []
        patch.setattr(source, "register_io_source", lambda one, **_: made.append(one))
        sel.rows(lf, DIVERSE, n=20, id="id", rank_column="rank")
    return pl.concat(made[0](columns, predicate, n_rows, 3))


@pytest.mark.parametrize("n_rows", [None, 0, 1, 9, 99])
@pytest.mark.parametrize(
    "predicate", [None, pl.col("w") < 0.5, (pl.col("rank") > 4) & (pl.col("g") > 1)], ids=str
)
@pytest.mark.parametrize(
    "columns", [None, ["text"], ["rank"], ["id"], ["rank", "id"], ["w", "text", "id"]], ids=str
)
def test_the_source_cuts_first_then_filters_and_gives_the_columns_in_order(
    columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None
) -> None:
    """Polars 2.1 asks for the columns of a predicate too; the agreement does not say so."""
    wanted = WANTED if n_rows is None else WANTED.head(n_rows)
    wanted = wanted if predicate is None else wanted.filter(predicate)
    wanted = wanted if columns is None else wanted.select(columns)
    assert_frame_equal(given(DATA.lazy(), columns, predicate, n_rows), wanted)


def test_the_plan_names_the_selection() -> None:
    weighty = [DIVERSE, sel.weights("w"), pl.col("w") > 0.5, sel.threshold("w", "<", 0.9)]
    plan = sel.rows(DATA.lazy(), *weighty, n=10, id="id").filter(pl.col("g") == 1).explain()
    assert "SQLSEL diversity+weights+condition+threshold" in plan
    assert "n=10 by=None id=id" in plan
    plan = sel.rows(DATA.lazy(), DIVERSE, proportion=0.1, by=["g", "text"], id="id").explain()
    assert "proportion=0.1 by=['g', 'text'] id=id" in plan


NULLS = DATA.with_columns(
    pl.when(pl.col("g") > 0).then("g").alias("g"), (pl.col("id") % 3 == 0).alias("h")
)
REPEATED = NULLS.with_columns(pl.int_range(pl.len()).over("g", "h").alias("id"))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("by", ["g", ["g"], ["g", "h"], ["h", "g"], ("g", "g", "h")])
@pytest.mark.parametrize("data", [NULLS, REPEATED], ids=["ids", "ids that repeat"])
def test_groups_come_by_key_with_null_last_and_pick_order_inside(
    data: pl.DataFrame, by: Any, engine: Any, tmp_path: Path
) -> None:
    if data is REPEATED and "h" not in by:
        data = data.with_columns(pl.int_range(pl.len()).over("g").alias("id"))
    names = list(dict.fromkeys([by] if isinstance(by, str) else by))
    wanted = by_groups(data, 3, names)
    assert_frame_equal(sel.rows(data, DIVERSE, n=3, id="id", by=by, rank_column="rank"), wanted)
    lf = scanned(tmp_path, data) if engine == "streaming" else data.lazy()
    found = sel.rows(lf, DIVERSE, n=3, id="id", by=by, rank_column="rank")
    assert_frame_equal(found.collect(engine=engine), wanted)
    part = found.filter(pl.col("rank") == 2).select("text").collect(engine=engine)
    assert_frame_equal(part, wanted.filter(pl.col("rank") == 2).select("text"))
    with pytest.warns(SelectionWarning, match="give id"):
        wide = sel.rows(data.lazy(), DIVERSE, n=3, by=by, rank_column="rank")
    eager = sel.rows(data, DIVERSE, n=3, by=by, rank_column="rank")
    assert_frame_equal(wide.collect(engine=engine), eager)
    assert eager["rank"].to_list() == wanted["rank"].to_list()
    assert_frame_equal(eager.select(names), wanted.select(names))


DAY = pl.lit(dt.date(2020, 1, 1)) + pl.duration(days="id")
TEXT = pl.col("id").cast(pl.String).str.zfill(5)
IDS: dict[str, pl.Expr] = {
    "text": TEXT,
    "Categorical": TEXT.cast(pl.Categorical),
    "Enum": TEXT.cast(pl.Enum([f"{i:05}" for i in reversed(range(ROWS))])),
    "Binary": TEXT.cast(pl.Binary),
    "Decimal": pl.col("id").cast(pl.Decimal(38, 0)) * 10**20,
    "Date": DAY,
    "Datetime": DAY.cast(pl.Datetime("ms")),
    "Datetime of a place": DAY.cast(pl.Datetime).dt.replace_time_zone("Asia/Tokyo"),
    "Duration": pl.duration(hours="id"),
    "Time": (pl.col("id") * 10**9).cast(pl.Time),
    "Int16": pl.col("id").cast(pl.Int16) - 1000,
    "UInt64": pl.lit(2**64 - 1, dtype=pl.UInt64) - ROWS + pl.col("id").cast(pl.UInt64),
    "Int128": pl.col("id").cast(pl.Int128) + 2**70,
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", IDS.values(), ids=IDS)
def test_ids_of_all_kinds_find_their_rows_again(kind: pl.Expr, engine: Any, tmp_path: Path) -> None:
    data = DATA.with_columns(kind.alias("id"))
    wanted = WANTED.with_columns(kind.alias("id"))
    lf = scanned(tmp_path, data) if engine == "streaming" else data.lazy()
    found = sel.rows(lf, DIVERSE, n=20, id="id", rank_column="rank").collect(engine=engine)
    assert_frame_equal(found, wanted)
    groups = sel.rows(lf, DIVERSE, n=2, id="id", by="g").collect(engine=engine)
    assert_frame_equal(groups, sel.rows(data, DIVERSE, n=2, id="id", by="g"))
