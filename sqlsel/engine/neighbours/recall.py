"""How many of the true neighbours a graph finds, measured on a few rows by comparing them with all."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sqlsel.engine.kernels.exact import Index, Matrix, Vector
from sqlsel.engine.neighbours.copies import Poll
from sqlsel.engine.neighbours.exact_neighbours import nearest_others

MEASURED = 200  # rows on which it is measured


class Recall(NamedTuple):
    """The share of ``neighbors`` nearest neighbours that were found, on ``rows`` rows.

    What was found counts where it is at most as far as the last of the true ones.
    """

    share: float
    neighbors: int
    rows: int

    @property
    def shown(self) -> str:
        """For a person; a share that is less than 1 never reads 1.0000."""
        share = math.floor(self.share * 10_000) / 10_000
        return f"recall of {self.neighbors:,} neighbours {share:.4f}"

    def __str__(self) -> str:
        """The same, and on how many rows it was measured."""
        return f"{self.shown} on {self.rows:,} row{'' if self.rows == 1 else 's'}"


def spread(rows: int) -> Index:
    """The numbers of at most 200 of so many rows, evenly spread."""
    wanted = min(rows, MEASURED)
    return np.arange(wanted, dtype=np.int64) * rows // max(wanted, 1)


def measured(rows: Matrix, own: Index, halves: Vector, poll: Poll) -> Recall:
    """The recall of neighbours of the rows ``own`` that were found at ``halves`` (½ d², one column each)."""
    count = halves.shape[1]
    true, _ = nearest_others(rows, count, poll, own)
    return Recall(float((halves <= true[:, -1:]).mean()), count, len(own))
