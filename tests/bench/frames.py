"""``make bench``, third table: Polars expressions against the engine on the same array, and memory of wide rows.

Time and memory of a line are measured in one process: the engine on a NumPy array and the expression
in turn, five times each, the best of both; the peaks above what was held before. The wide rows have
1,000 bytes beside their vector; of them the median of five processes, since Polars reads ahead of what
is taken by more or less.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from run import manifold

HERE = Path(__file__)
WIDTH, PICKS, BLOCK = 128, 1000, 50_000
FRAMES = {"one": "mask, an Array column in one piece", "pieces": "mask, the column in 20 pieces"}
WIDE = {"rows": "rows with id, wide Parquet", "mask": "mask, wide Parquet"}


def frame(rows: int, *, pieces: bool) -> Any:
    """(the vectors, a frame of them)."""
    import polars as pl
    import pyarrow as pa

    x = manifold(rows, WIDTH)
    block = max(1, rows // 20) if pieces else rows
    parts = []
    for at in range(0, rows, block):
        some = x[at : at + block]
        array = pa.FixedSizeListArray.from_arrays(pa.array(some.reshape(-1)), WIDTH)
        parts.append(pl.DataFrame({"id": np.arange(at, at + len(some)), "e": pl.from_arrow(array)}))
    return x, pl.concat(parts, rechunk=False)


def measured(work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds, and bytes above what was held before."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    before, began = _held("VmRSS:"), time.perf_counter()
    work()
    return time.perf_counter() - began, _held("VmHWM:") - before


def _held(what: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(what)[1].split()[0]) * 1024


def expression(kind: str, rows: int) -> dict[str, float]:
    """The expression against the engine, by the shape of the column."""
    import sqlsel
    import sqlsel.polars as sel

    x, df = frame(rows, pieces=kind == "pieces")
    mask = sel.select(sel.diversity("e"), n=PICKS, id="id")
    ways: tuple[Callable[[], Any], ...] = (
        lambda: sqlsel.select(x, PICKS),
        lambda: df.select(mask),
    )
    found = [[measured(way) for way in ways] for _ in range(5)]
    (engine, engine_peak), (ours, peak) = (
        (min(turn[i][0] for turn in found), min(turn[i][1] for turn in found)) for i in (0, 1)
    )
    return {"seconds": ours, "ratio": ours / engine, "extra": (peak - engine_peak) / x.nbytes}


def wide(kind: str, file: str, rows: int) -> dict[str, float]:
    """Seconds and peak of a selection of wide rows, in bytes of the column of vectors."""
    import polars as pl

    import sqlsel.polars as sel

    scan = pl.scan_parquet(file)
    scan.head(100).sel.rows(sel.diversity("e"), n=1, id="id").collect()  # all is imported
    strategy = sel.diversity("e")
    query = (
        sel.rows(scan, strategy, n=PICKS, id="id")
        if kind == "rows"
        else scan.filter(sel.select(strategy, n=PICKS, id="id"))
    )
    seconds, peak = measured(query.collect)
    return {"seconds": seconds, "peak": peak / (rows * WIDTH * 4)}


def make_wide(file: Path, rows: int) -> None:
    """A Parquet file of ids, vectors and 1,000 bytes of payload per row."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    x, rng = manifold(rows, WIDTH), np.random.default_rng(0)
    schema = pa.schema(
        {"id": pa.int64(), "e": pa.list_(pa.float32(), WIDTH), "payload": pa.binary()}
    )
    with pq.ParquetWriter(file, schema, compression="none") as writer:
        for at in range(0, rows, BLOCK):
            some = x[at : at + BLOCK]
            columns = {
                "id": np.arange(at, at + len(some)),
                "e": pa.FixedSizeListArray.from_arrays(pa.array(some.reshape(-1)), WIDTH),
                "payload": [rng.bytes(1000) for _ in range(len(some))],
            }
            writer.write_table(pa.table(columns, schema=schema))


def alone(*told: str) -> dict[str, float]:
    """A measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, str(HERE), "--measure", *told], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.measure:
        kind, rows, *file = told.measure
        found = wide(kind, file[0], int(rows)) if file else expression(kind, int(rows))
        print(json.dumps(found))
        return
    rows = 100_000 if told.quick else 1_000_000
    title = f"DIVERSITY of {rows:,} × {WIDTH} in Polars, {PICKS:,} picks"
    print(f"| {title} | sqlsel | of the engine | memory beyond the engine's | peak |")
    print("|---|--:|--:|--:|--:|", flush=True)
    for kind, name in FRAMES.items():
        one = alone(kind, str(rows))
        extra = f"{one['extra']:.2f} × the matrix"
        print(
            f"| {name} | {one['seconds']:.2f} s | {one['ratio']:.2f} × | {extra} | – |", flush=True
        )
    with tempfile.TemporaryDirectory() as folder:
        make_wide(Path(folder) / "wide.parquet", rows)
        for kind, name in WIDE.items():
            every = [alone(kind, str(rows), f"{folder}/wide.parquet") for _ in range(5)]
            seconds, peak = (median(one[what] for one in every) for what in ("seconds", "peak"))
            shown = f"{peak:.2f} × the column of vectors"
            print(f"| {name} | {seconds:.2f} s | – | – | {shown} |", flush=True)


if __name__ == "__main__":
    main()
