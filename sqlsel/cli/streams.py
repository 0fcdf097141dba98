"""stdin, stdout and stderr for the commands: never None, and without control characters on a terminal.

File names and values of rows come from anywhere. Control characters in them could hide or forge lines
on a terminal, or type for the user.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sqlsel.errors import CatalogError

# Unicode's C0 (except tab and line feed), DEL, C1, and the characters that reverse the direction of text.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class ClosedStream(io.TextIOWrapper):
    """Stands for a standard stream that the caller closed (``>&-``): reading gives nothing, writing does nothing."""


class TerminalStream(io.TextIOWrapper):
    """Text for a terminal, with control characters as escapes; ``plain`` is the stream without escaping."""

    def __init__(self, plain: TextIO) -> None:
        super().__init__(
            plain.buffer, encoding=plain.encoding, errors=plain.errors, line_buffering=True
        )
        self.plain = plain

    def write(self, text: str, /) -> int:
        super().write(escaped(text))
        return len(text)


def escaped(text: str) -> str:
    r"""The text with control characters as Python's escapes: ``\x1b``."""
    return _CONTROL.sub(lambda one: one[0].encode("unicode_escape").decode(), text)


def read_text(file: str) -> str:
    """The text of a file, or of stdin for ``-``; a CatalogError where it cannot be read or is no UTF-8."""
    name = "stdin" if file == "-" else file
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
        text.encode()  # stdin may let bytes through that are no UTF-8
    except OSError as error:
        raise CatalogError(f"{name}: {error.strerror}") from None
    except UnicodeError:
        raise CatalogError(f"{name}: is not UTF-8 text") from None
    return text


@contextmanager
def prepared() -> Iterator[None]:
    """Context: ``sys.stdin``, ``sys.stdout``, ``sys.stderr`` are open, and escape on a terminal; then restored."""
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
                stream.detach()  # else the garbage collector would close the terminal's buffer with it
        sys.stdin, sys.stdout, sys.stderr = before


def _fill_descriptors() -> None:
    """Open the null device as descriptors 0 to 2 where they are closed.

    Else a database would become descriptor 1, and text meant for stdout would be written into it.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)  # noqa: FBT003 - it knows no names
    os.close(number)


def _closed(number: int) -> ClosedStream:
    """A ``ClosedStream`` on a descriptor, which stays open when the stream is closed."""
    mode = "rb" if number == 0 else "wb"
    return ClosedStream(os.fdopen(number, mode, closefd=False), encoding="utf-8", errors="replace")
