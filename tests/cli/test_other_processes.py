"""What other processes do beside the command line: databases that they hold, signals that they ignore."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest

from sqlsel.catalog import connect
from sqlsel.errors import CatalogError

HOLDER = """
import sys, duckdb
con = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""
SELECTION = """
import os, signal, threading, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
import duckdb, sqlsel
con = duckdb.connect()
con.execute("SET enable_progress_bar = false")  # DuckDB draws it on stdout where a statement takes two seconds
con.execute("CREATE TABLE t AS SELECT i AS id, [random(), random(), random()]::FLOAT[3] AS e FROM range(2000) r(i)")
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
for _ in range(5):
    found = sqlsel.sql(con, "SELECT id FROM t USING STRATEGY DIVERSITY(e), key := id LIMIT 400").fetchall()
    time.sleep(0.1)
print(len(found))
"""


def test_a_database_that_another_process_holds_is_not_removed_by_the_one_that_fails(
    tmp_path: Path,
) -> None:
    db, vectors = tmp_path / "c.duckdb", tmp_path / "v.npy"
    np.save(vectors, np.eye(3, dtype=np.float32))
    started = [sys.executable, "-c", HOLDER, str(db)]
    with subprocess.Popen(started, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(CatalogError, match=f"process {holder.pid} has this database open"):
            connect(db, write=True)
        told = subprocess.run(
            [sys.executable, "-m", "sqlsel", "import", "vectors", str(vectors), "--db", str(db)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode != 0
        assert "has this database open" in told.stderr
        assert db.exists()
        holder.communicate(b"")


def test_a_damaged_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    db = tmp_path / "c.duckdb"
    with duckdb.connect(db) as con:
        con.execute("CREATE TABLE t AS SELECT range AS i FROM range(100000)")
    whole = bytearray(db.read_bytes())
    damaged = 0
    for at in range(4096, 3 * 4096, 512):
        broken = whole.copy()
        for i in range(64):
            broken[at + i] ^= 0xFF
        copy = tmp_path / "copy.duckdb"
        copy.write_bytes(broken)
        said = ""
        try:
            connect(copy).close()
        except CatalogError as error:
            said = str(error)
        assert "has this database open" not in said
        damaged += "damaged" in said
    assert damaged


def test_a_pipe_is_no_database(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CatalogError, match="no regular file"):
        connect(tmp_path / "pipe", write=True)


def test_a_job_that_ignores_interrupts_stays_deaf_to_them() -> None:
    run = subprocess.run(
        [sys.executable, "-c", SELECTION], capture_output=True, text=True, check=False, timeout=120
    )
    assert (run.returncode, run.stdout) == (0, "400\n"), run.stderr
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
