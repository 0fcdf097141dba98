"""Ctrl-C in threads that are not Python's main one, in which Polars runs sources and groups, and DuckDB functions.

Python tells only the main thread of it, when that goes on; but it waits for Polars or DuckDB. What
hears of a signal at once, whatever the thread, is ``faulthandler``, which writes to a pipe.
"""

from __future__ import annotations

import _thread
import atexit
import contextlib
import faulthandler
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

from sqlsel.errors import Interrupted

_PAUSE = 0.02  # seconds between two looks whether the main thread goes on
_PATIENCE = 2.0  # seconds for which the end of Python waits for selections
_ENDING = threading.Event()


@contextlib.contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Gives a function that raises Interrupted once Ctrl-C was pressed, where Python does not do so itself."""
    if _is_main():
        yield _EAR.check_in_main
        return
    if not _can_listen():
        yield check_ending
        return
    _EAR.open()
    try:
        yield _EAR.check
    finally:
        _EAR.close()


def check_ending() -> None:
    """Interrupted where Python ends: a thread that then came back to it from Polars or DuckDB would abort it."""
    if _ENDING.is_set():
        raise Interrupted("the program ended while selecting")


def _end_selections() -> None:
    """Have daemon threads leave their selections, and what called them, before Python is gone."""
    _ENDING.set()
    until = time.monotonic() + _PATIENCE
    seen = alive = _selecting()
    while alive and time.monotonic() < until:
        time.sleep(_PAUSE)
        seen |= _selecting()
        alive = seen & sys._current_frames().keys()  # noqa: SLF001 - documented
    if seen:
        time.sleep(
            5 * _PAUSE
        )  # threads of Polars come back once more, to let go of what is Python's


def _selecting() -> set[int]:
    """The other threads that are in a selection, or in Polars, which may just be between two groups of one."""
    names = ("sqlsel", "polars") if time.monotonic() - _EAR.closed < _PATIENCE else ("sqlsel",)
    found = set()
    for thread, top in sys._current_frames().items():  # noqa: SLF001 - documented
        frame: FrameType | None = None if thread == threading.get_ident() else top
        while frame is not None and thread not in found:
            if str(frame.f_globals.get("__name__", "")).startswith(names):
                found.add(thread)
            frame = frame.f_back
    return found


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def _can_listen() -> bool:
    """Whether there are such signals, and Python answers them (a program in the background ignores them)."""
    return hasattr(faulthandler, "register") and callable(signal.getsignal(signal.SIGINT))


def _call_of_main() -> tuple[FrameType, int] | None:
    """The call of Polars' in which the main thread is, which passes our exception on to it."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001 - documented
    if frame is None or not str(frame.f_globals.get("__name__", "")).startswith("polars"):
        return None
    return frame, frame.f_lasti


class _Ear:
    """Receives Ctrl-C while any thread has it open; a main thread that does not wait for Polars receives it too.

    Polars runs groups one after another: the ear stays open between them, until the main thread goes on.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._pipe: tuple[int, int] | None = None
        self._open = 0
        self._told = True
        self.closed = -_PATIENCE  # when a thread has last ended a selection
        self._call: tuple[FrameType, int] | None = None
        self._waiting = False  # a thread waits for the main one to go on

    def open(self) -> None:
        """Begin to listen."""
        with self._lock:
            call = _call_of_main()
            if not self._open and call != self._call:
                self._end()
            if self._pipe is None:
                pipe, chain = os.pipe(), call is None
                os.set_blocking(pipe[1], False)
                faulthandler.register(signal.SIGINT, pipe[1], all_threads=False, chain=chain)
                self._pipe, self._told, self._call = pipe, chain, call
            self._open += 1

    def check(self) -> None:
        """Interrupted where Ctrl-C was pressed, or where Python ends."""
        check_ending()
        if self._heard():
            if not self._told and _call_of_main() is None:
                _thread.interrupt_main()
            self._told = True
            raise Interrupted("interrupted while selecting")

    def check_in_main(self) -> None:
        """The same in the main thread, for a Ctrl-C of which Python does not tell it."""
        if not self._told and self._heard():
            self._told = True
            raise Interrupted("interrupted while selecting")

    def close(self) -> None:
        """Listen no more, unless another group may follow."""
        with self._lock:
            self._open -= 1
            self.closed = time.monotonic()
            if self._open or self._pipe is None:
                return
            if self._call is None or self._call != _call_of_main():
                self._end()
            elif not self._waiting:
                self._waiting = True
                threading.Thread(target=self._close_later, daemon=True).start()

    def _close_later(self) -> None:
        """Close it soon after the main thread has gone on."""
        while True:
            time.sleep(_PAUSE)
            with self._lock:
                if self._open or (
                    not _ENDING.is_set()
                    and self._call is not None
                    and self._call == _call_of_main()
                ):
                    continue
                self._end()
                self._waiting = False
                return

    def _end(self) -> None:
        """Deliver a Ctrl-C that no thread has received."""
        if self._pipe is None:
            return
        faulthandler.unregister(signal.SIGINT)
        missed = self._heard() and not self._told
        for end in self._pipe:
            os.close(end)
        self._pipe = self._call = None
        self._told = True
        if missed:
            _thread.interrupt_main()

    def _heard(self) -> bool:
        with self._lock:  # the pipe may just be closed, and its number be that of another file
            if self._pipe is None:
                return False
            waiting = select.poll()
            waiting.register(self._pipe[0], select.POLLIN)
            return any(event & select.POLLIN for _, event in waiting.poll(0))


_EAR = _Ear()
atexit.register(_end_selections)
