"""Frames and columns of pandas, on every surface that takes data from Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import sqlsel
import sqlsel.polars as sel

N = 200
VECTORS = np.random.default_rng(7).normal(size=(N, 6)).astype(np.float32)
TRUTH = sqlsel.select(VECTORS, n=9).indices.tolist()


@pytest.fixture
def frame() -> pd.DataFrame:
    """Rows whose labels do not count from 0."""
    rng = np.random.default_rng(8)
    return pd.DataFrame(
        {
            "id": np.arange(N),
            "embedding": list(VECTORS),
            "score": rng.random(N),
            "weather": pd.Categorical(rng.choice(["sunny", "cloudy"], N)),
        },
        index=pd.Index(np.arange(1000, 1000 + N)),
    )


def test_a_series_of_vectors_is_a_matrix(frame: pd.DataFrame) -> None:
    assert sqlsel.select(frame["embedding"], n=9).indices.tolist() == TRUTH


def test_columns_are_read_by_place_and_not_by_label(frame: pd.DataFrame) -> None:
    strategies: list[sqlsel.Strategy] = [
        sqlsel.diversity(frame["embedding"]),
        sqlsel.weights(frame["score"]),
        sqlsel.balance(frame["weather"], {"sunny": 0.3, "cloudy": 0.7}),
        sqlsel.similarity(frame["embedding"], query=frame["embedding"][4:6]),
    ]
    plain: list[sqlsel.Strategy] = [
        sqlsel.diversity(VECTORS),
        sqlsel.weights(frame["score"].to_numpy()),
        sqlsel.balance(frame["weather"].tolist(), {"sunny": 0.3, "cloudy": 0.7}),
        sqlsel.similarity(VECTORS, query=VECTORS[4:6]),
    ]
    keep = frame["score"] > 0.2
    given: Any = {"candidates": keep, "ids": frame["id"], "by": frame["weather"]}
    found = sqlsel.select(n=9, strategies=strategies, **given)
    wanted = sqlsel.select(n=9, strategies=plain, **{k: v.tolist() for k, v in given.items()})
    assert found.indices.tolist() == wanted.indices.tolist()
    assert found.gain.tolist() == wanted.gain.tolist()


@pytest.mark.parametrize("nothing", [None, float("nan")])
def test_a_missing_vector_is_passed_over(frame: pd.DataFrame, nothing: Any) -> None:
    column = frame["embedding"].copy()
    column.iloc[TRUTH[1]] = nothing
    found = sqlsel.select(column, n=9).indices.tolist()
    others = np.arange(N) != TRUTH[1]
    assert found == sqlsel.select(VECTORS, n=9, candidates=others).indices.tolist()


def test_rows_of_a_frame_are_those_of_polars(frame: pd.DataFrame) -> None:
    found = sel.rows(frame, sel.diversity("embedding"), sel.weights("score"), n=9, id="id")
    known = pl.DataFrame({name: frame[name].tolist() for name in ("id", "embedding", "score")})
    wanted = sel.rows(known, sel.diversity("embedding"), sel.weights("score"), n=9, id="id")
    assert found["id"].to_pylist() == wanted["id"].to_list()


def test_a_selector_gives_back_rows_of_the_frame(frame: pd.DataFrame) -> None:
    chooser = sqlsel.SampleSelector([sqlsel.diversity("embedding")], n_samples=9).fit(frame)
    picked = chooser.transform(frame)
    assert isinstance(picked, pd.DataFrame)
    assert sorted(picked["id"]) == sorted(TRUTH)
    assert sorted(picked.index) == sorted(1000 + row for row in TRUTH)


def test_sql_reads_a_frame_by_its_name_and_gives_one_back(frame: pd.DataFrame) -> None:
    images = frame
    with sqlsel.connect() as con:
        con.register("images", images)
        found = sqlsel.sql(
            con, "SELECT id FROM images USING STRATEGY DIVERSITY(embedding), key := id LIMIT 9"
        )
        assert found.df()["id"].tolist() == TRUTH
