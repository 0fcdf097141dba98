"""``make bench``, second table: the path from a table into the matrix, against DuckDB's Arrow reader.

Each figure is the best of five processes, ours and the reader's in turn, since the first touch of
memory takes its time. The reader's way is the plain one: count the rows, allocate the matrix, copy
each batch into it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

HERE = Path(__file__)
WIDTH = 128
SOURCES = {"a DuckDB table": "images", "a Parquet file": "'images.parquet'"}


def make(folder: Path, rows: int) -> None:
    """A database and a Parquet file with the same vectors."""
    import pyarrow as pa

    values = np.random.default_rng(0).standard_normal(rows * WIDTH, dtype=np.float32)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(values), WIDTH)
    arrow = pa.table({"id": np.arange(rows), "embedding": vectors})
    with duckdb.connect(str(folder / "images.duckdb")) as con:
        con.register("arrow", arrow)
        con.execute("CREATE TABLE images AS FROM arrow").fetchall()
        con.execute(f"COPY images TO '{folder}/images.parquet' (ROW_GROUP_SIZE 50000)").fetchall()


def by_reader(con: Any, relation: str) -> float:
    """Seconds from the statement to the full matrix, through DuckDB's Arrow reader."""
    began = time.perf_counter()
    rows = con.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0]
    matrix, at = np.empty((rows, WIDTH), np.float32), 0
    text = f"SELECT embedding::FLOAT[{WIDTH}] AS embedding FROM {relation}"
    for batch in con.sql(text).to_arrow_reader():
        values = batch.column(0).flatten().to_numpy()
        matrix[at : at + len(batch)] = values.reshape(-1, WIDTH)
        at += len(batch)
    return time.perf_counter() - began


def by_feed(con: Any, relation: str) -> float:
    """Seconds from the statement to the full matrix, through sqlsel."""
    import sqlsel

    text = f"SELECT id FROM {relation} USING STRATEGY DIVERSITY(embedding::FLOAT[{WIDTH}]) LIMIT 0"
    return sqlsel.sql(con, text).facts[-1].scan_seconds


def measure(way: str, folder: Path, relation: str) -> None:
    """Seconds and peak of memory of one way, as JSON."""
    import pyarrow as pa

    import sqlsel

    with duckdb.connect(str(folder / "images.duckdb"), read_only=True) as con:
        con.execute("SET enable_progress_bar = false")
        sqlsel.sql(con, "SELECT 1 AS a USING STRATEGY WEIGHTS(1) LIMIT 1")
        pa.array([1.0])
        before = _peak()
        took = (by_reader if way == "reader" else by_feed)(con, relation)
        print(json.dumps({"seconds": took, "peak": _peak() - before}))


def _peak() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def rewriting() -> float:
    """Milliseconds for a usual statement, the median of 200."""
    from sqlsel.feed.statements import rewrite

    text = """
        SELECT file_name, selection_rank() AS r FROM images AS i JOIN scores USING (id)
        WHERE i.lightly.sharpness > 20 AND weather.description IN ('sunny', 'cloudy')
        USING STRATEGY DIVERSITY(embedding, min_distance := 0.2), WEIGHTS(uncertainty_entropy),
                       BALANCE(weather.description, {'sunny': 0.2, 'cloudy': 0.4}),
                       SIMILARITY(embedding, query := (SELECT embedding FROM wanted)),
                       THRESHOLD(luminance BETWEEN 20 AND 230), key := file_name
        LIMIT 1000
    """
    took = []
    for _ in range(200):
        began = time.perf_counter()
        rewrite(text)
        took.append(time.perf_counter() - began)
    return 1000 * statistics.median(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.measure:
        measure(told.measure[0], Path(told.measure[1]), told.measure[2])
        return
    rows = 100_000 if told.quick else 1_000_000
    print(f"| {rows:,} × {WIDTH} into the matrix, from | sqlsel | of the reader | its memory |")
    print("|---|--:|--:|--:|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), rows)
        for name, relation in SOURCES.items():
            found: dict[str, list[dict[str, float]]] = {"reader": [], "feed": []}
            for way in ["reader", "feed"] * 5:
                command = [sys.executable, str(HERE), "--measure", way, folder, relation]
                done = subprocess.run(
                    command, check=True, capture_output=True, text=True, cwd=folder
                )
                found[way].append(json.loads(done.stdout))
            reader, feed = (
                [min(f[key] for f in found[way]) for key in ("seconds", "peak")]
                for way in ("reader", "feed")
            )
            time_ratio, memory_ratio = feed[0] / reader[0], feed[1] / reader[1]
            print(f"| {name} | {feed[0]:.2f} s | {time_ratio:.2f} × | {memory_ratio:.2f} × |")
    print(f"\nRewriting a statement of five strategies: {rewriting():.2f} ms")


if __name__ == "__main__":
    main()
