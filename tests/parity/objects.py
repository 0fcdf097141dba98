"""The definition of selections by objects, typicality and limited sums in float64, and random cases."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sqlsel.engine.objective import Pool
from sqlsel.engine.optimizer.selection import Problem, Selection, run
from sqlsel.engine.strategies.balance import Balance
from sqlsel.engine.strategies.diversity import Diversity
from sqlsel.engine.strategies.similarity import Similarity
from sqlsel.engine.strategies.typicality import Typicality
from sqlsel.engine.strategies.weights import Weights

FLOOR = 1e-8
NEAR = 1e-10
KINDS = ("diversity", "similarity", "typicality", "rows", "weights", "balance")


@dataclass
class Case:
    """``data`` per strategy: a list of matrices, a matrix (rows, balance) or numbers (weights)."""

    kinds: list[str]
    data: list[Any]
    options: list[dict[str, Any]]
    order: np.ndarray
    waiting: np.ndarray
    preselected: np.ndarray
    budget: int
    shape: dict[Any, Any] = field(default_factory=dict)


# ---- the definition


def squared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return ((a[:, None].astype(np.float64) - b[None].astype(np.float64)) ** 2).sum(axis=2)


def typicality(x: np.ndarray, neighbors: int) -> tuple[np.ndarray, np.ndarray]:
    """The typicality of each row, and the squared distances that it is made of."""
    count = min(neighbors, len(x) - 1)
    if count < 1:
        return np.ones(len(x)), np.zeros((len(x), 1))
    near = np.stack([np.sort(np.delete(row, i))[:count] for i, row in enumerate(squared(x, x))])
    d = np.sqrt(near)
    mean = math.fsum(d.ravel().tolist()) / d.size
    return (np.exp(-d / mean) if mean > 0 else np.ones_like(d)).mean(axis=1), near


def object_weights(case: Case, j: int) -> tuple[list[np.ndarray], list[tuple[float, ...]]]:
    """The weight of each object of the pool, sample by sample; and what makes two samples exact equals."""
    kind, data, option = case.kinds[j], case.data[j], case.options[j]
    pool = case.waiting | case.preselected
    samples = [x[None] for x in data] if kind == "rows" else data
    width = max((s.shape[1] for s in samples if len(s)), default=1)
    flat = np.concatenate(
        [np.empty((0, width)), *(s for s, p in zip(samples, pool, strict=True) if p and len(s))]
    )
    if kind == "similarity":
        near = squared(flat, option["query"]).min(axis=1, keepdims=True)
        d = np.sqrt(near[:, 0])
        mean = math.fsum(d.tolist()) / max(len(d), 1)
        w = np.exp(-d / mean) if mean > 0 else np.ones(len(d))
    else:
        w, near = typicality(flat, option["neighbors"])
    found, marks, at = [], [], 0
    for sample, inside in zip(samples, pool, strict=True):
        count = len(sample) if inside else 0
        found.append(w[at : at + count])
        mark = np.sort(near[at : at + count].ravel()) if count else np.empty(0)
        marks.append((min(mark, default=-1.0),) if kind == "similarity" else (count, *mark))
        at += count
    return found, marks


def distances_worth(
    data: list[np.ndarray], chosen: list[int], left: np.ndarray
) -> tuple[float, np.ndarray, bool]:
    """(Σ over the selected objects, a candidate's mean or −1 without objects, whether no object is selected)."""
    own = [x for s in chosen for x in data[s]]
    if not own:
        return 0.0, np.array([0.0 if len(data[c]) else -1.0 for c in left]), True
    selected = np.stack(own)
    among = squared(selected, selected) / 2
    np.fill_diagonal(among, np.inf)
    nearest = among.min(axis=1)
    total = math.fsum(nearest[np.isfinite(nearest)].tolist())
    mean = [
        math.fsum((squared(data[c], selected).min(axis=1) / 2).tolist()) / len(data[c])
        if len(data[c])
        else -1.0
        for c in left
    ]
    return total, np.array(mean), False


Term = tuple[np.ndarray, np.ndarray, np.ndarray, list[Any]]  # U, what orders alike, feasible, marks


def term_of_distances(case: Case, j: int, chosen: list[int], left: np.ndarray) -> Term:
    total, value, first = distances_worth(case.data[j], chosen, left)
    lowest = case.options[j].get("min_distance", 0.0) ** 2 / 2
    feasible = (lowest == 0) | (value >= lowest) | (first & (value >= 0))
    u = np.where(value < 0, FLOOR, 1.0 if first else total + value)
    bare = np.where(value < 0, -1.0, 1.0 if first else value)
    return u, bare, feasible, bare.tolist()


def term_of_objects(case: Case, j: int, chosen: list[int], left: np.ndarray) -> Term:
    if ("weights", j) not in case.shape:
        case.shape["weights", j] = object_weights(case, j)
    weights, known = case.shape["weights", j]
    total = math.fsum(w for s in chosen for w in weights[s].tolist())
    fold = max if case.kinds[j] == "similarity" else mean
    value = np.array([fold(weights[c].tolist()) if len(weights[c]) else -1.0 for c in left])
    least = case.options[j].get("min_typicality", 0.0)
    u = np.where(value < 0, FLOOR, total + value)
    return u, value, (least == 0) | (value >= least), [known[c] for c in left]


def mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def term_of_weights(case: Case, j: int, chosen: list[int], left: np.ndarray) -> Term:
    given = case.data[j]
    shifted = given - min(0.0, given[case.waiting | case.preselected].min(initial=0.0))
    most = case.options[j].get("target_range", [0, np.inf])[1]
    feasible = given[left] + math.fsum(given[chosen].tolist()) <= most
    u = math.fsum(shifted[chosen].tolist()) + shifted[left]
    return u, shifted[left], feasible, given[left].tolist()


def term_of_shares(case: Case, j: int, chosen: list[int], left: np.ndarray) -> Term:
    rows, target = case.data[j], case.options[j]["shares"] / case.options[j]["shares"].sum()
    mass = rows[chosen].sum(axis=0) + rows[left]
    sums = mass.sum(axis=1, keepdims=True)
    shares = np.divide(mass, sums, out=np.zeros_like(mass), where=sums > 0)
    u = 1 / np.maximum(-(target * np.log(np.maximum(shares, 1e-10))).sum(axis=1), FLOOR)
    return u, u, np.ones(len(left), np.bool_), [tuple(row) for row in rows[left].tolist()]


TERMS = {
    "diversity": term_of_distances,
    "weights": term_of_weights,
    "balance": term_of_shares,
} | dict.fromkeys(("similarity", "typicality", "rows"), term_of_objects)


def is_reached(case: Case, chosen: list[int]) -> bool:
    """Whether a sum ends the run."""
    return any(
        math.fsum(data[chosen].tolist()) >= option["max_sum"]
        for data, option in zip(case.data, case.options, strict=True)
        if "max_sum" in option
    )


def best_of(case: Case, chosen: list[int], left: np.ndarray) -> tuple[int | None, bool]:
    """(place of the next pick in ``left``, whether a near-tie decides it)."""
    alone = sum(o["strength"] != 0 for o in case.options) == 1
    score, feasible = np.zeros(len(left)), np.ones(len(left), np.bool_)
    marks: list[list[Any]] = [[] for _ in left]
    for j, (kind, option) in enumerate(zip(case.kinds, case.options, strict=True)):
        u, bare, may, mark = TERMS[kind](case, j, chosen, left)
        feasible &= may
        strength = option["strength"]
        if strength:
            score += np.sign(strength) * bare if alone else strength * np.log(np.maximum(u, FLOOR))
            for held, one in zip(marks, mark, strict=True):
                held.append(one)
    if not feasible.any():
        return None, False
    best = int(np.where(feasible, score, -np.inf).argmax())
    top = score[best]
    near = np.flatnonzero(feasible & (top - score < NEAR * max(1.0, abs(top))))
    same = [int(i) for i in near if marks[i] == marks[best]]
    return min(same, key=lambda i: case.order[left[i]]), len(same) < len(near)


def brute_force(case: Case) -> tuple[list[int], int, str]:
    """Row numbers in pick order, how many first picks are free of near-ties, and why it ended."""
    chosen = np.flatnonzero(case.preselected).tolist()
    left = np.flatnonzero(case.waiting & ~case.preselected)
    picks: list[int] = []
    clear: int | None = None
    ended = "budget"
    while len(picks) < case.budget:
        best, near = None, False
        ended = "max_sum" if is_reached(case, chosen) else "nobody feasible"
        if ended != "max_sum" and len(left):
            best, near = best_of(case, chosen, left)
        if best is None:
            break
        clear = len(picks) if near and clear is None else clear
        picks.append(int(left[best]))
        chosen.append(picks[-1])
        left = np.delete(left, best)
        ended = "budget"
    return picks, len(picks) if clear is None else clear, ended


# ---- random cases


def vectors(rng: np.random.Generator, n: int, d: int, style: int) -> np.ndarray:
    """Gaussian, integer grid, copies, or a cloud far from the origin."""
    if style == 1:
        return rng.integers(0, 3, (n, d)).astype(np.float32)
    if style == 2:
        base = rng.normal(size=(max(1, n // 3), d)).astype(np.float32)
        return base[rng.integers(0, len(base), n)]
    return (rng.normal(size=(n, d)) + (100 if style == 3 else 0)).astype(np.float32)


def samples(rng: np.random.Generator, n: int, d: int, style: int) -> list[np.ndarray]:
    """0 to 4 objects per sample; some samples are copies of others, with their objects turned round."""
    counts = rng.integers(int(rng.random() < 0.5), 5, n)
    flat = vectors(rng, int(counts.sum()) or 1, d, style)
    found = np.split(flat[: counts.sum()], np.cumsum(counts)[:-1])
    for i in np.flatnonzero(rng.random(n) < 0.1):
        found[i] = found[int(rng.integers(0, n))][::-1].copy()
    return found


def column(rng: np.random.Generator, kind: str, n: int, style: int) -> tuple[Any, dict[str, Any]]:
    """Data and options of one strategy."""
    strength = {"strength": float(rng.choice([1, 1, 1, 0.5, 2, -1, -2, 0]))}
    d = int(rng.integers(1, 5))
    if kind == "weights":
        return weights(rng, n, style), strength | limits(rng, n)
    if kind == "balance":
        classes = np.eye(3)[rng.integers(0, 3, n)]
        rows = classes if rng.random() < 0.6 else rng.dirichlet(np.ones(3), n)
        return rows, strength | {"shares": rng.random(3) + 0.05}
    if kind == "similarity":
        query = vectors(rng, int(rng.integers(1, 4)), d, style) + np.float32(0.25)
        return samples(rng, n, d, style), strength | {"query": query}
    if kind == "diversity":
        least = {"min_distance": float(rng.choice([0.4, 1.0, 1.7]))} if rng.random() < 0.4 else {}
        return samples(rng, n, d, style), strength | least
    least = {"min_typicality": float(rng.random() * 0.6)} if rng.random() < 0.3 else {}
    option = strength | {"neighbors": int(rng.integers(2, 9))} | least
    return (vectors if kind == "rows" else samples)(rng, n, d, style), option


def weights(rng: np.random.Generator, n: int, style: int) -> np.ndarray:
    w = rng.integers(0, 4, n).astype(float) if style == 1 else rng.random(n)
    return w - rng.choice([0.4, 1.0]) if rng.random() < 0.4 else w


def limits(rng: np.random.Generator, n: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if rng.random() < 0.5:
        found["max_sum"] = float(rng.integers(0, max(2, n // 3)))
    if rng.random() < 0.6:
        found["target_range"] = [0.0, float(rng.integers(0, max(2, n // 3)))]
    return found


def generate(seed: int, kinds: tuple[str, ...], most: int = 40) -> Case:
    """Case number ``seed``."""
    rng = np.random.default_rng(seed)
    n, style = int(rng.integers(1, most + 1)), int(rng.integers(0, 4))
    columns = [column(rng, kind, n, style) for kind in kinds]
    parts, size, cut = (int(rng.integers(a, b)) for a, b in ((1, 5), (1, 31), (0, 1 << 30)))
    return Case(
        list(kinds),
        [data for data, _ in columns],
        [option for _, option in columns],
        rng.permutation(n) if rng.random() < 0.5 else np.arange(n),
        rng.random(n) < (1.0 if rng.random() < 0.5 else 0.7),
        rng.random(n) < float(rng.choice([0, 0, 0.1, 0.3])),
        int(rng.integers(1, n + 3)),
        {"parts": parts, "size": size, "cut": cut},
    )


def strategy(kind: str, data: Any, option: dict[str, Any]) -> Any:
    """The product's strategy of a generated one."""
    given = {k: v for k, v in option.items() if k not in ("query", "shares")}
    if kind == "weights":
        return Weights(data, **given)
    if kind == "balance":
        return Balance(data, list(option["shares"] / option["shares"].sum()), **given)
    if kind == "similarity":
        return Similarity(data, option["query"], normalize=False, **given)
    return {"diversity": Diversity}.get(kind, Typicality)(data, normalize=False, **given)


def solve(case: Case, **changed: Any) -> Selection:
    """The product's answer, over the case's partitions and with its list size."""
    n = len(case.order)
    rows = np.random.default_rng(case.shape["cut"]).permutation(n)
    split = [part for part in np.array_split(rows, case.shape["parts"]) if len(part)]
    prepared = [
        strategy(k, x, o).prepare(x, np.ones(n, np.bool_), Pool(case.waiting | case.preselected))
        for k, x, o in zip(case.kinds, case.data, case.options, strict=True)
    ]
    given: dict[str, Any] = {"split": split, "size": case.shape["size"]} | changed
    return run(Problem(prepared, case.order, case.waiting, case.preselected, case.budget, **given))
