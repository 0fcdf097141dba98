"""Work on many items in threads, with the results in order and few items in memory at once."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """The number of processor cores that this process may use (its CPU affinity)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(
    work: Callable[[T], R],
    items: Iterable[T],
    *,
    threads: int,
    ahead: int | None = None,
    at_end: Callable[[], None] = lambda: None,
) -> Iterator[R]:
    """``work(item)`` of every item, in order; the first exception of ``work`` in that order is raised.

    At most ``ahead`` items (default: four per thread) are submitted before the first result is consumed.
    When the iterator ends or is closed (an exception, Ctrl-C), pending items are cancelled, ``at_end`` is
    called, and running ones are waited for. With one thread the caller's own does the work, item by item
    on demand, and ``at_end`` is not called.
    """
    ahead = 4 * threads if ahead is None else ahead
    if threads < 1 or ahead < 1:
        raise ValueError(f"threads and ahead must be at least 1, got {threads} and {ahead}")
    if threads == 1:
        return (work(item) for item in items)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="sqlsel")
    return _in_threads(pool, (pool.submit(work, item) for item in items), ahead, at_end)


def _in_threads(
    pool: ThreadPoolExecutor,
    submitted: Iterable[Future[R]],
    ahead: int,
    at_end: Callable[[], None],
) -> Iterator[R]:
    waiting: deque[Future[R]] = deque()
    try:
        for future in submitted:
            waiting.append(future)
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        at_end()
        pool.shutdown(wait=True, cancel_futures=True)
