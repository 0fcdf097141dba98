"""The ``.pyi`` files, which editors and type checkers read, say what there is when the program runs."""

from __future__ import annotations

import ast
import inspect
import io
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from tools.stubs import ROOT, stubs

import sqlsel
import sqlsel.polars as sel
from sqlsel.engine.strategies import STRATEGIES, by_kind
from sqlsel.polars.columnwise import ExprSelection

OF_COLUMNS = [kind for kind in STRATEGIES.values() if kind.takes != "nothing"]


def test_they_are_what_make_generate_writes() -> None:
    stale = [
        str(path.relative_to(ROOT))
        for path, text in stubs().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run make generate"


def test_there_are_no_others() -> None:
    assert set((ROOT / "sqlsel").rglob("*.pyi")) == set(stubs())


@pytest.mark.parametrize("module", [sqlsel, sel])
def test_a_stub_has_every_public_name(module: object) -> None:
    stub = Path(module.__file__ or "").with_suffix(".pyi")  # type: ignore[attr-defined]
    tree = ast.parse(stub.read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert imported == set(module.__all__)  # type: ignore[attr-defined]
    assert set(by_kind()) <= imported


@pytest.mark.parametrize("kind", OF_COLUMNS, ids=lambda kind: kind.kind)
def test_a_method_of_the_namespace_has_the_options_of_its_strategy(kind: type) -> None:
    method = getattr(ExprSelection, kind.kind)  # type: ignore[attr-defined]
    parameters = inspect.signature(method).parameters
    own = inspect.signature(kind).parameters
    assert [name for name in parameters if name in own] == [n for n in own if n != "input"]
    for name, one in own.items():
        if name != "input":
            assert (parameters[name].default, parameters[name].kind) == (one.default, one.kind)
    shared = set(inspect.signature(sel.select).parameters) - {"strategies"}
    assert set(parameters) == {"self", *own, *shared} - {"input"}
    assert all(one.kind is not one.VAR_KEYWORD for one in parameters.values())


@pytest.mark.parametrize("kind", OF_COLUMNS, ids=lambda kind: kind.kind)
def test_help_says_what_a_method_does_and_takes(kind: type) -> None:
    shown = io.StringIO()
    with redirect_stdout(shown):
        help(getattr(ExprSelection, kind.kind))  # type: ignore[attr-defined]
    text = shown.getvalue()
    assert "Whether a row is selected: rows " in text
    assert "on_invalid: 'OnInvalid' = 'error'" in text
    with redirect_stdout(shown):
        help(getattr(sel, kind.kind))  # type: ignore[attr-defined]
    assert (kind.__doc__ or "").split("\n")[0] in shown.getvalue()


def test_a_star_import_gives_every_public_name() -> None:
    for module in ("sqlsel", "sqlsel.polars"):
        text = f"from {module} import *; import {module} as m; assert set(m.__all__) <= set(dir())"
        subprocess.run([sys.executable, "-c", text], check=True)


@pytest.mark.slow
def test_the_stub_of_the_namespace_fits_the_class() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "sqlsel.polars.columnwise"],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout
