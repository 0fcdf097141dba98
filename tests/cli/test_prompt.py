"""The prompt of ``sqlsel sql``, through a terminal: what a person types, and what comes back."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROMPT, MORE = "sqlsel> ", "   ...> "
PATIENCE = 30.0  # seconds, for a slow machine
CTRL_C, CTRL_D, UP = "\x03", "\x04", "\x1b[A"
START = """
import fcntl, runpy, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C reaches this process
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = ["sqlsel", "sql", *sys.argv[1:]]
runpy.run_module("sqlsel", run_name="__main__")
"""


class Terminal:
    """A process of ``sqlsel sql`` in a terminal of 300 columns."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 300, 0, 0))
        home = {"TERM": "dumb", "SQLSEL_HISTORY": str(folder / "state" / "history")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env={**os.environ, **home, "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        os.close(theirs)
        self._unread = b""

    def until(self, text: str) -> str:
        """What comes up to ``text``; AssertionError where it does not come."""
        end, wanted = time.monotonic() + PATIENCE, text.encode()
        while wanted not in self._unread:
            if not self._reads() or time.monotonic() > end:
                raise AssertionError(f"no {text!r} in {self._unread.decode(errors='replace')!r}")
        got, self._unread = self._unread.split(wanted, 1)
        return got.decode(errors="replace").replace("\r\n", "\n")

    def _reads(self) -> bool:
        """Read what there is; False once the process has ended and all is read."""
        if not select.select([self._ours], [], [], 0.1)[0]:
            return self.process.poll() is None
        with contextlib.suppress(OSError):  # EIO: nobody has the other end any more
            more = os.read(self._ours, 1 << 16)
            self._unread += more
            return bool(more)
        return False

    def types(self, text: str | bytes) -> None:
        os.write(self._ours, text.encode() if isinstance(text, str) else text)

    def interrupts(self) -> None:
        """Ctrl-C while a line is read. Python misses one that comes just before it waits for the next key."""
        time.sleep(0.3)
        self.types(CTRL_C)

    def says(self, line: str) -> str:
        """What a line gives, up to the next prompt, without its echo and the line of progress of a slow machine."""
        self.types(f"{line}\r")
        return self.until(PROMPT).split("\n", 1)[1].split("\x1b[K")[-1]

    def ends(self) -> int:
        """The exit code; what is printed last is read meanwhile."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            self._reads()
        return self.process.wait(timeout=1)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)


Open = Callable[..., Terminal]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens terminals in one folder, at their first prompt."""
    terminals: list[Terminal] = []

    def start(*arguments: str) -> Terminal:
        terminals.append(Terminal(tmp_path, *arguments))
        terminals[-1].until(PROMPT)
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """One prompt for all tests that leave it as it was."""
    found = Terminal(tmp_path_factory.mktemp("prompt"))
    assert ".help lists commands" in found.until(PROMPT)
    found.says(".mode csv")
    yield found
    found.close()


# ---- statements


def test_a_statement_is_run_at_its_semicolon(terminal: Terminal) -> None:
    assert terminal.says("SELECT 20 + 1 AS a, 'x' AS b;") == "a,b\n21,x\n"
    assert terminal.says("SELECT 1 AS one; SELECT 2 AS two;") == "two\n2\n"


def test_a_statement_may_take_several_lines(terminal: Terminal) -> None:
    terminal.types("SELECT\r")
    terminal.until(MORE)
    terminal.types("   20 + 2\r")
    terminal.until(MORE)
    terminal.types("\r")
    terminal.until(MORE)
    assert terminal.says("AS b;") == "b\n22\n"


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("SELECT 'a;", "b' AS x;", 'x\n"a;\nb"\n'),
        ("SELECT 23 AS x -- ;", ";", "x\n23\n"),
        ("SELECT /* ;", "; */ 24 AS x;", "x\n24\n"),
        ("SELECT $a$ ;", "$a$ = 'b' AS x; -- done", "x\nfalse\n"),
        ('SELECT 25 AS "a;', 'b";', '"a;\nb"\n25\n'),
        ("SELECT 26", "- .5 AS x;", "x\n25.5\n"),
    ],
)
def test_a_semicolon_in_a_text_or_a_comment_ends_nothing(
    terminal: Terminal, first: str, last: str, expected: str
) -> None:
    terminal.types(f"{first}\r")
    terminal.until(MORE)
    assert terminal.says(last) == expected


def test_empty_lines_ask_again(terminal: Terminal) -> None:
    assert terminal.says("") == terminal.says("   ") == ""


def test_letters_of_all_languages(terminal: Terminal) -> None:
    assert terminal.says("SELECT 'größe ' || '😀' AS ä;") == "ä\ngröße 😀\n"


