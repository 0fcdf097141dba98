"""The program in a process of its own, to which signals are sent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_STARTED = "from sqlsel.cli import main; print('started', flush=True); main()"


def started(*arguments: str | Path, cwd: Path | None = None) -> subprocess.Popen[str]:
    """``sqlsel``, begun: of a signal in Python's own start, no program could say anything."""
    process = subprocess.Popen(
        [sys.executable, "-c", _STARTED, *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process
