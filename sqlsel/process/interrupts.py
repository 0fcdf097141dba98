"""Ctrl-C while sqlsel runs in a thread of Polars or DuckDB rather than in Python's main thread.

Python runs signal handlers in the main thread only, between two of its instructions; while that
thread waits for Polars or DuckDB, none runs. ``faulthandler`` has a handler in C, which writes to a
pipe at once, whatever the thread: the pipe is polled here.
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

_PAUSE = 0.02  # seconds between two polls of whether the main thread has left Polars
_PATIENCE = 2.0  # seconds for which the exit of Python waits for running selections
_ENDING = threading.Event()


@contextlib.contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Yields a function to be called often, which raises Interrupted once Ctrl-C was pressed.

    In the main thread Python raises KeyboardInterrupt itself, but for what another thread's handler took.
    """
    if _is_main():
        yield _LISTENER.check_in_main
        return
    if not _can_listen():
        yield check_ending
        return
    _LISTENER.open()
    try:
        yield _LISTENER.check
    finally:
        _LISTENER.close()


def check_ending() -> None:
    """Interrupted while Python exits: a thread that took the GIL after that would abort the process."""
    if _ENDING.is_set():
        raise Interrupted("the program ended while selecting")


def _end_selections() -> None:
    """At exit: have the threads of Polars and DuckDB leave Python, and wait for them a little."""
    _ENDING.set()
    until = time.monotonic() + _PATIENCE
    seen = alive = _threads_selecting()
    while alive and time.monotonic() < until:
        time.sleep(_PAUSE)
        seen |= _threads_selecting()
        alive = seen & sys._current_frames().keys()  # noqa: SLF001 - documented
    if seen:
        # Threads of Polars need the GIL once more, to release Python objects that they hold.
        time.sleep(5 * _PAUSE)


def _threads_selecting() -> set[int]:
    """Ids of the other threads with a frame of sqlsel; shortly after a selection also those in Polars.

    Polars selects group by group: between two of them no frame of sqlsel is on the stack.
    """
    names = ("sqlsel", "polars") if time.monotonic() - _LISTENER.closed < _PATIENCE else ("sqlsel",)
    threads = set()
    for thread, top in sys._current_frames().items():  # noqa: SLF001 - documented
        frame: FrameType | None = None if thread == threading.get_ident() else top
        while frame is not None and thread not in threads:
            if str(frame.f_globals.get("__name__", "")).startswith(names):
                threads.add(thread)
            frame = frame.f_back
    return threads


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def _can_listen() -> bool:
    """Whether faulthandler can register signals here, and SIGINT has a handler (a background job ignores it)."""
    return hasattr(faulthandler, "register") and callable(signal.getsignal(signal.SIGINT))


def _polars_call_of_main() -> tuple[FrameType, int] | None:
    """(frame, instruction) in which the main thread is inside of Polars; None if it is anywhere else.

    Polars raises our exception from that call, so the main thread need not be interrupted as well.
    """
    frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001 - documented
    if frame is None or not str(frame.f_globals.get("__name__", "")).startswith("polars"):
        return None
    return frame, frame.f_lasti


class _SignalListener:
    """Receives SIGINT through a pipe while any thread has it open.

    Where the main thread waits for Polars, Python's own handler is not called: KeyboardInterrupt would
    come a second time, after Polars has raised ours. Between two groups of one call of Polars it stays open.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._pipe: tuple[int, int] | None = None
        self._open = 0
        self._delivered = True  # the main thread gets this Ctrl-C without further action
        self.closed = -_PATIENCE  # when a thread has last ended a selection
        self._call: tuple[FrameType, int] | None = None
        self._waiting = False  # a thread waits for the main thread to leave Polars

    def open(self) -> None:
        """Register the signal, unless another thread has; count this thread."""
        with self._lock:
            call = _polars_call_of_main()
            if not self._open and call != self._call:
                self._end()
            if self._pipe is None:
                pipe, chain = os.pipe(), call is None
                os.set_blocking(pipe[1], False)
                faulthandler.register(signal.SIGINT, pipe[1], all_threads=False, chain=chain)
                self._pipe, self._delivered, self._call = pipe, chain, call
            self._open += 1

    def check(self) -> None:
        """Interrupted where Ctrl-C was pressed, or while Python exits; for threads but the main one."""
        check_ending()
        if self._was_pressed():
            if not self._delivered and _polars_call_of_main() is None:
                _thread.interrupt_main()
            self._delivered = True
            raise Interrupted("interrupted while selecting")

    def check_in_main(self) -> None:
        """Interrupted in the main thread, for a Ctrl-C whose handler of Python was not called."""
        if not self._delivered and self._was_pressed():
            self._delivered = True
            raise Interrupted("interrupted while selecting")

    def close(self) -> None:
        """Take this thread off the count; the last one unregisters, at once or when Polars' call has ended."""
        with self._lock:
            self._open -= 1
            self.closed = time.monotonic()
            if self._open or self._pipe is None:
                return
            if self._call is None or self._call != _polars_call_of_main():
                self._end()
            elif not self._waiting:
                self._waiting = True
                threading.Thread(target=self._close_later, daemon=True).start()

    def _close_later(self) -> None:
        """Unregister soon after the main thread has left the call of Polars that it was in."""
        while True:
            time.sleep(_PAUSE)
            with self._lock:
                if self._open or (
                    not _ENDING.is_set()
                    and self._call is not None
                    and self._call == _polars_call_of_main()
                ):
                    continue
                self._end()
                self._waiting = False
                return

    def _end(self) -> None:
        """Unregister and close the pipe; a Ctrl-C that reached no thread is passed to the main one."""
        if self._pipe is None:
            return
        faulthandler.unregister(signal.SIGINT)
        undelivered = self._was_pressed() and not self._delivered
        for end in self._pipe:
            os.close(end)
        self._pipe = self._call = None
        self._delivered = True
        if undelivered:
            _thread.interrupt_main()

    def _was_pressed(self) -> bool:
        """Whether the pipe holds anything; it is not read, so that every thread sees it."""
        with self._lock:  # else the pipe may be closed meanwhile, and its number be another file's
            if self._pipe is None:
                return False
            waiting = select.poll()
            waiting.register(self._pipe[0], select.POLLIN)
            return any(event & select.POLLIN for _, event in waiting.poll(0))


_LISTENER = _SignalListener()
atexit.register(_end_selections)
