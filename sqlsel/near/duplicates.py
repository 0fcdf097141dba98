"""Near-duplicates among the samples of a dataset or a file."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sqlsel.engine.neighbours.near_duplicates import near_duplicates
from sqlsel.engine.objective.protocol import no_poll
from sqlsel.errors import ConfigError
from sqlsel.near.embedded import Embedded

UNIT_DISTANCE = 0.1  # between unit vectors: a cosine of 0.995


@dataclass(frozen=True)
class NearDuplicates:
    """Near-duplicates: ``table`` has (sample_id, duplicate_of, distance), group by group.

    ``duplicate_of`` and ``distance`` are NULL for samples to keep. ``summary``: counts, limit and method, as one line.
    """

    table: pa.Table
    summary: str

    @property
    def duplicates(self) -> pa.Table:
        """Only the samples that are a near-duplicate of another."""
        return self.table.filter(self.table["duplicate_of"].is_valid())


def find_duplicates(
    samples: Embedded, distance: float | None, *, approximate: bool | None = None
) -> NearDuplicates:
    """Keep samples one by one in the order of ``samples``; those nearer than ``distance`` to a kept one are duplicates.

    The order is that of ids, or of a column (``highest_first``). Each duplicate belongs to its nearest kept
    sample. ``distance``: Euclidean, by default 0.1 between unit vectors. ``approximate``: through a graph; None:
    above a number of samples. ConfigError where ``distance`` is not above 0, or missing for vectors of any length.
    """
    if distance is None and not samples.normalized:
        raise ConfigError("--min-distance is needed where vectors are not brought to unit length")
    limit = UNIT_DISTANCE if distance is None else distance
    if not 0 < limit < math.inf:
        raise ConfigError(f"--min-distance must be a number above 0, got {limit:g}")
    pairs = near_duplicates(
        samples.matrix, limit, approximate=approximate, poll=no_poll, graphs=samples.graphs
    )
    is_kept = pairs.duplicate_of < 0
    representative = np.where(is_kept, np.arange(len(samples)), pairs.duplicate_of)
    # Group by group; in each the sample to keep, then its duplicates, nearest first, ties in order.
    by_group = np.lexsort((np.arange(len(samples)), pairs.distance, ~is_kept, representative))
    table = pa.table(
        {
            "sample_id": samples.ids.take(pa.array(by_group)),
            "duplicate_of": samples.ids.take(
                pa.array(representative[by_group], mask=is_kept[by_group])
            ),
            "distance": pa.array(pairs.distance[by_group], pa.float64(), mask=is_kept[by_group]),
        }
    )
    count, groups = int((~is_kept).sum()), len(np.unique(representative[~is_kept]))
    in_groups = f"{counted(count, 'near-duplicate')} in {counted(groups, 'group')}"
    parts = [
        f"{in_groups} of {counted(len(samples), 'sample')}",
        f"distance < {limit:g} between {samples.metric}",
        "exact" if pairs.recall is None else _approximate(pairs.recall),
    ]
    parts += [*samples.which, *samples.missing]
    return NearDuplicates(table, "; ".join(parts))


def _approximate(recall: float) -> str:
    """The method with its recall, rounded down: 0.99999 must not be printed as 1."""
    share = math.floor(recall * 10_000) / 10_000
    return f"approximate (hnswlib), recall of near pairs {share:.4f}"


def counted(count: int, what: str) -> str:
    """A count with its noun, in the plural except for 1: ``1 group``, ``2 groups``."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
