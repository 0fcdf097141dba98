"""Errors keep their class on their way through Polars, and a warning is one line, however many groups there are."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from polars.exceptions import ColumnNotFoundError

import sqlsel.polars as sel
from sqlsel.errors import InvalidInput, ShortSelection
from tests.polars.frames import ENGINES, diverse, program, samples

DATA = samples(500)
DIVERSE = sel.diversity("e")
Way = Callable[[pl.LazyFrame, pl.Expr, Any], pl.DataFrame]

WAYS: dict[str, Way] = {
    "filter": lambda lf, mask, engine: lf.filter(mask).collect(engine=engine),
    "column": lambda lf, mask, engine: lf.with_columns(mask).collect(engine=engine),
    "over": lambda lf, mask, engine: lf.filter(mask.over("g")).collect(engine=engine),
    "column over": lambda lf, mask, engine: lf.select(mask.over("g")).collect(engine=engine),
    "agg": lambda lf, mask, engine: (
        lf.group_by("g").agg(pl.col("text").filter(mask)).collect(engine=engine)
    ),
    "collected together": lambda lf, mask, engine: pl.collect_all(
        [lf.filter(mask), lf.filter(mask).head(2)], engine=engine
    )[0],
    "concat": lambda lf, mask, engine: pl.concat([lf, lf.filter(mask)]).collect(engine=engine),
}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
both_engines = pytest.mark.parametrize("engine", ENGINES)

SHORT = pl.lit([1.0, 2.0], dtype=pl.List(pl.Float32))
RAGGED = pl.when(pl.col("id") == 77).then(SHORT).otherwise(pl.col("e").arr.to_list())
BAD: dict[str, tuple[pl.Expr, pl.Expr, type[Exception], str]] = {
    "a vector with a hole": (
        pl.when(pl.col("id") == 77)
        .then(pl.lit([float("nan")] * 4, dtype=pl.Array(pl.Float32, 4)))
        .otherwise(pl.col("e"))
        .alias("e"),
        diverse(),
        InvalidInput,
        r"e: 1 of \d+ vectors cannot be used; the first, at row \d+ \(id 77\), holds NaN.*skip",
    ),
    "vectors of two lengths": (
        RAGGED.alias("e"),
        diverse(),
        InvalidInput,
        r"e: vectors of different lengths: 1 of \d+ do not have the common length 4.*pad, truncate or filter them",
    ),
    "ids that repeat": (
        pl.col("id") // 50,
        diverse(),
        InvalidInput,
        r"id \d+ occurs more than once; ids must be unique",
    ),
    "ids that are null": (
        pl.when(pl.col("id") != 77).then("id").alias("id"),
        diverse(),
        InvalidInput,
        r"id is null at row \d+; every sample needs an id",
    ),
    "text for vectors": (
        pl.col("text"),
        sel.select(sel.diversity("text"), n=2),
        InvalidInput,
        r"text is String; it must be one vector of numbers per row; read its text: pl\.col",
    ),
    "a key that is not there": (
        pl.col("w"),
        sel.select(sel.weights("w.score"), n=2),
        InvalidInput,
        "'w' is Float64; it has no field 'score'",
    ),
    "a column that is not there": (
        pl.col("w"),
        sel.select(sel.weights("nope"), n=2),
        ColumnNotFoundError,
        'unable to find column "nope"',
    ),
    "no number": (
        pl.col("w"),
        sel.select(DIVERSE, n=pl.col("w").first()),
        InvalidInput,
        "n: w is Float64; it must be an integer",
    ),
    "many numbers": (
        pl.col("w"),
        sel.select(DIVERSE, n=pl.col("g")),
        InvalidInput,
        r"n: g gives \d+ values; one per group is needed, as of pl\.col\('g'\)\.first\(\)",
    ),
    "a number below 0": (
        pl.col("w"),
        sel.select(DIVERSE, n=pl.col("g").min() - 9),
        InvalidInput,
        r"n: .* is -\d; it must be an integer of at least 0",
    ),
    "null for a number": (
        pl.col("w"),
        sel.select(DIVERSE, n=pl.col("g").filter(pl.col("g") > 9).sum().replace(0, None)),
        InvalidInput,
        r"n: .* is null; it must be an integer of at least 0",
    ),
}


@both_engines
@every_way
@pytest.mark.parametrize(("change", "mask", "kind", "text"), BAD.values(), ids=BAD)
def test_errors_keep_their_class_and_say_the_remedy_first(
    change: pl.Expr, mask: pl.Expr, kind: type[Exception], text: str, way: Way, engine: Any
) -> None:
    with pytest.raises(kind, match=f"^{text}") as raised:
        way(DATA.lazy().with_columns(change), mask, engine)
    assert type(raised.value) is kind


@both_engines
@every_way
def test_a_warning_that_is_an_error_keeps_its_class(way: Way, engine: Any) -> None:
    with pytest.raises(ShortSelection, match=r"^fewer samples selected than n: all candidates"):
        way(DATA.lazy(), diverse(600), engine)


def told(run: Callable[[], object]) -> list[str]:
    """The kinds and texts of all warnings, each once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run()
    return sorted({f"{one.category.__name__}: {str(one.message)[:40]}" for one in caught})


