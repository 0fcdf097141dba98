"""One random selection in the words of all surfaces: Polars, SQL, arrays, configurations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

import sqlsel
import sqlsel.polars as sel
from tests.polars.frames import in_pieces

KINDS = ("diversity", "weights", "balance", "similarity", "typicality", "random")
COMBINATIONS = [chosen for size in (1, 2, 6) for chosen in combinations(KINDS, size)]
SIGNS = {"==": "=", "!=": "<>"}
OPERATIONS = {"<": "SMALLER", "<=": "SMALLER_EQUAL", ">": "BIGGER", ">=": "BIGGER_EQUAL"}
CONFIGURED = {
    "min_distance": "stopping_condition_minimum_distance",
    "max_sum": "stopping_condition_max_sum",
    "min_typicality": "stopping_condition_minimum_typicality",
    "neighbors": "num_nearest_neighbors",
    "query": "queries",
}


@dataclass
class Given:
    """One selection in the words of all surfaces; ``strategies``: kind, column, options."""

    frame: pl.DataFrame
    strategies: list[tuple[str, str | None, dict[str, Any]]]
    thresholds: list[tuple[str, str, float]] = field(default_factory=list)
    condition: str | None = None
    budget: dict[str, Any] = field(default_factory=lambda: {"n": 8})
    options: dict[str, Any] = field(default_factory=dict)
    by: str | None = None


def frame(rng: np.random.Generator, rows: int, *, holes: bool = True) -> pl.DataFrame:
    """Inputs of all kinds with ties, duplicates and, with ``holes``, nulls; the ids are shuffled."""
    base = rng.integers(-8, 9, (max(2, rows // 2), 3)) / 8 + np.array([0.0, 0, 2])
    e = base[rng.integers(0, len(base), rows)] if rng.random() < 0.5 else rng.normal(size=(rows, 3))
    o = [(rng.integers(-8, 9, (rng.integers(0, 4), 2)) / 8 + 2).tolist() for _ in range(rows)]
    m = np.round(rng.dirichlet(np.ones(3), rows), 3)
    data = pl.DataFrame(
        {
            "id": rng.permutation(rows) * 3 - 7,
            "e": pl.Series(e.tolist(), dtype=pl.Array(pl.Float32, 3)),
            "o": pl.Series(o, dtype=pl.List(pl.Array(pl.Float32, 2))),
            "w": np.round(rng.random(rows), 1) - (rng.random() < 0.3) * 0.5,
            "c": rng.choice(["bus", "car", "é", "Zebra"], rows, p=[0.5, 0.3, 0.1, 0.1]),
            "m": pl.Series(m.tolist(), dtype=pl.Array(pl.Float64, 3)),
            "g": rng.choice(["x", "y", "z"], rows),
            "p": rng.random(rows) < rng.choice([0, 0, 0.2]),
            "b": rng.random(rows) < 0.7,
        }
    )
    data = data.with_columns(text=pl.format("{}.jpg", "id"))
    if not holes:
        return data
    gone = {name: pl.Series(rng.random(rows) < 0.1) for name in "eowc"}
    return data.with_columns(
        pl.when(~mask).then(pl.col(name)).alias(name) for name, mask in gone.items()
    )


def vectors(rng: np.random.Generator) -> tuple[str, dict[str, Any]]:
    """A column of vectors or of objects, normalised or not."""
    column = "o" if rng.random() < 0.3 else "e"
    return column, {"normalize": False} if rng.random() < 0.4 else {}


def diversity(rng: np.random.Generator) -> tuple[str, dict[str, Any]]:
    column, options = vectors(rng)
    if rng.random() < 0.4:
        options["min_distance"] = float(rng.choice([0.25, 0.5, 1]))
    return column, options


def similarity(rng: np.random.Generator) -> tuple[str, dict[str, Any]]:
    column, options = vectors(rng)
    queries = rng.integers(1, 9, (2, 2 if column == "o" else 3)) / 8
    return column, options | {"query": queries.tolist()}


def typicality(rng: np.random.Generator) -> tuple[str, dict[str, Any]]:
    column, options = vectors(rng)
    least = {"min_typicality": 0.25} if rng.random() < 0.3 else {}
    return column, options | least | {"neighbors": int(rng.integers(2, 6))}


def weights(rng: np.random.Generator) -> tuple[str, dict[str, Any]]:
    limits: list[dict[str, Any]] = [{}] * 8 + [{"max_sum": 2.5}, {"target_range": [1, 3]}]
    return "w", dict(limits[rng.integers(0, 10)])


def balance(rng: np.random.Generator) -> tuple[str, dict[str, Any]]:
    targets: list[Any] = ["uniform", "input", {"bus": 0.5, "car": 0.25}, {"car": 1.0}]
    options: dict[str, Any] = {"target": targets[rng.integers(0, 4)]}
    if isinstance(options["target"], dict) and rng.random() < 0.3:
        options["other"] = "ignore"
    return (
        ("m", options | {"classes": ["bus", "car", "é"]}) if rng.random() < 0.3 else ("c", options)
    )


def strategy(rng: np.random.Generator, kind: str) -> tuple[str, str | None, dict[str, Any]]:
    """A kind with a column and random options."""
    column, options = None, {"seed": int(rng.integers(0, 9))} if rng.random() < 0.5 else {}
    if kind != "random":
        makers = (diversity, similarity, typicality, weights, balance)
        column, options = {make.__name__: make for make in makers}[kind](rng)
    if rng.random() < 0.5:
        options["strength"] = float(rng.choice([0.5, 2, -1, -0.5, 0, 3]))
    return kind, column, options


def random_case(seed: int, kinds: Sequence[str], *, holes: bool = True) -> Given:
    """Case number ``seed`` of these kinds."""
    rng = np.random.default_rng(seed)
    data = frame(rng, int(rng.integers(4, 40)), holes=holes)
    case = Given(data, [strategy(rng, kind) for kind in kinds])
    if rng.random() < 0.3:
        sign = str(rng.choice(["<", "<=", ">", ">=", "==", "!="]))
        case.thresholds.append(("w", sign, float(rng.choice([0.2, 0.5]))))
    if rng.random() < 0.3:
        case.condition = "b"
    n = int(rng.integers(1, len(data) + 2))
    case.budget = (
        {"n": n} if rng.random() < 0.7 else {"proportion": float(rng.integers(1, 100)) / 100}
    )
    case.options["id"] = str(rng.choice(["id", "text"]))
    if rng.random() < 0.5:
        case.options["seed"] = int(rng.integers(0, 100))
    if data["p"].any():
        case.options["preselected"] = "p"
        if rng.random() < 0.4:
            case.options["n_counts"] = "total"
    if rng.random() < 0.25:
        case.by = "g"
    if "diversity" in kinds and not (case.thresholds or case.condition or case.by):
        start = data[case.options["id"]][int(rng.integers(0, len(data)))]
        case.strategies[list(kinds).index("diversity")][2]["start"] = start
    return case


def spoilt(case: Given, rng: np.random.Generator) -> Given:
    """The case with vectors and numbers that cannot be used, and without thresholds, which NaN meets in SQL."""
    rows = len(case.frame)
    e = case.frame["e"].to_list()
    for row in np.flatnonzero(rng.random(rows) < 0.15).tolist():
        e[row] = [[np.nan, 1, 1], [np.inf, 0, 1], [0, 0, 0]][rng.integers(0, 3)]
    w = case.frame["w"].to_list()
    for row in np.flatnonzero(rng.random(rows) < 0.15).tolist():
        w[row] = [np.nan, np.inf, -np.inf][rng.integers(0, 3)]
    data = case.frame.with_columns(
        e=pl.Series(e, dtype=case.frame["e"].dtype), w=pl.Series(w, dtype=pl.Float64)
    )
    return replace(case, frame=data, thresholds=[])


def by_polars(case: Given) -> list[tuple[Any, ...]]:
    """(group, id, rank, gain, values …) of the picks in order, of shuffled rows."""
    given: list[Any] = [*made(sel, case), *(sel.threshold(*limit) for limit in case.thresholds)]
    if case.condition is not None:
        given.insert(0, pl.col(case.condition))
    trace = sel.trace(*given, **case.budget, **case.options)
    shuffled = case.frame.sample(fraction=1, shuffle=True, seed=7)
    shuffled = in_pieces(shuffled, 1 + len(shuffled) % 3)
    found = shuffled.select("g", "id", trace.over(case.by) if case.by else trace)
    found = found.unnest("selection").filter("selected").drop("selected")
    return found.sort(["g", "rank"] if case.by else ["rank"]).rows()


def made(module: Any, case: Given, data: dict[str, Any] | None = None) -> list[Any]:
    """The strategies over columns by name, or over arrays."""
    strategies = []
    for kind, column, options in case.strategies:
        inputs = [column if data is None else data[column]] if column is not None else []
        strategies.append(getattr(module, kind)(*inputs, **options))
    return strategies


def literal(value: Any) -> str:
    if isinstance(value, (bool, str)):
        return json.dumps(value).replace('"', "'")
    if isinstance(value, dict):
        return "MAP {" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    return str(value)


def by_sql(case: Given, con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    items = []
    for kind, column, options in case.strategies:
        told = [f"{name} := {literal(value)}" for name, value in options.items()]
        items.append(f"{kind.upper()}({', '.join([column or '', *told]).removeprefix(', ')})")
    items += [f"THRESHOLD({c} {SIGNS.get(op, op)} {bound})" for c, op, bound in case.thresholds]
    items += [f"THRESHOLD({case.condition})"] * (case.condition is not None)
    for name, value in {**case.options, "by": case.by}.items():
        if name in ("id", "preselected", "by"):
            items += [f"{'key' if name == 'id' else name} := {value}"] * (value is not None)
        else:
            items.append(f"{name} := {literal(value)}")
    n, proportion = case.budget.get("n"), case.budget.get("proportion", 0)
    con.register("samples", case.frame.to_arrow())
    found = sqlsel.sql(
        con,
        "SELECT g, id, selection_rank() AS r, selection_gain() AS gain, selection_values() AS v "
        f"FROM samples USING STRATEGY {', '.join(items)} LIMIT {n or f'{round(proportion * 100)}%'}",
    ).fetchall()
    return [(*row[:4], *(row[4] or {}).values()) for row in found]


def by_arrays(case: Given) -> list[tuple[Any, ...]]:
    """The same of a frame without nulls."""
    data: dict[str, Any] = {name: case.frame[name].to_numpy() for name in "ewcmgpb"}
    data["o"] = [np.array(o, np.float32).reshape(-1, 2) for o in case.frame["o"].to_list()]
    options = {**case.options, "ids": case.frame[case.options["id"]].to_list()}
    del options["id"]
    if "preselected" in options:
        options["preselected"] = data["p"]
    limits = [sqlsel.threshold(data[c], op, bound) for c, op, bound in case.thresholds]
    found = sqlsel.select(
        data["e"],
        strategies=[*made(sqlsel, case, data), *limits],
        candidates=None if case.condition is None else data[case.condition],
        by=None if case.by is None else data[case.by],
        **case.budget,
        **options,
    )
    picked = case.frame[found.indices]
    values = [[None if np.isnan(v) else v for v in row] for row in found.values.tolist()]
    columns = (picked["g"], picked["id"], found.rank.tolist(), found.gain.tolist(), values)
    return [(*row[:4], *row[4]) for row in zip(*columns, strict=True)]


def entry(kind: str, column: str | None, options: dict[str, Any]) -> dict[str, Any]:
    """A strategy in Lightly's words."""
    told = {CONFIGURED.get(name, name): value for name, value in options.items()}
    inputs: dict[str, Any] = {"type": "EMBEDDINGS"}
    if kind in ("weights", "balance"):
        inputs = {"type": "METADATA", "key": column}
    if kind == "random":
        inputs = {"type": "RANDOM"} | ({"random_seed": told.pop("seed")} if "seed" in told else {})
    if isinstance(told.get("target"), str):
        told["distribution"] = told.pop("target").upper()
    if "target_range" in told:
        told["target_range"] = dict(zip(("min_sum", "max_sum"), told["target_range"], strict=True))
    return {
        "input": inputs,
        "strategy": {"type": "WEIGHTS" if kind == "random" else kind.upper(), **told},
    }


def by_config(case: Given, file: Path) -> list[tuple[Any, ...]]:
    entries = [entry(*one) for one in case.strategies]
    for column, op, bound in case.thresholds:
        limit = {"type": "THRESHOLD", "threshold": bound, "operation": OPERATIONS[op]}
        entries.append({"input": {"type": "METADATA", "key": column}, "strategy": limit})
    case.frame.drop("o").write_parquet(file)
    n, proportion = case.budget.get("n"), case.budget.get("proportion")
    budget = {"proportion_samples": proportion} if n is None else {"n_samples": n}
    config = {**budget, "strategies": entries}
    found = sqlsel.run(config, data=str(file), embedding="e", **case.options).pl()
    return found.select("g", "id", *found.columns[case.frame.width - 1 :]).rows()
