"""JSON files that come from elsewhere.

Beside what ``config.reader`` refuses these are faults: text that is not UTF-8, NUL, files above 16 MiB, and what is no
regular file. The comments and trailing commas that Lightly's own samples have are read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from sqlsel.config.reader import LARGEST, NotJson, read_json


class Fault(ValueError):
    """What is wrong with a file or a value in it; the caller adds the name of the file."""


def load(path: str | Path, *, largest: int = LARGEST, finite: bool = True) -> object:
    """The value of a JSON file; a Fault where it cannot be read or is not valid."""
    return loads(read_bytes(path, largest=largest), largest=largest, finite=finite)


def read_bytes(path: str | Path, *, largest: int = LARGEST) -> bytes:
    """The bytes of a regular file; a Fault for anything else, without waiting for a pipe or a device."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Fault(f"cannot be read: {error.strerror}") from error
    except ValueError as error:  # a NUL in the name
        raise Fault(f"cannot be read: {error}") from error
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise Fault("is no regular file")
        if about.st_size > largest:
            raise Fault(f"holds {about.st_size:,} bytes; at most {largest:,} are read")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(largest)
    except OSError as error:
        raise Fault(f"cannot be read: {error.strerror}") from error
    finally:
        os.close(handle)


def loads(data: bytes, *, largest: int = LARGEST, finite: bool = True) -> object:
    """The value that JSON text in UTF-8 holds; a Fault gives line and column where known.

    ``finite``: NaN and infinity are faults, as they are in JSON; else they are numbers, for whoever
    reads on to leave out what has them.
    """
    if len(data) > largest:
        raise Fault(f"holds {len(data):,} bytes; at most {largest:,} are read")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Fault(f"is not UTF-8: byte {error.start} is 0x{data[error.start]:02x}") from error
    try:
        value = read_json(text, finite=finite)
    except NotJson as error:
        raise Fault(f"line {error.line}, column {error.column}: {error}") from error
    except (ValueError, OverflowError, RecursionError) as error:
        raise Fault(f"is no JSON: {error}") from error
    if r"\u0000" in text:  # raw, it is refused as any control character is
        for part in _texts(value):
            check_text(part)
    return value


def check_text(text: str) -> None:
    """A Fault where the text cannot be stored in a file or a database: NUL, half of a surrogate pair."""
    if "\0" in text:
        raise Fault(f"the text {text[:40]!r} holds the character NUL")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Fault(f"the text {text[:40]!r} holds half of a surrogate pair") from error


def _texts(value: object) -> Iterator[str]:
    """All texts in a value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        yield from chain.from_iterable(map(_texts, value))
