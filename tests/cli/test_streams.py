"""Standard streams that are closed, and names with control characters on a terminal."""

from __future__ import annotations

import json
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


EACH = """
import json, os, sys
from sqlsel.cli import main
import sqlsel.cli.sql, sqlsel.duckdb, sqlsel.readers, sqlsel.catalog  # loaded once
for command in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        main(command)
    if code := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        sys.exit(code)
"""


def program(*commands: list[str]) -> list[str]:
    """What starts the program once for each command, up to the first that fails."""
    return [sys.executable, "-c", EACH, json.dumps(commands)]


def sqlsel(*commands: list[str], closed: tuple[int, ...]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        program(*commands), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
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
    db, rows = ["--db", f"{tmp_path}/c.duckdb"], tmp_path / "n.csv"
    done = sqlsel(
        ["import", "vectors", f"{tmp_path}/v.npy", "--ids", f"{tmp_path}/ids.txt", *db],
        ["sql", "SELECT count(*) AS n FROM v.samples", *db, "-o", str(rows), "-q"],
        closed=closed,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert rows.read_text() == "n\n2\n"


def test_rows_for_a_closed_stdout_are_refused_in_words() -> None:
    done = sqlsel(["sql", "SELECT 1 AS a"], closed=(1,))
    assert (done.returncode, done.stderr) == (1, "Error: stdout is closed; give -o FILE\n")


def terminal(*commands: list[str]) -> str:
    """What a terminal gets of the commands."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        program(*commands), stdin=theirs, stdout=theirs, stderr=theirs
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


FORMS = ("csv", "table", "filenames", "json")


def test_rows_and_names_on_a_terminal_hold_no_control_characters() -> None:
    rows = [["sql", f"SELECT '{EVIL}' AS id", "--format", form] for form in FORMS]
    shown = terminal(*rows, ["run", f"{EVIL}.json", "--data", "x.parquet"]).replace("\r\n", "\n")
    assert shown.count("owned") == len(FORMS) + 1
    assert escaped(shown) == shown
    assert f"{SAFE}.json" in shown  # in the message of what does not exist


def test_what_goes_elsewhere_stays_as_it_is() -> None:
    done = subprocess.run(
        program(["sql", f"SELECT '{EVIL}' AS id", "--format", "filenames"]),
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == f"{EVIL}\n"


@pytest.mark.parametrize("source", [("-f", "latin.sql"), ("-",)])
def test_a_statement_that_is_no_utf_8_is_an_error_in_words(
    source: tuple[str, ...], tmp_path: Path
) -> None:
    """It was called a defect of the program."""
    (tmp_path / "latin.sql").write_bytes("SELECT 'Köln'".encode("latin-1"))
    done = subprocess.run(
        [sys.executable, "-m", "sqlsel", "sql", *source],
        input=(tmp_path / "latin.sql").read_bytes(),
        capture_output=True,
        cwd=tmp_path,
        check=False,
    )
    name = "stdin" if source == ("-",) else "latin.sql"
    assert done.stderr.decode() == f"Error: {name}: is not UTF-8 text\n"
    assert done.returncode == 1
