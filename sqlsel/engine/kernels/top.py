"""Top-k of scores, ties broken by the lowest order number."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]


def best_rows(scores: NDArray[Any], order: Index, size: int) -> Index:
    """Positions of the ``size`` highest scores in any order, ties by lowest ``order``; −inf is never among them."""
    usable = int(np.count_nonzero(scores > -np.inf))
    if usable <= size:
        return np.flatnonzero(scores > -np.inf)
    # All above the size-th score are among the best; of those equal to it as many as are missing, by order.
    limit = np.partition(scores, len(scores) - size)[len(scores) - size]
    above = np.flatnonzero(scores > limit)
    ties = np.flatnonzero(scores == limit)
    missing = size - len(above)
    if missing < len(ties):
        ties = ties[np.argpartition(order[ties], missing - 1)[:missing]]
    return np.concatenate([above, ties])
