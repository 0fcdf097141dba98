"""The prompt of ``sqlsel sql`` on a terminal: statements that end with ``;``, and a history."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from sqlsel import __version__
from sqlsel.clause.scanner import scan
from sqlsel.clause.signatures import CLAUSE_OPTIONS
from sqlsel.errors import Interrupted, SqlselError, suggestion

Run = Callable[[str], None]

HELP = """\
A statement ends with ; and may take several lines. It may hold USING STRATEGY.
.help            this list
.tables          the tables and views
.schema TABLE    the columns of a table
.mode FORMAT     how rows are printed: table, csv, json, ndjson
.read FILE       run the statements of a file
.quit            leave, as does Ctrl-D; Ctrl-C drops a statement or stops it"""

_MODES = ("table", "csv", "json", "ndjson")
_DOT_COMMANDS = (".help", ".tables", ".schema", ".mode", ".read", ".quit", ".exit")
_HISTORY_LINES = 1000  # entries of the history


class Prompt:
    """Reads statements from the terminal and calls ``run(text, mode)`` for each; ``mode`` is the format of rows."""

    def __init__(self, run: Callable[[str, str], None], mode: str) -> None:
        self._run, self.mode = run, mode

    def loop(self) -> int:
        """Read lines until .quit or Ctrl-D; gives the exit code."""
        click.echo(f"sqlsel {__version__}. Statements end with ; and .help lists commands.")
        with _history():
            waiting = ""
            while True:
                try:
                    line = input("sqlsel> " if not waiting else "   ...> ")
                except EOFError:
                    click.echo()
                    return 0
                except KeyboardInterrupt:
                    click.echo("^C")
                    waiting = ""
                    continue
                if not waiting and line.lstrip().startswith("."):
                    if not self._run_dot_command(line.split()):
                        return 0
                    continue
                waiting = f"{waiting}\n{line}" if waiting else line
                if not waiting.strip():
                    waiting = ""
                elif is_complete(waiting):  # else the next line continues the statement
                    self._run_guarded(waiting)
                    waiting = ""

    def _run_guarded(self, text: str) -> None:
        """Run a statement; an error is printed, and does not end the prompt."""
        import duckdb

        try:
            self._run(text, self.mode)
        except (KeyboardInterrupt, Interrupted):
            click.echo("Interrupted.", err=True)
        except (SqlselError, duckdb.Error, OSError, RuntimeError) as error:
            click.echo(f"Error: {str(error).strip()}", err=True)
        except Exception as error:  # a defect of ours must not cost the user the tables in memory
            click.echo(f"Error: {type(error).__name__}: {error}", err=True)

    def _run_dot_command(self, words: list[str]) -> bool:
        """Run a line that begins with a dot, in words; False where it ends the prompt."""
        name, argument = words[0], " ".join(words[1:])
        if name in (".quit", ".exit"):
            return False
        if name == ".tables":
            self._run_guarded("SHOW ALL TABLES;")
        elif name == ".schema" and argument:
            self._run_guarded(f"DESCRIBE {argument};")
        elif name == ".mode" and argument in _MODES:
            self.mode = argument
        elif name == ".read" and argument:
            self._read(argument)
        elif name == ".help":
            click.echo(HELP)
        elif name in _DOT_COMMANDS:
            wants = {".mode": f"one of {', '.join(_MODES)}", ".read": "a file"}
            click.echo(f"Error: {name} needs {wants.get(name, 'a table')}", err=True)
        else:
            click.echo(
                f"Error: no command {name}.{suggestion(name, _DOT_COMMANDS)} See .help", err=True
            )
        return True

    def _read(self, file: str) -> None:
        """Run the statements of a file; one that cannot be read is an error message."""
        try:
            text = Path(file).expanduser().read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            click.echo(f"Error: {file}: {getattr(error, 'strerror', None) or error}", err=True)
            return
        self._run_guarded(text)


def is_complete(text: str) -> bool:
    """Whether ``text`` ends with the ``;`` of a statement, not with one inside of a string or a comment."""
    tokens = scan(text)
    return bool(tokens) and tokens[-1].text == ";"


@contextlib.contextmanager
def _history() -> Any:
    """Context: arrow keys give the lines of earlier sessions and Tab completes words, where Python has readline."""
    try:
        import readline
    except ImportError:
        yield
        return
    file = history_file()
    with contextlib.suppress(OSError):
        readline.read_history_file(file)
    readline.set_history_length(_HISTORY_LINES)
    from sqlsel.feed.statements import signatures

    readline.set_completer(
        _completer([*signatures(), *CLAUSE_OPTIONS, "USING STRATEGY", *_DOT_COMMANDS])
    )
    readline.parse_and_bind("tab: complete")
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            readline.write_history_file(file)


def history_file() -> Path:
    """Where the history is kept: SQLSEL_HISTORY, else the user's state folder."""
    file = os.environ.get("SQLSEL_HISTORY")
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(file or f"{state}/sqlsel/history").expanduser()


def _completer(words: Iterable[str]) -> Callable[[str, int], str | None]:
    """A completion function for readline: the ``number``-th word that begins with ``prefix``, None after the last."""
    words = sorted(words)

    def complete(prefix: str, number: int) -> str | None:
        matches = [word for word in words if prefix and word.lower().startswith(prefix.lower())]
        return matches[number] if number < len(matches) else None

    return complete


def is_interactive() -> bool:
    """Whether stdin and stdout are both a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()
