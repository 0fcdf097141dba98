"""TYPICALITY on rows that can be checked by hand, its options, and which way its neighbours are found."""

from __future__ import annotations

from math import exp
from typing import Any

import lightly_mundig
import numpy as np
import pytest

import sqlsel
from sqlsel import ShortSelection, typicality

LINE = np.array([[0.0], [1], [3]])


def select(x: Any, n: int, *, among: dict[str, Any] | None = None, **options: Any) -> Any:
    given = {"normalize": False} | options
    return sqlsel.select(n=n, strategies=[typicality(x, **given)], **(among or {}))


def test_typicality_is_the_mean_of_the_exponentials_of_the_distances() -> None:
    """Distances 1, 3; 1, 2; 2, 3; their mean is 2."""
    found = select(LINE, 3, neighbors=2)
    wanted = [(exp(-a / 2) + exp(-b / 2)) / 2 for a, b in ((1, 2), (1, 3), (2, 3))]
    assert found.indices.tolist() == [1, 0, 2]
    assert found.values[:, 0] == pytest.approx(wanted, rel=1e-15)


def test_a_negative_strength_prefers_outliers() -> None:
    assert select(LINE, 3, neighbors=2, strength=-1).indices.tolist() == [2, 0, 1]


def test_a_single_sample_and_copies_of_one_are_as_typical_as_can_be() -> None:
    assert select([[5.0, 1]], 1).values.tolist() == [[1.0]]
    assert select(np.ones((4, 3)), 4).values.tolist() == [[1.0]] * 4
    assert select(np.ones((4, 3)), 4).indices.tolist() == [0, 1, 2, 3]


def test_only_the_pool_has_neighbours() -> None:
    alone = select(LINE, 3, neighbors=2)
    x = np.concatenate([LINE, [[1.01], [0.99]]])
    assert select(x, 3, neighbors=2, among={"candidates": [0, 1, 2]}).values.tolist() == (
        alone.values.tolist()
    )


def test_preselected_samples_are_neighbours_too() -> None:
    found = select(LINE, 2, neighbors=2, among={"preselected": [0]})
    assert found.values.tolist() == select(LINE, 3, neighbors=2).values[[0, 2]].tolist()


def test_vectors_are_brought_to_unit_length_unless_it_is_refused() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 3))
    longer = x * rng.integers(1, 5, (20, 1))
    same = select(longer, 20, normalize=True).indices.tolist()
    assert same == select(x, 20, normalize=True).indices.tolist()
    assert same != select(longer, 20).indices.tolist()


def test_less_typical_samples_are_never_picked() -> None:
    with pytest.warns(ShortSelection):
        found = select(LINE, 3, neighbors=2, min_typicality=0.4)
    assert found.indices.tolist() == [1, 0]
    assert (found.n_candidates, found.stopped_by) == (3, "nobody feasible")
    lowest = float(found.values[1, 0])
    with pytest.warns(ShortSelection):
        assert len(select(LINE, 3, neighbors=2, min_typicality=lowest)) == 2


def test_a_preselected_sample_counts_however_typical_it_is() -> None:
    w = np.array([1.0, 9, 1])
    strategies = [
        typicality(LINE, neighbors=2, normalize=False, min_typicality=0.4),
        sqlsel.weights(w),
    ]
    found = sqlsel.select(n=1, strategies=strategies, preselected=[2])
    assert found.indices.tolist() == [1]


def test_up_to_twenty_thousand_vectors_are_compared_with_all_others() -> None:
    assert select(np.random.default_rng(0).normal(size=(300, 4)), 1).notes == ()


def test_above_that_a_graph_is_searched_and_the_result_says_so(monkeypatch: Any) -> None:
    monkeypatch.setattr("sqlsel.engine.strategies.typicality.EXACT_ROWS", 299)
    x = np.random.default_rng(0).normal(size=(300, 4))
    note = (
        "typicality of 300 rows is approximate (hnswlib), "
        "recall of 20 neighbours 1.0000 on 200 rows"
    )
    assert select(x, 1).notes == (note,)
    assert select(x, 1, approximate=False).notes == ()
    assert select(x[:299], 1).notes == ()
    assert select(x[:299], 1, approximate=True).notes == (note.replace("300 rows", "299 rows"),)
    lists = np.split(x, 100)
    assert select(lists, 1).notes == (note.replace("300 rows", "300 objects"),)


def test_the_graph_is_built_in_the_order_of_the_ids() -> None:
    """So the picks do not depend on the order of the rows, though the graph does."""
    rng = np.random.default_rng(3)
    x, turned = rng.normal(size=(2500, 48)), rng.permutation(2500)
    plain = select(x, 500, approximate=True)
    other = select(x[turned], 500, approximate=True, among={"ids": turned})
    assert turned[other.indices].tolist() == plain.indices.tolist()
    assert other.values.tobytes() == plain.values.tobytes()


def test_the_picks_do_not_depend_on_the_order_of_the_rows() -> None:
    x = np.random.default_rng(4).normal(size=(400, 6)).astype(np.float32)
    turned = np.random.default_rng(5).permutation(400)
    plain = select(x, 100, neighbors=7)
    other = select(x[turned], 100, neighbors=7, among={"ids": turned})
    assert turned[other.indices].tolist() == plain.indices.tolist()
    assert other.values.tobytes() == plain.values.tobytes()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"neighbors": 1}, ValueError, "neighbors must be at least 2, got 1"),
        ({"neighbors": 2.0}, TypeError, "neighbors must be an integer of at least 2, got 2.0"),
        ({"neighbors": True}, TypeError, "neighbors must be an integer of at least 2, got True"),
        ({"min_typicality": -1}, ValueError, "min_typicality must be at least 0, got -1"),
        ({"strength": "2"}, TypeError, "strength must be a number, got '2'"),
        ({"approximate": 1}, TypeError, "approximate must be true or false, got 1"),
    ],
)
def test_a_wrong_option_is_refused(options: dict[str, Any], error: type, message: str) -> None:
    with pytest.raises(error) as raised:
        typicality(LINE, **options)
    assert str(raised.value) == message


@pytest.mark.parametrize("neighbors", [2, 5, 20])
def test_the_values_are_lightlys(neighbors: int) -> None:
    for seed in range(10):
        x = np.random.default_rng(seed).normal(size=(40, 5)).astype(np.float32)
        lightly = np.array(lightly_mundig.Typicality(x).calculate_typicality(neighbors))
        found = select(x, 40, neighbors=neighbors)
        assert found.values[:, 0] == pytest.approx(lightly[found.indices], abs=1e-5)
