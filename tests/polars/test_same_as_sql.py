"""The same data and options give the same ids, ranks, gains and values as SQL, arrays and configurations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

import sqlsel
import sqlsel.polars as sel
from tests.polars.surfaces import (
    COMBINATIONS,
    OPERATIONS,
    Given,
    by_arrays,
    by_config,
    by_polars,
    by_sql,
    made,
    random_case,
    spoilt,
)

pytestmark = pytest.mark.filterwarnings("ignore::sqlsel.errors.SelectionWarning")
EACH = pytest.mark.parametrize("kinds", COMBINATIONS, ids="+".join)
HALVES = pytest.mark.parametrize("half", [0, pytest.param(1, marks=pytest.mark.slow)])


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """One connection, which reads of each test what that registers."""
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        yield connection


def cases(kinds: tuple[str, ...], count: int, first: int, **how: Any) -> list[Given]:
    return [random_case(1000 * (first + i) + len(kinds), kinds, **how) for i in range(count)]


@EACH
@HALVES
def test_ids_ranks_gains_and_values_are_those_of_sql(
    kinds: tuple[str, ...], half: int, con: duckdb.DuckDBPyConnection
) -> None:
    for case in cases(kinds, 3, 3 * half):
        assert by_polars(case) == by_sql(case, con), case


@EACH
def test_what_cannot_be_used_is_skipped_as_in_sql(
    kinds: tuple[str, ...], con: duckdb.DuckDBPyConnection
) -> None:
    for seed, case in enumerate(cases(kinds, 2, 100)):
        bad = spoilt(case, np.random.default_rng(seed))
        skipping = replace(bad, options={**bad.options, "on_invalid": "skip"})
        assert by_polars(skipping) == by_sql(skipping, con), skipping


@EACH
@HALVES
def test_they_are_those_of_arrays(kinds: tuple[str, ...], half: int) -> None:
    for case in cases(kinds, 4, 200 + 4 * half, holes=False):
        assert by_polars(case) == by_arrays(case), case


@EACH
def test_they_are_those_of_a_configuration(kinds: tuple[str, ...], tmp_path: Path) -> None:
    (case,) = cases(kinds, 1, 300)
    same = sayable(case)
    assert by_polars(same) == by_config(same, tmp_path / "samples.parquet"), same


def sayable(case: Given) -> Given:
    """The case without what a configuration has no words for."""
    unsayable = ("normalize", "other", "classes", "start")
    strategies = []
    for kind, column, given in case.strategies:
        told = {name: value for name, value in given.items() if name not in unsayable}
        if kind == "similarity" and column == "o":
            told["query"] = [[*query, 1.0] for query in told["query"]]
        strategies.append((kind, {"o": "e", "m": "c"}.get(str(column), column), told))
    limits = [(c, op if op in OPERATIONS else "<", bound) for c, op, bound in case.thresholds]
    return replace(case, strategies=strategies, thresholds=limits, condition=None, by=None)


def test_rows_come_in_the_order_of_sql_also_by_group(con: duckdb.DuckDBPyConnection) -> None:
    for seed, case in enumerate(cases(("diversity", "weights"), 20, 400)):
        case.by = ["g", None][seed % 2]
        given = [*made(sel, case), *(sel.threshold(*limit) for limit in case.thresholds)]
        if case.condition is not None:
            given.append(pl.col(case.condition))
        shuffled = case.frame.sample(fraction=1, shuffle=True, seed=seed)
        for data in (shuffled, shuffled.lazy()):
            found = sel.rows(
                data,
                *given,
                by=case.by,
                rank_column="r",
                progress=False,
                **case.budget,
                **case.options,
            )
            rows = found.lazy().select("g", "id", "r").collect().rows()
            assert rows == [row[:3] for row in by_sql(case, con)], case


@pytest.mark.parametrize(
    "dtype",
    [pl.Float64, pl.Int8, pl.Int64, pl.UInt32, pl.Decimal(12, 3)],
    ids=str,
)
@pytest.mark.parametrize("nested", [False, True])
def test_vectors_of_any_numbers_are_rounded_as_sql_rounds_them(
    dtype: Any, nested: bool, con: duckdb.DuckDBPyConnection
) -> None:
    """Scaled copies of a vector are the hard case: whether they are equal hangs on the last bit."""
    rng = np.random.default_rng(0)
    whole = not isinstance(dtype, pl.Decimal) and dtype.is_integer()
    x = rng.integers(1, 30, (30, 3)) if whole else rng.random((30, 3)).round(3)
    x[15:] = x[:15] * rng.integers(2, 5, (15, 1))
    vectors = pl.Series(x.tolist(), dtype=pl.List(pl.Int64 if whole else pl.Float64))
    vectors = vectors.cast(pl.List(dtype)).cast(pl.Array(dtype, 3))
    frame = pl.DataFrame({"id": range(30), "e": vectors})
    if nested:
        frame = frame.with_columns(e=pl.concat_list(pl.col("e").reshape((-1, 1, 3)).arr.to_list()))
    shown = frame.select(sel.trace(sel.diversity("e"), n=30, id="id")).unnest("selection")
    ranked = frame.select("id").hstack(shown).sort("rank").select("id", "gain", "diversity").rows()
    found = sqlsel.sql(
        con,
        "SELECT id, selection_gain(), selection_values() FROM frame "
        "USING STRATEGY DIVERSITY(e), key := id LIMIT 30",
    ).fetchall()
    assert ranked == [(row[0], row[1], row[2]["diversity"]) for row in found]


@pytest.mark.parametrize("form", [list, np.array, pl.Series])
def test_queries_are_rounded_as_sql_rounds_them(form: Any, con: duckdb.DuckDBPyConnection) -> None:
    """A series is what a subquery gives; a list or an array is a list in the statement."""
    rng = np.random.default_rng(2)
    x, queries = rng.random((30, 3)).round(3), rng.random((4, 3)).round(3).tolist()
    frame = pl.DataFrame({"id": range(30), "e": x})
    con.register("samples", frame)
    con.register("wanted", pl.DataFrame({"q": queries}))
    written = "(SELECT q FROM wanted)" if form is pl.Series else str(queries)
    found = sqlsel.sql(
        con,
        f"SELECT id, selection_gain() FROM samples "
        f"USING STRATEGY SIMILARITY(e, {written}), key := id LIMIT 9",
    ).fetchall()
    trace = sel.trace(sel.similarity("e", form(queries)), n=9, id="id")
    ranked = frame.select("id", trace).unnest("selection").filter("selected").sort("rank")
    assert ranked.select("id", "gain").rows() == found


def test_rows_that_are_no_candidates_move_no_gain(con: duckdb.DuckDBPyConnection) -> None:
    """In SQL they are not there."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 8)).astype(np.float32)
    x[100:] += 50
    frame = pl.DataFrame({"id": range(300), "e": x, "ok": np.arange(300) < 100})
    strategy = sel.diversity("e", normalize=False, strength=-0.5)
    within = frame.select(sel.trace(pl.col("ok"), strategy, n=40, id="id"))[:100]
    alone = frame[:100].select(sel.trace(strategy, n=40, id="id"))
    assert within["selection"].to_list() == alone["selection"].to_list()


