"""k nearest neighbours: the samples nearest to each query vector."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sqlsel.engine.neighbours.nearest_queries import EXACT_PAIRS
from sqlsel.engine.neighbours.similar_rows import Near, Search, most_similar
from sqlsel.engine.objective.protocol import no_poll
from sqlsel.errors import ConfigError
from sqlsel.near.duplicates import counted
from sqlsel.near.embedded import Embedded
from sqlsel.near.similar_to import Queries


@dataclass(frozen=True)
class Similar:
    """``table``: sample_id and distance, nearest first; with several queries also ``query``, one query after another.

    ``summary``: what was compared, and how, as one line.
    """

    table: pa.Table
    summary: str


def find_similar(
    samples: Embedded,
    queries: Queries,
    count: int,
    *,
    least: float = 0.0,
    approximate: bool | None = None,
) -> Similar:
    """The ``count`` samples nearest to each query, of those at least ``least`` away from it; ties by id.

    Distances are Euclidean. A query that is itself a sample is not among its neighbours. ``approximate``: through
    a graph (True) or exactly; None: exactly up to 40,000,000,000 pairs of sample and query. ConfigError for a
    ``least`` below 0 or infinite.
    """
    if not 0 <= least < math.inf:
        raise ConfigError(f"--min-distance must be a number of at least 0, got {least:g}")
    if approximate is None:
        approximate = len(samples) * len(queries.matrix) > EXACT_PAIRS
    neighbours, recall = most_similar(
        samples.matrix,
        queries.matrix,
        Search(min(count, max(len(samples), 1)), queries.own, least),
        approximate=approximate,
        poll=no_poll,
        graphs=samples.graphs,
    )
    method = "exact" if not approximate else "approximate (hnswlib)"
    parts = [
        f"the nearest of {counted(len(samples), 'sample')}",
        f"distance between {samples.metric}",
        method if recall is None else f"{method}, {recall.summary}",
    ]
    parts += [*samples.which, *samples.missing]
    return Similar(_table(samples, queries.names, neighbours), "; ".join(parts))


def _table(samples: Embedded, names: list[str], neighbours: list[Near]) -> pa.Table:
    """One row per pair of query and neighbour; with several queries column ``query`` holds the query's name."""
    numbers = np.concatenate([rows for rows, _ in neighbours])
    columns = {
        "sample_id": samples.ids.take(pa.array(numbers, pa.int64())),
        "distance": pa.array(np.concatenate([distances for _, distances in neighbours])),
    }
    if len(names) > 1:
        query_numbers = np.repeat(np.arange(len(neighbours)), [len(rows) for rows, _ in neighbours])
        columns = {"query": pa.array(names).take(pa.array(query_numbers)), **columns}
    return pa.table(columns)
