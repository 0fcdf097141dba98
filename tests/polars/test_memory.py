"""``rows`` with an id reads wide columns of the picked rows only; a mask holds them all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.polars.frames import farthest, program

ROWS, WIDE = 60_000, 6_000  # 360 MB of payload that no codec makes smaller


def batches() -> Iterator[pa.RecordBatch]:
    rng = np.random.default_rng(0)
    for at in range(0, ROWS, 2000):
        vectors = pa.array(rng.normal(size=2000 * 16).astype(np.float32))
        payload = pa.array([rng.bytes(WIDE) for _ in range(2000)], pa.binary())
        columns = {
            "id": pa.array(np.arange(at, at + 2000)),
            "e": pa.FixedSizeListArray.from_arrays(vectors, 16),
            "payload": payload,
        }
        yield pa.RecordBatch.from_pydict(columns)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file of wide rows, which is removed at the end."""
    file = tmp_path_factory.mktemp("wide") / "wide.parquet"
    stream = batches()
    first = next(stream)
    with pq.ParquetWriter(file, first.schema, compression="none") as writer:
        writer.write_batch(first)
        for batch in stream:
            writer.write_batch(batch)
    yield file
    file.unlink()


READ = """
import json, sys
import polars as pl, sqlsel.polars as sel

def held(what):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(what))

file, way, engine = sys.argv[1:]
pl.DataFrame({"e": [[1.0, 2.0], [2.0, 1.0]]}).lazy().filter(sel.select(sel.random(), n=1)).collect()
lf, strategy = pl.scan_parquet(file), sel.diversity("e")
before = held("VmHWM")
if way == "rows":
    found = sel.rows(lf, strategy, n=50, id="id")
elif way == "groups":
    found = sel.rows(lf.with_columns(g=pl.col("id") % 5), strategy, n=10, by="g", id="id")
else:
    found = lf.filter(sel.select(strategy, n=50, id="id"))
found = found.collect(engine=engine)
print(json.dumps([held("VmHWM") - before, found["id"].to_list(), found["payload"].bin.size().sum()]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is told by Linux only")
@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_rows_of_a_wide_file_do_not_hold_the_payload_as_a_mask_does(
    engine: str, wide: Path
) -> None:
    peak = {}
    for way in ("mask", "rows", "groups"):
        done = program(READ, wide, way, engine, seconds=120)
        assert done.returncode == 0, done.stderr
        peak[way], ids, payload = json.loads(done.stdout)
        assert payload == 50 * WIDE
        if way != "groups":
            vectors = pl.read_parquet(wide, columns=["id", "e"])
            wanted = farthest(vectors, 50)
            assert ids == (wanted if way == "rows" else sorted(wanted))
    print(engine, {way: f"{bytes_ / 2**20:.0f} MiB" for way, bytes_ in peak.items()})
    most_of_it = 0.85 * ROWS * WIDE
    assert peak["mask"] - peak["rows"] > most_of_it
    assert peak["mask"] - peak["groups"] > most_of_it
