"""Query vectors of similarity: arrays, series, lists, expressions of another length."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import sqlsel.polars as sel
from sqlsel import InvalidInput
from tests.polars.frames import ENGINES, samples

PAIRS = pl.Array(pl.Float32, 2)
NAN = float("nan")


def nearest(frame: pl.DataFrame, queries: Any, n: int) -> list[int]:
    """The ids of the rows whose unit vectors are nearest to a query's, in float64."""
    x, q = frame["e"].to_numpy().astype(float), np.asarray(queries, float)
    x, q = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (x, q))
    distance = np.linalg.norm(x[:, None] - q[None], axis=2).min(axis=1)
    ids: list[int] = frame["id"].to_list()
    return [ids[i] for i in sorted(range(len(x)), key=lambda i: (distance[i], ids[i]))[:n]]


def picked(frame: pl.DataFrame, query: Any, n: int, **options: Any) -> list[int]:
    """The ids of the picks in order."""
    found = frame.select("id", sel.rank(sel.similarity("e", query, **options), n=n, id="id"))
    ids: list[int] = found.drop_nulls().sort("rank")["id"].to_list()
    return ids


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return samples(60, seed=5)


FORMS = {
    "array": np.asarray,
    "float32": lambda q: np.asarray(q, np.float32),
    "list": lambda q: q,
    "tuple": lambda q: tuple(map(tuple, q)),
    "list of arrays": lambda q: [np.asarray(v) for v in q],
    "series of arrays": lambda q: pl.Series(q, dtype=pl.Array(pl.Float64, 4)),
    "series of lists": lambda q: pl.Series("wanted", q),
    "series of integers": lambda q: pl.Series(q).cast(pl.List(pl.Int8)),
    "literal": lambda q: pl.lit(pl.Series(q)),
}


@pytest.mark.parametrize("form", FORMS)
def test_queries_may_come_in_any_form(form: str, frame: pl.DataFrame) -> None:
    queries = [[1, -2, 0, 3], [2, 2, -1, 0], [0, 0, 5, 1]]
    assert picked(frame, FORMS[form](queries), 9) == nearest(frame, queries, 9)


@pytest.mark.parametrize("form", [list, np.array, np.float32])
def test_a_single_vector_is_a_query(form: Any, frame: pl.DataFrame) -> None:
    assert picked(frame, form([1, 2, 3, 4]), 5) == nearest(frame, [[1, 2, 3, 4]], 5)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_expression_may_have_another_length(engine: Any, frame: pl.DataFrame) -> None:
    wanted = pl.col("w") > 0.9
    strategy = sel.similarity("e", pl.col("e").filter(wanted))
    expected = nearest(frame, frame.filter(wanted)["e"].to_numpy(), 7)
    found = frame.lazy().filter(sel.select(strategy, n=7, id="id")).collect(engine=engine)
    assert sorted(found["id"]) == sorted(expected)


def test_an_expression_is_taken_per_group_in_over_and_agg(frame: pl.DataFrame) -> None:
    query = pl.col("e").sort_by("w").tail(2)
    expr = sel.rank(sel.similarity("e", query), n=3, id="id")
    over = frame.select("g", "id", expr.over("g"))
    agg = frame.group_by("g").agg("id", expr).explode("id", "rank")
    for (g,), part in frame.group_by("g"):
        expected = nearest(part, part.sort("w").tail(2)["e"].to_numpy(), 3)
        for found in (over, agg):
            ranked = found.filter(pl.col("g") == g).drop_nulls().sort("rank")
            assert ranked["id"].to_list() == expected


def test_an_array_is_the_same_in_every_group(frame: pl.DataFrame) -> None:
    query = np.array([[1.0, 0, 0, 1]])
    over = frame.select("g", "id", sel.rank(sel.similarity("e", query), n=2, id="id").over("g"))
    for (g,), part in frame.group_by("g"):
        ranked = over.filter(pl.col("g") == g).drop_nulls().sort("rank")
        assert ranked["id"].to_list() == nearest(part, query, 2)


REFUSED: dict[str, tuple[Any, str]] = {
    "null": (pl.Series("q", [[1.0, 2], None]), "query q is null at row 1; leave it out"),
    "NaN": (
        pl.Series("q", [[1.0, 2], [NAN, 1]]),
        "query: 1 of 2 vectors cannot be used; the first, at row 1, holds NaN or NULL. Leave them out",
    ),
    "null inside": (
        [[1, 2], [3, NAN]],
        "query: 1 of 2 vectors cannot be used; the first, at row 1, holds NaN or NULL. Leave them out",
    ),
    "zero": (
        np.zeros((1, 2)),
        (
            "query: 1 of 1 vectors cannot be used; the first, at row 0, is zero. Leave them out; "
            "with normalize false zero vectors can be used"
        ),
    ),
    "wide": ([[1, 2, 3]], "query embeddings have 3 dimensions, the column has 2"),
    "ragged": (
        pl.Series("q", [[1.0, 2], [1.0, 2], [3.0]]),
        (
            "query q: vectors of different lengths: 1 of 3 do not have the common length 2 (first at row 2: length 1); "
            "pad, truncate or filter them"
        ),
    ),
    "none": (pl.Series([], dtype=PAIRS), "query: no query vector; SIMILARITY needs at least one"),
    "no list": ([], "query: no query vector; SIMILARITY needs at least one"),
    "numbers": (
        pl.Series([1.0, 2]),
        "query is Float64; it must be one vector of numbers per row; put columns together: pl.concat_list(…)",
    ),
    "objects": (
        pl.Series("q", [[[1.0, 2]]]),
        "query q holds lists of vectors; explode it first",
    ),
    "text": ("other", "query must be a vector or a list of vectors, got 'other'"),
}


def told(query: Any) -> str:
    """The first line of the error."""
    frame = pl.DataFrame({"e": pl.Series([[1.0, 2], [3, 4]], dtype=PAIRS)})
    with pytest.raises(InvalidInput) as raised:
        frame.select(sel.rank(sel.similarity("e", query), n=1))
    return str(raised.value).splitlines()[0]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_query_is_refused(name: str) -> None:
    query, message = REFUSED[name]
    assert told(query) == message


@pytest.mark.parametrize("name", ["null", "NaN", "ragged", "objects"])
def test_an_expression_is_refused_as_a_series_is(name: str) -> None:
    query, message = REFUSED[name]
    assert told(pl.lit(query).alias("q")) == message


def test_a_group_without_a_query_is_an_error() -> None:
    frame = pl.DataFrame({"e": pl.Series([[1.0, 2], [3, 4]], dtype=PAIRS), "g": [1, 2]})
    query = pl.col("e").filter(pl.col("g") == 1)
    with pytest.raises(InvalidInput, match=r"^query: no query vector; SIMILARITY needs at least"):
        frame.select(sel.rank(sel.similarity("e", query), n=1).over("g"))


@pytest.mark.parametrize(
    "dtype", [PAIRS, pl.List(pl.Float32), pl.List(pl.List(pl.Float32)), pl.Null]
)
def test_without_any_vector_nobody_is_similar(dtype: Any) -> None:
    frame = pl.DataFrame({"e": pl.Series([None, None], dtype=dtype)})
    with pytest.warns(UserWarning, match="fewer samples"):
        found = frame.select(sel.rank(sel.similarity("e", [[1, 2]]), n=1))
    assert found.to_series().to_list() == [None, None]
