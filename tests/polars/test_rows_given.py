"""What ``rows`` takes besides frames of Polars, and what it says of input that it cannot use."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from polars.exceptions import ColumnNotFoundError
from polars.testing import assert_frame_equal

import sqlsel.polars as sel
from sqlsel.errors import InvalidInput, SelectionWarning, ShortSelection
from tests.polars.frames import ENGINES, farthest, program, samples

DATA = samples(600)
DIVERSE = sel.diversity("e")
PICKS = farthest(DATA, 9)
COLD = pl.col("w") < 0.5
Con = duckdb.DuckDBPyConnection


def relation(con: Con) -> Any:
    """A relation, with Polars' vectors as FLOAT[4]."""
    con.register("samples", DATA)
    return con.sql("SELECT id, g, e::FLOAT[4] AS e, w, text FROM samples")


STREAMS: dict[str, Callable[[Con], Any]] = {
    "pyarrow Table": lambda _: DATA.to_arrow(),
    "pyarrow RecordBatch": lambda _: DATA.to_arrow().combine_chunks().to_batches()[0],
    "pyarrow RecordBatchReader": lambda _: DATA.to_arrow().to_reader(max_chunksize=70),
    "DuckDB relation": relation,
}


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_a_stream_of_arrow_gives_a_table(stream: Callable[[Con], Any], con: Con) -> None:
    found = sel.rows(stream(con), DIVERSE, n=9, id="id", rank_column="rank")
    assert isinstance(found, pa.Table)
    assert found.schema.field("e").type == pa.list_(pa.float32(), 4)
    assert found.schema.field("rank").type == pa.int64()
    assert found["id"].to_pylist() == PICKS
    assert found["rank"].to_pylist() == list(range(1, 10))
    wanted = sel.rows(DATA, DIVERSE, n=9, id="id")
    assert_frame_equal(pl.DataFrame(found).drop("rank"), wanted)
    groups = sel.rows(stream(con), DIVERSE, n=2, id="id", by="g")
    assert_frame_equal(pl.DataFrame(groups), sel.rows(DATA, DIVERSE, n=2, id="id", by="g"))


def test_a_relation_leaves_no_complaint_of_duckdb_when_python_ends() -> None:
    text = """
import duckdb, sqlsel.polars as sel
found = sel.rows(duckdb.sql("SELECT i FROM range(9) AS t (i)"), sel.weights("i"), n=2)
print(found["i"].to_pylist())
"""
    done = program(text)
    assert (done.stdout, done.stderr) == ("[8, 7]\n", "")


@pytest.mark.skipif(importlib.util.find_spec("narwhals") is None, reason="narwhals is not here")
def test_a_frame_of_narwhals_gives_a_table() -> None:
    narwhals = importlib.import_module("narwhals")
    found = sel.rows(narwhals.from_native(DATA), DIVERSE, n=9, id="id")
    assert found["id"].to_pylist() == PICKS


@pytest.mark.skipif(importlib.util.find_spec("pandas") is None, reason="pandas is not here")
def test_a_frame_of_pandas_gives_a_table() -> None:
    pandas = importlib.import_module("pandas")
    found = sel.rows(pandas.DataFrame({"w": [1.0, 3.0, 2.0]}), sel.weights("w"), n=2)
    assert found["w"].to_pylist() == [3.0, 2.0]


@pytest.mark.parametrize("data", [{"e": [1.0]}, [1, 2], None, np.eye(3)])
def test_what_gives_no_stream_of_arrow_is_refused(data: Any) -> None:
    with pytest.raises(TypeError, match="DataFrame, a LazyFrame or an object with a stream of"):
        sel.rows(data, DIVERSE, n=2)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_number_by_expression_is_of_each_group(engine: Any) -> None:
    quota = pl.col("g").first() + 1
    found = sel.rows(DATA.lazy(), DIVERSE, n=quota, id="id", by="g").collect(engine=engine)
    assert_frame_equal(found, sel.rows(DATA, DIVERSE, n=quota, id="id", by="g"))
    for key in range(5):
        assert found.filter(g=key)["id"].to_list() == farthest(DATA.filter(g=key), key + 1)
    three = sel.rows(DATA.lazy(), DIVERSE, n=pl.lit(3), id="id").collect(engine=engine)
    assert three["id"].to_list() == PICKS[:3]


