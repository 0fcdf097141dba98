"""One synthetic table with an input for every strategy, as arrays and as a table."""

# ruff: noqa: E501 - a statement on one line is a statement that can be read

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

import sqlsel

CLASSES = ["bus", "car", "cat"]


@dataclass(frozen=True)
class Data:
    """Rows as NumPy arrays; ``table`` is the same for SQL. The ids are not in the order of the rows."""

    ids: np.ndarray
    names: list[str]
    vectors: np.ndarray
    scores: np.ndarray
    labels: list[str]
    shares: np.ndarray
    done: np.ndarray

    @property
    def table(self) -> pa.Table:
        vectors = pa.FixedSizeListArray.from_arrays(
            pa.array(self.vectors.reshape(-1)), self.vectors.shape[1]
        )
        shares = pa.FixedSizeListArray.from_arrays(
            pa.array(self.shares.reshape(-1)), self.shares.shape[1]
        )
        return pa.table(
            {
                "id": self.ids, "name": self.names, "embedding": vectors, "score": self.scores, "label": self.labels,
                "shares": shares, "done": self.done,
            }
        )  # fmt: skip


def make(rows: int, dimensions: int = 8, seed: int = 0) -> Data:
    """Clusters of vectors, scores with ties, three uneven classes."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(10, dimensions)) * 2
    vectors = (centres[rng.integers(0, 10, rows)] + rng.normal(size=(rows, dimensions))).astype(
        np.float32
    )
    ids = rng.permutation(rows) + 1
    return Data(
        ids, [f"img_{i}.png" for i in ids], vectors, np.round(rng.random(rows), 2),
        [CLASSES[i] for i in rng.choice(3, rows, p=[0.2, 0.5, 0.3])], rng.dirichlet(np.ones(3), rows),
        rng.random(rows) < 0.03,
    )  # fmt: skip


def queries(data: Data) -> np.ndarray:
    return data.vectors[data.ids <= 5]


QUERY = "(SELECT embedding FROM {table} WHERE id <= 5)"

# name → (the clause, what it is in Python)
COMBINATIONS: dict[str, tuple[str, Any]] = {
    "diversity": ("DIVERSITY(embedding)", lambda d: [sqlsel.diversity(d.vectors)]),
    "distance": ("DIVERSITY(embedding, min_distance := 0.4)", lambda d: [sqlsel.diversity(d.vectors, min_distance=0.4)]),
    "euclidean": (
        "DIVERSITY(embedding, normalize := false, strength := 2)",
        lambda d: [sqlsel.diversity(d.vectors, normalize=False, strength=2)],
    ),
    "clustered": ("DIVERSITY(embedding, strength := -1)", lambda d: [sqlsel.diversity(d.vectors, strength=-1)]),
    "deduplicate": ("DEDUPLICATE(embedding, 0.3)", lambda d: [sqlsel.diversity(d.vectors, min_distance=0.3)]),
    "weights": ("WEIGHTS(score)", lambda d: [sqlsel.weights(d.scores)]),
    "low weights": ("WEIGHTS(score, strength := -1)", lambda d: [sqlsel.weights(d.scores, strength=-1)]),
    "balance": ("BALANCE(label, 'uniform')", lambda d: [sqlsel.balance(d.labels, "uniform")]),
    "target": (
        "BALANCE(label, {'bus': 0.5, 'cat': 0.25})",
        lambda d: [sqlsel.balance(d.labels, {"bus": 0.5, "cat": 0.25})],
    ),
    "shares": (
        "BALANCE(shares, {'bus': 0.6, 'car': 0.2}, classes := ['bus', 'car', 'cat'])",
        lambda d: [sqlsel.balance(d.shares, {"bus": 0.6, "car": 0.2}, classes=CLASSES)],
    ),
    "similarity": (f"SIMILARITY(embedding, query := {QUERY})", lambda d: [sqlsel.similarity(d.vectors, queries(d))]),
    "random": ("RANDOM()", lambda _: [sqlsel.random()]),
    "seeded": ("RANDOM(seed := 9)", lambda _: [sqlsel.random(seed=9)]),
    "diversity and weights": (
        "DIVERSITY(embedding), WEIGHTS(score, strength := 0.5)",
        lambda d: [sqlsel.diversity(d.vectors), sqlsel.weights(d.scores, strength=0.5)],
    ),
    "diversity and balance": (
        "BALANCE(label, 'uniform', strength := 10), DIVERSITY(embedding)",
        lambda d: [sqlsel.balance(d.labels, "uniform", strength=10), sqlsel.diversity(d.vectors)],
    ),
    "weights and similarity": (
        f"WEIGHTS(score), SIMILARITY(embedding, {QUERY}, strength := 3)",
        lambda d: [sqlsel.weights(d.scores), sqlsel.similarity(d.vectors, queries(d), strength=3)],
    ),
    "two diversities": (
        "DIVERSITY(embedding), DIVERSITY(shares, normalize := false)",
        lambda d: [sqlsel.diversity(d.vectors), sqlsel.diversity(d.shares, normalize=False)],
    ),
    "everything": (
        f"DIVERSITY(embedding, min_distance := 0.1), WEIGHTS(score), BALANCE(label, 'input'), RANDOM(seed := 4), SIMILARITY(embedding, query := {QUERY}, strength := -0.5)",
        lambda d: [
            sqlsel.diversity(d.vectors, min_distance=0.1), sqlsel.weights(d.scores), sqlsel.balance(d.labels, "input"),
            sqlsel.random(seed=4), sqlsel.similarity(d.vectors, queries(d), strength=-0.5),
        ],
    ),
}  # fmt: skip
