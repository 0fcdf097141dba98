"""The program in this process, and a catalogue of photos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sqlsel.cli.main import _run


@dataclass(frozen=True)
class Outcome:
    """What a call of the program gave."""

    code: int
    out: str
    err: str


Program = Callable[..., Outcome]


@pytest.fixture
def program(capfd: pytest.CaptureFixture[str]) -> Program:
    """``program("metadata", folder, ...)``: the program with these arguments."""

    def run(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = _run([str(a) for a in arguments], debug=False)
        told = capfd.readouterr()
        return Outcome(code, told.out, told.err)

    return run


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "c.duckdb"
