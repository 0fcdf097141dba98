"""Python in a process of its own: what it prints, how it ends, how long it takes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str
    seconds: float  # since the signal, or since the start


def python(code: str, *, interrupt_after: float | None = None, timeout: float = 120) -> Ended:
    """Run ``code``; send SIGINT ``interrupt_after`` seconds after it has printed its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    first, began = "", time.monotonic()
    try:
        if interrupt_after is not None:
            assert process.stdout is not None
            first = process.stdout.readline()
            time.sleep(interrupt_after)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=timeout)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    return Ended(process.returncode, first + out, err, time.monotonic() - began)
