"""Finds the files of ``sql/`` by name: ``query("clause/feed")``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def _root() -> Traversable:
    """The folder ``sql/``: inside the installed package, or beside it in a source checkout; not checked to exist."""
    installed = files("sqlsel").joinpath("sql")
    return installed if installed.is_dir() else Path(__file__).parents[2] / "sql"


@cache
def query(name: str) -> str:
    """The text of ``sql/<name>.sql`` without its first line, a comment on its purpose, and without newlines at the end.

    ``name``: a path with ``/``, such as "clause/feed". Read once per process, then from memory. FileNotFoundError where
    there is no such file, IndexError for one of a single line.
    """
    text = _root().joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return text.split("\n", 1)[1].rstrip("\n")


@cache
def macros(folder: str) -> list[tuple[str, str]]:
    """(name, text) of each file ``sql/<folder>/<name>.sql``, sorted by file name, not of folders below.

    A file holds one macro, with its COMMENT ON; the text is whole. Read once per process: callers share the list, and
    must not change it. FileNotFoundError without such a folder; an empty list where it has no .sql files.
    """
    sql_files = [f for f in _root().joinpath(folder).iterdir() if f.name.endswith(".sql")]
    return [
        (file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
        for file in sorted(sql_files, key=lambda f: f.name)
    ]
