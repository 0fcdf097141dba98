"""Threads: results in order, few items ahead, and an end that is an end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from sqlsel.process.in_order import cores, in_order


def ours() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("sqlsel")]


def slowly(item: int) -> int:
    time.sleep(random.Random(item).uniform(0, 0.003))
    return item * item


@pytest.mark.parametrize("threads", [1, 2, 7])
@pytest.mark.parametrize("ahead", [None, 1, 3])
def test_results_come_in_the_order_of_the_items(threads: int, ahead: int | None) -> None:
    found = list(in_order(slowly, range(100), threads=threads, ahead=ahead))
    assert found == [n * n for n in range(100)]
    assert ours() == []


@pytest.mark.parametrize("threads", [1, 3])
def test_nothing_to_do_gives_nothing(threads: int) -> None:
    assert list(in_order(slowly, [], threads=threads)) == []


@pytest.mark.parametrize(("threads", "ahead", "most"), [(1, None, 1), (2, None, 8), (3, 5, 5)])
def test_items_are_taken_only_so_far_ahead(threads: int, ahead: int | None, most: int) -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken

    results = in_order(lambda item: item, items(), threads=threads, ahead=ahead)
    assert taken == 0
    for given, result in enumerate(results):
        assert result == given + 1
        assert taken - given <= most
        if given == 50:
            break
    results.close()  # type: ignore[attr-defined]


def test_the_work_is_done_by_as_many_threads_as_asked() -> None:
    together = threading.Barrier(3, timeout=5)
    list(in_order(lambda _: together.wait(), range(6), threads=3))
    with pytest.raises(threading.BrokenBarrierError):
        list(in_order(lambda _: threading.Barrier(2, timeout=0.1).wait(), range(2), threads=2))


def test_one_thread_is_the_callers_own() -> None:
    assert set(in_order(lambda _: threading.get_ident(), range(3), threads=1)) == {
        threading.get_ident()
    }


@pytest.mark.parametrize("threads", [1, 4])
def test_the_first_exception_in_order_is_raised_after_the_results_before_it(threads: int) -> None:
    def work(item: int) -> int:
        if item == 9:
            raise KeyError(item)
        if item == 5:
            time.sleep(0.05)
            raise LookupError(item)
        return item

    results = in_order(work, range(20), threads=threads)
    seen = [next(results) for _ in range(5)]
    with pytest.raises(LookupError, match="5"):
        next(results)
    assert seen == [0, 1, 2, 3, 4]
    assert ours() == []


@pytest.mark.parametrize("threads", [1, 4])
def test_an_exception_of_the_items_is_raised_too(threads: int) -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("the folder went away")

    with pytest.raises(OSError, match="went away"):
        list(in_order(slowly, items(), threads=threads))
    assert ours() == []


def test_closed_early_what_has_not_begun_never_begins() -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        time.sleep(0.05 if item else 0)
        return item

    results = in_order(work, range(1000), threads=2, ahead=100)
    assert next(results) == 0
    results.close()  # type: ignore[attr-defined]
    count = len(begun)
    assert count < 60
    assert ours() == []
    time.sleep(0.1)
    assert len(begun) == count


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_ends_it_at_once(threads: int) -> None:
    program = (
        "import time\nfrom sqlsel.process.in_order import in_order\n"
        "def work(n):\n    print(n, flush=True)\n    time.sleep(0.2)\n"
        f"list(in_order(work, range(1000), threads={threads}))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode in {-signal.SIGINT, 130}
    assert errors.strip().endswith("KeyboardInterrupt")
    assert len(rest.split()) < 8


@pytest.mark.parametrize(("threads", "ahead"), [(0, None), (-1, None), (2, 0)])
def test_less_than_one_thread_or_item_ahead_is_refused_at_once(
    threads: int, ahead: int | None
) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        in_order(slowly, [], threads=threads, ahead=ahead)


def test_cores_are_those_that_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 6}, raising=False)
    assert cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    assert cores() == os.cpu_count()
