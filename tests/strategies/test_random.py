"""RANDOM: a lottery number that depends on the id and the seed, and on nothing else."""

from __future__ import annotations

from hashlib import md5

import numpy as np
import pytest

import sqlsel
from sqlsel.engine.strategies.lottery import hashed


def test_the_number_of_an_id_is_the_same_for_ever() -> None:
    assert hashed(["cam1/a.png"], 7).tolist() == [0.5193550151672338]


def test_the_number_is_the_upper_half_of_md5_over_seed_and_id() -> None:
    for sample_id, seed in ((0, 0), (12345, 3), ("ä/ö.png", -1), ("", 0)):
        digest = md5(f"{seed}:{sample_id}".encode(), usedforsecurity=False).digest()
        wanted = (int.from_bytes(digest[:8], "little") >> 11) / 2**53
        assert hashed([sample_id], seed).tolist() == [wanted]


def test_integer_ids_and_their_digits_as_text_have_the_same_number() -> None:
    assert hashed([42], 1).tolist() == hashed(["42"], 1).tolist()


def test_numbers_lie_evenly_between_0_and_1() -> None:
    numbers = hashed(range(10_000), 0)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    counts = np.histogram(numbers, 10, (0, 1))[0]
    assert np.abs(counts - 1000).max() < 150


def test_alone_it_is_a_sort_by_the_number() -> None:
    found = sqlsel.select(np.ones((50, 1)), n=50, strategies=[sqlsel.random(seed=4)])
    numbers = hashed(range(50), 4)
    assert found.indices.tolist() == np.argsort(-numbers).tolist()
    assert found.values[:, 0].tolist() == np.sort(numbers)[::-1].tolist()


def test_the_seed_of_the_strategy_wins_over_that_of_the_selection() -> None:
    x = np.ones((100, 1))

    def picks(strategy_seed: int | None, seed: int) -> list[int]:
        strategies = [sqlsel.random(seed=strategy_seed)]
        return sqlsel.select(x, n=10, strategies=strategies, seed=seed).indices.tolist()

    assert picks(None, 3) == picks(3, 0) == picks(3, 9)
    assert picks(None, 0) != picks(None, 1)


def test_the_ids_and_not_the_places_draw_the_lot() -> None:
    turned = np.random.default_rng(0).permutation(30)
    names = np.array([f"image {i}" for i in range(30)])
    found = []
    for order in (np.arange(30), turned):
        strategies = [sqlsel.random(seed=1)]
        picks = sqlsel.select(np.ones((30, 1)), n=8, strategies=strategies, ids=names[order])
        found.append(names[order][picks.indices].tolist())
    assert found[0] == found[1]


def test_a_negative_strength_turns_the_order_round() -> None:
    x = np.ones((20, 1))
    up, down = (
        sqlsel.select(x, n=20, strategies=[sqlsel.random(strength=s)]).indices.tolist()
        for s in (1, -1)
    )
    assert down == up[::-1]


@pytest.mark.parametrize(("seed", "shown"), [(True, "True"), (1.5, "1.5"), ("1", "'1'")])
def test_a_seed_must_be_an_integer(seed: object, shown: str) -> None:
    with pytest.raises(TypeError) as raised:
        sqlsel.random(seed=seed)
    assert str(raised.value) == f"seed must be an integer, got {shown}"


def test_a_strength_must_be_a_number() -> None:
    with pytest.raises(TypeError, match=r"^strength must be a number, got True$"):
        sqlsel.random(strength=True)