@pytest.mark.parametrize("seed", range(4))
def test_float64_is_rounded_to_float32_on_every_surface(
    seed: int, con: duckdb.DuckDBPyConnection
) -> None:
    """Scaled copies are ties, or not, by the last bit of their unit vectors."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(40, 3))
    x = np.concatenate([base * scale for scale in (1, 3, 0.1, 7e5)])
    queries = rng.normal(size=(2, 3))
    frame = pl.DataFrame({"id": rng.permutation(len(x)), "e": pl.Series(x)}).sort("id")
    vectors = frame["e"].to_numpy()
    con.register("samples", frame.to_arrow())
    written = str(queries.tolist())
    found = sqlsel.sql(
        con,
        "SELECT id, selection_gain() FROM samples USING STRATEGY DIVERSITY(e), "
        f"SIMILARITY(e, {written}), TYPICALITY(e), key := id LIMIT 120",
    ).fetchall()
    strategies: Any = [
        sqlsel.diversity(vectors),
        sqlsel.similarity(vectors, query=queries),
        sqlsel.typicality(vectors),
    ]
    picked = sqlsel.select(n=120, strategies=strategies, ids=frame["id"].to_numpy())
    ids = frame["id"].to_numpy()[picked.indices].tolist()
    assert list(zip(ids, picked.gain.tolist(), strict=True)) == found
    trace = sel.trace(
        sel.diversity("e"), sel.similarity("e", queries), sel.typicality("e"), n=120, id="id"
    )
    ranked = frame.select("id", trace).unnest("selection").filter("selected").sort("rank")
    assert ranked.select("id", "gain").rows() == found


@pytest.mark.parametrize("operation", ["<", "<=", ">", ">=", "==", "!="])
@pytest.mark.parametrize(
    ("kind", "values", "bound"),
    [
        (np.float32, [0.1, 0.2, 0.3], 0.1),
        (np.float32, [0.7, 0.2, 0.8], 0.7),
        (np.float32, [0.7, 0.2, 0.8], 1e60),
        (np.float64, [0.1, 0.2, 0.3], 0.1),
        (np.int64, [2**53, 2**53 + 1, 2**53 + 2], 2**53 + 1),
        (np.int64, [2**53, 2**53 + 1, 2**53 + 2], float(2**53)),
        (np.int64, [-1, 0, 1], 0.5),
        (np.uint8, [0, 200, 255], 300),
        (np.uint64, [0, 2**64 - 1, 5], 2**63),
    ],
)
def test_a_threshold_compares_in_the_type_of_the_column(
    kind: Any, values: list[Any], bound: float, operation: Any, con: duckdb.DuckDBPyConnection
) -> None:
    column = np.array(values, kind)
    frame = pl.DataFrame({"id": range(3), "s": column, "w": [1.0, 2, 3]})
    con.register("samples", frame.to_arrow())
    found = sqlsel.sql(
        con,
        f"SELECT id FROM samples USING STRATEGY WEIGHTS(w), THRESHOLD(s {operation} {bound!r}), "
        "key := id LIMIT 3",
    ).fetchall()
    strategies: Any = [sqlsel.weights([1.0, 2, 3]), sqlsel.threshold(column, operation, bound)]
    picked = sqlsel.select(n=3, strategies=strategies).indices.tolist()
    assert [(row,) for row in picked] == found
    threshold = sel.threshold("s", operation, bound)
    assert sel.rows(frame, sel.weights("w"), threshold, n=3, id="id")["id"].to_list() == picked
    numpy_bound = np.float64(bound) if isinstance(bound, float) else bound
    strategies[1] = sqlsel.threshold(column, operation, numpy_bound)
    assert sqlsel.select(n=3, strategies=strategies).indices.tolist() == picked
