"""The one reader of JSON files that come from elsewhere.

Refused: keys given twice, NaN and numbers out of range, text that is not valid Unicode, NUL,
more than 32 levels, keys above 256 bytes, files above 16 MiB, and what is no regular file. The
comments and trailing commas that Lightly's own samples have are read.
"""

from __future__ import annotations

import json
import math
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from sqlsel.config.reader import DEEPEST, LARGEST, LONGEST_KEY
from sqlsel.config.reader import loads as read_leniently
from sqlsel.errors import ConfigError

_PLACE = re.compile(r"^:(\d+):(\d+): ")
_LONGEST_NUMBER = 300  # no float has more digits before its point


class Fault(ValueError):
    """What is wrong with a file or a value in it; who catches it knows the file's name."""


def load(path: str | Path, *, largest: int = LARGEST, finite: bool = True) -> object:
    """The value that a JSON file holds; a Fault says what is wrong with it."""
    return loads(content(path, largest=largest), largest=largest, finite=finite)


def content(path: str | Path, *, largest: int = LARGEST) -> bytes:
    """The bytes of a regular file; never waits for a pipe or a device."""
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
        value = (_DECODER if finite else _WITH_NAN).decode(text)
        if text.count("[") + text.count("{") > DEEPEST or "\\u" in text:
            _check([value])
    except (ValueError, RecursionError):
        value = _leniently(text)
    return value


def _leniently(text: str) -> object:
    """The second try: reads comments and trailing commas, and knows where a fault is."""
    try:
        value = read_leniently(text, "")
    except ConfigError as error:
        raise Fault(_PLACE.sub(r"line \1, column \2: ", str(error)).lstrip(": ")) from error
    _check([value])
    return value


def _check(level: list[object]) -> None:
    """No text below holds NUL or half of a surrogate pair; nothing is nested too deep."""
    for depth in range(DEEPEST + 1):
        inner: list[object] = []
        for member in level:
            if isinstance(member, str):
                check_text(member)
            elif depth == DEEPEST:
                raise Fault(f"nested deeper than {DEEPEST} levels")
            else:
                inner.extend(_members(member))
        level = inner


def _members(value: object) -> Iterator[object]:
    """The texts, lists and objects in a list or object, keys included."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        yield from (member for member in value if isinstance(member, str | dict | list))


def check_text(text: str) -> None:
    """A Fault where no file and no database can hold the text."""
    if "\0" in text:
        raise Fault(f"the text {text[:40]!r} holds the character NUL")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Fault(f"the text {text[:40]!r} holds half of a surrogate pair") from error


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Fault("a key appears twice")
    for key in found:
        if len(key) > LONGEST_KEY // 4 and len(key.encode("utf-8", "replace")) > LONGEST_KEY:
            raise Fault(f"a key may hold at most {LONGEST_KEY} bytes")
    return found


def _real(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Fault(f"number out of range: {text[:20]}")
    return value


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise Fault(f"number out of range: {text[:20]}…")
    return int(text)


def _refuse(text: str) -> NoReturn:
    raise Fault(f"{text} is not JSON")


_WITH_NAN = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=_integer)
_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_real, parse_int=_integer, parse_constant=_refuse
)
