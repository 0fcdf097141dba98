"""A plain scan of Parquet is read in slices, which bound what Polars reads ahead; all else is read at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import sqlsel.polars as sel
from sqlsel.polars.batch_reader import in_slices

ROWS = 210_000
Plan = Callable[[pl.LazyFrame], pl.LazyFrame]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hive folder of two files, whose row groups end nowhere near those of slices."""
    rng = np.random.default_rng(5)
    df = pl.DataFrame({"id": rng.permutation(ROWS), "e": rng.normal(size=(ROWS, 3))})
    df = df.with_columns(e=pl.col("e").cast(pl.Array(pl.Float32, 3)))
    found = tmp_path_factory.mktemp("sliced")
    for at, end in ((0, 70_001), (70_001, ROWS)):
        part = found / f"part={at}"
        part.mkdir()
        df[at:end].write_parquet(part / "a.parquet", row_group_size=33_333)
    return found


CUT: dict[str, Plan] = {
    "scan": lambda q: q,
    "columns": lambda q: q.select("e", "part"),
    "renamed": lambda q: q.rename({"e": "v"}),
    "made of each row": lambda q: q.select(pl.col("id") + 1, pl.col("e").cast(pl.List(pl.Float64))),
    "struct": lambda q: q.select(pl.struct("id", pl.col("e").alias("v")).alias("s")),
    "row index": lambda q: q.with_row_index(),
    "slice of slice": lambda q: q.slice(7, ROWS - 9),
}
WHOLE: dict[str, Plan] = {
    "filter": lambda q: q.filter(pl.col("id") % 2 == 0),
    "sort": lambda q: q.sort("id"),
    "unique": lambda q: q.unique(maintain_order=True),
    "join": lambda q: q.join(q, on="id", maintain_order="left"),
    "concat": lambda q: pl.concat([q, q]),
    "of all rows": lambda q: q.select(pl.col("id") - pl.col("id").mean(), "e"),
    "python": lambda q: q.map_batches(lambda f: f),
    "frame": lambda q: q.collect().lazy(),
    "few rows": lambda q: q.head(40_000),
}


def scanned(folder: Path) -> pl.LazyFrame:
    return pl.scan_parquet(folder, hive_partitioning=True)


@pytest.mark.parametrize("name", CUT)
def test_slices_make_the_frame(folder: Path, name: str) -> None:
    frame = CUT[name](scanned(folder))
    slices = [some.collect() for some in in_slices(frame)]
    assert len(slices) == 4
    assert pl.concat(slices).equals(frame.collect())


@pytest.mark.parametrize("name", WHOLE)
def test_other_plans_are_read_at_once(folder: Path, name: str) -> None:
    frame = WHOLE[name](scanned(folder))
    (whole,) = in_slices(frame)
    assert whole.collect().equals(frame.collect())


def test_no_rows(folder: Path) -> None:
    assert sum(some.collect().height for some in in_slices(scanned(folder).head(0))) == 0


def test_a_csv_is_not_read_from_its_beginning_again(tmp_path: Path) -> None:
    pl.DataFrame({"x": range(ROWS)}).write_csv(tmp_path / "a.csv")
    assert len([*in_slices(pl.scan_csv(tmp_path / "a.csv"))]) == 1


def test_picks_of_slices_are_those_of_the_frame(folder: Path) -> None:
    frame, strategy = scanned(folder), sel.diversity("e")
    lazily = sel.rows(frame, strategy, n=20, id="id").collect()
    assert lazily.equals(sel.rows(frame.collect(), strategy, n=20, id="id"))
    assert lazily.height == 20


def pairs_then(other: list[float], first: int, folder: Path) -> pl.LazyFrame:
    """A scan of vectors of two numbers, and from row ``first`` on of the other vector."""
    parts = [np.tile([0.0, 1.0], (first, 1)), np.tile(other, (ROWS - first, 1))]
    vectors = pl.concat([pl.Series(part).arr.to_list() for part in parts])
    pl.DataFrame({"id": range(ROWS), "e": vectors}).write_parquet(folder / "a.parquet")
    return pl.scan_parquet(folder / "a.parquet")


def test_vectors_of_another_length_in_a_later_slice(tmp_path: Path) -> None:
    frame = pairs_then([1.0, 2.0, 3.0], ROWS - 1, tmp_path)
    with pytest.raises(Exception, match=f"row {ROWS - 1}"):
        sel.rows(frame, sel.diversity("e"), n=2, id="id").collect()


def test_a_slice_of_shorter_vectors_is_not_stretched(tmp_path: Path) -> None:
    """One number would fill a row of two, were it put into the matrix."""
    first = ROWS * 3 // 4
    frame = pairs_then([1.0], first, tmp_path)
    with pytest.raises(Exception, match=f"row {first}"):
        sel.rows(frame, sel.diversity("e"), n=2, id="id").collect()
