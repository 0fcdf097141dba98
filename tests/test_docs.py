"""README and examples do what they say: each block runs, and what it claims to print is compared.

Blocks ``sql``, ``python`` and ``console`` of a file share one namespace and one folder, in which
the digits and questions of examples/tools lie. Rows that a query must give follow it as ``--`` lines,
header first, between tabs. Lines below a ``$`` line are what the command must print; ``...`` stands
for anything. A block below ``<!-- skip -->`` is not run.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import make_questions
import pytest
import shown
from sybil import Document, Example, Region, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.example import SybilFailure
from sybil.parsers.markdown import CodeBlockParser

import sqlsel

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "examples").glob("*.md"))]
# A statement ends with a semicolon at the end of a line, or with the block.
STATEMENT = r"(?P<text>(?s:\S.*?)(?:;[ \t]*(?:--.*)?|(?=\n(?:--.*\n)*\Z)))\n(?P<rows>(?:--.*\n)*)"


def run_sql(example: Example) -> str | None:
    """Run the statements of a block; rows are compared where ``--`` lines follow a statement."""
    con = example.namespace["con"]
    for text, expected in statements(example.parsed):
        result = sqlsel.sql(con, text)
        if expected:
            found = [shown.row(row) for row in [result.columns, *result.fetchall()]]
            if not _alike(expected, found):
                return _difference(expected, found)
    return None


def statements(block: str) -> Iterator[tuple[str, list[str]]]:
    """Each statement of a block, with the ``--`` lines right below it."""
    for part in re.finditer(STATEMENT, block.rstrip() + "\n"):
        rows = part["rows"].splitlines()
        yield part["text"], [row.removeprefix("--").strip(" ") for row in rows]


def run_console(example: Example) -> str | None:
    """Run each ``$`` line in bash; what follows it must be what it prints, or nothing."""
    for command, expected in commands(example.parsed):
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", command],
            cwd=example.namespace["folder"],
            env=example.namespace["environment"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        found = done.stdout.rstrip("\n").split("\n")
        shown_error = bool(expected) and expected[0].startswith(("Error", "Usage"))
        # ``head`` may stop reading before the program has written all: no failure of the program.
        cut_short = done.returncode == 128 + signal.SIGPIPE and "| head" in command
        if done.returncode and not shown_error and not cut_short:
            return f"$ {command}\nended with {done.returncode}:\n{done.stdout}"
        if expected and not _alike(expected, found):
            return f"$ {command}\n{_difference(expected, found)}"
    return None


def commands(block: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a block, with its continued lines, and the lines below it."""
    for part in re.split(r"(?m)^\$ ", block)[1:]:
        command, _, below = re.sub(r"\\\n(> )?", "", part).partition("\n")
        yield re.sub(r"\s+#\s.*$", "", command), below.rstrip("\n").splitlines()


def _alike(expected: list[str], found: list[str]) -> bool:
    """Equal line by line, up to the number of blanks; ``...`` stands for anything."""
    pattern = "".join(map(_pattern, expected))
    return re.fullmatch(pattern, "".join(f"{_plain(line)}\n" for line in found)) is not None


def _pattern(line: str) -> str:
    if line.strip() == "...":
        return r"(?:.*\n)*?"
    return ".*".join(re.escape(part) for part in _plain(line).split("...")) + r"\n"


def _plain(line: str) -> str:
    return " ".join(line.split())


def _difference(expected: list[str], found: list[str]) -> str:
    return "\n".join(["expected:", *expected, "found:", *found])


class Blocks:
    """The blocks of one language that no ``<!-- skip -->`` precedes."""

    def __init__(self, language: str, evaluator: Any) -> None:
        self.parse = CodeBlockParser(language, evaluator)

    def __call__(self, document: Document) -> Iterator[Region]:
        for region in self.parse(document):
            if not document.text[: region.start].rstrip().endswith("<!-- skip -->"):
                yield region


SYBIL = Sybil(
    [
        Blocks("sql", run_sql),
        Blocks("python", PythonEvaluator(["annotations"])),
        Blocks("console", run_console),
    ]
)


@pytest.fixture
def folder(digits: Path, tmp_path: Path) -> Path:
    """A folder to work in, with the digits, the questions and the files of examples/."""
    make_questions.make(tmp_path)
    for thing in digits.iterdir():
        (tmp_path / thing.name).symlink_to(thing)
    shutil.copytree(
        ROOT / "examples",
        tmp_path / "examples",
        ignore=shutil.ignore_patterns("out", "__pycache__"),
    )
    for configuration in (ROOT / "examples").rglob("*.json"):
        shutil.copy(configuration, tmp_path)
    return tmp_path


def run_document(path: Path, folder: Path) -> None:
    """Run all blocks of ``path`` in their order, with ``folder`` as the place where they run."""
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with sqlsel.connect() as con:
        document = SYBIL.parse(path)
        document.namespace |= {
            "con": con,
            "sqlsel": sqlsel,
            "folder": folder,
            "environment": os.environ | {"PATH": search, "COLUMNS": "100", "NO_COLOR": "1"},
        }
        for example in document.examples():
            example.evaluate()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_does_what_it_says(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    run_document(path, folder)


def test_the_configuration_of_the_readme_is_the_file_of_that_name() -> None:
    shown_there = re.search(
        r"```json\n(.*?)```", DOCUMENTS[0].read_text(encoding="utf-8"), re.DOTALL
    )
    assert shown_there is not None
    assert shown_there[1] == (ROOT / "examples" / "selection.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "fails"),
    [("seq 1 1000000 | head -1\n1", False), ("seq x | head -1", True), ("false | cat", True)],
)
def test_a_program_fails_unless_only_its_reader_had_enough(
    command: str, fails: bool, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"```console\n$ {command}\n```\n")
    if fails:
        with pytest.raises(SybilFailure, match="ended with 1"):
            run_document(page, tmp_path)
    else:
        run_document(page, tmp_path)
