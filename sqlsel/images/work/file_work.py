"""Does a piece of work for every file of a folder, on all cores, and keeps what is done."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from sqlsel.catalog.unfinished import FILE, REASON, Unfinished
from sqlsel.images.pixels.opening import BadImage
from sqlsel.images.work.work_report import Pace, Progress
from sqlsel.process.in_order import cores, in_order
from sqlsel.readers.processes import answers

Result = dict[str, Any] | BadImage  # the columns of a file's row, or why there is none

_KEPT_EVERY = 2.0  # seconds
_KEPT_ROWS = 1_000
_APART_FROM = 500  # files; a process takes the time of a hundred to start
_MEMORY = 1 << 30  # bytes that models may take in all processes together
_FILES = 32  # per job of a process
_FEW = 8  # per piece of work of a thread: Ctrl-C waits for it


class Work(Protocol):
    """What is done with files, here by any thread or in a process of its own.

    ``columns`` of a row; ``batch``: how many files it likes at a time; ``weight``: bytes that each
    process would have to load.
    """

    @property
    def columns(self) -> pa.Schema: ...

    @property
    def batch(self) -> int: ...

    @property
    def weight(self) -> int: ...

    def __call__(self, paths: Sequence[Path]) -> Sequence[Result]: ...

    def told(self, names: Sequence[str]) -> dict[str, Any]:
        """As plain JSON what another process needs to do the same with the files ``names``."""


def compute(
    unfinished: Unfinished,
    root: Path,
    listed: pa.Table,
    work: Work,
    *,
    threads: int | None,
    progress: Progress,
) -> Pace:
    """``work`` on the files below ``root`` (path, size, modified) that are not done yet.

    Whatever ends it, Ctrl-C too, what was done by then is kept in ``unfinished``. Many files are
    done in processes, since threads of Python wait for each other; the results are the same.
    """
    todo = unfinished.remaining(listed)
    pace = Pace(before=len(listed) - len(todo), threads=threads or cores())
    apart = pace.threads > 1 and len(todo) >= _APART_FROM and work.weight * pace.threads <= _MEMORY
    rows = (_in_processes if apart else _in_threads)(work, root, todo, pace.threads)
    kept = _Kept(unfinished)
    done = 0
    try:
        for some in rows:
            kept.add(some)
            done += some.num_rows
            pace.failed += some.num_rows - some["reason"].null_count
            progress(done, len(todo))
    finally:
        kept.write()
        pace.stop(done)
    return pace


def _in_threads(work: Work, root: Path, todo: pa.Table, threads: int) -> Iterator[pa.RecordBatch]:
    size = max(_FEW // work.batch, 1) * work.batch
    groups = (todo.slice(at, size).to_pylist() for at in range(0, len(todo), size))
    return in_order(lambda files: done_with(work, root, files), groups, threads=threads)


def done_with(work: Work, root: Path, files: list[dict[str, Any]]) -> pa.RecordBatch:
    """What comes of some files (path, size, modified): their rows, with the reason where nothing does."""
    found = work([root / file["path"] for file in files])
    rows = [
        {**file, **({"reason": str(one)} if isinstance(one, BadImage) else one)}
        for file, one in zip(files, found, strict=True)
    ]
    return pa.RecordBatch.from_pylist(rows, pa.schema([*FILE, REASON, *work.columns]))


def _in_processes(
    work: Work, root: Path, todo: pa.Table, processes: int
) -> Iterator[pa.RecordBatch]:
    """The same by processes; each keeps its model from one job to the next."""
    size = max(_FILES // work.batch, 1) * work.batch

    def jobs() -> Iterator[dict[str, Any]]:
        for at in range(0, len(todo), size):
            files = todo.slice(at, size).to_pylist()
            told = work.told([file["path"] for file in files])
            yield {"kind": "images", "folder": str(root), "files": files, "work": told}

    for answer in answers(jobs(), _never, processes=processes):
        yield from answer.batches


def _never(job: Any) -> Any:
    raise AssertionError(job)  # several processes never do a job here


class _Kept:
    """Rows that wait to be written, some seconds at most."""

    def __init__(self, unfinished: Unfinished) -> None:
        self._unfinished = unfinished
        self._waiting: list[pa.RecordBatch] = []
        self._written = time.monotonic()

    def add(self, rows: pa.RecordBatch) -> None:
        self._waiting.append(rows)
        count = sum(batch.num_rows for batch in self._waiting)
        if count >= _KEPT_ROWS or time.monotonic() - self._written > _KEPT_EVERY:
            self.write()

    def write(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._unfinished.add(pa.Table.from_batches(waiting))
        self._written = time.monotonic()
