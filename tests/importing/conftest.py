"""The program, called in this process; and folders to import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from importing.program import Outcome, Program, Rows, write

from sqlsel.catalog import connect
from sqlsel.cli.main import _run


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str]) -> Program:
    """``sqlsel`` with these arguments."""

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = _run([str(one) for one in arguments], debug=False)
        return Outcome(code, *capsys.readouterr())

    return call


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "catalog.duckdb"


@pytest.fixture
def rows(db: Path) -> Rows:
    """The rows of a query of the catalogue."""

    def query(text: str) -> list[tuple[Any, ...]]:
        with connect(db) as con:
            return con.execute(text).fetchall()

    return query


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Four pictures (whose content nobody looks at) in two folders."""
    for name in ("cam1/a.jpg", "cam1/b.jpg", "cam2/a.jpg", "cam2/c.jpg"):
        write(tmp_path / "photos" / name, "x")
    return tmp_path / "photos"
