"""Near-duplicates and similar rows of real vectors: the graph agrees with all pairs, copies and zeros included."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from sqlsel.engine.kernels.exact import squared_norms, unit_rows
from sqlsel.engine.neighbours.exact_neighbours import nearest_others
from sqlsel.engine.neighbours.near_duplicates import near_duplicates
from sqlsel.engine.neighbours.similar_rows import Search, most_similar
from tests.neighbours.clouds import nothing

pytestmark = pytest.mark.realdata
FILES = (
    "nmslib_final8_10K",
    "nmslib_final128_query1K",
    "neuroregistry_text_295",
    "cosine_hang_4400x50",
    "cosine_near_duplicates_32x2",
)


@pytest.fixture(params=FILES)
def vectors(
    request: pytest.FixtureRequest, realdata: Path, con: duckdb.DuckDBPyConnection
) -> np.ndarray:
    """The first column of vectors of a file, without rows of NULL."""
    path = realdata / "vectors" / f"{request.param}.parquet"
    kinds = con.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
    name = next(row[0] for row in kinds if "[" in row[1])
    rows = con.execute(f'SELECT "{name}" FROM \'{path}\' WHERE "{name}" IS NOT NULL').fetchall()
    return np.array([row for (row,) in rows], np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("normalized", [False, True], ids=["as they are", "unit"])
@pytest.mark.parametrize("share", [0.05, 0.3])
def test_near_duplicates_are_the_same_through_the_graph(
    vectors: np.ndarray, share: float, *, normalized: bool
) -> None:
    """At the distance within which this share of the rows has a neighbour."""
    x = vectors
    if normalized:
        unit_rows(x, squared_norms(x), x)
    unique = np.unique(x, axis=0)
    halves, _ = nearest_others(unique, 1, nothing)
    distance = float(np.quantile(np.sqrt(2 * halves), share)) + 1e-9
    exact, near = (
        near_duplicates(x, distance, approximate=way, poll=nothing) for way in (False, True)
    )
    assert near.recall is not None
    assert near.recall > 0.98
    assert (near.duplicate_of == exact.duplicate_of).mean() > 0.995
    assert (exact.duplicate_of >= 0).sum() >= len(x) - len(unique)


def test_similar_rows_are_nearly_the_same_through_the_graph(vectors: np.ndarray) -> None:
    own = np.arange(0, len(vectors), max(1, len(vectors) // 100))
    wanted = Search(10, own)
    near, recall = most_similar(vectors, vectors[own], wanted, approximate=True, poll=nothing)
    exact, _ = most_similar(vectors, vectors[own], wanted, approximate=False, poll=nothing)
    assert recall is not None
    assert recall.share > 0.98
    same = [np.isin(a[0], b[0]).mean() for a, b in zip(near, exact, strict=True)]
    assert np.mean(same) > 0.98
