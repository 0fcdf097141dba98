"""Ctrl-C ends a long selection soon, wherever in Polars it runs."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

LONG = """
import os, sys, threading, time
import numpy as np, polars as pl
import sqlsel.polars as sel
from sqlsel.polars.call import Call

rng = np.random.default_rng(0)
count = 60_000
vectors = pl.Series("e", rng.normal(size=(count, 32)).astype(np.float32))
df = pl.DataFrame({"id": np.arange(count), "g": rng.integers(0, 3, count), "e": vectors})
df = df.with_columns(h=pl.col("id") % 800)
of_group = dict(n=40, id="id")
lf, n = df.lazy(), 18_000
mask = sel.select(sel.diversity("e"), n=n, id="id")
rows = lambda data: sel.rows(data, sel.diversity("e"), n=n, id="id", progress=False)
of = Call.of

def told(self, context):
    os.write(1, b"running\\n")  # in one piece, also from several threads
    return of(self, context)

Call.of = told
way = compile(sys.argv[1], "way", "exec")
try:
    exec(way)
except KeyboardInterrupt:
    print("interrupted", flush=True)
else:
    print("done", flush=True)
Call.of = of
few = df.head(500).filter(sel.select(sel.diversity("e"), n=3, id="id"))
print(f"then {len(few)} of 500", flush=True)
"""

WAYS = {
    "eager": "df.filter(mask)",
    "in memory": "lf.filter(mask).collect(engine='in-memory')",
    "streaming": "lf.filter(mask).collect(engine='streaming')",
    "column": "lf.with_columns(mask).collect(engine='streaming')",
    "over, eager": "df.filter(mask.over('g'))",
    "over, in memory": "lf.filter(mask.over('g')).collect(engine='in-memory')",
    "over, streaming": "lf.filter(mask.over('g')).collect(engine='streaming')",
    "agg, in memory": "lf.group_by('g').agg(pl.col('id').filter(mask)).collect(engine='in-memory')",
    "agg, streaming": "lf.group_by('g').agg(pl.col('id').filter(mask)).collect(engine='streaming')",
    "rows, eager": "rows(df)",
    "rows, in memory": "rows(lf).collect(engine='in-memory')",
    "rows, streaming": "rows(lf).collect(engine='streaming')",
    "rows, a sink": "rows(lf).sink_parquet('/dev/null')",
}
OF_800_GROUPS = {
    "rows": "df.sel.rows(sel.diversity('e'), by='h', progress=False, **of_group)",
    "over": "df.with_columns(sel.rank(sel.diversity('e'), **of_group).over('h'))",
    "agg, streaming": "lf.group_by('h').agg(sel.select(sel.diversity('e'), **of_group)).collect(engine='streaming')",
}
QUICK = ("eager", "agg, streaming", "rows, streaming")
AFTER, SOON = 0.5, 3.0  # seconds


@pytest.mark.parametrize("name", QUICK)
def test_ctrl_c_ends_a_selection(name: str) -> None:
    interrupted(WAYS[name])


@pytest.mark.parametrize("name", OF_800_GROUPS)
def test_ctrl_c_between_groups_ends_them_all(name: str) -> None:
    _, groups = interrupted(OF_800_GROUPS[name])
    assert groups < 800


@pytest.mark.nightly
@pytest.mark.parametrize("way", [*WAYS.values(), *OF_800_GROUPS.values()])
def test_ctrl_c_ends_a_selection_soon(way: str) -> None:
    assert interrupted(way)[0] < SOON


def interrupted(way: str) -> tuple[float, int]:
    """The seconds that a selection goes on after Ctrl-C, and the selections that were begun."""
    with subprocess.Popen(
        [sys.executable, "-c", LONG, way], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "running\n"
            time.sleep(AFTER)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            said, told = process.communicate(timeout=60)
            seconds = time.monotonic() - began
        finally:
            process.kill()
    print(f"{way}: ended after {seconds:.2f} s")
    assert said.replace("running\n", "") == "interrupted\nthen 3 of 500\n", told
    assert process.returncode == 0, told
    return seconds, 1 + said.count("running\n")
