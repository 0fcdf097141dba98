"""The definition of the selection in float64, every score of every candidate at every pick."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEAR = 1e-10  # scores nearer than this, relative to their size, are not for float64 to tell apart


@dataclass
class Case:
    """One generated case: per strategy its kind, data and options."""

    kinds: list[str]
    data: list[Any]
    options: list[dict[str, Any]]
    order: np.ndarray  # rank of the id of each row
    waiting: np.ndarray
    preselected: np.ndarray
    budget: int
    shape: dict[str, Any] = field(default_factory=dict)


def unit(x: np.ndarray) -> np.ndarray:
    wide = x.astype(np.float64)
    return (wide / np.sqrt((wide**2).sum(axis=1, keepdims=True))).astype(np.float32)


def to_nearest_query(x: np.ndarray, queries: np.ndarray, number: type) -> np.ndarray:
    """The squared distance of each row, computed in numbers of the given type."""
    return ((x[:, None].astype(number) - queries[None]) ** 2).sum(axis=2).min(axis=1)


def similarity(x: np.ndarray, queries: np.ndarray, pool: np.ndarray) -> np.ndarray:
    d = np.sqrt(to_nearest_query(x, queries.astype(np.float64), np.float64))
    mean = d[pool].sum() / max(pool.sum(), 1)
    return np.exp(-d / mean) if mean > 0 else np.ones(len(x))


def scaled(weights: np.ndarray, pool: np.ndarray) -> np.ndarray:
    """Where some weights above 0 are below the floor of U: times 2 until the least of them is 1 to 2."""
    used = weights[pool & (weights > 0)]
    if not len(used) or used.min() >= 1e-8:
        return weights
    while used.min() < 1 and used.max() < 2.0**899:
        weights, used = weights * 2, used * 2
    return weights


def half_squared_distances(x: np.ndarray) -> np.ndarray:
    wide = x.astype(np.float64)
    return ((wide[:, None] - wide[None]) ** 2).sum(axis=2) / 2


def cross_entropies(mass: np.ndarray, target: np.ndarray) -> np.ndarray:
    total = mass.sum(axis=1, keepdims=True)
    shares = np.divide(mass, total, out=np.zeros_like(mass), where=total > 0)
    return -(target * np.log(np.maximum(shares, 1e-10))).sum(axis=1)


def class_columns(rows: np.ndarray, pool: np.ndarray) -> np.ndarray:
    """The class rows, with one more column in which rows without mass have the pool's mean mass of the others."""
    empty = ~rows.any(axis=1)
    if not (empty & pool).any():
        return rows
    some = rows[pool & ~empty]
    mean = some.sum() / len(some) if len(some) else 1.0
    return np.column_stack([rows, np.where(empty, mean, 0.0)])


def shares_of(columns: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The target of each column; that of rows without mass has none."""
    return np.append(shares / shares.sum(), np.zeros(columns.shape[1] - len(shares)))


def materials(case: Case) -> list[Any]:
    """Per strategy what its worth is computed from: distances, weights or class rows."""
    pool = case.waiting | case.preselected
    found: list[Any] = []
    for kind, data, option in zip(case.kinds, case.data, case.options, strict=True):
        if kind == "diversity":
            found.append(half_squared_distances(data))
        elif kind == "weights":
            found.append(scaled(data - min(0.0, data[pool].min(initial=0.0)), pool))
        elif kind == "similarity":
            found.append(similarity(data, option["query"], pool))
        else:
            found.append(class_columns(data, pool))
    return found


def marks_of(kind: str, data: Any, option: dict[str, Any]) -> np.ndarray:
    """What makes two rows exact equals for a strategy; the exponential may hide a difference."""
    if kind == "similarity":
        return to_nearest_query(data, option["query"].astype(np.longdouble), np.longdouble)[:, None]
    return data.reshape(len(data), -1)


def worth(
    kind: str, material: Any, option: dict[str, Any], chosen: list[int], left: NDArray[np.int64]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(U, what orders the rows ``left`` as U does where it decides alone, which may be picked)."""
    feasible = np.ones(len(left), np.bool_)
    if kind == "diversity":
        near = material[np.ix_(left, chosen)].min(axis=1, initial=np.inf)
        feasible = near >= option.get("min_distance", 0.0) ** 2 / 2
        if not chosen:
            return np.ones(len(left)), np.ones(len(left)), feasible
        among = material[np.ix_(chosen, chosen)].copy()
        np.fill_diagonal(among, np.inf)
        own = among.min(axis=1)
        return own[np.isfinite(own)].sum() + near, near, feasible
    if kind == "balance":
        target = shares_of(material, option["shares"])
        if option["strength"] < 0:
            feasible = material[left][:, : len(option["shares"])].any(axis=1)
        entropy = cross_entropies(material[chosen].sum(axis=0) + material[left], target)
        u = 1 / np.maximum(entropy, 1e-8)
        return u, u, feasible
    return material[chosen].sum() + material[left], material[left], feasible


def brute_force(case: Case, near_tie: float = NEAR) -> tuple[list[int], int]:
    """Row numbers in pick order, and how many first picks are free of near-ties.

    A near-tie: a candidate whose score is nearly the best one and whose values are not the same.
    """
    given = materials(case)
    fixed = [marks_of(*one) for one in zip(case.kinds, case.data, case.options, strict=True)]
    chosen = [int(i) for i in np.flatnonzero(case.preselected)]
    left = np.flatnonzero(case.waiting & ~case.preselected)
    alone = sum(o["strength"] != 0 for o in case.options) == 1
    picks: list[int] = []
    clear = None
    while len(picks) < case.budget:
        score, feasible, marks = np.zeros(len(left)), np.ones(len(left), np.bool_), []
        for j, (kind, material, option) in enumerate(
            zip(case.kinds, given, case.options, strict=True)
        ):
            u, plain, may = worth(kind, material, option, chosen, left)
            feasible &= may
            strength = option["strength"]
            if strength:
                marks.append(plain[:, None] if kind == "diversity" else fixed[j][left])
                score += (
                    np.sign(strength) * plain if alone else strength * np.log(np.maximum(u, 1e-8))
                )
        if not feasible.any():
            break
        top = score[feasible].max()
        first = np.flatnonzero(feasible & (score == top))
        best = int(first[case.order[left[first]].argmin()])
        near = feasible & (top - score < near_tie * max(1.0, abs(top)))
        mark = np.concatenate([*marks, np.zeros((len(left), 1))], axis=1)
        if clear is None and (mark[near] != mark[best]).any():
            clear = len(picks)
        picks.append(int(left[best]))
        chosen.append(int(left[best]))
        left = np.delete(left, best)
    return picks, len(picks) if clear is None else clear
