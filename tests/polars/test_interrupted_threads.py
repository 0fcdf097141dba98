"""Ctrl-C where Polars runs a selection in a thread of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

BEGIN = """
import os, signal, sys, threading, time
import polars as pl
import sqlsel.polars as sel

signal.signal(signal.SIGINT, signal.default_int_handler)
file, delay = sys.argv[1], float(sys.argv[2])

def press():
    time.sleep(delay)
    print("pressed", flush=True)
    os.kill(os.getpid(), signal.SIGINT)
    pressed.append(time.monotonic())

pressed = []
presser = threading.Thread(target=press, daemon=True)
query = sel.rows(pl.scan_parquet(file), sel.diversity("e"), n=int(sys.argv[3]), id="id")
"""
WAITS = """
presser.start()
try:
    query.collect(engine="streaming")
except KeyboardInterrupt as error:
    for _ in range(1000):  # no second one comes after it
        time.sleep(0)
    print(type(error).__name__, time.monotonic() - pressed[0])
"""
WORKS = """
def work():
    try:
        query.collect(engine="streaming")
    except BaseException as error:
        print("thread:", type(error).__name__, flush=True)

worker = threading.Thread(target=work)
worker.start()
presser.start()
try:
    while True:
        time.sleep(0.02)
except KeyboardInterrupt:
    print("main: KeyboardInterrupt", flush=True)
worker.join()
"""
IGNORES = """
signal.signal(signal.SIGINT, signal.SIG_IGN)
presser.start()
print(query.collect(engine="streaming").height)
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60,000 vectors: 50,000 picks of them take a minute."""
    path = tmp_path_factory.mktemp("interrupt") / "rows.parquet"
    x = np.random.default_rng(0).normal(size=(60_000, 64)).astype(np.float32)
    e = pl.Series("e", x, dtype=pl.Array(pl.Float32, 64))
    pl.DataFrame([pl.Series("id", np.arange(60_000)), e]).write_parquet(path)
    return path


def lines(text: str, file: Path, delay: float, picks: int = 50_000) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + text, file, str(delay), str(picks)],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize("delay", [0.05, pytest.param(1, marks=pytest.mark.slow), 2.5])
def test_rows_end(file: Path, delay: float) -> None:
    pressed, end = lines(WAITS, file, delay)
    assert (pressed, end.split()[0]) == ("pressed", "Interrupted")


@pytest.mark.nightly
@pytest.mark.parametrize("delay", [0.05, 1, 2.5])
def test_rows_end_within_two_seconds(file: Path, delay: float) -> None:
    assert float(lines(WAITS, file, delay)[1].split()[1]) < 2


def test_a_main_thread_that_does_something_else_hears_of_it_too(file: Path) -> None:
    found = lines(WORKS, file, 1.5)
    assert found[0] == "pressed"
    assert sorted(found[1:]) == ["main: KeyboardInterrupt", "thread: Interrupted"]


@pytest.mark.slow
def test_a_program_that_ignores_it_goes_on(file: Path) -> None:
    assert lines(IGNORES, file, 0.5, 5_000) == ["pressed", "5000"]


OPENED_AND_CLOSED = """
import sys, threading
from sqlsel.process import interrupts
sys.setswitchinterval(1e-6)
interrupts._polars_call_of_main = lambda: (sys._getframe(), 0)  # another call each time: the ear is closed at once
ended = threading.Event()
def open_and_close():
    while not ended.is_set():
        with interrupts.interruptible() as check:
            check()
thread = threading.Thread(target=open_and_close)
thread.start()
try:
    for _ in range(20_000):
        with interrupts.interruptible() as check:
            check()
finally:
    ended.set()
    thread.join()
print("nobody pressed Ctrl-C")
"""


def test_nothing_is_heard_while_another_thread_stops_listening() -> None:
    done = subprocess.run(
        [sys.executable, "-c", OPENED_AND_CLOSED], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("nobody pressed Ctrl-C\n", "")
