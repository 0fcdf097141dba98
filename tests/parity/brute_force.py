"""The definition of the selection in float64, every score of every candidate at every pick: slow and plain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


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


def similarity(x: np.ndarray, queries: np.ndarray, pool: np.ndarray) -> np.ndarray:
    wide, q = x.astype(np.float64), queries.astype(np.float64)
    d = np.sqrt(((wide[:, None] - q[None]) ** 2).sum(axis=2)).min(axis=1)
    mean = d[pool].mean()
    return np.exp(-d / mean) if mean > 0 else np.ones(len(x))


def brute_force(case: Case) -> tuple[list[int], int]:
    """Row numbers in pick order, and how many first picks are free of near-ties (gaps in 0 < gap < 1e-11)."""
    pool = case.waiting | case.preselected
    half = {
        j: ((case.data[j].astype(np.float64)[:, None] - case.data[j].astype(np.float64)[None]) ** 2).sum(2) / 2
        for j, kind in enumerate(case.kinds) if kind == "diversity"
    }
    weights = {}
    for j, kind in enumerate(case.kinds):
        if kind == "weights":
            weights[j] = case.data[j] - min(0.0, case.data[j][pool].min(initial=0.0))
        if kind == "similarity":
            weights[j] = similarity(case.data[j], case.options[j]["query"], pool)
    chosen = [int(i) for i in np.flatnonzero(case.preselected)]
    candidates = [int(i) for i in np.flatnonzero(case.waiting & ~case.preselected)]
    alone = sum(o["strength"] != 0 for o in case.options) == 1
    picks: list[int] = []
    clear = None
    while candidates and len(picks) < case.budget:
        scores = []
        for c in candidates:
            score, feasible = 0.0, True
            for j, kind in enumerate(case.kinds):
                o = case.options[j]
                if kind == "diversity":
                    to_c = half[j][c, chosen]
                    near = to_c.min(initial=np.inf)
                    feasible &= bool(near >= o.get("min_distance", 0.0) ** 2 / 2)
                    among = half[j][np.ix_(chosen, chosen)] + np.diag(np.full(len(chosen), np.inf))
                    own = among.min(axis=1, initial=np.inf)
                    u = own[np.isfinite(own)].sum() + near if chosen else 1.0
                    plain = near if chosen else 1.0
                elif kind == "balance":
                    mass = case.data[j][chosen].sum(axis=0) + case.data[j][c]
                    total = mass.sum()
                    p = mass / total if total > 0 else mass * 0
                    t = o["shares"] / o["shares"].sum()
                    u = 1 / max(-(t * np.log(np.maximum(p, 1e-10))).sum(), 1e-8)
                    plain = u
                else:
                    u = weights[j][chosen].sum() + weights[j][c]
                    plain = weights[j][c]
                if alone and o["strength"]:
                    score = np.sign(o["strength"]) * plain
                elif o["strength"]:
                    score += o["strength"] * np.log(max(u, 1e-8))
            if feasible:
                scores.append((score, -case.order[c], c))
        if not scores:
            break
        scores.sort(reverse=True)
        top = scores[0][0]
        gaps = [top - s for s, _, _ in scores if 0 < top - s < 1e-10 * max(1.0, abs(top))]
        if gaps and clear is None:
            clear = len(picks)
        best = scores[0][2]
        picks.append(best)
        chosen.append(best)
        candidates.remove(best)
    return picks, len(picks) if clear is None else clear
