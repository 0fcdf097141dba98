"""``make bench``: sqlsel against lightly-mundig and the raw matrix product, measured in one run.

Prints the tables of examples/measured.md. ``--quick`` takes a tenth of the rows; ``--only NAME`` one line.
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
from typing import Any

import numpy as np

HERE = Path(__file__)


def manifold(rows: int, width: int, seed: int = 0) -> np.ndarray:
    """Unit vectors near a curved surface of 24 dimensions, as embeddings are."""
    rng = np.random.default_rng(seed)
    latent, lift = rng.standard_normal((rows, 24)), rng.standard_normal((24, width))
    x = (np.tanh(latent @ lift / 4) + 0.1 * rng.standard_normal((rows, width))).astype(np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def product(x: np.ndarray, picks: int) -> float:
    """The raw product (rows × width) · (width × picks) in blocks of 4,096 rows; best of three."""
    z, out = x[:picks].copy(), np.empty((4096, picks), np.float32)

    def work() -> None:
        for at in range(0, len(x), 4096):
            block = x[at : at + 4096]
            np.matmul(block, z.T, out=out[: len(block)])

    work()
    return min(seconds(work) for _ in range(3))


def mundig(rows: int, picks: int, add: Callable[[Any], None]) -> float:
    """lightly-mundig's add and run; once."""
    import lightly_mundig

    def work() -> None:
        selection = lightly_mundig.Selection()
        add(selection)
        selection.run_selection([], rows, picks)

    return seconds(work)


def ours(work: Callable[[], Any]) -> float:
    """The median of three runs."""
    return sorted(seconds(work) for _ in range(3))[1]


def diversity(scale: float, picks: int) -> dict[str, float]:
    import sqlsel

    x = manifold(int(100_000 * scale), 512)
    return {
        "ours": ours(lambda: sqlsel.select(x, picks)),
        "product": product(x, picks),
        "mundig": mundig(len(x), picks, lambda s: s.add_diversifying_strategy(x, 1.0)),
    }


def diversity_1000(scale: float) -> dict[str, float]:
    return diversity(scale, 1000)


def diversity_5000(scale: float) -> dict[str, float]:
    return diversity(scale, 5000)


