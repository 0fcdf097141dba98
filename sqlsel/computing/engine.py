"""Does a piece of work for every file of a folder, on many threads, and keeps what is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from sqlsel.catalog.unfinished import Unfinished
from sqlsel.computing.progress import Pace, Progress
from sqlsel.images.opening import BadImage
from sqlsel.images.parallel import cores, in_order

Result = dict[str, Any] | BadImage  # the columns of a file's row, or why there is none
Work = Callable[[Sequence[Path]], Sequence[Result]]

_KEPT_EVERY = 2.0  # seconds
_KEPT_ROWS = 1_000


def compute(  # noqa: PLR0913 - each is one thing that the caller must say
    unfinished: Unfinished,
    root: Path,
    listed: pa.Table,
    work: Work,
    *,
    batch: int,
    threads: int | None,
    progress: Progress,
) -> Pace:
    """``work`` on the files below ``root`` (path, size, modified) that are not done yet.

    Whatever ends it, Ctrl-C too, what was done by then is kept in ``unfinished``.
    """
    todo = unfinished.left_of(listed)
    pace = Pace(before=len(listed) - len(todo), threads=threads or cores())
    groups = (todo.slice(at, batch).to_pylist() for at in range(0, len(todo), batch))

    def one(group: list[dict[str, Any]]) -> list[tuple[dict[str, Any], Result]]:
        found = work([root / row["path"] for row in group])
        return list(zip(group, found, strict=True))

    kept = _Kept(unfinished)
    done = 0
    try:
        for results in in_order(one, groups, threads=pace.threads):
            kept.add(results)
            done += len(results)
            progress(done, len(todo))
    finally:
        kept.write()
        pace.stop(done)
    return pace


class _Kept:
    """Rows that wait to be written, some seconds at most."""

    def __init__(self, unfinished: Unfinished) -> None:
        self._unfinished = unfinished
        self._rows: list[dict[str, Any]] = []
        self._written = time.monotonic()

    def add(self, results: list[tuple[dict[str, Any], Result]]) -> None:
        for file, result in results:
            if isinstance(result, BadImage):
                self._rows.append({**file, "reason": str(result)})
            else:
                self._rows.append({**file, **result})
        late = time.monotonic() - self._written > _KEPT_EVERY
        if late or len(self._rows) >= _KEPT_ROWS:
            self.write()

    def write(self) -> None:
        rows, self._rows = self._rows, []
        if rows:
            self._unfinished.add(pa.Table.from_pylist(rows, self._unfinished.schema))
        self._written = time.monotonic()
