"""The rules of the house, checked: sizes of files, forbidden calls, public names, completeness."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = sorted((ROOT / "sqlsel").rglob("*.py"))
QUERIES = sorted((ROOT / "sql").rglob("*.sql"))
CORE = {"click", "duckdb", "hnswlib", "numpy", "polars", "pyarrow"}
HEAVY = {"altair", "hnswlib", "onnxruntime", "PIL", "polars", "pyarrow", "ray"}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_file_is_short_enough_to_be_read_at_one_sitting() -> None:
    lengths = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in CODE}
    assert {path: length for path, length in lengths.items() if length > 250} == {}
    assert lengths


def test_nothing_is_unpickled_or_evaluated() -> None:
    places = [
        f"{relative(path)}, line {line}: {what}"
        for path in CODE
        for line, what in forbidden(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert places == []


def forbidden(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each place that could run what a file says: eval, exec, pickle, joblib, allow_pickle=True."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="eval" | "exec" as name)):
                yield node.lineno, f"{name}()"
            case ast.Import(names=names):
                for alias in names:
                    if alias.name.partition(".")[0] in {"pickle", "joblib", "marshal", "shelve"}:
                        yield node.lineno, f"import {alias.name}"
            case ast.ImportFrom(module="pickle" | "joblib" | "marshal" | "shelve" as name):
                yield node.lineno, f"from {name} import"
            case ast.keyword(arg="allow_pickle", value=ast.Constant(value=True)):
                yield node.value.lineno, "allow_pickle=True"


@pytest.mark.parametrize(
    "text",
    ["eval('1')", "exec(x)", "import pickle", "from joblib import load", "f(allow_pickle=True)"],
)
def test_the_search_for_forbidden_calls_finds_them(text: str) -> None:
    assert len(list(forbidden(ast.parse(text)))) == 1


def test_every_query_starts_with_a_sentence() -> None:
    texts = {relative(path): path.read_text(encoding="utf-8") for path in QUERIES}
    assert [path for path, text in texts.items() if not text.startswith("-- ")] == []
    assert texts


def test_public_names_are_sorted_and_exist() -> None:
    sqlsel = importlib.import_module("sqlsel")
    names = list(sqlsel.__all__)
    assert names == sorted(names, key=lambda name: (not name.isupper(), name[:1].islower(), name))
    assert [name for name in names if not hasattr(sqlsel, name)] == []


def test_every_strategy_has_a_test_and_a_row_in_the_readme() -> None:
    strategies = importlib.import_module("sqlsel.engine.strategies").STRATEGIES
    rows = [line for line in read("README.md").splitlines() if line.startswith("|")]
    for name in strategies:
        assert (ROOT / "tests" / "strategies" / f"test_{name.lower()}.py").exists()
        assert any(f"`{name.upper()}" in row for row in rows), f"no row for {name} in README.md"


def test_the_core_depends_on_exactly_six_packages() -> None:
    named = tomllib.loads(read("pyproject.toml"))["project"]["dependencies"]
    assert {requirement.partition(">=")[0] for requirement in named} == CORE
    assert len(named) == len(CORE)


def test_there_are_at_most_22_rooms() -> None:
    rooms = {path.relative_to(ROOT / "sqlsel").parts[0] for path in CODE}
    assert len(rooms - {"__init__.py", "__main__.py"}) <= 22


def test_every_folder_is_in_the_room_guide() -> None:
    folders = {path.parent.name for path in CODE if path.parent != ROOT / "sqlsel"}
    guide = read("sqlsel/README.md")
    assert [folder for folder in sorted(folders) if f"`{folder}/`" not in guide] == []


@pytest.mark.parametrize("start", ["import sqlsel", "import sqlsel.cli"])
def test_heavy_packages_are_not_loaded_before_they_are_used(start: str) -> None:
    shown = f"{start}, sys; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")
