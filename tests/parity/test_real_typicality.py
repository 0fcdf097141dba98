"""The graph search on real vectors: nearly the exact neighbours, and typicality that is nearly the exact one."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from sqlsel.engine.kernels.exact import squared_norms, unit_rows
from sqlsel.engine.neighbours.neighbour_distances import neighbour_distances
from sqlsel.engine.objective.protocol import no_poll
from sqlsel.engine.strategies.typicality import typicality

pytestmark = pytest.mark.realdata


def vectors(con: duckdb.DuckDBPyConnection, path: Path) -> np.ndarray:
    """The first column of vectors of a file, without rows of NULL."""
    kinds = con.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
    name = next(row[0] for row in kinds if "[" in row[1])
    rows = con.execute(f'SELECT "{name}" FROM \'{path}\' WHERE "{name}" IS NOT NULL').fetchall()
    return np.array([row for (row,) in rows], np.float32)


FILES = {
    "nmslib_final8_10K": 0.999,
    "nmslib_final128_query1K": 0.995,
    "neuroregistry_text_295": 1.0,
    "cosine_hang_4400x50": 0.99,
    "cosine_near_duplicates_32x2": 1.0,
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if "10K" in name else ()) for name in FILES],
)
@pytest.mark.parametrize("normalized", [False, True], ids=["as they are", "unit"])
def test_the_graph_finds_nearly_all_neighbours(
    con: duckdb.DuckDBPyConnection, realdata: Path, name: str, *, normalized: bool
) -> None:
    x = vectors(con, realdata / "vectors" / f"{name}.parquet")
    if normalized:
        unit_rows(x, squared_norms(x), x)
    exact, _, _ = neighbour_distances(x, 20, approximate=False, poll=no_poll)
    near, _, told = neighbour_distances(x, 20, approximate=True, poll=no_poll)
    recall = float((near <= exact[:, -1:] * (1 + 1e-12)).mean())
    assert recall >= FILES[name]
    assert told is not None
    assert told.share == pytest.approx(recall, abs=0.01)
    ours, truth = (typicality(x, 20, approximate=way).values for way in (True, False))
    assert np.abs(ours - truth).max() < 0.02
    assert np.corrcoef(ours, truth)[0, 1] > 0.999 or np.ptp(truth) == 0
