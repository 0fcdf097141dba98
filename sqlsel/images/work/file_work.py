"""Applies some work to every file of a folder, on all cores, and stores results as they come."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from sqlsel.catalog.unfinished import FILE, REASON, Unfinished
from sqlsel.images.pixels.opening import BadImage
from sqlsel.images.work.work_report import Progress, Throughput
from sqlsel.process.in_order import cores, in_order
from sqlsel.readers.processes import run_jobs

Result = dict[str, Any] | BadImage  # the columns of a file's row, or why there is none

_WRITE_EVERY = 2.0  # seconds
_WRITE_ROWS = 1_000
_PROCESSES_FROM = 500  # files; a process takes the time of a hundred to start
_MEMORY = 1 << 30  # bytes that models may take in all processes together
_FILES = 32  # per job of a process
_FEW = 8  # per piece of work of a thread: Ctrl-C waits for it


class Work(Protocol):
    """A computation on files, in any thread or in another process.

    ``columns``: those of a result row; ``batch``: how many files it handles best at a time; ``n_bytes``:
    memory that each process needs for it.
    """

    @property
    def columns(self) -> pa.Schema: ...

    @property
    def batch(self) -> int: ...

    @property
    def n_bytes(self) -> int: ...

    def __call__(self, paths: Sequence[Path]) -> Sequence[Result]: ...

    def message(self, names: Sequence[str]) -> dict[str, Any]:
        """Plain JSON from which another process makes the same work for the files ``names``."""


def compute(
    unfinished: Unfinished,
    root: Path,
    listed: pa.Table,
    work: Work,
    *,
    threads: int | None,
    progress: Progress,
) -> Throughput:
    """Apply ``work`` to the files below ``root`` (path, size, modified) that have no result yet.

    Results are stored in ``unfinished`` as they come, also when an error or Ctrl-C ends it. Many files are
    distributed to processes, since Python's threads block each other; the results are the same.
    """
    todo = unfinished.remaining(listed)
    throughput = Throughput(before=len(listed) - len(todo), threads=threads or cores())
    # Processes only where the files outweigh their start, and each may load a model of its own.
    in_processes = (
        throughput.threads > 1
        and len(todo) >= _PROCESSES_FROM
        and work.n_bytes * throughput.threads <= _MEMORY
    )
    rows = (_in_processes if in_processes else _in_threads)(work, root, todo, throughput.threads)
    buffer = _Buffer(unfinished)
    done = 0
    try:
        for batch in rows:
            buffer.add(batch)
            done += batch.num_rows
            throughput.failed += batch.num_rows - batch["reason"].null_count
            progress(done, len(todo))
    finally:
        buffer.write()
        throughput.stop(done)
    return throughput


def _in_threads(work: Work, root: Path, todo: pa.Table, threads: int) -> Iterator[pa.RecordBatch]:
    """Result rows, computed by threads of this process, in the order of the files."""
    size = max(_FEW // work.batch, 1) * work.batch  # whole batches, or models would run half empty
    groups = (todo.slice(at, size).to_pylist() for at in range(0, len(todo), size))
    return in_order(lambda files: results_of(work, root, files), groups, threads=threads)


def results_of(work: Work, root: Path, files: list[dict[str, Any]]) -> pa.RecordBatch:
    """The result rows of some files (path, size, modified); ``reason`` says why one has no result."""
    results = work([root / file["path"] for file in files])
    rows = [
        {**file, **({"reason": str(one)} if isinstance(one, BadImage) else one)}
        for file, one in zip(files, results, strict=True)
    ]
    return pa.RecordBatch.from_pylist(rows, pa.schema([*FILE, REASON, *work.columns]))


def _in_processes(
    work: Work, root: Path, todo: pa.Table, processes: int
) -> Iterator[pa.RecordBatch]:
    """Result rows, computed by several processes, each of which opens the model once."""
    size = max(_FILES // work.batch, 1) * work.batch

    def jobs() -> Iterator[dict[str, Any]]:
        for at in range(0, len(todo), size):
            files = todo.slice(at, size).to_pylist()
            message = work.message([file["path"] for file in files])
            yield {"kind": "images", "folder": str(root), "files": files, "work": message}

    for result in run_jobs(jobs(), _never, processes=processes):
        yield from result.batches


def _never(job: Any) -> Any:
    raise AssertionError(job)  # with more than one process no job is done in this one


class _Buffer:
    """Collects rows, and writes them to the database after 2 seconds or 1,000 rows."""

    def __init__(self, unfinished: Unfinished) -> None:
        self._unfinished = unfinished
        self._waiting: list[pa.RecordBatch] = []
        self._written = time.monotonic()

    def add(self, rows: pa.RecordBatch) -> None:
        """Collect rows; write all of them where they are enough or old enough."""
        self._waiting.append(rows)
        count = sum(batch.num_rows for batch in self._waiting)
        if count >= _WRITE_ROWS or time.monotonic() - self._written > _WRITE_EVERY:
            self.write()

    def write(self) -> None:
        """Write the collected rows."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._unfinished.add(pa.Table.from_batches(waiting))
        self._written = time.monotonic()
