"""Random small cases: all combinations of strategies, ties on purpose, holes, partitions, short lists."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlsel.optimizer.run import Problem, Selection, run
from sqlsel.strategies import Balance, Diversity, Similarity, Weights
from tests.parity.brute_force import Case, unit

KINDS = ("diversity", "weights", "balance", "similarity")


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
    data: list[Any] = []
    options: list[dict[str, Any]] = []
    for kind in chosen:
        strength = float(rng.choice([1, 1, 1, 0.5, 2, 3, -1, -2, -0.5, 0]))
        option: dict[str, Any] = {"strength": strength}
        if kind == "diversity":
            data.append(vectors(rng, n, style))
            if rng.random() < 0.4:
                option["min_distance"] = float(rng.choice([0.3, 1.0, 2.0]))
        elif kind == "weights":
            w = rng.random(n) if style != 1 else rng.integers(0, 3, n).astype(float)
            data.append(w - (0.5 if rng.random() < 0.3 else 0))
        elif kind == "balance":
            classes = int(rng.integers(2, 5))
            form = rng.integers(0, 3)
            if form == 0:
                rows = np.eye(classes)[rng.integers(0, classes, n)]
                rows[rng.random(n) < 0.1] = 0
            elif form == 1:
                rows = rng.dirichlet(np.ones(classes), n)
            else:
                rows = rng.integers(0, 3, (n, classes)).astype(float)
            data.append(rows)
            option["shares"] = rng.random(classes) + 0.05
            if rng.random() < 0.1:
                option["shares"] = np.eye(classes)[0]
        else:
            data.append(vectors(rng, n, style))
            option["query"] = data[-1][rng.integers(0, n, int(rng.integers(1, 4)))] + np.float32(0.5 * (style == 0))
        options.append(option)
    waiting = rng.random(n) < (1.0 if rng.random() < 0.5 else 0.7)
    preselected = rng.random(n) < float(rng.choice([0, 0, 0.1, 0.3]))
    order = rng.permutation(n) if rng.random() < 0.5 else np.arange(n)
    budget = int(rng.integers(1, n + 3))
    shape = {"parts": int(rng.integers(1, 8)), "size": int(rng.integers(1, 51)), "cut": int(rng.integers(0, 1 << 30))}
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


def solve(case: Case) -> Selection:
    """The product's answer, over the case's partitions and with its list size."""
    pool = case.waiting | case.preselected
    n = len(case.order)
    prepared = [
        strategy(k, x, o).prepare(x, np.ones(n, np.bool_), pool, "error")
        for k, x, o in zip(case.kinds, case.data, case.options, strict=True)
    ]
    rows = np.random.default_rng(case.shape["cut"]).permutation(n)
    split = [part for part in np.array_split(rows, case.shape["parts"]) if len(part)]
    return run(
        Problem(prepared, case.order, case.waiting, case.preselected, case.budget, split=split, size=case.shape["size"])
    )
