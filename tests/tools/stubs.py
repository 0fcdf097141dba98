"""Writes what type checkers and editors read of names that are made from the strategies: ``make generate``.

``sqlsel/__init__.pyi`` and ``sqlsel/polars/__init__.pyi`` name what is public, ``sqlsel/polars/columnwise.pyi`` has
the methods of ``.sel``. Their one source are the dataclasses of the strategies, and the functions beside them.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
SAYING = "# Written by `make generate`; what is changed here is lost.\n"


def stubs() -> dict[Path, str]:
    """The text of each stub, as it must stand in the file."""
    texts = {
        "__init__.pyi": public_names("sqlsel"),
        "polars/__init__.pyi": public_names("sqlsel.polars"),
        "polars/columnwise.pyi": methods("sqlsel.polars.columnwise", "ExprSelection"),
    }
    return {ROOT / "sqlsel" / name: formatted(SAYING + text) for name, text in texts.items()}


def public_names(name: str) -> str:
    """A module whose public names come from other files."""
    module = importlib.import_module(name)
    lines = [docstring(module), ""]
    for public in sorted(module.__all__):
        value = getattr(module, public)
        own = "" if value.__name__ == public else f" as {public}"
        lines.append(f"from {value.__module__} import {value.__name__}{own}")
    if hasattr(module, "__version__"):
        lines += ["", "__version__: str"]
    return "\n".join([*lines, "", f"__all__ = {sorted(module.__all__)!r}", ""])


def methods(name: str, owner: str) -> str:
    """A module with one class, whose methods are made from the strategies."""
    module = importlib.import_module(name)
    kind = getattr(module, owner)
    made = [value for value in vars(kind).values() if inspect.isfunction(value)]
    body = [docstring(kind), "def __init__(self, expr: pl.Expr) -> None: ..."]
    for one in made:
        signature = inspect.signature(one)
        parameters = inspect.Signature(signature.parameters.values())
        body += [f"def {one.__name__}{plain(parameters)} -> {signature.return_annotation}:"]
        body += [f"    {docstring(one)}"]
    imports = sorted({line for one in made for line in imports_of(one)})
    indented = [f"    {line}" for part in body for line in part.split("\n")]
    head = [docstring(module), "import polars as pl", *imports]
    return "\n".join([*head, f"class {owner}:", *indented, ""])


def plain(signature: inspect.Signature) -> str:
    """The parameters as they are written in Python: annotations that are text without their quotes."""
    parts, named = [], False
    for one in signature.parameters.values():
        if one.kind is one.KEYWORD_ONLY and not named:
            parts.append("*")
            named = True
        text = one.name if one.annotation is one.empty else f"{one.name}: {one.annotation}"
        parts.append(text if one.default is one.empty else f"{text} = {one.default!r}")
    return f"({', '.join(parts)})"


def imports_of(function: Any) -> Iterable[str]:
    """An import for each name in the annotations of a function."""
    for one in inspect.signature(function).parameters.values():
        if one.annotation is one.empty:
            continue
        for node in ast.walk(ast.parse(one.annotation, mode="eval")):
            if isinstance(node, ast.Name) and node.id != "pl" and not hasattr(builtins, node.id):
                yield f"from {home(node.id)} import {node.id}"


def home(name: str) -> str:
    """The module that defines a name: of the standard library, or the one of sqlsel that assigns it."""
    from_us = [m for n, m in sorted(sys.modules.items()) if n.partition(".")[0] == "sqlsel"]
    for module in from_us:
        if name in vars(module) and assigns(module, name):
            return module.__name__
    value = next(vars(module)[name] for module in from_us if name in vars(module))
    return str(value.__module__)


def assigns(module: ModuleType, name: str) -> bool:
    """Whether a module gives this name its value, rather than importing it."""
    tree = ast.parse(inspect.getsource(module))
    targets = [
        target
        for node in tree.body
        for target in (node.targets if isinstance(node, ast.Assign) else [node])
    ]
    targets = [t.target if isinstance(t, ast.AnnAssign) else t for t in targets]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def docstring(owner: Any) -> str:
    return f'"""{owner.__doc__}"""'


def formatted(text: str) -> str:
    """As ``make format`` leaves it."""
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check", "--fix-only", "--select=I", "--quiet"], ["format", "--quiet"]):
        done = subprocess.run(
            [*ruff, *command, "--stdin-filename=sqlsel/made.pyi", "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        text = done.stdout
    return text


def main() -> None:
    for path, text in stubs().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
