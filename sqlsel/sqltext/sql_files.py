"""Finds the files of ``sql/`` by name: ``query("clause/feed")``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def _root() -> Traversable:
    """``sql/`` inside the installed package, or beside it in a source checkout."""
    installed = files("sqlsel").joinpath("sql")
    return installed if installed.is_dir() else Path(__file__).parents[2] / "sql"


@cache
def query(name: str) -> str:
    """The text of ``sql/<name>.sql`` without its first line, which is a comment on its purpose."""
    text = _root().joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return text.split("\n", 1)[1].rstrip("\n")


@cache
def macros(folder: str) -> list[tuple[str, str]]:
    """(name, text) of every macro of a folder, sorted; a file holds one, with its COMMENT ON."""
    sql_files = [f for f in _root().joinpath(folder).iterdir() if f.name.endswith(".sql")]
    return [
        (file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
        for file in sorted(sql_files, key=lambda f: f.name)
    ]
