"""Wrong options of a strategy from outside, on every surface: of a wrong type, out of range, unknown, missing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import duckdb
import numpy as np
import polars as pl
import pytest

import sqlsel
import sqlsel.polars as sel
from sqlsel.engine.kernels.number_input import ingest_numbers
from sqlsel.engine.objective import Pool, Prepared, Sums
from sqlsel.engine.objective.option_checks import above_zero, check_strength
from sqlsel.engine.objective.strategy import Strategy, Takes
from sqlsel.engine.strategies import STRATEGIES, register


@dataclass(frozen=True, eq=False)
class Scaled(Strategy):
    """Prefer high numbers: U = Σ w · factor.

    ``factor``: what numbers are multiplied with. ``strength``: exponent of the objective.
    """

    kind: ClassVar[str] = "scaled"
    takes: ClassVar[Takes] = "numbers"
    example: ClassVar[str] = "2"

    input: Any
    _: KW_ONLY
    factor: float
    strength: float = 1.0

    def __post_init__(self) -> None:
        above_zero("factor", self.factor)
        check_strength(self.strength)

    def prepare(self, values: Any, present: Any, pool: Pool) -> Prepared:
        numbers, present = ingest_numbers(
            values, present, pool.rows, on_invalid=pool.on_invalid, name="scaled"
        )
        return Prepared(numbers * self.factor, present, Sums(self.strength))


@pytest.fixture(autouse=True)
def scaled() -> Iterator[None]:
    register(Scaled)
    yield
    del STRATEGIES["SCALED"]


def value(one: Any) -> str:
    return repr(one)


def in_sql(options: dict[str, Any]) -> None:
    listed = "".join(f", {name} := {value(one)}" for name, one in options.items())
    with sqlsel.connect() as con:
        con.sql(f"SELECT range AS w FROM range(9) USING STRATEGY SCALED(range{listed}) LIMIT 2")


def in_macro(options: dict[str, Any]) -> None:
    listed = "".join(f", {name} := {value(one)}" for name, one in options.items())
    with sqlsel.connect() as con:
        con.sql(
            f"FROM sqlsel.select_samples('range(9)', sqlsel.scaled('range'{listed}), n_samples := 2)"
        )


def in_json(options: dict[str, Any]) -> None:
    source = {"type": "METADATA", "key": "w"}
    entry = {"input": source, "strategy": {"type": "SCALED", **options}}
    data = duckdb.sql("SELECT range AS id, range AS w FROM range(9)").to_arrow_table()
    sqlsel.run({"n_samples": 2, "strategies": [entry]}, data, id="id")


def on_arrays(options: dict[str, Any]) -> None:
    sqlsel.select(n=2, strategies=[sqlsel.scaled(np.arange(9.0), **options)])  # type: ignore[attr-defined]


def on_polars(options: dict[str, Any]) -> None:
    pl.DataFrame({"w": range(9)}).filter(sel.select(sel.scaled("w", **options), n=2))  # type: ignore[attr-defined]


def in_namespace(options: dict[str, Any]) -> None:
    pl.DataFrame({"w": range(9)}).filter(pl.col("w").sel.scaled(n=2, **options))  # type: ignore[attr-defined]


SURFACES = [in_sql, in_macro, in_json, on_arrays, on_polars, in_namespace]
VALUES = [
    ({"factor": "far"}, "factor must be a number, got 'far'"),
    ({"factor": -1}, "factor must be above 0, got -1"),
    ({"factor": 2, "strength": 10**10}, "strength must lie between -1e9 and 1e9, got 10000000000"),
]


@pytest.mark.parametrize("surface", SURFACES)
def test_right_options_are_taken(surface: Callable[[dict[str, Any]], None]) -> None:
    surface({"factor": 2, "strength": 2})


@pytest.mark.parametrize(("options", "message"), VALUES)
@pytest.mark.parametrize("surface", SURFACES)
def test_a_wrong_value_is_told(
    surface: Callable[[dict[str, Any]], None], options: dict[str, Any], message: str
) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        surface(options)
    assert message in str(caught.value)
    assert "Python exception" not in str(caught.value)
    assert "__init__" not in str(caught.value)


@pytest.mark.parametrize(("options", "message"), VALUES)
def test_in_sql_the_caret_is_below_the_value(options: dict[str, Any], message: str) -> None:
    with pytest.raises(sqlsel.InvalidInput) as caught:
        in_sql(options)
    line, carets = str(caught.value).split("\n")[-2:]
    assert line[carets.index("^") : len(carets)] == value([*options.values()][-1])


@pytest.mark.parametrize(
    ("surface", "message"),
    [
        (in_sql, "SCALED has no option fctor. Did you mean factor? Options: factor, strength"),
        (in_json, "strategies[0].strategy: unknown key 'fctor'"),
        (on_arrays, "scaled has no option fctor. Did you mean factor? Options: factor, strength"),
        (on_polars, "scaled has no option fctor. Did you mean factor? Options: factor, strength"),
        (in_namespace, "scaled has no option fctor. Did you mean factor? Options: factor, str"),
    ],
)
def test_an_unknown_option_is_told(surface: Any, message: str) -> None:
    with pytest.raises((TypeError, sqlsel.SqlselError)) as caught:
        surface({"factor": 2, "fctor": 2})
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("surface", "message"),
    [
        (in_sql, "SCALED needs factor, such as factor := 2"),
        (in_macro, "SCALED needs factor, such as factor := 2"),
        (in_json, "strategies[0].strategy: needs 'factor'"),
        (on_arrays, "scaled needs factor; options: factor, strength"),
        (on_polars, "scaled needs factor; options: factor, strength"),
        (in_namespace, "scaled needs factor; options: factor, strength"),
    ],
)
def test_a_missing_option_is_told(surface: Any, message: str) -> None:
    with pytest.raises((TypeError, sqlsel.SqlselError)) as caught:
        surface({})
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("statement", "code", "message"),
    [
        (
            "FROM sqlsel.select_samples('range(5)', sqlsel.weights('range', max_sum := -1), n_samples := 2)",
            1,
            "Error: WEIGHTS: max_sum must be at least 0, got -1.0\n",
        ),
        (
            "FROM range(5) USING STRATEGY WEIGHTS(range, max_sum := -1) LIMIT 2",
            1,
            (
                "Error: WEIGHTS: max_sum must be at least 0, got -1\n\n"
                "LINE 1: FROM range(5) USING STRATEGY WEIGHTS(range, max_sum := -1) LIMIT 2\n"
                "                                                               ^^\n"
            ),
        ),
    ],
)
def test_the_command_line_says_the_same(statement: str, code: int, message: str) -> None:
    program = [sys.executable, "-m", "sqlsel", "sql", statement]
    done = subprocess.run(program, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout) == (code, message, "")
