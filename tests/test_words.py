"""Names say what they hold: CONTRIBUTING's rule on names, as far as a program can look at it."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SAY_NOTHING = {"told", "found", "given", "wanted", "kept"}
LINES = 5  # over so many lines a reader remembers what such a name holds

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def names(function: Function) -> Iterator[tuple[str, int]]:
    """(name, line) of each variable and parameter in a function."""
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            yield node.id, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno


def long_scopes(file: Path) -> Iterator[str]:
    """The names of a file that say nothing, over more than five lines."""
    for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(function, Function):
            continue
        lines = defaultdict(list)
        for name, line in names(function):
            if name in SAY_NOTHING:
                lines[name].append(line)
        for name, at in lines.items():
            if max(at) - min(at) > LINES:
                yield f"{file}:{min(at)}: {name}"


def test_no_name_that_says_nothing_lives_longer_than_five_lines() -> None:
    files = sorted((ROOT / "sqlsel").rglob("*.py"))
    assert [scope for file in files for scope in long_scopes(file)] == []


@pytest.mark.parametrize(("lines", "scopes"), [(5, 0), (6, 1)])
def test_the_rule_sees_a_scope_of_more_than_five_lines(
    lines: int, scopes: int, tmp_path: Path
) -> None:
    file = tmp_path / "some.py"
    file.write_text("def f(found):\n" + "    pass\n" * (lines - 1) + "    return found\n")
    assert len(list(long_scopes(file))) == scopes