def test_an_error_is_told_with_its_caret_and_the_next_statement_runs(terminal: Terminal) -> None:
    found = terminal.says("SELECT nme FROM (SELECT 1 AS name);")
    assert re.match(r'Error: Binder Error: .*"nme"', found)
    assert "\n               ^^^\n" in found
    found = terminal.says("SELECT 1 AS a USING STRATEGY WIEGHTS(a);")
    assert 'unknown strategy "WIEGHTS"; did you mean WEIGHTS?' in found
    assert "Error:" in terminal.says("COPY (SELECT 1) TO '/nowhere/x.csv';")
    assert terminal.says("SELECT 27 AS a;") == "a\n27\n"


def test_a_selection_prints_its_rows_and_its_outcome(terminal: Terminal) -> None:
    found = terminal.says(
        "SELECT i, selection_rank() AS r FROM range(9) t(i) USING STRATEGY WEIGHTS(i) LIMIT 2;"
    )
    assert found.startswith("i,r\n8,1\n7,2\n2 samples selected of 2 asked, from 9 candidates")
    found = terminal.says("SELECT n_input, n_selected FROM sqlsel_runs() LIMIT 1;")
    assert found == "n_input,n_selected\n9,2\n"


def test_a_failed_transaction_can_be_rolled_back(terminal: Terminal) -> None:
    terminal.says("CREATE OR REPLACE TABLE counted AS SELECT 1 AS a;")
    terminal.says("BEGIN; DELETE FROM counted;")
    terminal.says("SELECT error('boom');")
    terminal.says("ROLLBACK;")
    assert terminal.says("SELECT count(*) AS n FROM counted;") == "n\n1\n"


# ---- keys


def test_ctrl_c_drops_what_was_typed(terminal: Terminal) -> None:
    terminal.types("SELECT 'half")
    terminal.until("'half")
    terminal.interrupts()
    assert terminal.until(PROMPT).endswith("^C\n")
    terminal.types("SELECT\r")
    terminal.until(MORE)
    terminal.interrupts()
    terminal.until(PROMPT)
    assert terminal.says("SELECT 28 AS a;") == "a\n28\n"


def test_ctrl_c_stops_a_long_selection_and_keeps_the_tables(terminal: Terminal) -> None:
    terminal.says(
        "CREATE OR REPLACE TABLE many AS SELECT i AS id, [sin(i), cos(i)]::FLOAT[2] AS v "
        "FROM range(100000) r(i);"
    )
    terminal.types("SELECT id FROM many USING STRATEGY DIVERSITY(v, strength := -1);\r")
    terminal.until(" of 100,000 picked, ")  # a person sees that it goes on
    terminal.types(CTRL_C)
    assert "Interrupted." in terminal.until(PROMPT)
    assert terminal.says("SELECT count(*) AS n FROM many;") == "n\n100000\n"
    found = terminal.says("SELECT id FROM many USING STRATEGY WEIGHTS(id) LIMIT 1;")
    assert found.startswith("id\n99999\n")


def test_ctrl_c_stops_duckdb_too(terminal: Terminal) -> None:
    terminal.types("SELECT count(*) FROM range(100000000000) r(i) WHERE hash(i) = 1;\r")
    terminal.until("\n")  # it has been read
    time.sleep(0.5)
    terminal.types(CTRL_C)
    assert "Interrupted." in terminal.until(PROMPT)
    assert terminal.says("SELECT 29 AS a;") == "a\n29\n"


def test_tab_completes_the_words_of_the_clause(terminal: Terminal) -> None:
    terminal.types("SELECT 30 AS a USING STRATEGY DIVER\t")
    terminal.until("DIVERSITY")
    terminal.interrupts()
    terminal.until(PROMPT)


def test_ctrl_d_leaves_with_zero(opened: Open) -> None:
    first, second = opened(), opened()
    first.types(CTRL_D)
    second.types("SELECT\r")
    second.until(MORE)
    second.types(CTRL_D)
    assert (first.ends(), second.ends()) == (0, 0)


def test_lines_of_an_earlier_session_come_back(opened: Open, tmp_path: Path) -> None:
    first = opened()
    first.says("SELECT 30 + 1 AS earlier;")
    first.says("SELECT error('boom');")
    first.types(".quit\r")
    assert first.ends() == 0
    history = tmp_path / "state" / "history"
    assert history.read_text().splitlines()[-3:] == [
        "SELECT 30 + 1 AS earlier;",
        "SELECT error('boom');",
        ".quit",
    ]
    second = opened("--format", "csv")
    assert second.says(UP * 3).endswith("earlier\n31\n")
    second.types(CTRL_D)
    assert second.ends() == 0
    assert history.read_text().splitlines()[-1] == "SELECT 30 + 1 AS earlier;"


# ---- commands


def test_help_names_every_command(terminal: Terminal) -> None:
    found = terminal.says(".help")
    for name in (".help", ".tables", ".schema", ".mode", ".read", ".quit"):
        assert f"\n{name} " in found
    assert terminal.says("  .help") == found


