"""The nearest rows of queries, and the nearest query of rows, against a sort of all distances in float64."""

from __future__ import annotations

import numpy as np
import pytest

from sqlsel.engine.kernels.exact import half_squared
from sqlsel.engine.neighbours.nearest_queries import nearest_queries
from sqlsel.engine.neighbours.similar_rows import Near, Search, most_similar
from tests.neighbours.clouds import KINDS, cloud, nothing

WAYS = pytest.mark.parametrize("approximate", [False, True], ids=["exact", "graph"])


def defined(x: np.ndarray, query: np.ndarray, own: int, count: int, least: float) -> list[int]:
    halves = half_squared(x, query)
    far = [i for i in range(len(x)) if i != own and halves[i] >= least * least / 2]
    return sorted(far, key=lambda i: (halves[i], i))[:count]


def similar(x: np.ndarray, queries: np.ndarray, wanted: Search, *, approximate: bool) -> list[Near]:
    return most_similar(x, queries, wanted, approximate=approximate, poll=nothing)[0]


@pytest.mark.parametrize("kind", KINDS)
@WAYS
def test_the_nearest_rows_are_those_of_a_sort(kind: str, *, approximate: bool) -> None:
    rng = np.random.default_rng(1)
    for seed in range(12):
        x = cloud(kind, int(rng.integers(1, 90)), int(rng.integers(1, 6)), seed)
        own = rng.integers(-1, len(x), 4)
        queries = np.stack([cloud(kind, 1, x.shape[1], 99)[0] if i < 0 else x[i] for i in own])
        count, least = int(rng.integers(1, 30)), float(rng.choice([0.0, 0.5, 2.0]))
        found = similar(x, queries, Search(count, own, least), approximate=approximate)
        for i, (numbers, distances) in enumerate(found):
            assert numbers.tolist() == defined(x, queries[i], int(own[i]), count, least)
            assert (
                distances.tobytes() == np.sqrt(2 * half_squared(x[numbers], queries[i])).tobytes()
            )


@WAYS
def test_no_rows_and_few_rows_are_all_there_is(*, approximate: bool) -> None:
    wanted = Search(5, np.array([-1]))
    nobody = np.empty((0, 2), np.float32)
    query = np.zeros((1, 2), np.float32)
    assert similar(nobody, query, wanted, approximate=approximate)[0][0].tolist() == []
    line = np.array([[3, 0], [1, 0]], np.float32)
    numbers, distances = similar(line, query, wanted, approximate=approximate)[0]
    assert (numbers.tolist(), distances.tolist()) == ([1, 0], [1.0, 3.0])


def test_the_recall_is_measured() -> None:
    x = cloud("blobs", 5000, 24)
    wanted = Search(10, np.arange(300))
    near, recall = most_similar(x, x[:300], wanted, approximate=True, poll=nothing)
    exact, nobody = most_similar(x, x[:300], wanted, approximate=False, poll=nothing)
    assert nobody is None
    assert recall is not None
    assert (recall.neighbors, recall.rows) == (10, 200)
    same = np.mean([(a[1] <= b[1][-1]).mean() for a, b in zip(near, exact, strict=True)])
    assert recall.share == pytest.approx(same, abs=0.02)
    assert recall.share > 0.95


@pytest.mark.parametrize("kind", KINDS)
@WAYS
def test_the_nearest_query_is_that_of_the_definition(kind: str, *, approximate: bool) -> None:
    for seed, (rows, queries, dimension) in enumerate([(1, 1, 1), (40, 7, 3), (300, 90, 5)]):
        x, q = cloud(kind, rows, dimension, seed), cloud(kind, queries, dimension, seed + 50)
        used = np.arange(0, rows, 2)
        told = nearest_queries(x, used, q, approximate=approximate, poll=nothing)
        wanted = half_squared(x[used][:, None], q[None]).min(axis=1)
        assert told.halves.tobytes() == wanted.tobytes()
        assert told.recall == (1.0 if approximate else None)


def test_the_graph_of_queries_does_not_depend_on_their_order() -> None:
    x, q = cloud("normal", 500, 32), cloud("normal", 3000, 32, 1)
    used = np.arange(500)
    turned = np.random.default_rng(2).permutation(3000)
    one, other = (
        nearest_queries(x, used, given, approximate=True, poll=nothing) for given in (q, q[turned])
    )
    assert one.halves.tobytes() == other.halves.tobytes()
    assert one.recall is not None
    assert 0.9 < one.recall <= 1


def test_the_search_for_queries_can_be_stopped() -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    for approximate in (False, True):
        with pytest.raises(KeyboardInterrupt):
            nearest_queries(
                np.ones((9, 2), np.float32),
                np.arange(9),
                np.ones((9, 2), np.float32),
                approximate=approximate,
                poll=stop,
            )
