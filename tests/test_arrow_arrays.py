"""Columns of Polars and Arrow on arrays: read with the readers of SQL, to the same picks as NumPy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import sqlsel
from sqlsel.arrays.arrow_columns import read_arrow
from tests.connection.subprocesses import python

X = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
OBJECTS = [[row.tolist(), (-row).tolist()][: 1 + i % 2] for i, row in enumerate(X)]
WORDS = [("a", "b", None, "c")[i % 4] for i in range(60)]
LISTS = [["a"] * (i % 3) + ["b"] for i in range(60)]

VECTORS: dict[str, Any] = {
    "list": pa.array(X.tolist(), pa.list_(pa.float32())),
    "list of float64": pa.array(X.astype(np.float64).tolist()),
    "large list": pa.array(X.tolist(), pa.large_list(pa.float32())),
    "array": pa.FixedSizeListArray.from_arrays(pa.array(X.reshape(-1)), 4),
    "slice": pa.array([[9.0], *X.tolist()], pa.list_(pa.float32())).slice(1),
    "chunks": pa.chunked_array([pa.array(X[:7].tolist()), pa.array(X[7:].tolist())]),
    "Polars list": pl.Series(X.tolist(), dtype=pl.List(pl.Float32)),
    "Polars array": pl.Series(X),
    "Polars chunks": pl.concat([pl.Series(X[:20]), pl.Series(X[20:])], rechunk=False),
}
CATEGORIES: dict[str, Any] = {
    "text": pa.array(WORDS),
    "dictionary": pa.array(WORDS).dictionary_encode(),
    "large text": pa.array(WORDS, pa.large_string()),
    "text view": pa.array(WORDS, pa.string_view()),
    "Polars text": pl.Series(WORDS),
    "Polars Categorical": pl.Series(WORDS, dtype=pl.Categorical),
    "Polars Enum": pl.Series(WORDS, dtype=pl.Enum(["c", "b", "a"])),
}


def picks(strategy: Any, **options: Any) -> list[int]:
    found: list[int] = sqlsel.select(n=12, strategies=[strategy], **options).indices.tolist()
    return found


@pytest.mark.parametrize("name", VECTORS)
def test_vectors_are_those_of_numpy(name: str) -> None:
    assert read_arrow(VECTORS[name], "vectors", "embedding") is not None
    assert picks(sqlsel.diversity(VECTORS[name])) == picks(sqlsel.diversity(X))


@pytest.mark.parametrize("name", ["array", "Polars array", "list"])
def test_vectors_in_one_piece_are_not_copied(name: str) -> None:
    column = read_arrow(VECTORS[name], "vectors", "embedding")
    assert column is not None
    again = read_arrow(VECTORS[name], "vectors", "embedding")
    assert again is not None
    assert np.shares_memory(column.values, again.values)


def test_objects_are_those_of_lists() -> None:
    column = pa.array(OBJECTS, pa.list_(pa.list_(pa.float32())))
    expected = picks(sqlsel.diversity([np.array(o, np.float32) for o in OBJECTS]))
    assert picks(sqlsel.diversity(column)) == expected
    assert picks(sqlsel.diversity(pl.Series(OBJECTS))) == expected


def test_rows_without_a_vector_are_not_picked() -> None:
    listed = [None if i % 5 == 0 else row.tolist() for i, row in enumerate(X)]
    column = pa.array(listed, pa.list_(pa.float32()))
    selection = sqlsel.select(n=60 - 12, strategies=[sqlsel.diversity(column)])
    assert sorted(selection.indices.tolist()) == [i for i in range(60) if i % 5]
    assert selection.skipped == {"diversity": 12}


@pytest.mark.parametrize("gap", [[], [None]])
def test_numbers_beyond_float32_are_scaled_as_those_of_numpy(gap: list[None]) -> None:
    rows = [[1e300, 1.0], [1.0, 1e300], [1.0, 1.0]]
    column = pa.array([*gap, *rows])
    expected = (sqlsel.select(np.array(rows), n=2).indices + len(gap)).tolist()
    assert sqlsel.select(n=2, strategies=[sqlsel.diversity(column)]).indices.tolist() == expected


def test_vectors_of_several_lengths_name_the_row() -> None:
    column = pa.array([[1.0, 2.0], [1.0], [2.0, 2.0]])
    message = (
        r"^embedding: vectors of different lengths: 1 of 3 do not have the common length 2 "
        r"\(first at row 1: length 1\); pad, truncate or filter them$"
    )
    with pytest.raises(sqlsel.InvalidInput, match=message):
        sqlsel.select(n=1, strategies=[sqlsel.diversity(column)])
    skipping = sqlsel.select(n=2, strategies=[sqlsel.diversity(column)], on_invalid="skip")
    assert skipping.indices.tolist() == [0, 2]


@pytest.mark.parametrize("name", CATEGORIES)
def test_categories_are_those_of_lists(name: str) -> None:
    target = {"a": 0.5, "b": 0.25}
    expected = picks(sqlsel.balance(WORDS, target))
    assert picks(sqlsel.balance(CATEGORIES[name], target)) == expected


@pytest.mark.parametrize("kind", [pa.list_(pa.string()), pa.large_list(pa.string())])
def test_lists_of_categories_are_those_of_lists(kind: pa.DataType) -> None:
    column = pa.array(LISTS, kind)
    assert picks(sqlsel.balance(column)) == picks(sqlsel.balance(LISTS))


def test_maps_are_masses() -> None:
    masses = [{"a": 1.0, "b": float(i % 4)} for i in range(60)]
    column = pa.array([list(m.items()) for m in masses], pa.map_(pa.string(), pa.float64()))
    assert picks(sqlsel.balance(column)) == picks(sqlsel.balance(masses))


def test_queries_are_those_of_numpy() -> None:
    query = pa.array(X[:3].tolist(), pa.list_(pa.float32()))
    assert picks(sqlsel.similarity(X, query)) == picks(sqlsel.similarity(X, X[:3]))


def test_arrow_is_loaded_for_its_columns_only() -> None:
    ended = python(
        "import sys, numpy as np, sqlsel\n"
        "x = np.random.default_rng(0).normal(size=(50, 4))\n"
        "sqlsel.select(n=5, strategies=[sqlsel.diversity(x), sqlsel.balance(['a', 'b'] * 25), "
        "sqlsel.weights(x[:, 0])])\n"
        "print(sorted({'pyarrow', 'polars', 'duckdb', 'pandas'} & set(sys.modules)))"
    )
    assert (ended.err, ended.out.strip()) == ("", "[]")
