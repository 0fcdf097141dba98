"""Random small cases: all strategies, ties on purpose, holes, partitions, short lists."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from sqlsel.engine.objective import Pool
from sqlsel.engine.optimizer.selection import Problem, Selection, run
from sqlsel.engine.strategies.balance import Balance
from sqlsel.engine.strategies.diversity import Diversity
from sqlsel.engine.strategies.similarity import Similarity
from sqlsel.engine.strategies.weights import Weights

from .brute_force import Case, brute_force, unit

KINDS = ("diversity", "weights", "balance", "similarity")
COMBINATIONS = [chosen for size in range(1, 5) for chosen in combinations(KINDS, size)]


def vectors(rng: np.random.Generator, n: int, style: int) -> np.ndarray:
    """Gaussian, integer grid, duplicates, unit vectors, or a cloud far from the origin."""
    d = int(rng.integers(1, 9))
    if style == 0:
        return rng.normal(size=(n, d)).astype(np.float32)
    if style == 1:
        return rng.integers(0, 4, (n, d)).astype(np.float32)
    if style == 2:
        base = rng.normal(size=(max(1, n // 3), d)).astype(np.float32)
        return base[rng.integers(0, len(base), n)]
    if style == 3:
        return unit(rng.normal(size=(n, d)).astype(np.float32) + 0.1)
    return (rng.normal(size=(n, d)) + 100).astype(np.float32)


def class_rows(rng: np.random.Generator, n: int) -> Any:
    """One class each (some without), probabilities, or counts."""
    classes = int(rng.integers(2, 5))
    form = rng.integers(0, 3)
    if form == 0:
        rows = np.eye(classes)[rng.integers(0, classes, n)]
        rows[rng.random(n) < 0.1] = 0
        return rows
    if form == 1:
        return rng.dirichlet(np.ones(classes), n)
    return rng.integers(0, 3, (n, classes)).astype(float)


def column(rng: np.random.Generator, kind: str, n: int, style: int) -> tuple[Any, dict[str, Any]]:
    """Data and options of one strategy."""
    option: dict[str, Any] = {"strength": float(rng.choice([1, 1, 1, 0.5, 2, 3, -1, -2, -0.5, 0]))}
    if kind == "weights":
        w = rng.random(n) if style != 1 else rng.integers(0, 3, n).astype(float)
        return w - (0.5 if rng.random() < 0.3 else 0), option
    if kind == "balance":
        rows = class_rows(rng, n)
        option["shares"] = rng.random(rows.shape[1]) + 0.05
        if rng.random() < 0.1:
            option["shares"] = np.eye(rows.shape[1])[0]
        return rows, option
    x = vectors(rng, n, style)
    if kind == "similarity":
        beside = np.float32(0.5 * (style == 0))
        option["query"] = x[rng.integers(0, n, int(rng.integers(1, 4)))] + beside
    elif rng.random() < 0.4:
        option["min_distance"] = float(rng.choice([0.3, 1.0, 2.0]))
    return x, option


def generate(seed: int, kinds: list[str] | None = None, most: int = 60) -> Case:
    """Case number ``seed``."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, most + 1))
    style = int(rng.integers(0, 5))
    chosen = [k for k in KINDS if rng.random() < 0.5] if kinds is None else list(kinds)
    chosen = chosen or [str(rng.choice(KINDS))]
    if rng.random() < 0.1 and kinds is None:
        chosen.append(str(rng.choice(chosen)))
    rng.shuffle(chosen)
    columns = [column(rng, kind, n, style) for kind in chosen]
    waiting = rng.random(n) < (1.0 if rng.random() < 0.5 else 0.7)
    preselected = rng.random(n) < float(rng.choice([0, 0, 0.1, 0.3]))
    order = rng.permutation(n) if rng.random() < 0.5 else np.arange(n)
    budget = int(rng.integers(1, n + 3))
    parts, size, cut = (int(rng.integers(a, b)) for a, b in ((1, 8), (1, 51), (0, 1 << 30)))
    shape = {"parts": parts, "size": size, "cut": cut}
    data, options = [x for x, _ in columns], [option for _, option in columns]
    return Case(chosen, data, options, order.astype(np.int64), waiting, preselected, budget, shape)


def strategy(kind: str, data: Any, option: dict[str, Any]) -> Any:
    """The product's strategy of a generated one."""
    s = option["strength"]
    if kind == "diversity":
        return Diversity(data, min_distance=option.get("min_distance"), strength=s, normalize=False)
    if kind == "weights":
        return Weights(data, strength=s)
    if kind == "balance":
        return Balance(data, list(option["shares"] / option["shares"].sum()), strength=s)
    return Similarity(data, option["query"], strength=s, normalize=False)


def prepare(case: Case) -> list[Any]:
    """The case's strategies, ready to run."""
    pool = case.waiting | case.preselected
    every = np.ones(len(case.order), np.bool_)
    return [
        strategy(k, x, o).prepare(x, every, Pool(pool))
        for k, x, o in zip(case.kinds, case.data, case.options, strict=True)
    ]


def split_of(case: Case) -> list[Any]:
    """Which rows lie in which partition."""
    rows = np.random.default_rng(case.shape["cut"]).permutation(len(case.order))
    return [part for part in np.array_split(rows, case.shape["parts"]) if len(part)]


def solve(case: Case, **changed: Any) -> Selection:
    """The product's answer, over the case's partitions and with its list size."""
    given: dict[str, Any] = {"split": split_of(case), "size": case.shape["size"]} | changed
    return run(
        Problem(prepare(case), case.order, case.waiting, case.preselected, case.budget, **given)
    )


def assert_as_defined(case: Case, name: str) -> tuple[int, int]:
    """Picks equal the definition's up to its first near-tie; how many are compared, of how many."""
    wanted, clear = brute_force(case)
    found = solve(case).rows.tolist()
    assert found[:clear] == wanted[:clear], name
    assert clear < len(wanted) or len(found) == len(wanted), name
    assert len(set(found)) == len(found) <= case.budget, name
    return clear, len(wanted)
