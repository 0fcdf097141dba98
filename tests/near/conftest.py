"""What the tests of this folder share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.near.commands import LINE, put

ANGLES = [0.0, 0.05, 0.09, 1.0, 1.02]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("SQLSEL_DB", raising=False)


@pytest.fixture
def line(tmp_path: Path) -> str:
    """Five unit vectors by their angle; chords are a little shorter than the angles between them."""
    path = tmp_path / "c.duckdb"
    put(path, LINE, np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1) * [[3], [1], [2], [1], [1]])
    return str(path)
