"""SIMILARITY on rows that can be checked by hand, its options, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sqlsel
from sqlsel import InvalidInput, ShortSelection, similarity

LINE = np.array([[0.0], [1], [2], [5]])


def plain(x: Any, query: Any, **options: Any) -> Any:
    return similarity(x, query, normalize=False, **options)


def picks(strategy: Any, n: int, **options: Any) -> list[int]:
    found: list[int] = sqlsel.select(n=n, strategies=[strategy], **options).indices.tolist()
    return found


def test_the_nearest_to_the_query_come_first() -> None:
    assert picks(plain(LINE, [[2.2]]), 4) == [2, 1, 0, 3]


def test_of_several_queries_the_nearest_counts() -> None:
    assert picks(plain(LINE, [[0.1], [4.6]]), 4) == [0, 3, 1, 2]


def test_one_query_may_be_a_plain_vector() -> None:
    assert picks(plain(LINE, [2.2]), 4) == picks(plain(LINE, [[2.2]]), 4)


def test_the_value_falls_with_the_distance_measured_by_the_mean_distance() -> None:
    """Distances to 0 are 0, 1, 2 and 5; their mean is 2."""
    found = sqlsel.select(n=4, strategies=[plain(LINE, [[0.0]])])
    assert found.values[:, 0].tolist() == pytest.approx(np.exp([0, -0.5, -1, -2.5]).tolist())


def test_the_mean_distance_is_that_of_the_pool() -> None:
    found = sqlsel.select(n=2, strategies=[plain(LINE, [[0.0]])], candidates=[1, 2])
    assert found.values[:, 0].tolist() == pytest.approx(np.exp([-1 / 1.5, -2 / 1.5]).tolist())


def test_a_negative_strength_prefers_what_is_unlike_the_query() -> None:
    assert picks(plain(LINE, [[0.0]], strength=-1), 4) == [3, 2, 1, 0]


def test_samples_that_all_equal_the_query_are_all_alike() -> None:
    found = sqlsel.select(n=3, strategies=[plain(np.ones((3, 2)), [[1.0, 1.0]])])
    assert found.indices.tolist() == [0, 1, 2]
    assert found.values[:, 0].tolist() == [1, 1, 1]


def test_vectors_and_queries_are_brought_to_unit_length_unless_told_otherwise() -> None:
    x = np.array([[10.0, 0], [0.7, 0.7], [0, 3]])
    assert picks(similarity(x, [[0.0, 100]]), 3) == [2, 1, 0]
    assert picks(plain(x, [[0.0, 100]]), 1) == [2]
    assert picks(plain(x, [[1.0, 0]]), 3) == [1, 2, 0]


@pytest.mark.parametrize(
    ("query", "normalize", "message"),
    [
        ([], True, "query: no query vector; SIMILARITY needs at least one"),
        (np.empty((0, 1)), True, "query: no query vector; SIMILARITY needs at least one"),
        ([[1.0, 2.0]], True, "query embeddings have 2 dimensions, the column has 1"),
        (
            [[np.nan]],
            False,
            (
                "query: 1 of 1 vectors cannot be used; the first, at row 0, holds NaN or NULL. "
                "Leave them out"
            ),
        ),
        (
            [[0.0]],
            True,
            (
                "query: 1 of 1 vectors cannot be used; the first, at row 0, is zero. "
                "Leave them out; with normalize false zero vectors can be used"
            ),
        ),
        (
            [[1.0], [2.0, 3.0], [4.0]],
            True,
            (
                "query: 1 of 3 rows do not have the common length 1 (first at row 1: length 2); "
                "pad, truncate or filter them"
            ),
        ),
    ],
)
def test_queries_that_cannot_be_used_are_refused(query: Any, normalize: bool, message: str) -> None:
    strategy = similarity(LINE + 1, query, normalize=normalize)
    with pytest.raises(InvalidInput) as raised:
        sqlsel.select(n=1, strategies=[strategy])
    assert str(raised.value) == message


def test_rows_that_cannot_be_used_are_refused_or_skipped() -> None:
    x = np.array([[1.0, 0], [np.nan, 0], [0, 1]])
    with pytest.raises(InvalidInput, match=r"^embedding: 1 of 3 vectors cannot be used"):
        picks(similarity(x, [[0.0, 1]]), 1)
    with pytest.warns(ShortSelection):
        assert picks(similarity(x, [[0.0, 1]]), 3, on_invalid="skip") == [2, 0]


def test_invalid_query_vectors_are_refused_even_if_rows_may_be_skipped() -> None:
    with pytest.raises(InvalidInput, match=r"^query: "):
        picks(similarity(np.eye(2), [[np.nan, 1]]), 1, on_invalid="skip")


@pytest.mark.parametrize("strength", [True, "1"])
def test_a_strength_must_be_a_number(strength: Any) -> None:
    with pytest.raises(TypeError, match=r"^strength must be a number, got "):
        similarity(LINE, LINE, strength=strength)


def test_up_to_so_many_pairs_all_queries_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    x, query = rng.normal(size=(300, 5)), rng.normal(size=(40, 5))
    exact = sqlsel.select(n=300, strategies=[plain(x, query)])
    assert exact.notes == ()
    monkeypatch.setattr("sqlsel.engine.strategies.similarity.EXACT_PAIRS", 300 * 40 - 1)
    near = sqlsel.select(n=300, strategies=[plain(x, query)])
    note = (
        "similarity of 300 rows to 40 queries is approximate (hnswlib), "
        "recall of the nearest query 1.0000 on 200 rows"
    )
    assert near.notes == (note,)
    assert near.indices.tolist() == exact.indices.tolist()
    assert near.values.tobytes() == exact.values.tobytes()
    assert sqlsel.select(n=1, strategies=[plain(x, query, approximate=False)]).notes == ()
    assert sqlsel.select(n=1, strategies=[plain(x[:299], query)]).notes == ()
    lists = np.split(x, 100)
    of_objects = sqlsel.select(n=1, strategies=[plain(lists, query, approximate=True)])
    assert of_objects.notes == (note.replace("300 rows", "300 objects"),)


def test_the_graph_of_many_queries_finds_nearly_all_of_the_nearest() -> None:
    rng = np.random.default_rng(1)
    x, query = rng.normal(size=(2000, 24)), rng.normal(size=(4000, 24))
    exact, near = (
        sqlsel.select(n=2000, strategies=[similarity(x, query, approximate=way)])
        for way in (False, True)
    )
    of_row = [found.values[np.argsort(found.indices), 0] for found in (exact, near)]
    assert np.abs(of_row[0] - of_row[1]).max() < 0.1
    assert (np.abs(of_row[0] - of_row[1]) < 1e-3).mean() > 0.95


def test_whether_to_approximate_is_true_or_false() -> None:
    with pytest.raises(TypeError, match="approximate must be true or false, got 1"):
        similarity(LINE, LINE, approximate=1)
