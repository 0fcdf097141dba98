"""Near-duplicates among the samples of a dataset or a file."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sqlsel.engine.neighbours.near_duplicates import near_duplicates
from sqlsel.errors import ConfigError
from sqlsel.near.embedded import Embedded

UNIT_DISTANCE = 0.1  # between unit vectors: a cosine of 0.995


@dataclass(frozen=True)
class Found:
    """Near-duplicates: ``table`` has (sample_id, duplicate_of, distance), group by group.

    ``duplicate_of`` and ``distance`` are NULL for samples to keep; ``told`` is what there is to say of them all.
    """

    table: pa.Table
    told: str

    @property
    def duplicates(self) -> pa.Table:
        """Only the samples that are a near-duplicate of another."""
        return self.table.filter(self.table["duplicate_of"].is_valid())


def find_duplicates(
    samples: Embedded, distance: float | None, *, approximate: bool | None = None
) -> Found:
    """The samples that are nearer than ``distance`` to one that is kept before them, in their order.

    It is that of their ids, or of a column: ``highest_first``. Each is a duplicate of the nearest
    sample that is kept. ``distance``: by default 0.1 between unit vectors. Raises ConfigError where
    it is no number above 0, or not given for vectors as they are.
    """
    if distance is None and not samples.normalized:
        raise ConfigError("--min-distance is needed where vectors are not brought to unit length")
    limit = UNIT_DISTANCE if distance is None else distance
    if not 0 < limit < math.inf:
        raise ConfigError(f"--min-distance must be a number above 0, got {limit:g}")
    found = near_duplicates(
        samples.matrix, limit, approximate=approximate, poll=_nothing, graphs=samples.graphs
    )
    kept = found.duplicate_of < 0
    of = np.where(kept, np.arange(len(samples)), found.duplicate_of)
    by_group = np.lexsort((np.arange(len(samples)), found.distance, ~kept, of))
    table = pa.table(
        {
            "sample_id": samples.ids.take(pa.array(by_group)),
            "duplicate_of": samples.ids.take(pa.array(of[by_group], mask=kept[by_group])),
            "distance": pa.array(found.distance[by_group], pa.float64(), mask=kept[by_group]),
        }
    )
    count, groups = int((~kept).sum()), len(np.unique(of[~kept]))
    in_groups = f"{counted(count, 'near-duplicate')} in {counted(groups, 'group')}"
    told = [
        f"{in_groups} of {counted(len(samples), 'sample')}",
        f"distance < {limit:g} between {samples.metric}",
        "exact" if found.recall is None else _approximate(found.recall),
    ]
    told += [*samples.which, *samples.missing]
    return Found(table, "; ".join(told))


def _approximate(recall: float) -> str:
    share = math.floor(recall * 10_000) / 10_000
    return f"approximate (hnswlib), recall of near pairs {share:.4f}"


def counted(count: int, what: str) -> str:
    """``1 group``, ``2 groups``."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _nothing() -> None:
    """Ctrl-C ends the command between two steps anyway."""