@pytest.mark.parametrize("engine", ENGINES)
def test_preselected_rows_shape_the_selection_and_are_not_in_it(engine: Any) -> None:
    done = pl.col("id").is_in(PICKS[:4])
    options: dict[str, Any] = {"id": "id", "preselected": done}
    lazy = sel.rows(DATA.lazy(), DIVERSE, n=5, **options).collect(engine=engine)
    assert lazy["id"].to_list() == PICKS[4:]
    total = sel.rows(DATA.lazy(), DIVERSE, n=6, n_counts="total", **options)
    assert total.collect(engine=engine)["id"].to_list() == PICKS[4:6]
    marked = DATA.with_columns(done.alias("done"))
    eager = sel.rows(marked, DIVERSE, n=5, id="id", preselected="done").drop("done")
    assert_frame_equal(eager, lazy)


@pytest.mark.parametrize("engine", ENGINES)
def test_conditions_thresholds_and_proportions_act_in_rows_as_in_filters(engine: Any) -> None:
    wanted = farthest(DATA.filter(COLD), 30)
    for condition in (COLD, sel.threshold("w", "<", 0.5)):
        found = sel.rows(DATA.lazy(), condition, DIVERSE, proportion=0.05, id="id")
        assert found.collect(engine=engine)["id"].to_list() == wanted


@pytest.mark.parametrize("engine", ENGINES)
def test_no_rows_give_no_rows_of_the_same_columns(engine: Any) -> None:
    empty = DATA.clear()
    wanted = empty.with_columns(pl.lit(None, pl.Int64).alias("rank"))
    for by in (None, "g", ["g", "text"]):
        options: dict[str, Any] = {"n": 3, "id": "id", "by": by, "rank_column": "rank"}
        with pytest.warns(ShortSelection, match=r"than n: the input is empty$"):
            assert_frame_equal(sel.rows(empty, DIVERSE, **options), wanted)
        lazy = sel.rows(empty.lazy(), DIVERSE, **options)
        assert_frame_equal(lazy.collect(engine=engine), wanted)
    with pytest.warns(ShortSelection, match=r"than n: the input is empty$"):
        assert sel.rows(empty.to_arrow(), DIVERSE, n=3, id="id").num_rows == 0
    assert sel.rows(empty, DIVERSE, proportion=0.5, id="id").is_empty()


def test_an_unknown_column_is_refused_with_the_columns_of_the_frame() -> None:
    with pytest.raises(pl.exceptions.ColumnNotFoundError) as caught:
        sel.rows(DATA, sel.weights("nothing"), n=3, id="id")
    assert str(caught.value).startswith('unable to find column "nothing"; valid columns: ["id"')
    assert "__sqlsel" not in str(caught.value)


@pytest.mark.parametrize(
    ("strategies", "reason"),
    [
        ([sel.diversity("e", min_distance=1.99)], "every other candidate is closer than min_distance to a pick"),
        ([sel.weights("w")], "all candidates are selected"),
        ([sel.weights("w"), pl.col("w") > 1e9], "no row is a candidate; look at the conditions, thresholds, nulls and"),
        ([sel.weights("w", target_range=[0, 0])], "target_range or min_typicality bars every other candidate"),
    ],
)  # fmt: skip
def test_a_short_selection_says_why(strategies: list[Any], reason: str) -> None:
    with pytest.warns(ShortSelection, match=f"^fewer samples selected than n: {reason}"):
        sel.rows(DATA.head(5), *strategies, n=9, id="id")


@pytest.mark.parametrize("engine", ENGINES)
def test_fewer_rows_than_asked_are_all_given_with_a_warning(engine: Any) -> None:
    few = DATA.head(5)
    with pytest.warns(ShortSelection, match="fewer samples selected than n"):
        found = sel.rows(few.lazy(), DIVERSE, n=9, id="id").collect(engine=engine)
    assert found["id"].to_list() == farthest(few, 9)
    assert len(found) == 5
    with pytest.warns(ShortSelection):
        none = sel.rows(few.lazy(), DIVERSE, pl.col("w") > 7, n=9, id="id").collect(engine=engine)
    assert_frame_equal(none, few.clear())


def test_a_column_of_ranks_does_not_replace_another() -> None:
    for data in (DATA, DATA.lazy(), DATA.to_arrow()):
        for name in ("w", "id"):
            with pytest.raises(ValueError, match=f"there is a column '{name}' already"):
                sel.rows(data, DIVERSE, n=3, id="id", rank_column=name)
    with (
        pytest.warns(SelectionWarning, match="give id"),
        pytest.raises(ValueError, match="there is a column 'w' already"),
    ):
        sel.rows(DATA.lazy(), DIVERSE, n=3, rank_column="w")


@pytest.mark.parametrize("name", ["__sqlsel_rank", "__sqlsel_row"])
def test_a_name_that_is_needed_in_between_is_told_of(name: str) -> None:
    taken = DATA.rename({"g": name})
    for data in (taken, taken.lazy(), taken.to_arrow()):
        with pytest.raises(ValueError, match=f"rows needs the name '{name}' for itself"):
            sel.rows(data, DIVERSE, n=3, id="id", by="w")


