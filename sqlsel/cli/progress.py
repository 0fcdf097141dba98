"""A line on a terminal that says how far the selection is; silent everywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable


def progress_line(*, quiet: bool) -> tuple[Callable[[int, int], None] | None, Callable[[], None]]:
    """(callback per pick, how to remove the line); no callback where stderr is no terminal."""
    if quiet or not sys.stderr.isatty():
        return None, lambda: None
    state = {"began": time.monotonic(), "said": 0.0}

    def report(done: int, budget: int) -> None:
        now = time.monotonic()
        if now - state["began"] < 1 or now - state["said"] < 0.1:
            return
        state["said"] = now
        left = (now - state["began"]) / done * (budget - done)
        sys.stderr.write(f"\r\x1b[K{done:,} of {budget:,} picked, about {left:.0f} s left")
        sys.stderr.flush()

    def remove() -> None:
        if state["said"]:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    return report, remove
