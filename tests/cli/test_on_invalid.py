"""Advice that can be followed where it is given: --on-invalid and --id on the command line, id= in Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

import sqlsel
from sqlsel.cli.main import _run
from tests.near.commands import put

CONFIG = {
    "n_samples": 3,
    "strategies": [{"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}],
}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Five vectors, of which the third cannot be used."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SQLSEL_DB", raising=False)
    duckdb.sql(
        "SELECT 'abcde'[i] AS sample_id, CASE i WHEN 3 THEN [0.0, 0] ELSE [1.0, i // 2] END::FLOAT[2] AS embedding "
        "FROM range(1, 6) t(i)"
    ).write_parquet("five.parquet")
    Path("config.json").write_text(json.dumps(CONFIG))
    return "five.parquet"


def said(capfd: Any, *arguments: str) -> tuple[int, str, str]:
    capfd.readouterr()
    code = _run([*arguments], debug=False)
    streams = capfd.readouterr()
    return code, streams.out, streams.err


def test_run_passes_over_what_cannot_be_used(file: str, capfd: Any) -> None:
    code, _, told = said(capfd, "run", "config.json", "--data", file)
    assert (code, told) == (
        1,
        (
            "Error: \"embedding\": 1 of 5 vectors cannot be used; the first, at row 3 (id 'c'), is zero. "
            "Leave them out, or give --on-invalid skip; with normalize false zero vectors can be used\n"
        ),
    )
    code, found, told = said(capfd, "run", "config.json", "--data", file, "--on-invalid", "skip")
    assert (code, len(found.splitlines()), "c" in found.split()) == (0, 3, False)
    assert "not eligible: 1 (invalid input of DIVERSITY)" in told


def test_run_in_python_passes_over_it_too(file: str) -> None:
    with pytest.raises(
        sqlsel.InvalidInput, match=r"at row 3 \(id 'c'\), is zero.*set on_invalid to"
    ):
        sqlsel.run(CONFIG, file)
    assert "c" not in sqlsel.run(CONFIG, file, on_invalid="skip").pl()["sample_id"].to_list()
    assert "on_invalid := 'skip'" in sqlsel.run(CONFIG, file, on_invalid="skip").statement
    with pytest.raises(
        sqlsel.ConfigError, match="on_invalid must be 'error' or 'skip', got 'drop'"
    ):
        sqlsel.run(CONFIG, file, on_invalid="drop")


def test_an_id_that_repeats_is_told_as_the_id(file: str, capfd: Any) -> None:
    duckdb.sql(f"SELECT 'x' AS name, * FROM '{file}'").write_parquet("same.parquet")
    code, _, told = said(capfd, "run", "config.json", "--data", "same.parquet", "--id", "name")
    assert (code, told) == (1, "Error: id 'x' occurs more than once; ids must be unique\n")


def test_a_statement_without_ids_is_not_told_of_an_option_of_other_commands(capfd: Any) -> None:
    code, _, told = said(capfd, "sql", "SELECT 'a' AS name", "--format", "filenames")
    assert (code, told) == (
        2,
        (
            "Error: the rows have no column sample_id, file_name or id; call one of them so (AS sample_id), "
            "or give --format csv\n"
        ),
    )
    assert said(capfd, "sql", "SELECT 'a' AS sample_id", "--format", "filenames")[:2] == (0, "a\n")


@pytest.mark.parametrize("command", ["duplicates", "duplicates of a file", "similar"])
def test_what_is_near_passes_over_it(file: str, capfd: Any, command: str) -> None:
    x = duckdb.sql(f"SELECT embedding FROM '{file}'").fetchnumpy()["embedding"]
    put(Path("c.duckdb"), list("abcde"), np.stack(list(x)))
    arguments = {
        "duplicates": ["duplicates", "--db", "c.duckdb"],
        "duplicates of a file": ["duplicates", "--data", file],
        "similar": ["similar", "a", "--db", "c.duckdb"],
    }[command]
    code, _, told = said(capfd, *arguments)
    assert (code, "(id 'c'), is zero. Leave them out, or give --on-invalid skip" in told) == (
        1,
        True,
    )
    code, found, told = said(capfd, *arguments, "--on-invalid", "skip")
    assert (code, "c," in found, "e," in found) == (0, False, True)
    assert told.endswith("; 1 with a vector that cannot be used\n")