@pytest.mark.parametrize("engine", ENGINES)
def test_names_that_look_like_patterns_are_names(engine: Any, tmp_path: Path) -> None:
    data = DATA.with_columns((pl.col("id") % 2).alias("text"))
    odd = data.rename({"id": "*", "g": "^g.*$", "text": "a.b"}).with_columns(gg=1)
    odd.write_parquet(tmp_path / "odd.parquet")
    wanted = sel.rows(data, DIVERSE, n=2, id="id", by=["g", "text"], rank_column="^rank$")
    options: dict[str, Any] = {"n": 2, "id": "*", "by": ["^g.*$", "a.b"], "rank_column": "^rank$"}
    names = [*odd.columns, "^rank$"]
    for frame in (odd, odd.lazy(), pl.scan_parquet(tmp_path / "odd.parquet")):
        found = sel.rows(frame, DIVERSE, **options).lazy().collect(engine=engine)
        assert found.columns == names
        assert [found[name].to_list() for name in ("*", "a.b", "^rank$")] == [
            wanted[name].to_list() for name in ("id", "text", "^rank$")
        ]
    one = sel.rows(odd.lazy(), DIVERSE, n=9, id="*").collect(engine=engine)
    assert one["*"].to_list() == PICKS


@pytest.mark.parametrize("engine", ENGINES)
def test_missing_columns_are_errors_of_polars_and_bad_ones_of_sqlsel(engine: Any) -> None:
    lf = DATA.lazy()
    for options in ({"id": "nope"}, {"id": "id", "by": "nope"}, {"id": "id", "by": ["g", "nope"]}):
        for data in (DATA, lf):
            with pytest.raises(ColumnNotFoundError, match="nope"):
                sel.rows(data, DIVERSE, n=2, **options).lazy().collect(engine=engine)
    with pytest.raises(ColumnNotFoundError, match="nope"):
        sel.rows(lf, sel.weights("nope"), n=2, id="id").collect(engine=engine)
    with pytest.raises(ColumnNotFoundError, match="nope"):
        sel.rows(lf.select("nope"), DIVERSE, n=2, id="id").collect(engine=engine)
    twice = lf.with_columns(pl.col("id") // 2)
    with pytest.raises(InvalidInput, match="0 occurs more than once"):
        sel.rows(twice, DIVERSE, n=2, id="id").collect(engine=engine)
    for by in (None, "g"):
        with pytest.raises(InvalidInput, match=r"text is String; it must be one vector"):
            sel.rows(lf, sel.diversity("text"), n=2, id="id", by=by).collect(engine=engine)


@pytest.mark.parametrize(
    "options",
    [
        {"id": pl.col("id")},
        {"id": "id", "by": pl.col("g")},
        {"id": "id", "by": ["g", 3]},
        {"id": "id", "by": [["g"]]},
        {"id": "id", "by": 3},
        {"id": "id", "rank_column": 1},
    ],
)
def test_columns_of_rows_are_given_by_name(options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"must be (the name of a column|names of columns), got"):
        sel.rows(DATA, DIVERSE, n=2, **options)


def one_for_another(frame: pl.DataFrame) -> pl.DataFrame:
    """As many rows, but one of those that are picked first is there twice, and one is not."""
    first, second = (frame.filter(id=i) for i in PICKS[:2])
    return pl.concat([frame.join(first, on="id", how="anti"), second])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_frame_that_is_not_the_same_when_it_is_read_again_is_told_of(engine: Any) -> None:
    changing = [
        lambda frame: frame.sample(fraction=0.5),
        lambda frame: frame if seen.append(0) or len(seen) == 1 else frame.clear(),
        lambda frame: frame if seen.append(0) or len(seen) == 1 else pl.concat([frame, frame]),
        lambda frame: frame if seen.append(0) or len(seen) == 1 else one_for_another(frame),
    ]
    for change in changing:
        seen: list[int] = []
        lf = DATA.lazy().map_batches(change, streamable=False)
        with pytest.raises(InvalidInput, match="does not give the same rows twice; collect it"):
            sel.rows(lf, DIVERSE, n=40, id="id").collect(engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_progress_hears_of_every_pick(engine: Any) -> None:
    for data in (DATA, DATA.lazy()):
        heard: list[tuple[int, int]] = []
        told = partial(lambda heard, *done: heard.append(done), heard)
        rows = sel.rows(data, DIVERSE, n=9, id="id", progress=told)
        assert rows.lazy().collect(engine=engine)["id"].to_list() == PICKS
        assert heard[-1] == (9, 9)
        assert heard == sorted(set(heard))
        assert len(heard) >= 9
