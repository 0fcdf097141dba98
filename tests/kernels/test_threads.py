"""Rows in ranges, one per thread: each row is in exactly one of them."""

from __future__ import annotations

import numpy as np
import pytest

from sqlsel.engine.kernels.exact import squared_norms
from sqlsel.engine.kernels.threads import over_rows

ROWS = [0, 1, 8_191, 16_384, 16_385, 20_001, 3 * 8_192 + 5, 100_003]


@pytest.mark.parametrize("rows", ROWS)
def test_every_row_is_in_one_range(rows: int) -> None:
    seen = np.zeros(rows, np.int64)

    def work(start: int, stop: int) -> None:
        seen[start:stop] += 1

    over_rows(work, rows)
    assert (seen == 1).all()


@pytest.mark.parametrize("rows", ROWS)
def test_the_last_rows_are_computed_too(rows: int) -> None:
    assert squared_norms(np.ones((rows, 2), np.float32)).tolist() == [2.0] * rows
