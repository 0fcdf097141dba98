"""What a person reads who gives a strategy a wrong argument in Python: arrays, ``sel.`` and ``.sel``."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import polars as pl
import pytest

import sqlsel
import sqlsel.polars as sel
from sqlsel.engine.strategies import STRATEGIES

X = np.eye(3)
OPTIONS = "min_distance, strength, normalize, start"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda m: m.diversity(X, min_distanc=0.1),
            f"diversity has no option min_distanc. Did you mean min_distance? Options: {OPTIONS}",
        ),
        (lambda m: m.diversity(X, n=5), f"diversity has no option n; options: {OPTIONS}"),
        (
            lambda m: m.diversity(X, 0.1),
            f"diversity takes one input, and its options by name; options: {OPTIONS}",
        ),
        (lambda m: m.diversity(), f"diversity needs an input; options: {OPTIONS}"),
        (
            lambda m: m.deduplicate(X),
            "deduplicate needs min_distance; options: min_distance, normalize",
        ),
        (
            lambda m: m.similarity(X, X, query=X),
            "similarity was given query twice; options: query, strength, normalize, approximate",
        ),
        (
            lambda m: m.random(3),
            "random takes its options by name; options: seed, strength",
        ),
        (lambda m: m.threshold(X, ">"), "threshold needs bound; options: operation, bound"),
        (lambda m: m.weights(X, strength="a"), "strength must be a number, got 'a'"),
    ],
)
@pytest.mark.parametrize("module", [sqlsel, sel])
def test_a_wrong_argument_is_told_in_plain_words(module: Any, make: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        make(module)
    assert str(caught.value) == message


OF_SELECT = "n, proportion, id, preselected, n_counts, seed, on_invalid"


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (
            lambda e: e.diversity(n=3, min_distanc=0.1),
            f"diversity has no option min_distanc. Did you mean min_distance? Options: {OPTIONS}, {OF_SELECT}",
        ),
        (
            lambda e: e.diversity(n=3, colour=0.1),
            f"diversity has no option colour; options: {OPTIONS}, {OF_SELECT}",
        ),
        (
            lambda e: e.deduplicate(n=3),
            "deduplicate needs min_distance; options: min_distance, normalize",
        ),
        (
            lambda e: e.diversity(3),
            f"diversity takes its options by name, as n=10; options: {OPTIONS}, {OF_SELECT}",
        ),
        (lambda e: e.weights(strength="a", n=3), "strength must be a number, got 'a'"),
    ],
)
def test_the_namespace_tells_it_with_the_keywords_of_select(use: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        use(pl.col("v").sel)  # type: ignore[attr-defined]
    assert str(caught.value) == message


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_names_its_options_where_one_is_unknown(name: str) -> None:
    kind = STRATEGIES[name]
    with pytest.raises(TypeError) as caught:
        kind(nonsense=1)
    assert str(caught.value) == (
        f"{name.lower()} has no option nonsense; options: {', '.join(kind.options())}"
    )


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))],  # noqa: S301 - our own
)
def test_a_strategy_with_a_required_option_is_copied_as_it_is(again: Any) -> None:
    one = again(sqlsel.deduplicate("v", 0.25, normalize=False))
    assert (one.input, one.min_distance, one.normalize) == ("v", 0.25, False)


@pytest.mark.parametrize("flag", [True, False])
def test_a_bool_of_numpy_is_one(flag: bool) -> None:
    numpys = sqlsel.diversity(X, normalize=np.bool_(flag))
    assert sqlsel.select(n=2, strategies=[numpys]).indices.tolist() == (
        sqlsel.select(n=2, strategies=[sqlsel.diversity(X, normalize=flag)]).indices.tolist()
    )
    with pytest.raises(TypeError, match="neighbors must be an integer of at least 2, got"):
        sqlsel.typicality(X, neighbors=np.bool_(flag))