def test_commands_that_show_tables(terminal: Terminal) -> None:
    terminal.says('CREATE OR REPLACE TABLE "my images" (id INTEGER, weather VARCHAR);')
    assert "my images" in terminal.says(".tables")
    found = terminal.says('.schema "my images"')
    assert "id,INTEGER" in found
    assert "weather,VARCHAR" in found
    assert re.search("^Error: Catalog Error: .*nothing", terminal.says(".schema nothing"))
    assert terminal.says(".schema") == "Error: .schema needs a table\n"


def test_mode_changes_how_rows_are_printed(terminal: Terminal) -> None:
    expected = {
        "json": '[{"a": 1, "b": null}]\n',
        "ndjson": '{"a": 1, "b": null}\n',
        "csv": "a,b\n1,\n",
    }
    assert "│ 1 │" not in terminal.says("SELECT 1 AS a, NULL AS b;")
    terminal.says(".mode table")
    assert "│     1 │" in terminal.says("SELECT 1 AS a, NULL AS b;")
    for mode, text in expected.items():
        assert terminal.says(f".mode {mode}") == ""
        assert terminal.says("SELECT 1 AS a, NULL AS b;") == text
    assert terminal.says(".mode xml") == "Error: .mode needs one of table, csv, json, ndjson\n"
    assert terminal.says(".mode") == "Error: .mode needs one of table, csv, json, ndjson\n"


def test_read_runs_a_file(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "a file.sql"
    file.write_text(
        "CREATE OR REPLACE TABLE few AS FROM range(5) t(i);\n"
        "-- the best\nSELECT i FROM few\nUSING STRATEGY WEIGHTS(i) LIMIT 1"
    )
    assert terminal.says(f".read {file}").startswith("i\n4\n1 samples selected of 1 asked")
    found = terminal.says(f".read {tmp_path}/none.sql")
    assert found == f"Error: {tmp_path}/none.sql: No such file or directory\n"
    file.write_bytes(b"\xff\xfe")
    assert terminal.says(f".read {file}").startswith("Error: ")
    assert terminal.says(".read") == "Error: .read needs a file\n"


def test_a_command_that_does_not_exist(terminal: Terminal) -> None:
    assert (
        terminal.says(".table") == "Error: no command .table. Did you mean '.tables'? See .help\n"
    )
    assert terminal.says(".") == "Error: no command .. See .help\n"


def test_a_command_inside_of_a_statement_is_part_of_it(terminal: Terminal) -> None:
    terminal.types("SELECT\r")
    terminal.until(MORE)
    terminal.types(".help\r")
    terminal.until(MORE)
    assert "Parser Error" in terminal.says(";")


def test_tables_of_a_database_stay(opened: Open) -> None:
    first = opened("--db", "mine.duckdb")
    first.says("CREATE TABLE kept AS SELECT 31 + 1 AS a;")
    first.types(".exit\r")
    assert first.ends() == 0
    assert "32" in opened("--db", "mine.duckdb").says("FROM kept;")


# ---- no terminal, no prompt


def piped(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sqlsel", "sql", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
        timeout=120,
    )


def test_a_pipe_is_read_without_a_prompt(tmp_path: Path) -> None:
    done = piped(tmp_path, stdin="CREATE TABLE t AS SELECT 33 AS a;\nFROM t;\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "a\n33\n", "")
    assert not (tmp_path / "state").exists()


def test_a_statement_on_the_command_line_asks_for_nothing(tmp_path: Path) -> None:
    found = Terminal(tmp_path, "--format", "csv", "SELECT 33 + 1 AS a")
    assert found.until("34").endswith("a\n")
    assert found.ends() == 0
    found.close()


# ---- known defects; each mark is strict, so it falls with its defect


def test_bytes_that_are_no_text_do_not_end_the_prompt(terminal: Terminal) -> None:
    terminal.types(b"SELECT '\xff';\r")
    assert "Error" in terminal.until(PROMPT)
    assert terminal.says("SELECT 34 AS a;") == "a\n34\n"


def test_a_semicolon_alone_is_no_mistake(terminal: Terminal) -> None:
    assert "Error" not in terminal.says(";")


RETURNED = [
    "CREATE OR REPLACE TABLE t (x UNION(a INTEGER, b VARCHAR)); INSERT INTO t VALUES (1), ('b') RETURNING x;",
    "CREATE OR REPLACE TABLE t (x HUGEINT); INSERT INTO t VALUES (100000000000000000000) RETURNING x;",
]


@pytest.mark.parametrize("text", RETURNED)
def test_returned_rows_of_rare_types_do_not_end_the_prompt(terminal: Terminal, text: str) -> None:
    assert terminal.says(text).startswith("x\n1")
    assert terminal.says("SELECT 34 + 1 AS a;") == "a\n35\n"
