"""Advice on valid configurations."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import subprocess
import sys

import pytest

from sqlsel.config import SelectionConfig, hints
from sqlsel.config.strategies import Diversity

EMBEDDINGS = {"type": "EMBEDDINGS"}
METADATA = {"type": "METADATA", "key": "hour"}
ABOVE = {"type": "THRESHOLD", "threshold": 3, "operation": "BIGGER"}


def of(*entries):
    return hints(SelectionConfig.from_dict({"n_samples": 5, "strategies": list(entries)}))


def entry(source, strategy, **more):
    return {"input": source, "strategy": strategy, **more}


PLAIN = entry(EMBEDDINGS, {"type": "DIVERSITY", "stopping_condition_minimum_distance": 2})


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([PLAIN], []),
        ([PLAIN, entry(METADATA, ABOVE)], []),
        ([entry(METADATA, ABOVE)], ["only thresholds: the first n by sample id; add DIVERSITY, or RANDOM with WEIGHTS"]),
        ([entry(EMBEDDINGS, {"type": "DIVERSIFY"})], ["strategies[0].strategy.type: 'DIVERSIFY' is the spelling of 2022; read as 'DIVERSITY'"]),
        ([PLAIN | {"strength": 2}], ["strategies[0].strength: belongs in 'strategy'; read as if it stood there"]),
        ([entry({"type": "SCORES", "task": "t", "score": "object-frequency"}, {"type": "WEIGHTS"})], ["strategies[0].input.score: 'object-frequency' is an early spelling; read as 'object_frequency' if not in the data"]),
        ([entry(EMBEDDINGS, {"type": "DIVERSITY", "stopping_condition_minimum_distance": 2.5})], ["strategies[0].strategy.stopping_condition_minimum_distance: vectors of unit length are at most 2 apart, so 2.5 lets only one sample be chosen"]),
        ([entry(METADATA, {"type": "BALANCE", "target": {"1": 0.7, "2": 0.5}})], ["strategies[0].strategy.target: sums to 1.2, above 1; it is normalised and the other classes get 0"]),
        ([entry(METADATA, {"type": "BALANCE", "target": {str(i): 0.1 for i in range(10)}})], []),
    ],
)  # fmt: skip
def test_hints(entries, expected):
    assert list(of(*entries)) == expected


def test_an_alias_and_a_strength_beside_mean_the_same_as_the_modern_form():
    old = {"n_samples": 5, "strategies": [entry(EMBEDDINGS, {"type": "DIVERSIFY"}, strength=2)]}
    new = {
        "n_samples": 5,
        "strategies": [entry(EMBEDDINGS, {"type": "DIVERSITY", "strength": 2.0})],
    }
    config = SelectionConfig.from_dict(old)
    assert config == SelectionConfig.from_dict(new)
    assert config.strategies[0].strategy == Diversity(strength=2.0)


def test_importing_the_configuration_loads_nothing_heavy():
    code = "import sqlsel.config, sys; print(*{'duckdb', 'polars', 'pyarrow', 'numpy', 'hnswlib'} & set(sys.modules))"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        == "\n"
    )
