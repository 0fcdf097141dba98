"""Scores that a configuration computes from a table's own probabilities: numbers that are none are refused."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.programs import called

SCORES = ["uncertainty_entropy", "uncertainty_margin", "uncertainty_least_confidence"]


def job(tmp_path: Path, score: str, values: str) -> tuple[Path, Path]:
    """A configuration that needs a score, and a table of four samples whose probabilities are computed so."""
    data, config = tmp_path / "data.parquet", tmp_path / "config.json"
    duckdb.sql(
        f"COPY (SELECT 'f' || i AS file_name, {{'probabilities': {values}}} AS weather FROM range(4) r(i)) TO '{data}'"
    )
    entry = {
        "input": {"type": "SCORES", "task": "weather", "score": score},
        "strategy": {"type": "WEIGHTS"},
    }
    config.write_text(json.dumps({"n_samples": 2, "strategies": [entry]}))
    return config, data


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("command", ["run", "validate", "explain"])
def test_logits_are_refused_with_their_count(tmp_path: Path, command: str, score: str) -> None:
    config, data = job(tmp_path, score, "[i - 1.5, 1.5 - i]")
    ended = called(command, config, "--data", data)
    message = (
        "strategies[0]: 4 samples have a probability of task 'weather' outside [0, 1], such as -1.5; "
        f"{score} needs probabilities, not logits"
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert message in ended.stderr


@pytest.mark.parametrize("kind", ["FLOAT[]", "DOUBLE[]", "DECIMAL(5,2)[]", "FLOAT[2]"])
def test_probabilities_are_taken(tmp_path: Path, kind: str) -> None:
    config, data = job(tmp_path, SCORES[0], f"[i * 0.125, 1 - i * 0.125]::{kind}")
    ended = called("run", config, "--data", data)
    assert (ended.returncode, ended.stdout) == (0, "f3\nf2\n")


@pytest.mark.parametrize("value", ["NULL::FLOAT[]", "[]::FLOAT[]", "[0.5, NULL]", "[0.5]"])
def test_what_is_missing_is_no_logit(tmp_path: Path, value: str) -> None:
    config, data = job(tmp_path, SCORES[0], value)
    assert "logits" not in called("run", config, "--data", data).stderr
