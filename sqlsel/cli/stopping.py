"""Signal handlers for Ctrl-C (SIGINT): while Python loads and after the work, the program exits at once, code 130.

There is nothing to clean up then, and a traceback would be noise. While a command runs, Ctrl-C is Python's
KeyboardInterrupt. Handlers that are not ours are left alone: a program in the background ignores SIGINT.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

INTERRUPTED = 130


def exit_on_interrupt() -> None:
    """From now on Ctrl-C prints "Interrupted." and ends the program with code 130."""
    _replace(signal.default_int_handler, _interrupted)


def raise_on_interrupt() -> None:
    """From now on Ctrl-C raises KeyboardInterrupt, Python's default."""
    _replace(_interrupted, signal.default_int_handler)


def exit_with(code: int) -> None:
    """The work is done: from now on Ctrl-C ends the program at once, with the code of its normal end."""
    for before in (signal.default_int_handler, _interrupted):
        _replace(before, lambda _number, _frame: os._exit(code))
    # Python restores the system's handlers while it shuts down, and then SIGINT would kill the process.
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def delayed_interrupt() -> Iterator[None]:
    """Context: a Ctrl-C within it raises KeyboardInterrupt at its end, so that its work is done completely."""
    pressed = False

    def later(_number: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True

    _replace(signal.default_int_handler, later)
    try:
        yield
    finally:
        _replace(later, signal.default_int_handler)
        if pressed:
            raise KeyboardInterrupt


def _replace(before: object, after: Callable[[int, FrameType | None], Any]) -> None:
    """Install the handler ``after`` in place of ``before``; does nothing where another one is installed."""
    if signal.getsignal(signal.SIGINT) is before:
        try:
            signal.signal(signal.SIGINT, after)
        except ValueError:  # Python allows this in the main thread only
            return


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    """The handler that ends the program at once, without Python's shutdown."""
    with contextlib.suppress(OSError):  # stderr may be closed
        os.write(2, b"Interrupted.\n")
    os._exit(INTERRUPTED)
