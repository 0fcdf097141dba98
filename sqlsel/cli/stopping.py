"""Ctrl-C before a command begins and after it has ended: nothing is to be tidied up, so the program ends at once.

While a command works, Ctrl-C is the exception that Python makes of it. A program in the background,
which ignores Ctrl-C, and one that has a handler of its own go on as they were.
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


def end_at_once() -> None:
    """From now on Ctrl-C ends the program with a message and code 130."""
    _replace(signal.default_int_handler, _interrupted)


def raise_again() -> None:
    """From now on Ctrl-C is KeyboardInterrupt."""
    _replace(_interrupted, signal.default_int_handler)


def end_with(code: int) -> None:
    """The work is done: from now on Ctrl-C ends the program with the code that it would end with anyway."""
    for before in (signal.default_int_handler, _interrupted):
        _replace(before, lambda _number, _frame: os._exit(code))
    # Python takes handlers away while it ends, and then Ctrl-C would kill it.
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def held_off() -> Iterator[None]:
    """Ctrl-C comes after this, not within; so that what is made here is known to be there."""
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
    if signal.getsignal(signal.SIGINT) is before:
        try:
            signal.signal(signal.SIGINT, after)
        except ValueError:  # not in the main thread, which alone hears of signals
            return


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    with contextlib.suppress(OSError):  # stderr may be closed
        os.write(2, b"Interrupted.\n")
    os._exit(INTERRUPTED)
