"""A progress line on stderr, with a rate and the time left; nothing where stderr is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable


def progress_line(
    *, quiet: bool, what: str = "{done:,} of {total:,} picked"
) -> tuple[Callable[[int, int], None] | None, Callable[[], None]]:
    """(callback of (done, total), function that erases the line).

    The callback is None where stderr is no terminal, or ``quiet``. ``what``: the format of the line,
    with ``{done}``, ``{total}`` and ``{rate}``, which is per second.
    """
    if quiet or not sys.stderr.isatty():
        return None, lambda: None
    # Our stderr replaces control characters; \r and the escape sequence must reach the terminal.
    stream = getattr(sys.stderr, "plain", sys.stderr)
    state = {"began": time.monotonic(), "said": 0.0}

    def report(done: int, total: int) -> None:
        now = time.monotonic()
        if done == 0 or now - state["began"] < 1 or now - state["said"] < 0.1:
            return
        state["said"] = now
        rate = done / (now - state["began"])
        text = what.format(done=done, total=total, rate=rate)
        stream.write(f"\r\x1b[K{text}, about {(total - done) / rate:.0f} s left")
        stream.flush()

    def remove() -> None:
        if state["said"]:
            stream.write("\r\x1b[K")
            stream.flush()

    return report, remove
