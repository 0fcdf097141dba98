"""Who asks for a cosine is told how it is said with a distance, in the words of the surface."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import sqlsel
import sqlsel.polars as sel

VECTORS = np.eye(3)


@pytest.mark.parametrize("module", [sqlsel, sel])
def test_a_similarity_is_told_as_a_distance(module: Any) -> None:
    with pytest.raises(TypeError, match=r"a cosine of 0\.95 is a distance of 0\.3162 .*: min_dist"):
        module.diversity(VECTORS, similarity=0.95)


@pytest.mark.parametrize("module", [sqlsel, sel])
def test_a_metric_is_told_that_there_is_one(module: Any) -> None:
    for strategy in (module.diversity, module.typicality):
        with pytest.raises(TypeError, match=r"sqrt\(2 - 2 \* cosine\).*leave metric out"):
            strategy(VECTORS, metric="cosine")


@pytest.mark.parametrize(
    "call",
    [
        lambda **options: sqlsel.deduplicate(VECTORS, **options),
        lambda **options: sel.deduplicate("e", **options),
        lambda **options: sel.ns(pl.col("e")).deduplicate(n=3, **options),
        lambda **options: sel.ns(pl.col("e")).diversity(n=3, **options),
    ],
    ids=["arrays", "frames", "deduplicate", "diversity"],
)
def test_functions_and_methods_tell_it_too(call: Any) -> None:
    with pytest.raises(TypeError, match=r"no option similarity; a cosine of 0\.95 is a distance"):
        call(similarity=0.95)
    with pytest.raises(TypeError, match=r"has no option metric; the distance is Euclidean"):
        call(metric="cosine")


@pytest.mark.parametrize("shape", ["api", "studio"])
def test_a_configuration_is_told_it_with_its_own_key(shape: str) -> None:
    def problem(**options: Any) -> str:
        kind = {"type": "DIVERSITY"} if shape == "api" else {"strategy_name": "diversity"}
        strategy = {**kind, **options}
        entry = (
            strategy
            if shape == "studio"
            else {"input": {"type": "EMBEDDINGS"}, "strategy": strategy}
        )
        with pytest.raises(sqlsel.ConfigError) as raised:
            sqlsel.validate({"n_samples": 2, "strategies": [entry]})
        (text,) = raised.value.problems
        return text

    if shape == "api":  # Studio's has no minimum distance
        assert problem(similarity=0.95).endswith(
            "unknown key 'similarity'; a cosine of 0.95 is a distance of 0.3162 between unit vectors: "
            '"stopping_condition_minimum_distance": 0.3162'
        )
    assert problem(metric="cosine").endswith(
        "unknown key 'metric'; the distance is Euclidean between unit vectors, d = sqrt(2 - 2 * cosine), and "
        "ranks as the cosine does: leave metric out"
    )


def test_other_unknown_options_say_nothing_of_cosines() -> None:
    with pytest.raises(TypeError, match=r"^weights has no option similarity; options: strength,"):
        sqlsel.weights([1.0], similarity=0.95)
    with pytest.raises(TypeError, match=r"^diversity has no option colour; options: min_distance,"):
        sqlsel.diversity(VECTORS, colour=1)


def test_the_distance_that_is_told_is_the_cosine() -> None:
    cosine = 0.95
    a, b = np.array([1.0, 0]), np.array([cosine, np.sqrt(1 - cosine**2)])
    assert abs(np.linalg.norm(a - b) - 0.3162) < 1e-4
