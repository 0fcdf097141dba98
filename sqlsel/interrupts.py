"""Ctrl-C in threads that are not Python's main one, in which Polars runs sources and groups, and DuckDB functions.

Python tells only the main thread of it, when that goes on; but it waits for Polars or DuckDB. What
hears of a signal at once, whatever the thread, is ``faulthandler``, which writes to a pipe.
"""

from __future__ import annotations

import _thread
import contextlib
import faulthandler
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator

from sqlsel.errors import Interrupted


@contextlib.contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Gives a function that raises Interrupted once Ctrl-C was pressed; in the main thread Python does so itself."""
    if threading.current_thread() is threading.main_thread() or not _can_listen():
        yield lambda: None
        return
    _EAR.open()
    try:
        yield _EAR.check
    finally:
        _EAR.close()


def _can_listen() -> bool:
    """Whether there are such signals, and Python answers them (a program in the background ignores them)."""
    return hasattr(faulthandler, "register") and callable(signal.getsignal(signal.SIGINT))


def _main_waits_for_polars() -> bool:
    """Whether the main thread is in a call of Polars', which passes our exception on to it."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001 - documented
    return frame is not None and str(frame.f_globals.get("__name__", "")).startswith("polars")


class _Ear:
    """Hears of Ctrl-C while any thread has it open; a main thread that does not wait for Polars hears of it too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pipe: tuple[int, int] | None = None
        self._open = 0
        self._told = True

    def open(self) -> None:
        """Begin to listen."""
        with self._lock:
            if not self._open:
                pipe = os.pipe()
                os.set_blocking(pipe[1], False)
                chain = not _main_waits_for_polars()
                faulthandler.register(signal.SIGINT, pipe[1], all_threads=False, chain=chain)
                self._pipe, self._told = pipe, chain
            self._open += 1

    def check(self) -> None:
        """Interrupted where Ctrl-C was pressed."""
        if self._heard():
            if not (self._told or _main_waits_for_polars()):
                _thread.interrupt_main()
            self._told = True
            raise Interrupted("interrupted while selecting")

    def close(self) -> None:
        """Listen no more; a Ctrl-C of which nobody was told is passed on."""
        with self._lock:
            self._open -= 1
            if self._open or self._pipe is None:
                return
            faulthandler.unregister(signal.SIGINT)
            missed = self._heard() and not self._told
            for end in self._pipe:
                os.close(end)
            self._pipe = None
        if missed:
            _thread.interrupt_main()

    def _heard(self) -> bool:
        if self._pipe is None:
            return False
        waiting = select.poll()
        waiting.register(self._pipe[0], select.POLLIN)
        return bool(waiting.poll(0))


_EAR = _Ear()
