"""Progress and throughput of long work."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[int, int], None]  # how many are done, of how many


def no_progress(done: int, total: int) -> None:
    """A ``Progress`` that shows nothing."""


@dataclass
class Throughput:
    """How many files were done, in how many seconds, on how many cores."""

    done: int = 0
    before: int = 0  # done by an earlier, interrupted run
    threads: int = 1
    seconds: float = 0.0
    failed: int = 0  # of those that were done
    _began: float = field(default_factory=time.monotonic, repr=False)

    def stop(self, done: int) -> None:
        """Stop the clock; ``done``: how many files were done in this run."""
        self.done, self.seconds = done, time.monotonic() - self._began

    def __str__(self) -> str:
        if not self.done:
            return "all images are done already"
        rate = self.done / self.seconds if self.seconds > 0 else 0.0
        text = f"{self.done:,} image{'s' if self.done != 1 else ''} in {self.seconds:.1f} s, {rate:.1f} images/s"
        if self.threads > 1:
            text += f" on {self.threads} cores, {rate / self.threads:.1f} on each"
        return text + (f"; {self.before:,} were done before" if self.before else "")
