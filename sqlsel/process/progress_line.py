"""A line on a terminal that says how far the work is; silent everywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable


def progress_line(
    *, quiet: bool, what: str = "{done:,} of {total:,} picked"
) -> tuple[Callable[[int, int], None] | None, Callable[[], None]]:
    """(callback with what is done and of how much, how to remove the line).

    There is no callback where stderr is no terminal. ``what`` may also hold ``{rate:.1f}``, what is
    done per second.
    """
    if quiet or not sys.stderr.isatty():
        return None, lambda: None
    stream = getattr(sys.stderr, "plain", sys.stderr)  # a line that is written over needs controls
    state = {"began": time.monotonic(), "said": 0.0}

    def report(done: int, total: int) -> None:
        now = time.monotonic()
        if done == 0 or now - state["began"] < 1 or now - state["said"] < 0.1:
            return
        state["said"] = now
        rate = done / (now - state["began"])
        told = what.format(done=done, total=total, rate=rate)
        stream.write(f"\r\x1b[K{told}, about {(total - done) / rate:.0f} s left")
        stream.flush()

    def remove() -> None:
        if state["said"]:
            stream.write("\r\x1b[K")
            stream.flush()

    return report, remove
