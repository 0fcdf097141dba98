"""The standard streams as a command needs them: open, and harmless where a terminal shows what others wrote.

Names of files and values of rows come from anywhere. Sent to a terminal as they are, their control
characters could hide or forge lines, or type for the user.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

# All of C0 but tab and line feed, DEL, C1, and what turns the direction of writing.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class ClosedStream(io.TextIOWrapper):
    """In place of a standard stream that was closed: nothing comes, and what is written goes nowhere."""


class TerminalStream(io.TextIOWrapper):
    """Text for a terminal, with control characters as escapes; ``plain`` takes those that are meant."""

    def __init__(self, plain: TextIO) -> None:
        super().__init__(
            plain.buffer, encoding=plain.encoding, errors=plain.errors, line_buffering=True
        )
        self.plain = plain

    def write(self, text: str, /) -> int:
        super().write(escaped(text))
        return len(text)


def escaped(text: str) -> str:
    r"""Control characters as Python writes them: ``\x1b``."""
    return _CONTROL.sub(lambda one: one[0].encode("unicode_escape").decode(), text)


@contextmanager
def prepared() -> Iterator[None]:
    """``sys.stdin``, ``sys.stdout`` and ``sys.stderr`` are streams, terminals among them safe."""
    before = sys.stdin, sys.stdout, sys.stderr
    if None in before:
        _fill_descriptors()
    sys.stdin = before[0] or _closed(0)
    sys.stdout, sys.stderr = (
        TerminalStream(stream) if stream is not None and stream.isatty() else stream or _closed(fd)
        for fd, stream in enumerate(before[1:], 1)
    )
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TerminalStream):
                stream.flush()
                stream.detach()  # else its end would be that of the terminal
        sys.stdin, sys.stdout, sys.stderr = before


def _fill_descriptors() -> None:
    """A database must not be opened as descriptor 1, into which others write what is meant for stdout."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)  # noqa: FBT003 - it knows no names
    os.close(number)


def _closed(number: int) -> ClosedStream:
    """A stream that leaves the descriptor open in the end."""
    mode = "rb" if number == 0 else "wb"
    return ClosedStream(os.fdopen(number, mode, closefd=False), encoding="utf-8", errors="replace")
