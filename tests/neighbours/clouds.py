"""Vectors of many shapes for the tests of this folder."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

KINDS = ("normal", "grid", "copies", "far", "dense", "zeros", "blobs")


def nothing() -> None:
    """Nobody wants to stop."""


def cloud(kind: str, rows: int, dimension: int, seed: int = 0) -> NDArray[np.float32]:
    """Rows of this kind; the same for the same seed."""
    rng = np.random.default_rng(seed)
    x: NDArray[Any] = rng.normal(size=(rows, dimension))
    if kind == "grid":
        x = rng.integers(0, 3, (rows, dimension)).astype(float)
    if kind == "copies":
        x = x[rng.integers(0, max(1, rows // 5), rows)]
    if kind == "far":
        x += 1000
    if kind == "dense":  # clumps that float32 products cannot resolve
        x = 10 * x[rng.integers(0, min(4, rows), rows)] + 1e-5 * x
    if kind == "zeros":
        x[rng.random(rows) < 0.4] = 0
    if kind == "blobs":
        x = (
            rng.normal(size=(max(1, rows // 12), dimension))[
                rng.integers(0, max(1, rows // 12), rows)
            ]
            + 0.2 * x
        )
    return x.astype(np.float32)


def units(rows: int, dimension: int, seed: int = 0) -> NDArray[np.float32]:
    """Unit vectors in clusters."""
    x = cloud("blobs", rows, dimension, seed).astype(np.float64)
    return (x / np.linalg.norm(x, axis=1)[:, None]).astype(np.float32)
