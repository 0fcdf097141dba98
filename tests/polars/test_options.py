"""One vocabulary: SQL, Polars, arrays and configurations have the same options, defaults and messages."""

from __future__ import annotations

import inspect
import json
import math
from dataclasses import MISSING, fields
from typing import Any

import duckdb
import polars as pl
import pytest

import sqlsel
import sqlsel.polars as sel
from sqlsel import InvalidInput
from sqlsel.clause.signatures import CLAUSE_OPTIONS
from sqlsel.config import strategies as configured
from sqlsel.config import vocabulary
from sqlsel.engine.strategies import STRATEGIES
from sqlsel.engine.strategies.threshold import Threshold
from sqlsel.feed.statements import signatures
from sqlsel.jobs.compiler import Options

KNOWN = signatures()
KINDS = ("diversity", "similarity", "typicality", "weights", "balance", "random", "threshold")
NAMESPACE = ("diversity", "similarity", "typicality", "weights", "balance")
SELECT = ("n", "proportion", "id", "preselected", "n_counts", "seed", "on_invalid")
ARRAYS = {"id": "ids"}  # Polars' name → that of arrays
CLAUSE = {"id": "key", "n": None, "proportion": None}  # → that of the clause, which has LIMIT

# Lightly's name → ours, per strategy
JSON: dict[str, dict[str, str]] = {
    "DIVERSITY": {"stopping_condition_minimum_distance": "min_distance", "strength": "strength"},
    "WEIGHTS": {
        "stopping_condition_max_sum": "max_sum",
        "target_range": "target_range",
        "strength": "strength",
    },
    "THRESHOLD": {"threshold": "bound", "operation": "operation"},
    "BALANCE": {"target": "target", "distribution": "target", "strength": "strength"},
    "SIMILARITY": {"queries": "query", "strength": "strength"},
    "TYPICALITY": {
        "num_nearest_neighbors": "neighbors",
        "stopping_condition_minimum_typicality": "min_typicality",
        "strength": "strength",
    },
}


def options(kind: Any) -> dict[str, Any]:
    """The options of a strategy and their defaults; MISSING where it must be given."""
    return {f.name: f.default for f in fields(kind) if f.name not in ("input", "_")}


def parameters(function: Any) -> dict[str, Any]:
    """The keywords of a function and their defaults; MISSING where there is none."""
    found = inspect.signature(function).parameters.values()
    taken = (p for p in found if p.kind is not p.VAR_POSITIONAL and p.name != "self")
    return {p.name: MISSING if p.default is p.empty else p.default for p in taken}


# ---- names and defaults


@pytest.mark.parametrize("kind", KINDS)
def test_polars_and_arrays_make_the_same_strategies(kind: str) -> None:
    assert getattr(sel, kind) is getattr(sqlsel, kind)
    assert sel.deduplicate is sqlsel.deduplicate
    assert STRATEGIES.get(kind.upper(), Threshold) is getattr(sel, kind)


@pytest.mark.parametrize("kind", sorted(set(KNOWN) - {"THRESHOLD"}))
def test_a_clause_names_every_option_of_a_strategy_and_no_other(kind: str) -> None:
    known = options(STRATEGIES[kind])
    assert set(KNOWN[kind].options) == set(known)
    required = {name for name, default in known.items() if default is MISSING}
    assert set(KNOWN[kind].required) == required


def test_deduplicate_takes_the_same_everywhere() -> None:
    own = parameters(sel.deduplicate)
    assert set(own) == {"input", *KNOWN["DEDUPLICATE"].options}
    assert own["normalize"] is options(sel.diversity)["normalize"] is True
    assert (
        sel.deduplicate("e", 0.2).min_distance == sel.diversity("e", min_distance=0.2).min_distance
    )


@pytest.mark.parametrize("kind", NAMESPACE)
def test_the_namespace_takes_the_options_of_the_strategy_and_of_select(kind: str) -> None:
    method = parameters(getattr(type(pl.col("e").sel), kind))
    select = parameters(sel.select)
    assert method == options(getattr(sel, kind)) | select
    assert list(method)[-len(select) :] == list(select)


def test_select_rank_trace_and_rows_take_the_same_keywords() -> None:
    select = parameters(sel.select)
    assert tuple(select) == SELECT
    assert parameters(sel.rank) == parameters(sel.trace) == select
    own = {"by": None, "rank_column": None, "progress": None}
    assert parameters(sel.rows) == {"data": MISSING, **select, **own}
    for frame in (pl.DataFrame(), pl.LazyFrame()):
        assert parameters(type(frame.sel).rows) == select | own  # type: ignore[union-attr]
    for function in (sel.select, sel.rank, sel.trace, sel.rows, sqlsel.select):
        for parameter in inspect.signature(function).parameters.values():
            by_place = ("data", "strategies") if function is not sqlsel.select else ("X", "n")
            assert parameter.kind is parameter.KEYWORD_ONLY or parameter.name in by_place


def test_arrays_and_clauses_and_runs_take_the_same_words() -> None:
    select, arrays = parameters(sel.select), parameters(sqlsel.select)
    for name, default in select.items():
        assert arrays[ARRAYS.get(name, name)] == default
    assert set(arrays) - {ARRAYS.get(name, name) for name in select} == {
        "X", "strategies", "candidates", "by", "progress",
    }  # fmt: skip
    clause = {CLAUSE.get(name, name) for name in select} - {None}
    assert clause | {"by"} == set(CLAUSE_OPTIONS)
    assert set(select) <= set(options(Options))


