"""``make bench``: BALANCE over more and more classes, alone and beside DIVERSITY, against the time of 10 classes.

Prints a table, and draws it into build/classes.png. ``--quick`` takes a tenth of the rows.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__)
CLASSES = (10, 100, 128, 129, 300, 1_000, 2_000, 20_000)
WIDTH = 128
WAYS = {
    "alone": ("BALANCE(label, 'uniform')", 2_000),
    "beside DIVERSITY": ("DIVERSITY(v), BALANCE(label, 'uniform')", 300),
}


def measure(way: str, rows: int, classes: int) -> dict[str, float]:
    """Seconds of one selection, and what it takes of memory for each byte of its columns."""
    import pyarrow as pa

    import sqlsel.duckdb

    rng = np.random.default_rng(0)
    items, picks = WAYS[way]
    names = np.array([f"class {i}" for i in range(classes)])
    columns = {
        "id": pa.array(np.arange(rows)),
        "label": pa.array(names[rng.integers(0, classes, rows)]),
    }
    if way != "alone":
        flat = rng.standard_normal(rows * WIDTH, dtype=np.float32)
        columns["v"] = pa.FixedSizeListArray.from_arrays(flat, WIDTH)
    table = pa.table(columns)
    con = sqlsel.duckdb.connect()
    con.register("pool", table)
    statement = "SELECT id FROM pool WHERE id < {} USING STRATEGY {} LIMIT {}"
    con.execute(statement.format(100, items, 10)).fetchall()  # what is imported on first use
    before = peak()
    began = time.perf_counter()
    con.execute(statement.format(rows, items, picks)).fetchall()
    return {"seconds": time.perf_counter() - began, "memory": (peak() - before) / table.nbytes}


def peak() -> int:
    """The largest memory of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def in_a_process(way: str, rows: int, classes: int) -> dict[str, Any]:
    """The best of three runs."""
    command = [sys.executable, str(HERE), "--measure", way, str(rows), str(classes)]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(3)
    ]
    return {key: min(run[key] for run in runs) for key in runs[0]}


def draw(found: list[dict[str, Any]], file: Path) -> None:
    import altair as alt

    file.parent.mkdir(exist_ok=True)
    chart = alt.Chart(alt.Data(values=found)).mark_line(point=True)
    chart.encode(
        x=alt.X("classes:Q", scale=alt.Scale(type="log"), title="classes"),
        y=alt.Y(
            "ratio:Q", title="time, as a multiple of that of 10 classes", scale=alt.Scale(zero=True)
        ),
        color=alt.Color("way:N", title=None),
    ).properties(width=420, height=260).save(str(file), scale_factor=2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.measure:
        way, rows, classes = told.measure
        print(json.dumps(measure(way, int(rows), int(classes))))
        return
    rows = 100_000 if told.quick else 1_000_000
    found: list[dict[str, Any]] = []
    for way, (_, picks) in WAYS.items():
        print(
            f"\n| BALANCE {way}, {picks:,} of {rows:,} | seconds | of 10 classes | of its columns' memory |"
        )
        print("|---|--:|--:|--:|", flush=True)
        first = 0.0
        for classes in CLASSES:
            one = in_a_process(way, rows, classes)
            first = first or one["seconds"]
            found.append({"way": way, "classes": classes, "ratio": one["seconds"] / first})
            times = one["seconds"] / first
            print(
                f"| {classes:,} classes | {one['seconds']:.2f} | {times:.2f} × | {one['memory']:.2f} × |",
                flush=True,
            )
    draw(found, Path("build/classes.png"))
    print("\nbuild/classes.png has the picture.")


if __name__ == "__main__":
    main()
