"""Row-wise work on all cores: each thread has a range of rows, so results do not depend on how many there are."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

_LEAST = 8192  # rows per thread below which starting it takes longer than it saves


def over_rows(work: Callable[[int, int], None], rows: int) -> None:
    """Call ``work(start, stop)`` for ranges that partition the rows; its exceptions are raised here."""
    most = rows // _LEAST
    workers = min(os.cpu_count() or 1, most) if most > 1 else 1
    if workers == 1:
        work(0, rows)
        return
    cuts = [rows * i // workers for i in range(workers + 1)]
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(work, a, b) for a, b in pairwise(cuts)]:
            done.result()
