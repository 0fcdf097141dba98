"""A program that ends while a daemon thread of it selects."""

from __future__ import annotations

import subprocess
import sys

import pytest

BEGIN = """
import threading
import duckdb, numpy as np, polars as pl, pyarrow as pa
import sqlsel, sqlsel.duckdb
import sqlsel.polars as sel
from sqlsel.polars.call import Call
from sqlsel.feed.fed_run import Run

x = np.random.default_rng(0).normal(size=(60_000, 32)).astype(np.float32)
df = pl.DataFrame({"id": np.arange(60_000), "g": np.arange(60_000) % 800, "e": pl.Series(x)})
images = pa.table({"id": np.arange(60_000), "v": pa.FixedSizeListArray.from_arrays(pa.array(x.ravel()), 32)})
begun = threading.Event()

def told(kind, name):
    of = getattr(kind, name)
    def call(*arguments, **more):
        begun.set()
        return of(*arguments, **more)
    setattr(kind, name, call)

told(Call, "of")
told(Run, "finish")

def select():
    con = duckdb.connect()
    WAY

threading.Thread(target=select, daemon=True).start()
begun.wait(60)
print("end", flush=True)
"""
WAYS = {
    "frames": "df.filter(sel.select(sel.diversity('e'), n=30_000, id='id'))",
    "groups": "df.with_columns(sel.rank(sel.diversity('e'), n=50, id='id').over('g'))",
    "sql": "sqlsel.sql(con, 'SELECT id FROM images USING STRATEGY DIVERSITY(v) LIMIT 30000')",
}


@pytest.mark.parametrize("way", WAYS)
def test_python_ends_in_order_while_a_thread_selects(way: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN.replace("WAY", WAYS[way])],
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "end\n"), done.stderr
    assert "Fatal" not in done.stderr
