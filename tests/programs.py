"""The program: called in this process, or in one of its own, to which signals are sent."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import IO

from sqlsel.cli.main import _run

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


def called(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """``sqlsel``, called in this process: to start one takes longer than what most commands do."""
    told = [str(argument) for argument in arguments]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        with chdir(cwd or Path.cwd()), redirect_stdout(out), redirect_stderr(err):
            code = _run(told, debug=False)
        return subprocess.CompletedProcess(told, code, _written(out), _written(err))


def _written(file: IO[str]) -> str:
    file.seek(0)
    return file.read()