def diversity_random(scale: float) -> dict[str, float]:
    import sqlsel

    x = np.random.default_rng(0).standard_normal((int(100_000 * scale), 512), dtype=np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return {
        "ours": ours(lambda: sqlsel.select(x, 1000)),
        "product": product(x, 1000),
        "mundig": mundig(len(x), 1000, lambda s: s.add_diversifying_strategy(x, 1.0)),
    }


def diversity_sql(scale: float) -> dict[str, float]:
    import sqlsel

    x = manifold(int(100_000 * scale), 512)
    with sqlsel.connect() as con:
        con.register("arrow", _arrow(x))
        con.execute(
            "CREATE TABLE images AS SELECT id, embedding::FLOAT[512] AS embedding FROM arrow"
        ).fetchall()
        text = "SELECT id FROM images USING STRATEGY DIVERSITY(embedding), key := id LIMIT 1000"
        return {
            "ours": ours(lambda: con.sql(text)),
            "product": product(x, 1000),
            "mundig": mundig(len(x), 1000, lambda s: s.add_diversifying_strategy(x, 1.0)),
        }


def combination(scale: float) -> dict[str, float]:
    import sqlsel

    x, rng = manifold(int(100_000 * scale), 512), np.random.default_rng(1)
    w, c = rng.random(len(x)), rng.integers(0, 5, len(x))
    rows = np.eye(5, dtype=np.float32)[c]

    def add(s: Any) -> None:
        s.add_diversifying_strategy(x, 1.0)
        s.add_weighting_strategy(w.astype(np.float32), 1.0)
        s.add_balancing_strategy(rows, np.full(5, 0.2, np.float32), 1.0)

    strategies = [sqlsel.diversity(x), sqlsel.weights(w), sqlsel.balance(c, "uniform")]
    return {
        "ours": ours(lambda: sqlsel.select(n=1000, strategies=strategies)),
        "product": product(x, 1000),
        "mundig": mundig(len(x), 1000, add),
    }


def balance(scale: float) -> dict[str, float]:
    import sqlsel

    rows = np.random.default_rng(2).dirichlet(np.ones(10), int(100_000 * scale))
    target = np.arange(1, 11) / 55

    def add(s: Any) -> None:
        s.add_balancing_strategy(rows.astype(np.float32), target.astype(np.float32), 1.0)

    return {
        "ours": ours(
            lambda: sqlsel.select(n=1000, strategies=[sqlsel.balance(rows, list(target))])
        ),
        "mundig": mundig(len(rows), 1000, add),
    }


def million(scale: float) -> dict[str, float]:
    """From Parquet through SQL, in a process of its own, so that its peak of memory is its own."""
    import duckdb

    rows = int(1_000_000 * scale)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "images.parquet"
        x = manifold(rows, 128)
        with duckdb.connect() as con:
            con.register("arrow", _arrow(x))
            con.execute(f"COPY (FROM arrow) TO '{file}' (ROW_GROUP_SIZE 50000)").fetchall()
        base = product(x, int(10_000 * scale))
        done = subprocess.run(
            [sys.executable, str(HERE), "--select", str(file), str(int(10_000 * scale))],
            check=True,
            capture_output=True,
            text=True,
        )
        found = json.loads(done.stdout)
    matrix = rows * 128 * 4
    return {"ours": found["seconds"], "product": base, "memory": found["peak"] / matrix}


def select_file(file: str, picks: int) -> None:
    """One selection, its seconds and its peak of memory above that of the imports, as JSON."""
    import sqlsel

    with sqlsel.connect() as con:
        con.sql("SELECT 1 AS a USING STRATEGY WEIGHTS(1) LIMIT 1")
        before = _peak()
        text = (
            f"SELECT id FROM '{file}' "
            f"USING STRATEGY DIVERSITY(embedding::FLOAT[128]), key := id LIMIT {picks}"
        )
        took = seconds(lambda: con.sql(text))
        peak = _peak() - before
    print(json.dumps({"seconds": took, "peak": peak}))


def _peak() -> int:
    """The most memory that this process has held, in bytes (what its parent held does not count)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def _arrow(x: np.ndarray) -> Any:
    import pyarrow as pa

    vectors = pa.FixedSizeListArray.from_arrays(pa.array(x.reshape(-1)), x.shape[1])
    return pa.table({"id": np.arange(len(x)), "embedding": vectors})


LINES: dict[str, tuple[str, Callable[[float], dict[str, float]]]] = {
    "diversity": ("DIVERSITY, arrays 100,000 × 512, 1,000 picks", diversity_1000),
    "diversity-5000": ("the same, 5,000 picks", diversity_5000),
    "diversity-random": (
        "DIVERSITY, random directions 100,000 × 512, 1,000 picks",
        diversity_random,
    ),
    "diversity-sql": ("DIVERSITY from a DuckDB table through SQL, 1,000 picks", diversity_sql),
    "combination": ("DIVERSITY + WEIGHTS + BALANCE (5 classes), arrays, 1,000 picks", combination),
    "balance": ("BALANCE alone, 100,000 × 10 probabilities, 1,000 picks", balance),
    "million": ("DIVERSITY, Parquet 1,000,000 × 128 through SQL, 10,000 picks", million),
}


def shown(name: str, found: dict[str, float]) -> str:
    faster = f"{found['mundig'] / found['ours']:.1f} ×" if "mundig" in found else "–"
    base = f"{found['ours'] / found['product']:.2f} ×" if "product" in found else "–"
    memory = f"{found['memory']:.1f} × the matrix" if "memory" in found else "–"
    return f"| {LINES[name][0]} | {found['ours']:.2f} s | {faster} | {base} | {memory} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=LINES)
    parser.add_argument("--select", nargs=2, metavar=("FILE", "PICKS"), help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.select:
        select_file(told.select[0], int(told.select[1]))
        return
    print("| work | sqlsel | faster than lightly-mundig | of the raw product | peak memory |")
    print("|---|--:|--:|--:|--:|", flush=True)
    for name in [told.only] if told.only else list(LINES):
        print(shown(name, LINES[name][1](0.1 if told.quick else 1.0)), flush=True)


if __name__ == "__main__":
    main()
