"""Near-duplicates against the definition as a loop in float64, and what they promise on any data."""

from __future__ import annotations

import numpy as np
import pytest

from sqlsel.engine.kernels.exact import half_squared
from sqlsel.engine.neighbours.near_duplicates import Duplicates, near_duplicates
from tests.neighbours.clouds import KINDS, cloud, nothing

WAYS = pytest.mark.parametrize("approximate", [False, True], ids=["exact", "graph"])


def found(x: np.ndarray, distance: float, *, approximate: bool | None = None) -> Duplicates:
    return near_duplicates(x, distance, approximate=approximate, poll=nothing)


def defined(x: np.ndarray, distance: float) -> tuple[list[int], list[float]]:
    """Row by row, as a person would do it; the distances are those that decide everywhere."""
    limit, kept = distance * distance / 2, []
    for i in range(len(x)):
        if not any(half_squared(x[i], x[k]) < limit for k in kept):
            kept.append(i)
    of, far = [], []
    for i in range(len(x)):
        halves = [float(half_squared(x[i], x[k])) for k in kept]
        best = int(np.argmin(halves))
        of.append(-1 if i in kept else kept[best])
        far.append(0.0 if i in kept else float(np.sqrt(2 * halves[best])))
    return of, far


@pytest.mark.parametrize("kind", KINDS)
@WAYS
def test_duplicates_are_those_of_the_definition(kind: str, *, approximate: bool) -> None:
    """Among so few rows the graph misses nobody; 22 cases of each kind and way: 308 in all."""
    rng = np.random.default_rng(len(kind))
    for seed in range(22):
        rows, dimension = int(rng.integers(1, 70)), int(rng.integers(1, 7))
        x = cloud(kind, rows, dimension, seed)
        distance = float(rng.choice([1e-5, 0.3, 1.0, 2.0, 4.0]))
        told = found(x, distance, approximate=approximate)
        of, far = defined(x, distance)
        assert told.duplicate_of.tolist() == of, (seed, distance)
        assert told.distance.tolist() == far, (seed, distance)


@WAYS
def test_the_distance_itself_is_far_enough(*, approximate: bool) -> None:
    """0.5, 0.75 and their difference are exact in float32: at 0.25 they are no duplicates."""
    x = np.array([[0.5], [0.75]], np.float32)
    assert found(x, 0.25, approximate=approximate).duplicate_of.tolist() == [-1, -1]
    more = np.nextafter(0.25, 1)
    assert found(x, more, approximate=approximate).duplicate_of.tolist() == [-1, 0]


@WAYS
def test_of_equally_near_rows_the_first_is_the_one_to_keep(*, approximate: bool) -> None:
    x = np.array([[2], [0], [1]], np.float32)
    assert found(x, 1.5, approximate=approximate).duplicate_of.tolist() == [-1, -1, 0]


@WAYS
def test_a_duplicate_belongs_to_the_nearest_kept_row_even_a_later_one(*, approximate: bool) -> None:
    x = np.array([[0], [0.9], [1.6]], np.float32)
    told = found(x, 1, approximate=approximate)
    assert told.duplicate_of.tolist() == [-1, 2, -1]
    assert told.distance[1] == pytest.approx(0.7, abs=1e-6)


@WAYS
def test_rows_that_are_all_the_same_are_duplicates_of_the_first(*, approximate: bool) -> None:
    told = found(np.ones((300, 3), np.float32), 1e-9, approximate=approximate)
    assert told.duplicate_of.tolist() == [-1, *[0] * 299]
    assert not told.distance.any()


@WAYS
def test_nothing_and_a_single_row_have_no_duplicates(*, approximate: bool) -> None:
    assert (
        found(np.empty((0, 3), np.float32), 1, approximate=approximate).duplicate_of.tolist() == []
    )
    assert found(np.ones((1, 3), np.float32), 1, approximate=approximate).duplicate_of.tolist() == [
        -1
    ]


@pytest.mark.parametrize("distance", [0, -1, float("nan"), float("inf")])
def test_the_distance_must_be_a_number_above_zero(distance: float) -> None:
    with pytest.raises(ValueError, match="the distance must be a number above 0"):
        found(np.ones((2, 2), np.float32), distance)


def test_crowds_of_more_rows_than_a_search_gives_are_not_cut() -> None:
    """500 rows within the distance of each other: 64 neighbours are not all of them."""
    rng = np.random.default_rng(0)
    centres = 10 * rng.normal(size=(3, 8))
    x = (centres[np.arange(1500) % 3] + 0.01 * rng.normal(size=(1500, 8))).astype(np.float32)
    exact, near = found(x, 1, approximate=False), found(x, 1, approximate=True)
    assert (exact.duplicate_of < 0).sum() == 3
    assert near.duplicate_of.tolist() == exact.duplicate_of.tolist()
    assert near.distance.tobytes() == exact.distance.tobytes()


@pytest.mark.parametrize("distance", [0.3, 0.6, 1.0])
def test_the_graph_agrees_with_all_pairs_on_many_rows(distance: float) -> None:
    x = cloud("blobs", 4000, 12)
    exact, near = found(x, distance, approximate=False), found(x, distance, approximate=True)
    assert near.recall is not None
    assert near.recall > 0.99
    assert (near.duplicate_of == exact.duplicate_of).mean() > 0.99


@pytest.mark.parametrize("kind", KINDS)
def test_kept_rows_are_apart_and_every_duplicate_is_near(kind: str) -> None:
    x, distance = cloud(kind, 2300, 5), 0.7
    told = found(x, distance, approximate=False)
    kept = x[told.duplicate_of < 0].astype(np.float64)
    apart = np.sqrt(((kept[:, None] - kept[None]) ** 2).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    assert apart.min() >= distance * (1 - 1e-12)
    dropped = np.flatnonzero(told.duplicate_of >= 0)
    to = np.linalg.norm(
        x[dropped].astype(np.float64) - x[told.duplicate_of[dropped]].astype(np.float64), axis=1
    )
    assert (to < distance).all()
    assert told.distance[dropped] == pytest.approx(to, abs=1e-12)


def test_several_blocks_give_the_same_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    x = cloud("blobs", 900, 4)
    whole = found(x, 0.4, approximate=False)
    monkeypatch.setattr("sqlsel.engine.neighbours.near_duplicates._BLOCK", 32)
    monkeypatch.setattr("sqlsel.engine.neighbours.near_duplicates._POINTS", 48)
    parts = found(x, 0.4, approximate=False)
    assert parts.duplicate_of.tolist() == whole.duplicate_of.tolist()
    assert parts.distance.tobytes() == whole.distance.tobytes()


@WAYS
def test_the_search_can_be_stopped(*, approximate: bool) -> None:
    asked = 0

    def stop() -> None:
        nonlocal asked
        asked += 1
        if asked == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        near_duplicates(cloud("normal", 9000, 3), 0.1, approximate=approximate, poll=stop)


def test_many_rows_are_searched_through_a_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlsel.engine.neighbours.near_duplicates.EXACT_ROWS", 99)
    assert found(cloud("normal", 99, 4), 0.5).recall is None
    assert found(cloud("normal", 100, 4), 0.5).recall == 1.0
