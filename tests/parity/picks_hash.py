"""Prints a hash of the picks, gains and result_values values of many selections; run as a program."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from parity.brute_force import unit
from parity.cases import COMBINATIONS, generate, solve

import sqlsel


def main() -> None:
    seen = hashlib.sha256()
    for number, kinds in enumerate(COMBINATIONS):
        for seed in range(3):
            picks = solve(generate(10_000 * number + seed, list(kinds), most=120))
            seen.update(picks.rows.astype("<i8").tobytes())
    for strategies in larger():
        picks = sqlsel.select(n=100, strategies=strategies)
        seen.update(picks.indices.astype("<i8").tobytes())
    print(seen.hexdigest())


def larger() -> list[list[Any]]:
    rng = np.random.default_rng(3)
    x = unit(rng.normal(size=(2000, 5)) @ rng.normal(size=(5, 96)))
    far = (rng.normal(size=(2000, 24)) + 500).astype(np.float32)
    w = sqlsel.weights(rng.random(2000))
    probabilities = sqlsel.balance(rng.dirichlet(np.ones(7), 2000))
    labels = sqlsel.balance(rng.integers(0, 6, 2000))
    near = sqlsel.similarity(x, x[:4], strength=0.5)
    diverse, spread = sqlsel.diversity(x), sqlsel.diversity(far, normalize=False)
    return [
        [diverse],
        [spread],
        [probabilities],
        [near],
        [diverse, w],
        [spread, probabilities],
        [diverse, w, labels, near],
        [sqlsel.diversity(x, strength=-1), w],
        [sqlsel.diversity(x, min_distance=0.2), sqlsel.random(seed=1)],
    ]


if __name__ == "__main__":
    main()
