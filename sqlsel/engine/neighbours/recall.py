"""The recall of a neighbour graph, measured on a sample of rows against exact search."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sqlsel.engine.kernels.exact import Index, Matrix, Vector
from sqlsel.engine.neighbours.copies import Poll
from sqlsel.engine.neighbours.exact_neighbours import nearest_others

MEASURED = 200  # rows on which it is measured


class Recall(NamedTuple):
    """The share of the ``neighbors`` true nearest neighbours that the graph found, over ``rows`` rows.

    A neighbour counts as true if it is at most as far as the last exact one, so ties do not lower it.
    """

    share: float
    neighbors: int
    rows: int

    @property
    def summary(self) -> str:
        """As text, rounded down: 1.0000 means 1."""
        share = math.floor(self.share * 10_000) / 10_000
        return f"recall of {self.neighbors:,} neighbours {share:.4f}"

    def __str__(self) -> str:
        """As ``summary``, with the number of rows on which it was measured."""
        return f"{self.summary} on {self.rows:,} row{'' if self.rows == 1 else 's'}"


def spread(rows: int) -> Index:
    """Evenly spaced numbers of at most 200 of ``rows`` rows."""
    count = min(rows, MEASURED)
    return np.arange(count, dtype=np.int64) * rows // max(count, 1)


def measured(rows: Matrix, own: Index, halves: Vector, poll: Poll) -> Recall:
    """The recall of the neighbours of rows ``own``; ``halves``: their ½ d², one column per neighbour."""
    count = halves.shape[1]
    true, _ = nearest_others(rows, count, poll, own)
    return Recall(float((halves <= true[:, -1:]).mean()), count, len(own))