@both_engines
@every_way
def test_a_short_selection_is_warned_of_and_gives_all_that_it_can(way: Way, engine: Any) -> None:
    found: list[pl.DataFrame] = []
    lf = DATA.lazy().with_columns(g=pl.col("id") % 7)
    assert told(lambda: found.append(way(lf, diverse(600), engine))) == [
        "ShortSelection: fewer samples selected than n: all candi"
    ]
    assert len(found[0]) in {500, 1000, 7}
    cold = sel.select(DIVERSE, pl.col("w") < 0.1, n=300)
    assert told(lambda: DATA.filter(cold)) == [
        "ShortSelection: fewer samples selected than n: all candi"
    ]


@both_engines
@every_way
def test_what_is_probably_a_slip_is_warned_of(way: Way, engine: Any) -> None:
    lf = DATA.lazy().with_columns(pl.when(pl.col("id") > 100).then("w").otherwise(float("nan")))
    slips = {
        "a condition is met by rows in which one": sel.select(pl.col("w") > 0.9, DIVERSE, n=2),
        "start 'x' is not the id of any row here": sel.select(
            sel.diversity("e", start="x"), n=2, id="id"
        ),
        "balance: ": sel.select(sel.balance(pl.col("id") % 2, {"0": 0.5, "nowhere": 0.25}), n=2),
    }
    for text, mask in slips.items():
        said = told(lambda mask=mask: way(lf, mask, engine))
        assert len(said) == 1
        assert said[0].startswith(f"SelectionWarning: {text}")
    fine = sel.select(sel.threshold("w", ">", 0.9), DIVERSE, n=2)
    assert told(lambda: way(lf, fine, engine)) == []


@both_engines
@every_way
def test_a_selection_without_rows_says_nothing(way: Way, engine: Any) -> None:
    masks = [
        sel.select(DIVERSE, n=3, id="id"),
        sel.select(sel.weights("w"), sel.balance("g", "uniform"), proportion=0.1),
        sel.select(sel.similarity("e", [[1.0, 0, 0, 0]]), sel.random(), n=3),
    ]
    for mask in masks:
        for lf in (DATA.clear().lazy(), DATA.lazy().filter(pl.col("w") > 7)):
            assert len(way(lf, mask, engine)) == 0


PROGRAM = """
import numpy as np, polars as pl
import sqlsel.polars as sel
rng = np.random.default_rng(0)
e = pl.Series("e", rng.normal(size=(500, 4)).astype(np.float32))
df = pl.DataFrame({"id": np.arange(500), "g": np.arange(500) % 100, "e": e})
mask = sel.select(sel.diversity("e"), n=9, id="id")
rows = lambda data, **more: sel.rows(data, sel.diversity("e"), n=9, by="g", **more)
"""
RUNS = {
    "eager": "df.filter(mask.over('g'))",
    "over, in memory": "df.lazy().filter(mask.over('g')).collect(engine='in-memory')",
    "over, streaming": "df.lazy().filter(mask.over('g')).collect(engine='streaming')",
    "agg, in memory": "df.lazy().group_by('g').agg(mask).collect(engine='in-memory')",
    "agg, streaming": "df.lazy().group_by('g').agg(mask).collect(engine='streaming')",
    "rows of a frame": "rows(df, id='id')",
    "rows, in memory": "rows(df.lazy(), id='id').collect(engine='in-memory')",
    "rows, streaming": "rows(df.lazy(), id='id').collect(engine='streaming')",
}


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(run, id=name, marks=[] if "streaming" in name else [pytest.mark.slow])
        for name, run in RUNS.items()
    ],
)
def test_a_hundred_groups_give_one_line(run: str) -> None:
    done = program(PROGRAM + run)
    lines = [line for line in done.stderr.splitlines() if "ShortSelection: " in line]
    assert done.returncode == 0, done.stderr
    assert len(lines) == 1, done.stderr
    assert lines[0].endswith("fewer samples selected than n: all candidates are selected")


def test_rows_without_id_are_warned_of_once_for_each_line() -> None:
    text = "\nfor _ in range(5):\n    rows(df.lazy())\n    df.lazy().sel.rows(sel.random(), n=2)\n"
    done = program(PROGRAM + text)
    lines = [line for line in done.stderr.splitlines() if "give id" in line]
    assert len(lines) == 2, done.stderr
    assert lines[0].startswith("<string>:8: SelectionWarning: rows of a LazyFrame without id")
