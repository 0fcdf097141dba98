"""Fixtures that every test may ask for."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import duckdb
import hypothesis
import pytest

from sqlsel.feed import REGISTRY
from tests import effort

# No test of the default run measures time, so no example has a deadline.
hypothesis.settings.register_profile("ours", max_examples=effort.cases(100), deadline=None)
hypothesis.settings.load_profile("ours")


@pytest.fixture(autouse=True)
def nothing_left_of_other_tests() -> None:
    """Statements that DuckDB ends on a plain connection leave their run until the next one begins."""
    for token in list(REGISTRY._runs):
        REGISTRY.end(token)


@pytest.fixture(scope="session", autouse=True)
def _programs_hear_ctrl_c() -> None:
    """Also where a shell runs the tests in the background, and has them ignore SIGINT."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The key that signs indices is not that of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """A fresh DuckDB connection to nothing, closed at the end."""
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        yield connection


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real data beside the project; without the variable such tests are skipped."""
    named = os.environ.get("SQLSEL_REALDATA")
    if not named:
        pytest.skip("SQLSEL_REALDATA does not name the folder of the real data")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"SQLSEL_REALDATA names {named}, which is not a folder")
    return folder


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with digits.parquet and 1,797 pictures; for reading only."""
    import make_digits  # scikit-learn, which `make quick` does without

    return make_digits.make(tmp_path_factory.mktemp("digits"))
