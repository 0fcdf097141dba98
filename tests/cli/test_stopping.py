"""Ctrl-C in the first half second of the program, while its modules are imported, and after its work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRESSES = """
import os, signal, sys
class Presses:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            sys.meta_path.remove(self)
            {press}
sys.meta_path.insert(0, Presses())
"""
SENT = "os.kill(os.getpid(), signal.SIGINT)"
IN_AN_EXTENSION = "exec('raise KeyboardInterrupt')"  # as those do that run a text of Python


def python(
    tmp_path: Path, *command: str, name: str, press: str = SENT
) -> subprocess.CompletedProcess[str]:
    """Run a command with Ctrl-C pressed when the module ``name`` is about to be imported."""
    (tmp_path / "sitecustomize.py").write_text(PRESSES.format(name=name, press=press))
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
    )


@pytest.mark.parametrize(
    "name", ["sqlsel.cli.main", "click", "sqlsel.errors", "sqlsel.cli.sql", "duckdb", "numpy"]
)
def test_an_interrupt_among_the_imports_is_one_word(tmp_path: Path, name: str) -> None:
    done = python(tmp_path, "-m", "sqlsel", "sql", "SELECT 1", name=name)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "Interrupted.")


def test_an_interrupt_that_an_extension_had_in_python_ends_as_any_other(tmp_path: Path) -> None:
    done = python(tmp_path, "-m", "sqlsel", "sql", "SELECT 1", name="duckdb", press=IN_AN_EXTENSION)
    assert (done.returncode, done.stderr.strip()) == (130, "Interrupted.")


def test_an_interrupt_that_became_an_import_error_is_one(tmp_path: Path) -> None:
    press = "\n".join(
        [
            "try:",
            "                raise KeyboardInterrupt",
            "            except KeyboardInterrupt as e:",
            "                raise ImportError('DLL load failed') from e",
        ]
    )
    done = python(tmp_path, "-m", "sqlsel", "sql", "SELECT 1", name="duckdb", press=press)
    assert (done.returncode, done.stderr.strip()) == (130, "Interrupted.")


def test_who_imports_the_commands_keeps_the_interrupts_of_python() -> None:
    import sqlsel.cli

    assert sqlsel.cli.stopping
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_after_the_work_leaves_its_code(tmp_path: Path) -> None:
    code = (
        "import atexit, os, signal\n"
        f"atexit.register(lambda: {SENT})\n"
        "from sqlsel.cli import main\n"
        "main(['sql', 'SELECT 1 AS a'])"
    )
    done = python(tmp_path, "-c", code, name="none")
    assert (done.returncode, done.stdout, done.stderr) == (0, "a\n1\n", "")
