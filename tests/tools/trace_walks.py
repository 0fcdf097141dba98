"""Counts functions, files and rooms that one selection enters on each of the four surfaces, and the size of the code.

``python tests/tools/trace_walks.py [CHECKOUT ...]`` prints one table per checkout (this one by default), so that
an older commit in a worktree of its own can be laid beside. Each walk runs in a fresh interpreter on 60 rows:

* command line: ``sqlsel run config.json --data rows.parquet``, of diversity, weights and balance
* SQL: the same as one statement of ``sqlsel.sql`` on a table
* Polars: one expression in ``filter``
* arrays: one call of ``sqlsel.select``

A call that records the entry is inserted at the head of every function when its module is loaded (sys.settrace would
miss the threads of DuckDB and Polars). Loading a module is no step. A room is the first part of a path below
``sqlsel/``; a change of room is a function entered in another room than the function entered before it.
The statement is tokenised as often as the clause's scanner is called with a text that has USING STRATEGY in it.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import importlib.abc
import importlib.machinery
import itertools
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
NOTE = "__sqlsel_entered__"
SCANNER = "clause/scanner.py"
ROWS = """SELECT 'i' || lpad(i::VARCHAR, 3, '0') AS sample_id, [sin(i), cos(i * 1.7), sin(i * 0.3)]::FLOAT[]
    AS embedding, (i * 7919 % 1000) / 1000 AS score,
    CASE WHEN i % 3 = 0 THEN 'sunny' ELSE 'cloudy' END AS sky FROM range(60) AS t(i)"""
CLAUSE = """USING STRATEGY DIVERSITY(embedding), WEIGHTS(score), BALANCE(sky, {'sunny': 0.5, 'cloudy': 0.5}),
    key := sample_id LIMIT 5"""
CONFIG = {
    "n_samples": 5,
    "strategies": [
        {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}},
        {"input": {"type": "METADATA", "key": "score"}, "strategy": {"type": "WEIGHTS"}},
        {
            "input": {"type": "METADATA", "key": "sky"},
            "strategy": {"type": "BALANCE", "target": {"sunny": 0.5, "cloudy": 0.5}},
        },
    ],
}


# ---- noting calls

STEPS: list[str] = []
TEXTS: list[str] = []


def enter(place: str, text: str | None = None) -> None:
    """Record one call; of the scanner also its text."""
    STEPS.append(place)
    if text is not None:
        TEXTS.append(text)


def begin() -> None:
    """Forget what was entered to make the data."""
    STEPS.clear()
    TEXTS.clear()


class Noted(importlib.machinery.SourceFileLoader):
    """Loads a module with a call of ``enter`` at the head of every function; nothing is cached on disk."""

    def get_code(self, fullname: str) -> Any:
        path = self.get_filename(fullname)
        tree = ast.parse(self.get_data(path), path)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                place: list[ast.expr] = [ast.Constant(f"{path}:{node.lineno}:{node.name}")]
                if path.endswith(SCANNER) and node.name == "scan":
                    place.append(ast.Name(node.args.args[0].arg, ast.Load()))
                note = ast.Expr(ast.Call(ast.Name(NOTE, ast.Load()), place, []))
                node.body.insert(int(ast.get_docstring(node, clean=False) is not None), note)
        return compile(ast.fix_missing_locations(tree), path, "exec")


class Finder(importlib.abc.MetaPathFinder):
    """Hands every module of sqlsel to ``Noted``."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname.partition(".")[0] != "sqlsel":
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = Noted(fullname, spec.loader.path)
        return spec


# ---- the walks


def command_line(folder: Path) -> None:
    import contextlib

    import duckdb

    (folder / "config.json").write_text(json.dumps(CONFIG))
    duckdb.sql(f"COPY ({ROWS}) TO '{folder}/rows.parquet'")
    from sqlsel.cli import main

    sys.argv = ["sqlsel", "run", f"{folder}/config.json", "--data", f"{folder}/rows.parquet"]
    with contextlib.suppress(SystemExit):  # the picks are printed; what is measured comes below
        main()


def sql(_: Path) -> None:
    import sqlsel

    con = sqlsel.connect()
    con.execute(f"CREATE TABLE rows AS {ROWS}")
    begin()  # a connection is made once, and is no part of the statement
    picks = sqlsel.sql(
        con, f"SELECT sample_id, selection_rank() AS r FROM rows {CLAUSE}"
    ).fetchall()
    assert len(picks) == 5


