"""lightly-mundig, Lightly's own engine, asked the question of a case."""

from __future__ import annotations

from typing import Any

import lightly_mundig
import numpy as np

from .brute_force import Case
from .cases import KINDS, vectors

STRENGTHS = (0.5, 1.0, 1.0, 2.0, 3.0, -0.5, -1.0)


def mundig_case(seed: int, kinds: tuple[str, ...], least: int, most: int) -> Case:
    """A case outside the listed defects: row 0 first, no minimum distance, no one-class target."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(least, most + 1))
    x = vectors(rng, n, 0) if rng.random() < 0.5 else rng.normal(size=(n, 16)).astype(np.float32)
    classes = int(rng.integers(2, 6))
    rows = np.eye(classes)[rng.integers(0, classes, n)]
    if rng.random() < 0.5 or kinds == ("balance",):  # alone, one class each: nothing but ties
        rows = rng.dirichlet(np.ones(classes), n)
    data: dict[str, Any] = {
        "diversity": x,
        "weights": rng.random(n).astype(np.float32).astype(np.float64),
        "balance": rows.astype(np.float32).astype(np.float64),
        "similarity": x,
    }
    query = x[rng.integers(0, n, 3)] + np.float32(0.3) * rng.random((3, x.shape[1]), np.float32)
    given: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    given["similarity"]["query"] = query
    shares = rng.random(classes) + 0.1
    given["balance"]["shares"] = (shares / shares.sum()).astype(np.float32).astype(np.float64)
    options = [given[kind] | {"strength": float(rng.choice(STRENGTHS))} for kind in kinds]
    preselected = rng.random(n) < float(rng.choice([0, 0.05, 0.1]))
    return Case(
        list(kinds),
        [data[kind] for kind in kinds],
        options,
        np.arange(n),
        np.ones(n, np.bool_),
        preselected,
        int(rng.integers(2, min(n // 2, 60))),
        {"parts": int(rng.integers(1, 4)), "size": 64, "cut": seed},
    )


def mundig(case: Case) -> list[int]:
    """Its new picks in order."""
    selection = lightly_mundig.Selection()
    for kind, data, option in zip(case.kinds, case.data, case.options, strict=True):
        strength = option["strength"]
        if kind == "diversity":
            selection.add_diversifying_strategy(data, strength, None)
        elif kind == "balance":
            shares = option["shares"].astype(np.float32)
            selection.add_balancing_strategy(data.astype(np.float32), shares, strength)
        elif kind == "weights":
            selection.add_weighting_strategy(data.astype(np.float32), strength)
        else:
            weights = lightly_mundig.Similarity(data).calculate_similarity(option["query"])
            selection.add_weighting_strategy(weights, strength)
    before = np.flatnonzero(case.preselected).tolist()
    found = selection.run_selection(before, len(case.order), case.budget + len(before))
    return [int(i) for i in found[len(before) :]]
