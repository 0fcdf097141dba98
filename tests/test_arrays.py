"""``sqlsel.select``: selection from arrays, each argument, each refusal."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.sparse

import sqlsel
from sqlsel import InvalidInput, ShortSelection

X = np.array([[0.0, 1], [0, 2], [1, 0], [1, 1], [-1, 0]])


# ---- what it gives


def test_the_picks_come_in_order_with_ranks_from_1() -> None:
    found = sqlsel.select(X, n=3)
    assert found.indices.tolist() == [0, 2, 4]
    assert found.rank.tolist() == [1, 2, 3]
    assert len(found) == 3


def test_there_is_one_value_per_strategy_and_one_gain_per_pick() -> None:
    strategies = [sqlsel.diversity(X), sqlsel.weights([1, 2, 3, 4, 5])]
    found = sqlsel.select(n=4, strategies=strategies)
    assert found.values.shape == (4, 2)
    assert found.gain.shape == (4,)
    assert np.isfinite(found.gain).all()
    assert np.isnan(found.values[:, 0]).tolist() == [True, False, False, False]


def test_gains_are_the_rises_of_the_logarithm_of_the_product() -> None:
    """The second pick brings a distance of √2, so U = ½ · 2 = 1 and nothing to the logarithm."""
    strategies = [sqlsel.diversity(np.eye(2)), sqlsel.weights([4, 2])]
    found = sqlsel.select(n=2, strategies=strategies)
    assert found.gain.tolist() == pytest.approx([np.log(4), np.log(6 / 4)], rel=1e-6)


def test_it_counts_candidates_and_says_why_it_stopped() -> None:
    found = sqlsel.select(X, n=2, candidates=[0, 1, 2], preselected=[1])
    assert (found.n_candidates, found.stopped_by) == (2, "budget")


def test_diversity_of_x_is_the_default() -> None:
    by_default = sqlsel.select(X, n=4)
    named = sqlsel.select(n=4, strategies=[sqlsel.diversity(X)])
    assert by_default.indices.tolist() == named.indices.tolist()


@pytest.mark.parametrize(
    "form", [X.tolist(), list(X), X.astype(np.float32), np.asfortranarray(X), X * 3]
)
def test_vectors_may_come_in_any_form(form: Any) -> None:
    assert sqlsel.select(form, n=4).indices.tolist() == sqlsel.select(X, n=4).indices.tolist()


@pytest.mark.parametrize("form", [list, lambda rows: column(*rows)])
def test_a_missing_vector_may_be_none(form: Any) -> None:
    given = form([*X[:2], None, *X[2:]])
    found = sqlsel.select(given, n=4).indices
    assert (found - (found > 2)).tolist() == sqlsel.select(X, n=4).indices.tolist()


def column(*rows: Any) -> np.ndarray[Any, Any]:
    """The rows as the entries of an array."""
    made = np.empty(len(rows), object)
    made[:] = rows
    return made


def test_read_only_vectors_are_welcome() -> None:
    x = X.astype(np.float32)
    x.flags.writeable = False
    assert len(sqlsel.select(x, n=5)) == 5


# ---- how many


@pytest.mark.parametrize(
    ("rows", "proportion", "picks"), [(10, 0.1, 1), (10, 0.25, 3), (10, 1, 10), (3, 0.01, 1)]
)
def test_a_proportion_is_rounded_half_up_in_decimal(
    rows: int, proportion: float, picks: int
) -> None:
    x = np.random.default_rng(0).normal(size=(rows, 2))
    assert len(sqlsel.select(x, proportion=proportion)) == picks


def test_a_proportion_is_of_all_rows_and_not_of_the_candidates() -> None:
    x = np.random.default_rng(0).normal(size=(100, 2))
    assert len(sqlsel.select(x, proportion=0.145, candidates=range(50))) == 15


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({}, ValueError, "give exactly one of n and proportion"),
        (
            {"n": 2, "proportion": 0.5},
            ValueError,
            "give exactly one of n and proportion, not both",
        ),
        ({"n": 0}, ValueError, "n must be a positive integer, got 0"),
        ({"n": -1}, ValueError, "n must be a positive integer, got -1"),
        ({"n": 2.0}, TypeError, "n must be a positive integer, got 2.0 (float)"),
        ({"n": "2"}, TypeError, "n must be a positive integer, got '2' (str)"),
        ({"n": True}, TypeError, "n must be a positive integer, got True (bool)"),
        (
            {"proportion": 0},
            ValueError,
            "proportion must be a number above 0 and at most 1, got 0",
        ),
        (
            {"proportion": 1.5},
            ValueError,
            "proportion must be a number above 0 and at most 1, got 1.5",
        ),
        (
            {"proportion": float("nan")},
            ValueError,
            "proportion must be a number above 0 and at most 1, got nan",
        ),
        (
            {"proportion": "0.5"},
            TypeError,
            "proportion must be a number above 0 and at most 1, got '0.5'",
        ),
        (
            {"proportion": True},
            TypeError,
            "proportion must be a number above 0 and at most 1, got True",
        ),
    ],
)
def test_a_budget_that_makes_no_sense_is_refused(
    given: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        sqlsel.select(X, **given)
    assert str(raised.value) == message


@pytest.mark.parametrize("n", [np.int64(3), np.uint8(3)])
def test_integers_of_numpy_are_a_budget(n: Any) -> None:
    assert len(sqlsel.select(X, n=n)) == 3


def test_more_than_there_is_gives_all_and_warns() -> None:
    with pytest.warns(ShortSelection) as warned:
        found = sqlsel.select(X, n=99)
    assert sorted(found.indices.tolist()) == [0, 1, 2, 3, 4]
    assert found.stopped_by == "all rows"
    assert [str(w.message) for w in warned] == [
        "5 samples selected of 99 asked: all candidates are selected"
    ]
    assert warned[0].filename == __file__


def test_exactly_all_is_no_reason_to_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sqlsel.select(X, n=5).stopped_by == "budget"


def test_n_counts_new_picks_or_all() -> None:
    new = sqlsel.select(X, n=3, preselected=[0, 1])
    total = sqlsel.select(X, n=3, preselected=[0, 1], n_counts="total")
    assert (len(new), len(total)) == (3, 1)
    assert total.indices.tolist() == new.indices.tolist()[:1]


def test_a_total_that_is_reached_already_picks_nobody() -> None:
    found = sqlsel.select(X, n=2, preselected=[0, 1, 2], n_counts="total")
    assert (len(found), found.stopped_by) == (0, "budget")


# ---- who


@pytest.mark.parametrize("form", ["mask", "numbers", "list", "list of bools", "unsigned"])
def test_candidates_and_preselected_are_masks_or_row_numbers(form: str) -> None:
    def given(rows: list[int]) -> Any:
        mask = np.isin(np.arange(5), rows)
        return {
            "mask": mask,
            "numbers": np.array(rows),
            "list": rows,
            "list of bools": mask.tolist(),
            "unsigned": np.array(rows, np.uint16),
        }[form]

    found = sqlsel.select(X, n=2, candidates=given([1, 2, 3, 4]), preselected=given([2]))
    assert found.indices.tolist() == [4, 1]


def test_candidates_need_not_be_the_first_rows() -> None:
    x = np.random.default_rng(0).normal(size=(60, 3))
    pool = np.arange(20, 60, 2)
    found = sqlsel.select(x, n=8, candidates=pool).indices
    own = sqlsel.select(x[pool], n=8).indices
    assert found.tolist() == pool[own].tolist()


def test_a_preselected_row_is_never_a_candidate() -> None:
    with pytest.warns(ShortSelection):
        found = sqlsel.select(X, n=5, candidates=[0, 1], preselected=[1])
    assert found.indices.tolist() == [0]


def test_no_candidates_give_no_picks_and_a_warning() -> None:
    with pytest.warns(ShortSelection, match=r"^0 samples selected of 2 asked: "):
        found = sqlsel.select(X, n=2, candidates=[])
    assert (len(found), found.n_candidates) == (0, 0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"candidates": [True, False]}, "candidates: the mask has shape (2,), there are 5 rows"),
        ({"preselected": [5]}, "preselected: row numbers must lie between 0 and 4"),
        ({"preselected": [-1]}, "preselected: row numbers must lie between 0 and 4"),
        (
            {"candidates": [0.5]},
            "candidates must be a mask or row numbers, got float64; give booleans, one per row",
        ),
        (
            {"candidates": ["a"]},
            "candidates must be a mask or row numbers, got <U1; give booleans, one per row",
        ),
        ({"ids": [1, 2]}, "ids: needs one per row (5), got shape (2,)"),
        ({"ids": [1.0, 2, 3, 4, 5]}, "ids must be integers or text, got 1.0 at row 0"),
        ({"ids": [1, 2, 3, 2, 5]}, "id 2 occurs more than once; ids must be unique"),
        ({"ids": list("abcda")}, "id 'a' occurs more than once; ids must be unique"),
    ],
)
def test_rows_and_ids_that_make_no_sense_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        sqlsel.select(X, n=1, **given)
    assert str(raised.value) == message


def test_row_numbers_in_two_dimensions_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"^preselected must be a mask or row numbers"):
        sqlsel.select(X, n=1, preselected=[[0, 1]])


@pytest.mark.parametrize(
    "ids",
    [[5, 4, 3, 2, 1], np.array([5, 4, 3, 2, 1], np.uint64), list("edcba"), np.array(list("edcba"))],
    ids=["int", "uint64", "text", "array of text"],
)
def test_ids_of_any_kind_break_ties(ids: Any) -> None:
    picks = sqlsel.select(n=3, strategies=[sqlsel.weights(np.ones(5))], ids=ids).indices.tolist()
    assert picks == [4, 3, 2]


def test_ids_beyond_float64_are_told_apart() -> None:
    ids = [2**62 + 1, 2**62, 2**62 + 3, 2**62 + 2, 2**62 + 4]
    picks = sqlsel.select(n=5, strategies=[sqlsel.weights(np.ones(5))], ids=ids).indices.tolist()
    assert picks == [1, 0, 3, 2, 4]


def test_text_in_an_object_array_is_text() -> None:
    ids = np.array(["b", "a", "d", "c", "e"], object)
    assert sqlsel.select(X, n=1, ids=ids).indices.tolist() == [1]


# ---- small pools


def test_an_empty_input_gives_nothing_and_warns() -> None:
    with pytest.warns(ShortSelection) as warned:
        found = sqlsel.select(np.empty((0, 3)), n=4)
    assert [str(w.message) for w in warned] == ["0 samples selected of 4 asked: the input is empty"]
    assert warned[0].filename == __file__
    assert found.indices.tolist() == []
    assert found.values.shape == (0, 1)
    assert (found.n_candidates, found.stopped_by) == (0, "nobody feasible")


def test_a_proportion_of_nothing_is_nothing() -> None:
    found = sqlsel.select(np.empty((0, 3)), proportion=0.5)
    assert len(found) == 0


def test_one_row_is_picked() -> None:
    found = sqlsel.select([[1.0, 2.0]], n=1)
    assert found.indices.tolist() == [0]
    assert np.isnan(found.values).all()


def test_copies_come_last_and_in_the_order_of_their_ids() -> None:
    x = X[[0, 0, 2, 2, 0]]
    assert sqlsel.select(x, n=5).indices.tolist() == [0, 2, 1, 3, 4]


def test_everything_preselected_leaves_nobody() -> None:
    with pytest.warns(ShortSelection):
        assert len(sqlsel.select(X, n=1, preselected=range(5))) == 0


# ---- strategies


def test_strategies_of_all_kinds_work_together() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 4))
    strategies = [
        sqlsel.diversity(x, min_distance=0.1),
        sqlsel.weights(rng.random(80)),
        sqlsel.balance(rng.integers(0, 3, 80), "uniform"),
        sqlsel.similarity(x, x[:2], strength=0.5),
        sqlsel.random(seed=1, strength=0.1),
    ]
    found = sqlsel.select(n=12, strategies=strategies)
    assert found.values.shape == (12, 5)
    assert len(set(found.indices.tolist())) == 12


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"X": None}, ValueError, "give vectors X, or strategies"),
        ({"strategies": []}, ValueError, "strategies is empty; leave it out for diversity of X"),
        (
            {"X": None, "strategies": [sqlsel.random()]},
            ValueError,
            "no strategy has data; give X",
        ),
        (
            {"strategies": [sqlsel.weights([1, 2])]},
            InvalidInput,
            "inputs of different lengths: weights 2, X 5",
        ),
        (
            {"n_counts": "all"},
            ValueError,
            "n_counts must be 'new' or 'total', got 'all'",
        ),
        (
            {"on_invalid": "drop"},
            ValueError,
            "on_invalid must be 'error' or 'skip', got 'drop'",
        ),
        (
            {"strategies": ["diversity"]},
            TypeError,
            "'diversity' is no strategy; write sqlsel.diversity(X), sqlsel.weights(w) …",
        ),
        (
            {"strategies": [sqlsel.diversity]},
            TypeError,
            None,
        ),
        (
            {"X": np.array(3.0)},
            TypeError,
            "diversity: the input is ndarray of shape (); give an array with a row for each sample",
        ),
        (
            {"X": scipy.sparse.csr_matrix(X)},
            TypeError,
            f"diversity: the input is csr_matrix of shape {X.shape}; give an array with a row for each sample",
        ),
        (
            {"X": [*X[:4], 7.5]},
            InvalidInput,
            "embedding: row 4 is 7.5; needs one vector of numbers per sample",
        ),
        (
            {"X": column("a", "b")},
            InvalidInput,
            (
                "embedding: needs one vector per sample (two dimensions), got shape (2,); "
                "put columns together with np.column_stack"
            ),
        ),
        (
            {"X": column(X[0], None, None, None, X[1], X[1, :1])},
            InvalidInput,
            (
                "embedding: 1 of 6 rows do not have the common length 2 (first at row 5: length 1); "
                "pad, truncate or filter them"
            ),
        ),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    given: dict[str, Any], error: type[Exception], message: str | None
) -> None:
    arguments = {"X": X, "n": 1} | given
    with pytest.raises(error) as raised:
        sqlsel.select(arguments.pop("X"), **arguments)
    if message is not None:
        assert str(raised.value) == message


def test_two_strategies_of_a_kind_with_different_lengths_are_refused() -> None:
    strategies = [sqlsel.weights([1, 2, 3]), sqlsel.weights([1, 2])]
    with pytest.raises(InvalidInput, match=r"^inputs of different lengths: "):
        sqlsel.select(n=1, strategies=strategies)


def test_a_row_that_one_strategy_cannot_use_is_skipped_for_all() -> None:
    strategies = [sqlsel.weights([1, 2, np.nan, 4, 5]), sqlsel.diversity([[1, 0]] * 4 + [[0, 0]])]
    with pytest.warns(ShortSelection):
        found = sqlsel.select(n=5, strategies=strategies, on_invalid="skip")
    assert sorted(found.indices.tolist()) == [0, 1, 3]
    assert found.n_candidates == 3


# ---- while it runs


def test_progress_hears_of_every_pick() -> None:
    heard: list[tuple[int, int]] = []
    sqlsel.select(X, n=4, progress=lambda done, asked: heard.append((done, asked)))
    assert heard == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_progress_hears_of_no_more_than_there_can_be() -> None:
    heard: list[tuple[int, int]] = []
    with pytest.warns(ShortSelection):
        sqlsel.select(X, n=50, progress=lambda done, asked: heard.append((done, asked)))
    assert [done for done, _ in heard] == [1, 2, 3, 4, 5]


def test_an_interrupt_within_the_callback_ends_the_selection() -> None:
    def stop(done: int, asked: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sqlsel.select(X, n=4, progress=stop)


def test_an_error_within_the_callback_is_not_swallowed() -> None:
    def fail(done: int, asked: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sqlsel.select(X, n=4, progress=fail)


def test_selecting_twice_with_the_same_strategies_gives_the_same_picks() -> None:
    strategies = [sqlsel.diversity(X), sqlsel.weights([1, 2, 3, 4, 5]), sqlsel.random()]
    first, second = (sqlsel.select(n=4, strategies=strategies) for _ in range(2))
    assert first.indices.tolist() == second.indices.tolist()
    assert first.gain.tolist() == second.gain.tolist()
