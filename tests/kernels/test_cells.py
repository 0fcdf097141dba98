"""Cells of rows with like values."""

from __future__ import annotations

import numpy as np
import pytest

from sqlsel.engine.kernels.cells import cells


@pytest.mark.parametrize("objectives", [0, 1, 2])
@pytest.mark.parametrize("rows", [1, 63, 64, 1000, 20_000])
def test_every_row_lies_in_exactly_one_of_at_most_256_cells(objectives: int, rows: int) -> None:
    rng = np.random.default_rng(rows)
    values = [rng.normal(size=rows).astype(np.float32) for _ in range(objectives)]
    by_cell, starts = cells(values, rng.random(rows))
    assert sorted(by_cell.tolist()) == list(range(rows))
    assert starts[0] == 0
    assert (np.diff(starts) > 0).all()
    assert len(starts) <= 256


def test_rows_of_a_cell_have_like_values() -> None:
    values = np.random.default_rng(0).random(10_000)
    by_cell, starts = cells([values], values)
    for rows in np.split(by_cell, starts[1:]):
        assert np.ptp(values[rows]) < 0.1


def test_cells_are_finest_where_scores_are_highest() -> None:
    values = np.random.default_rng(0).random(100_000)
    by_cell, starts = cells([values], values)
    widths = [(values[rows].max(), len(rows)) for rows in np.split(by_cell, starts[1:])]
    top = [count for most, count in widths if most > 0.97]
    low = [count for most, count in widths if most < 0.9]
    assert max(top) < min(low)


@pytest.mark.parametrize("value", [0.0, np.inf])
def test_equal_values_are_one_cell(value: float) -> None:
    same = np.full(500, value, np.float32)
    _, starts = cells([same, same], np.zeros(500))
    assert starts.tolist() == [0]
