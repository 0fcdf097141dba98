"""Fixtures that every test may ask for, and what lets several processes of tests share a machine."""

from __future__ import annotations

import fcntl
import gc
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


def pytest_configure(config: pytest.Config) -> None:
    """Each process of ``-n`` gets its share of the cores: threads of BLAS that find none free spin."""
    processes = len(config.getoption("tx", None) or [])  # none in such a process itself
    if processes:
        share = str(max(1, (os.cpu_count() or 1) // processes))
        os.environ.setdefault("OPENBLAS_NUM_THREADS", share)
        os.environ.setdefault("OMP_NUM_THREADS", share)


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Seven thousand tests and their modules stay to the end: nobody need look for garbage there."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Garbage is looked for again, among what the tests make."""
    gc.freeze()
    gc.enable()


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


@pytest.fixture(scope="module")
def reader() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for all tests of a file that read constants or what they register themselves."""
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
    """A folder with digits.parquet and 1,797 pictures; for reading only, by all processes of a run."""
    import make_digits  # scikit-learn, which `make quick` does without

    apart = "PYTEST_XDIST_WORKER" in os.environ  # a process has a folder below that of the run
    root = tmp_path_factory.getbasetemp()
    root = root.parent if apart else root
    with (root / "digits.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return make_digits.make(root / "digits")
