"""The samples that are nearest to each query."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sqlsel.engine.neighbours.nearest_queries import EXACT_PAIRS
from sqlsel.engine.neighbours.similar_rows import Near, Wanted, most_similar
from sqlsel.errors import ConfigError
from sqlsel.near.duplicates import counted
from sqlsel.near.embedded import Embedded
from sqlsel.near.similar_to import Queries


@dataclass(frozen=True)
class Similar:
    """``table``: sample_id and distance, nearest first; of several queries also ``query``, one after the other."""

    table: pa.Table
    told: str


def find_similar(
    samples: Embedded,
    queries: Queries,
    count: int,
    *,
    least: float = 0.0,
    approximate: bool | None = None,
) -> Similar:
    """The ``count`` samples nearest to each query that are at least ``least`` away; ties by id.

    A query that is a sample does not find itself. ``approximate``: through a graph, or exactly; None: exactly up to
    40,000,000,000 pairs of sample and query.
    """
    if not 0 <= least < math.inf:
        raise ConfigError(f"--min-distance must be a number of at least 0, got {least:g}")
    if approximate is None:
        approximate = len(samples) * len(queries.matrix) > EXACT_PAIRS
    found, recall = most_similar(
        samples.matrix,
        queries.matrix,
        Wanted(min(count, max(len(samples), 1)), queries.own, least),
        approximate=approximate,
        poll=_nothing,
        graphs=samples.graphs,
    )
    way = "exact" if not approximate else "approximate (hnswlib)"
    told = [
        f"the nearest of {counted(len(samples), 'sample')}",
        f"distance between {samples.metric}",
        way if recall is None else f"{way}, {recall.shown}",
    ]
    told += [*samples.which, *samples.missing]
    return Similar(_table(samples, queries.names, found), "; ".join(told))


def _table(samples: Embedded, names: list[str], found: list[Near]) -> pa.Table:
    """One row per sample that was found; of several queries each with the query's name."""
    numbers = np.concatenate([rows for rows, _ in found])
    columns = {
        "sample_id": samples.ids.take(pa.array(numbers, pa.int64())),
        "distance": pa.array(np.concatenate([distances for _, distances in found])),
    }
    if len(names) > 1:
        of = np.repeat(np.arange(len(found)), [len(rows) for rows, _ in found])
        columns = {"query": pa.array(names).take(pa.array(of)), **columns}
    return pa.table(columns)


def _nothing() -> None:
    """Ctrl-C ends the command between two steps anyway."""