def polars(_: Path) -> None:
    import duckdb

    import sqlsel.polars as sel

    frame = duckdb.sql(ROWS).pl()
    begin()
    strategies = [sel.diversity("embedding"), sel.weights("score"), sel.balance("sky", SHARES)]
    picked = frame.filter(sel.select(*strategies, n=5, id="sample_id"))
    assert len(picked) == 5


def arrays(_: Path) -> None:
    import numpy as np

    import sqlsel

    rng = np.random.default_rng(0)
    vectors, scores, skies = (
        rng.normal(size=(60, 3)),
        rng.random(60),
        np.array(["sunny", "cloudy"] * 30),
    )
    begin()
    chosen = [sqlsel.diversity(vectors), sqlsel.weights(scores), sqlsel.balance(skies, SHARES)]
    assert len(sqlsel.select(strategies=chosen, n=5).indices) == 5


SHARES = {"sunny": 0.5, "cloudy": 0.5}
WALKS = {"command line": command_line, "SQL": sql, "Polars": polars, "arrays": arrays}


def walk(name: str, root: Path) -> dict[str, int]:
    """The counts of one walk; must run in a fresh interpreter."""
    setattr(builtins, NOTE, enter)
    sys.meta_path.insert(0, Finder())
    with tempfile.TemporaryDirectory() as folder:
        WALKS[name](Path(folder))
    places = list(STEPS)
    files = [place.split(":")[0] for place in places]
    rooms = [room(Path(file), root) for file in files]
    return {
        "functions entered": len(set(places)),
        "calls": len(places),
        "files entered": len(set(files)),
        "rooms entered": len(set(rooms)),
        "changes of room": sum(a != b for a, b in itertools.pairwise(rooms)),
        "statement tokenised": sum("USING STRATEGY" in text for text in TEXTS),
        "texts tokenised": len(TEXTS),
    }


def room(file: Path, root: Path) -> str:
    """The first part of the path below ``sqlsel/``."""
    return file.relative_to(root / "sqlsel").parts[0]


# ---- the checkout as it stands


def size(root: Path) -> dict[str, int]:
    """Lines, files, rooms (files at the top count, without the dunder ones) and floors."""
    files = sorted((root / "sqlsel").rglob("*.py"))
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(one for one in contracts["contracts"] if one.get("containers") == ["sqlsel"])
    lengths = [len(file.read_text(encoding="utf-8").splitlines()) for file in files]
    return {
        "lines": sum(lengths),
        "files": len(files),
        "longest file": max(lengths),
        "rooms": len(
            {
                room(f, root)
                for f in files
                if not f.name.startswith("__") or f.parent != root / "sqlsel"
            }
        ),
        "floors": len(layers["layers"]),
    }


def measured(root: Path) -> dict[str, dict[str, int]]:
    """Per walk what it enters, each in a fresh interpreter that imports this checkout."""
    walks = {}
    for name in WALKS:
        done = subprocess.run(
            [sys.executable, str(HERE), "--walk", name, str(root)],
            env={
                **os.environ,
                "PYTHONPATH": str(root),
                "POLARS_MAX_THREADS": "1",
                "OMP_NUM_THREADS": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"{name} in {root}:\n{done.stderr}")
        *_, last = done.stdout.splitlines()
        walks[name] = json.loads(last)
    return walks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkouts", nargs="*", type=Path, default=[HERE.parents[2]])
    parser.add_argument("--walk", choices=WALKS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    roots = [path.resolve() for path in options.checkouts]
    if options.walk:
        print(json.dumps(walk(options.walk, roots[0])))
        return
    for root in roots:
        commit = subprocess.run(
            ["git", "-C", root, "log", "-1", "--format=%h %s"],
            capture_output=True,
            text=True,
            check=False,
        )
        print(f"\n{root}: {commit.stdout.strip()}")
        print(", ".join(f"{count:,} {what}" for what, count in size(root).items()))
        table = measured(root)
        print(f"\n| walk | {' | '.join(next(iter(table.values())))} |")
        print(f"|---|{'---|' * len(next(iter(table.values())))}")
        for name, counts in table.items():
            print(f"| {name} | {' | '.join(f'{count:,}' for count in counts.values())} |")


if __name__ == "__main__":
    main()
