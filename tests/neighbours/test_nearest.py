"""The nearest neighbours: the exact ones are those of the definition, the graph's are nearly all of them."""

from __future__ import annotations

import numpy as np
import pytest

from sqlsel.engine.neighbours.neighbour_distances import neighbour_distances
from tests.neighbours.clouds import cloud, nothing


def defined(x: np.ndarray, count: int) -> np.ndarray:
    wide = x.astype(np.float64)
    d = np.sqrt(((wide[:, None] - wide[None]) ** 2).sum(axis=2))
    return np.stack([np.sort(np.delete(row, i))[:count] for i, row in enumerate(d)])


def found(x: np.ndarray, count: int, *, approximate: bool = False) -> np.ndarray:
    distances, copy, _ = neighbour_distances(x, count, approximate=approximate, poll=nothing)
    return distances[copy]


KINDS = ("normal", "grid", "copies", "far", "dense", "zeros")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("approximate", [False, True], ids=["exact", "graph"])
def test_the_distances_are_those_of_the_definition(kind: str, *, approximate: bool) -> None:
    """Among so few rows the graph misses nobody."""
    for seed, (rows, dimension, count) in enumerate(
        [(2, 1, 1), (30, 3, 4), (200, 6, 20), (9, 2, 8)]
    ):
        x = cloud(kind, rows, dimension, seed)
        assert found(x, count, approximate=approximate) == pytest.approx(
            defined(x, count), rel=1e-12, abs=1e-12
        )


@pytest.mark.parametrize("approximate", [False, True], ids=["exact", "graph"])
def test_a_row_is_no_neighbour_of_itself_and_its_copies_are(*, approximate: bool) -> None:
    x = np.array([[0], [7], [0], [0], [3]], np.float32)
    rows = found(x, 3, approximate=approximate)
    assert rows.tolist() == [[0, 0, 3], [4, 7, 7], [0, 0, 3], [0, 0, 3], [3, 3, 3]]


@pytest.mark.parametrize("approximate", [False, True], ids=["exact", "graph"])
def test_rows_that_are_all_the_same_have_no_distance(*, approximate: bool) -> None:
    assert found(np.ones((6, 2), np.float32), 4, approximate=approximate).tolist() == [[0] * 4] * 6


def test_several_blocks_give_the_same_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    x = cloud("normal", 300, 5)
    whole = found(x, 7)
    monkeypatch.setattr("sqlsel.engine.neighbours.exact_neighbours._BLOCK", 300 * 16)
    assert found(x, 7).tobytes() == whole.tobytes()


def test_the_bits_do_not_depend_on_the_order_of_the_rows() -> None:
    for kind in KINDS:
        x = cloud(kind, 150, 4)
        turned = np.random.default_rng(1).permutation(150)
        assert found(x[turned], 6).tobytes() == found(x, 6)[turned].tobytes()


def test_the_graph_is_the_same_every_time() -> None:
    x = cloud("normal", 3000, 24)
    first, second = (found(x, 10, approximate=True) for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_the_graph_finds_most_of_the_neighbours() -> None:
    x = cloud("normal", 5000, 16)
    exact, near = found(x, 10), found(x, 10, approximate=True)
    assert (near <= exact[:, -1:]).mean() > 0.97
    assert (near >= exact - 1e-12).all()


@pytest.mark.parametrize("approximate", [False, True], ids=["exact", "graph"])
def test_the_search_can_be_stopped(*, approximate: bool) -> None:
    asked = 0

    def stop() -> None:
        nonlocal asked
        asked += 1
        if asked == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        neighbour_distances(cloud("normal", 6000, 3), 5, approximate=approximate, poll=stop)
    assert asked == 4


def test_a_graph_search_that_finds_too_few_is_replaced_by_the_exact_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = cloud("normal", 300, 5)
    monkeypatch.setattr("sqlsel.engine.neighbours.graph.Graph.nearest", lambda *_: None)
    assert found(x, 7, approximate=True).tobytes() == found(x, 7).tobytes()
