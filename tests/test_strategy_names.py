"""Outside of ``engine/strategies`` no code asks which strategy or objective it has."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from sqlsel.engine.strategies import STRATEGIES

ROOT = Path(__file__).parents[1] / "sqlsel"
NAMES = {*STRATEGIES, "THRESHOLD"}
# Rooms that may name strategies, and why.
ALLOWED = {
    "engine/strategies/": "it is where they are",
    "config/": "Lightly's JSON has its own vocabulary, which is not ours to extend",
    "lightly/": "the names of Lightly's enumerations, and of its early jobs",
}
# Single places, and why.
ALLOWED_PLACES = {
    ("engine/objective/fulfilment.py", "threshold"): "the reason why an aim was not reached",
    ("errors.py", "similarity"): "a word in the name of an option that asks for a cosine",
    ("feed/statements.py", "THRESHOLD"): "a condition in SQL rather than a strategy over a column",
}


def strategy_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, name) of each constant that is the name of a strategy, in capitals or not."""
    for node in ast.walk(tree):
        text = getattr(node, "value", None) if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and text.upper() in NAMES and text in (text.upper(), text.lower()):
            yield getattr(node, "lineno", 0), text


def class_checks(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, class) of each isinstance on a strategy or an objective."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
            for name in ast.walk(node.args[1]):
                if isinstance(name, ast.Name) and name.id in CLASSES:
                    yield node.lineno, name.id


def classes_of(folder: str) -> set[str]:
    files = (ROOT / "engine" / folder).glob("*.py")
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    return {node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)}


CLASSES = (classes_of("strategies") | classes_of("objective")) - {"Strategy", "Objects"}


def places(found: object) -> list[str]:
    listed = []
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if any(name.startswith(room) for room in ALLOWED):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for line, what in found(tree):  # type: ignore[operator]
            if (name, what) not in ALLOWED_PLACES:
                listed.append(f"{name}:{line}: {what}")
    return listed


def test_no_code_names_a_strategy() -> None:
    assert places(strategy_names) == []


def test_no_code_asks_for_the_class_of_a_strategy_or_an_objective() -> None:
    assert places(class_checks) == []


def test_the_search_finds_what_it_looks_for() -> None:
    text = "if call.name == 'BALANCE' and isinstance(one, (Sums, int)): pass"
    assert [name for _, name in strategy_names(ast.parse(text))] == ["BALANCE"]
    assert [name for _, name in class_checks(ast.parse(text))] == ["Sums"]
    assert {"Diversity", "Weights", "Shares", "LimitedSums", "ClassRowField"} <= CLASSES


def test_every_exception_is_needed() -> None:
    used = {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py")}
    assert [room for room in ALLOWED if not any(name.startswith(room) for name in used)] == []
    for name, what in ALLOWED_PLACES:
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
        assert what in {found for _, found in strategy_names(tree)}, name