@pytest.mark.parametrize("kind", JSON)
def test_a_configuration_has_lightlys_names_and_our_defaults(kind: str) -> None:
    assert set(vocabulary.STRATEGIES[kind]) == set(JSON[kind]), "a name without a mapping"
    ours = options(getattr(sel, kind.lower()))
    theirs = options(getattr(configured, kind.capitalize()))
    assert set(JSON) == set(vocabulary.STRATEGIES)
    for lightly, own in JSON[kind].items():
        assert own in ours
        if lightly not in (
            "target",
            "distribution",
            "queries",
        ):  # Lightly demands a target, or a query set
            assert theirs[lightly] == ours[own]
    assert vocabulary.INPUTS["RANDOM"] == ("random_seed",)
    assert set(vocabulary.OPERATIONS.values()) <= {"<", "<=", ">", ">=", "==", "!="}


# ---- messages

BAD: dict[str, list[dict[str, Any]]] = {
    "diversity": [
        {"min_distance": -1}, {"min_distance": "x"}, {"min_distance": True}, {"strength": "x"}, {"strength": 1e10},
        {"normalize": 1}, {"normalize": "x"}, {"strength": None},
    ],
    "weights": [
        {"max_sum": -1}, {"max_sum": "x"}, {"max_sum": False}, {"target_range": [1]}, {"target_range": [3, 1]},
        {"target_range": [-1, 1]}, {"target_range": "x"}, {"target_range": 3}, {"strength": True},
    ],
    "similarity": [{"approximate": 3}, {"strength": "x"}, {"normalize": 0}, {"strength": -2e9}],
    "typicality": [
        {"neighbors": 1}, {"neighbors": 2.5}, {"neighbors": "x"}, {"neighbors": True}, {"min_typicality": -1},
        {"min_typicality": "x"}, {"approximate": 3}, {"normalize": 0}, {"strength": "x"},
    ],
    "balance": [
        {"target": "unifrom"}, {"target": "x"}, {"target": 3}, {"target": True}, {"other": "drop"}, {"other": 1},
        {"target": {"a": -1}}, {"target": {"a": 0}}, {"target": {"a": "x"}}, {"target": [-0.5]}, {"strength": "x"},
    ],
    "random": [{"seed": "x"}, {"seed": 1.5}, {"seed": True}, {"strength": True}],
}  # fmt: skip
COLUMNS = {"weights": "w", "balance": "c", "random": None}
FRAME = pl.DataFrame(
    {
        "e": pl.Series([[1.0, 2], [3, 4]], dtype=pl.Array(pl.Float32, 2)),
        "w": [1.0, 2.0],
        "c": ["a", "b"],
    }
)


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, dict):
        return "MAP {" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    return json.dumps(value).replace('"', "'")


def told(error: type[Exception] | tuple[type[Exception], ...], call: Any) -> str:
    """The first line of what a call raises."""
    with pytest.raises(error) as raised:
        call()
    return str(raised.value).splitlines()[0]


@pytest.mark.parametrize(
    ("kind", "bad"), [(k, bad) for k, given in BAD.items() for bad in given], ids=str
)
def test_a_bad_value_of_an_option_is_told_in_the_same_words(
    kind: str, bad: dict[str, Any], reader: duckdb.DuckDBPyConnection
) -> None:
    column = COLUMNS.get(kind, "e")
    given = {**({"query": [[1.0, 2]]} if kind == "similarity" else {}), **bad}
    names = [] if column is None else [column]
    arrays = [] if column is None else [FRAME[column].to_numpy()]
    message = told((TypeError, ValueError), lambda: getattr(sel, kind)(*names, **given))
    assert told((TypeError, ValueError), lambda: getattr(sqlsel, kind)(*arrays, **given)) == message
    if kind in NAMESPACE:
        method = getattr(pl.col(column or "").sel, kind)
        assert told((TypeError, ValueError), lambda: method(n=1, **given)) == message
    reader.register("samples", FRAME)
    items = ", ".join([*names, *(f"{name} := {literal(value)}" for name, value in given.items())])
    statement = f"SELECT * FROM samples USING STRATEGY {kind}({items}) LIMIT 1"
    in_sql = message.replace("got None", "got NULL")
    assert told(InvalidInput, lambda: sqlsel.sql(reader, statement)) == f"{kind.upper()}: {in_sql}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", "x"), ("seed", 1.5), ("seed", True), ("n_counts", "all"), ("n_counts", 1), ("on_invalid", "x"),
        ("on_invalid", True),
    ],
)  # fmt: skip
def test_a_bad_value_of_a_clause_option_is_told_in_the_same_words(
    name: str, value: Any, reader: duckdb.DuckDBPyConnection
) -> None:
    wrong = (TypeError, ValueError)
    message = told(wrong, lambda: sel.select(sel.weights("w"), n=1, **{name: value}))
    reader.register("samples", FRAME)
    statement = (
        f"SELECT * FROM samples USING STRATEGY WEIGHTS(w), {name} := {literal(value)} LIMIT 1"
    )
    assert told(InvalidInput, lambda: sqlsel.sql(reader, statement)) == message
    weights: Any = [sqlsel.weights([1, 2])]
    assert told(wrong, lambda: sqlsel.select(n=1, strategies=weights, **{name: value})) == message


@pytest.mark.parametrize("strength", [math.nan, math.inf, -math.inf])
def test_a_strength_is_finite(strength: float) -> None:
    for kind in ("diversity", "weights", "balance", "typicality"):
        with pytest.raises(ValueError, match=r"^strength must be a finite number, got "):
            getattr(sel, kind)("x", strength=strength)
    with pytest.raises(ValueError, match=r"^strength must be a finite number, got "):
        sel.random(strength=strength)
