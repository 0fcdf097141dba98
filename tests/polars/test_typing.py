"""What type checkers say of right and of wrong uses of ``sqlsel.polars``."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import sqlsel

# Wrong uses bear the code of the error that `mypy --strict` must find in their line; all others must pass.
USES = """
import duckdb
import numpy as np
import polars as pl

import sqlsel
import sqlsel.polars as sel

df, lf = pl.DataFrame(), pl.LazyFrame()
mask: pl.Expr = sel.select(pl.col("sharpness") > 20, sel.diversity("embedding"), n=3)
quota: pl.Expr = sel.rank(sel.weights(pl.col("s"), strength=2), n=pl.col("quota").first(), id="i")
share: pl.Expr = sel.trace(sel.balance("c", {"a": 0.1}), sel.random(seed=3), proportion=0.1)
uniform: pl.Expr = sel.select(sel.balance("c", "uniform", other="ignore"), n=3, preselected="done")
near: pl.DataFrame = sel.rows(df, sel.similarity("e", np.eye(2)), n=2, by="v", rank_column="r")
typical: pl.LazyFrame = sel.rows(lf, sel.typicality("e", neighbors=3), n=2, id="i", by=["v", "w"])
table = sel.rows(duckdb.table("s"), sel.threshold("s", ">", 2), n=2)
expr: pl.Expr = sel.ns(pl.col("e")).diversity(n=3, min_distance=0.1).over("v")
rows: pl.LazyFrame = sel.ns(lf).rows(sel.deduplicate("e", 0.1), n=3, id="i", progress=False)
frame: pl.DataFrame = sel.ns(df).rows(sel.random(), n=3)
near_query: pl.Expr = sel.ns(pl.col("e")).similarity([[1.0, 0]], strength=2, n=3)
no_twins: pl.Expr = sel.ns(pl.col("e")).deduplicate(0.1, normalize=False, proportion=0.5)
dense: pl.Expr = sel.ns(pl.col("e")).typicality(neighbors=5, n=3, id=pl.col("i"))
heavy: pl.Expr = sel.ns(pl.col("s")).weights(max_sum=3, target_range=[1, 2], n=3)
even: pl.Expr = sel.ns(pl.col("c")).balance({"a": 0.1}, other="ignore", classes=["a"], n=3)
made: sqlsel.diversity = sqlsel.diversity(np.eye(3), start=1, min_distance=0.1)
checked: sqlsel.Checked = sqlsel.validate("c.json")
result: sqlsel.Result = sqlsel.sql(duckdb.connect(), "SELECT 1")
version: str = sqlsel.__version__
arrays: sqlsel.ArraySelection = sqlsel.select(np.eye(3), 2, by=[1, 1, 2], n_counts="total")
sel.diversity("e", n=100)  # call-arg
sel.diversity("e", 0.1)  # call-arg
sel.balance("c", "unifrom")  # arg-type
sel.balance("c", other="drop")  # arg-type
sel.threshold("s", "=>", 2)  # arg-type
sel.select(sel.diversity("e"), n="3")  # arg-type
sel.select("embedding", n=3)  # arg-type
sel.select(sel.diversity("e"), n=3, on_invalid="ignore")  # arg-type
sel.select(sel.diversity("e"), n=3, key="i")  # call-arg
sel.rank([sel.diversity("e")], n=3)  # arg-type
pl.col("e").sel.diversity(n=3)  # attr-defined
df.sel.rows(sel.random(), n=3)  # attr-defined
sel.ns("e")  # call-overload
sel.ns(pl.col("e")).diversity(n=3, neighbors=2)  # call-arg
sel.ns(pl.col("e")).deduplicate(n=3)  # call-arg
sel.ns(pl.col("c")).balance("unifrom", n=3)  # arg-type
sel.ns(pl.col("e")).random(n=3)  # attr-defined
sqlsel.diversity(np.eye(3), neighbors=2)  # call-arg
sqlsel.weights([1.0], strength="high")  # arg-type
sqlsel.near_zero  # attr-defined
sel.near_zero("e")  # attr-defined
sqlsel.import_module  # attr-defined
wrong: pl.DataFrame = sel.rows(lf, sel.random(), n=2, id="i")  # assignment
"""


@pytest.mark.slow
def test_mypy_finds_the_wrong_uses_and_no_others(tmp_path: Path) -> None:
    file = tmp_path / "uses.py"
    file.write_text(USES, encoding="utf-8")
    lines = USES.splitlines()
    wanted = {
        (number, line.rpartition("# ")[2]) for number, line in enumerate(lines, 1) if "  # " in line
    }
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-pretty", str(file)],
        check=False,
        capture_output=True,
        text=True,
        cwd=Path(sqlsel.__file__).parents[1],
    )
    found = re.findall(r"uses\.py:(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.MULTILINE)
    assert {(int(number), code) for number, code in found} == wanted, done.stdout


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(sqlsel.__file__).parent / "py.typed").is_file()


@pytest.mark.parametrize("name", ["select", "rank", "trace", "rows", "ns"])
def test_what_is_public_has_a_docstring_and_no_hidden_keywords(name: str) -> None:
    import inspect

    import sqlsel.polars as sel

    function = getattr(sel, name)
    assert function.__doc__
    kinds = {one.kind for one in inspect.signature(function).parameters.values()}
    assert inspect.Parameter.VAR_KEYWORD not in kinds
