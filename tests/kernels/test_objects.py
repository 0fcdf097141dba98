"""Samples with objects as they enter: what is a list of vectors, what is refused, and how values are folded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sqlsel import InvalidInput
from sqlsel.engine.kernels.object_lists import (
    Objects,
    as_objects,
    concatenated,
    greatest,
    ingest_embeddings,
    mean,
    means,
    sums,
)


def given(values: Any, **options: Any) -> Any:
    every = np.ones(len(values), np.bool_)
    told: dict[str, Any] = {"normalize": False, "on_invalid": "error"} | options
    return ingest_embeddings(values, every, every, **told)


TWO = np.array([[1.0, 2], [3, 4]])


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ([TWO, TWO[:1]], [2, 1]),
        ([[[1, 2], [3, 4]], []], [2, 0]),
        ([[], None, [[1, 2]]], [0, 0, 1]),
        ([np.empty((0, 2)), np.empty((0, 2))], [0, 0]),
        (np.ones((3, 2, 4)), [2, 2, 2]),
        (np.ones((3, 0, 4)), [0, 0, 0]),
    ],
)
def test_lists_of_vectors_are_objects(values: Any, counts: list[int]) -> None:
    found = given(values)
    assert found.objects.counts.tolist() == counts
    assert found.matrix.dtype == np.float32
    assert found.present.tolist() == [value is not None for value in values]


@pytest.mark.parametrize("values", [TWO, [[1, 2], [3, 4]], np.ones((2, 3), int), [[], []], [1, 2]])
def test_anything_else_is_not(values: Any) -> None:
    assert as_objects(values, "embedding") is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([TWO, [[1, 2, 3]]], "embedding: objects of 2 and, in row 1, of 3 dimensions"),
        ([TWO, [[1], [2, 3]]], "embedding: the objects of row 1 differ in length"),
        ([TWO, [["a", "b"]]], "embedding: row 1 needs a list of vectors of numbers, got <U1"),
        ([TWO, [1, 2]], "embedding: row 1 needs a list of vectors of numbers, got int64"),
        ([TWO, [[np.nan, 1]]], "1 of 3 vectors cannot be used; the first, at row 1, holds NaN"),
        ([[], TWO, [[1, 1], [np.inf, 1]]], "1 of 4 vectors cannot be used; the first, at row 2"),
    ],
)
def test_what_cannot_be_used_is_told_by_the_row_of_its_sample(values: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        given(values)
    assert message in str(raised.value)


def test_a_sample_is_skipped_where_one_of_its_objects_is_invalid() -> None:
    values = [TWO, [[1, 1], [0, 0]], [], [[np.nan, 1]]]
    assert given(values, normalize=True, on_invalid="skip").present.tolist() == [1, 0, 1, 0]


def test_objects_are_brought_to_unit_length_one_by_one() -> None:
    found = given([[[3, 4], [0, 2]], [[5, 0]]], normalize=True)
    assert found.matrix.tolist() == [[np.float32(0.6), np.float32(0.8)], [0, 1], [1, 0]]


def test_some_samples_with_their_objects() -> None:
    whole = Objects(np.arange(12, dtype=np.float32).reshape(6, 2), np.array([0, 2, 2, 5, 6]))
    part = whole[np.array([3, 0, 1])]
    assert part.vectors[:, 0].tolist() == [10, 0, 2]
    assert part.offsets.tolist() == [0, 1, 3, 3]
    assert whole.numbers(np.array([2, 3])).tolist() == [2, 3, 4, 5]
    assert whole[2].shape == (3, 2)
    again = concatenated(whole.as_object_array(np.array([3, 0, 1])), 2)
    assert again.vectors.tolist() == part.vectors.tolist()
    assert again.offsets.tolist() == part.offsets.tolist()


def test_values_are_folded_sample_by_sample_whatever_the_order_of_the_objects() -> None:
    values, offsets = np.array([1e16, 1, -1e16, 4, 6]), np.array([0, 3, 3, 5])
    assert means(values, offsets).tolist() == [1 / 3, -1, 5]
    assert sums(values, offsets).tolist() == [1, 0, 10]
    assert greatest(values, offsets).tolist() == [1e16, -1, 6]
    assert mean([0.1, 0.2, 0.3]) == mean([0.3, 0.2, 0.1])
