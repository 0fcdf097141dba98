"""Standard streams that are closed, and names with control characters on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sqlsel.cli.streams import escaped

EVIL = "a\x1b]0;owned\x07\x9b2J\x7f\u202egnp.exe"
SAFE = r"a\x1b]0;owned\x07\x9b2J\x7f\u202egnp.exe"


def closing(*numbers: int) -> Callable[[], None]:
    def close() -> None:
        for number in numbers:
            os.close(number)

    return close


def sqlsel(*arguments: str | Path, closed: tuple[int, ...]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sqlsel", *map(str, arguments)],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        preexec_fn=closing(*closed),
    )  # fmt: skip


@pytest.mark.parametrize(
    "closed",
    [
        *[(0,), (1,), (2,), (0, 1, 2)],
        *(pytest.param(two, marks=pytest.mark.slow) for two in ((0, 1), (1, 2))),
    ],
)
def test_closed_streams_are_no_defect_and_no_database(
    tmp_path: Path, closed: tuple[int, ...]
) -> None:
    np.save(tmp_path / "v.npy", np.eye(2, dtype=np.float32))
    (tmp_path / "ids.txt").write_text("a\nb\n")
    done = sqlsel(
        "import", "vectors", tmp_path / "v.npy", "--ids", tmp_path / "ids.txt", "--db", tmp_path / "c.duckdb",
        closed=closed,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    rows = sqlsel(
        "sql", "SELECT count(*) AS n FROM v.samples", "--db", tmp_path / "c.duckdb", "-o", tmp_path / "n.csv",
        closed=closed,
    )  # fmt: skip
    assert rows.returncode == 0, rows.stderr
    assert (tmp_path / "n.csv").read_text() == "n\n2\n"


def test_rows_for_a_closed_stdout_are_refused_in_words() -> None:
    done = sqlsel("sql", "SELECT 1 AS a", closed=(1,))
    assert (done.returncode, done.stderr) == (1, "Error: stdout is closed; give -o FILE\n")


def terminal(*arguments: str) -> str:
    """What a terminal gets of a call."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "sqlsel", *arguments], stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            parts.append(part)
        process.wait()
    os.close(ours)
    return b"".join(parts).decode()


@pytest.mark.parametrize("form", ["csv", "table", "filenames", "json"])
def test_rows_on_a_terminal_hold_no_control_characters(form: str) -> None:
    shown = terminal("sql", f"SELECT '{EVIL}' AS id", "--format", form)
    assert "owned" in shown
    assert escaped(shown.replace("\r\n", "\n")) == shown.replace("\r\n", "\n")


def test_a_name_in_a_message_on_a_terminal_is_escaped() -> None:
    shown = terminal("run", f"{EVIL}.json", "--data", "x.parquet")
    assert f"{SAFE}.json" in shown
    assert "\x1b" not in shown


def test_what_goes_elsewhere_stays_as_it_is() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sqlsel", "sql", f"SELECT '{EVIL}' AS id", "--format", "filenames"],
        capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout.decode() == f"{EVIL}\n"
