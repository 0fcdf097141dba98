"""The JSON reader for configurations and files from elsewhere; also reads the Python dicts of Lightly's pages.

Beyond JSON it accepts ``#`` and ``//`` comments, trailing commas, texts in single quotes and True,
False, None. Nothing is evaluated. It is stricter than ``json``: duplicate keys, NaN, numbers out of
range, lone surrogates, more than 32 levels and keys of more than 256 bytes are errors.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from sqlsel.errors import ConfigError

DEEPEST = 32
LARGEST = 16 * 2**20
LONGEST_KEY = 256

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*|//[^\n]*)*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<real>(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
_WORD = re.compile(r"-?[A-Za-z_][A-Za-z0-9_]*")
_PLAIN = re.compile(r"""[^"'\\\x00-\x1f]+""")
_ESCAPED = dict(zip("\"'\\/bfnrt", "\"'\\/\b\f\n\r\t", strict=True))
_UNITS = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONSTANTS = {"true": True, "false": False, "null": None}
_CONSTANTS |= {str(constant): constant for constant in (True, False, None)}  # as Python writes them


class NotJson(ValueError):
    """An error in a text, with its line and column, both counted from 1."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line, self.column = line, column


def loads(text: str, name: str) -> object:
    """The value that ``text`` holds; a ConfigError gives ``name``, line and column of the fault.

    >>> loads("{'n_samples': 100,}  # an absolute number", "selection.json")
    {'n_samples': 100}
    """
    size = len(text.removeprefix("\ufeff").encode("utf-8", "surrogatepass"))
    if size > LARGEST:
        raise ConfigError(
            f"{name}: a configuration may hold at most 16 MiB, this one holds {size:,} bytes"
        )
    try:
        return read_json(text)
    except NotJson as error:
        raise ConfigError(f"{name}:{error.line}:{error.column}: {error}") from error


def read_json(text: str, *, finite: bool = True) -> object:
    """The value of ``text``; NotJson for an error in it. ``finite``: whether NaN and infinity are errors.

    Python's ``json`` is tried first, since it is fast. Where it fails, or accepted too much, the text
    is read again by our own reader, which takes more, and knows line and column of an error.
    """
    try:
        value = _DECODER.decode(text)
        _check([value], 0, finite=finite)
    except (ValueError, OverflowError, RecursionError):
        if len(text) > LARGEST:  # the slow reader takes a second for each megabyte
            raise
        value = _Reader(text.removeprefix("\ufeff")).document()
    return value


def _check(values: Iterable[Any], depth: int, *, finite: bool) -> None:
    """ValueError for what ``json`` accepts and we do not: lone surrogates, depth, NaN and infinity."""
    for value in values:
        if isinstance(value, str):
            value.encode()  # half of a surrogate pair has no UTF-8
        elif isinstance(value, dict | list):
            if depth == DEEPEST:
                raise ValueError(f"nested deeper than {DEEPEST} levels")
            if isinstance(value, dict):
                _check(value, depth, finite=finite)
            inner = value.values() if isinstance(value, dict) else value
            _check(inner, depth + 1, finite=finite)
        elif not math.isfinite(value or 0) and finite:
            raise ValueError(f"{value} is not JSON")


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The dict of an object; ValueError for a duplicate or a long key, which ``json`` accepts."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key appears twice")
    for key in members:
        if len(key) > LONGEST_KEY // 4 and len(key.encode("utf-8", "replace")) > LONGEST_KEY:
            raise ValueError(f"a key may hold at most {LONGEST_KEY} bytes")
    return members


_DECODER = json.JSONDecoder(object_pairs_hook=_members)


class _Reader:
    """A recursive-descent parser; ``at``: the index of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, at: int, message: str) -> NoReturn:
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        raise NotJson(line, column, message)

    def next(self) -> str:
        """Skip blanks and comments; the character there, which is not read, or an empty text at the end."""
        blank = _BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at
        return self.text[self.at : self.at + 1]

    def document(self) -> object:
        if lone := _SURROGATE.search(self.text):
            self.fail(lone.start(), "half of a surrogate pair is no character")
        value = self.value(0)
        if self.next():
            self.fail(self.at, "expected the end of the text")
        return value

    def value(self, depth: int) -> object:
        first = self.next()
        if first and first in "{[" and depth == DEEPEST:
            self.fail(self.at, f"nested deeper than {DEEPEST} levels")
        if first == "{":
            return self.mapping(depth + 1)
        if first == "[":
            return self.sequence(depth + 1)
        if first in ('"', "'"):
            return self.string()
        return self.word_or_number()

    def mapping(self, depth: int) -> dict[str, object]:
        members: dict[str, object] = {}

        def pair() -> None:
            at = self.at
            key = self.key()
            if key in members:
                self.fail(at, f"key {key!r} appears twice")
            if self.next() != ":":
                self.fail(self.at, "expected ':'")
            self.at += 1
            members[key] = self.value(depth)

        self.separated("}", pair)
        return members

    def sequence(self, depth: int) -> list[object]:
        items: list[object] = []
        self.separated("]", lambda: items.append(self.value(depth)))
        return items

    def separated(self, closing: str, member: Callable[[], None]) -> None:
        """Read the opening bracket, members with a comma after each (optional after the last), and ``closing``."""
        self.at += 1
        while self.next() != closing:
            member()
            if self.next() == ",":
                self.at += 1
            elif self.next() != closing:
                self.fail(self.at, f"expected ',' or {closing!r}")
        self.at += 1

    def key(self) -> str:
        at = self.at
        if self.next() not in ('"', "'"):
            self.fail(at, "expected a key in quotes")
        key = self.string()
        if len(key.encode()) > LONGEST_KEY:
            self.fail(at, f"a key may hold at most {LONGEST_KEY} bytes")
        return key

    def string(self) -> str:
        start, quote = self.at, self.text[self.at]
        self.at += 1
        parts: list[str] = []
        while (char := self.text[self.at : self.at + 1]) != quote:
            if char in ("", "\n", "\r"):
                self.fail(start, f"this text has no closing {quote} on its line")
            parts.append(self.escape() if char == "\\" else self.plain())
        self.at += 1
        return "".join(parts)

    def plain(self) -> str:
        """Read characters up to the next quote, backslash or control character, or the other kind of quote."""
        run = _PLAIN.match(self.text, self.at)
        piece = run.group() if run else self.text[self.at]
        if not run and piece < " ":
            self.fail(self.at, f"a control character is written \\u{ord(piece):04x}")
        self.at += len(piece)
        return piece

    def escape(self) -> str:
        """Read an escape; consecutive ones of four hex digits together, as two may be one surrogate pair."""
        at = self.at
        char = self.text[at + 1 : at + 2]
        if char in _ESCAPED:
            self.at += 2
            return _ESCAPED[char]
        units = _UNITS.match(self.text, at)
        if not units:
            self.fail(at, f"unknown escape '\\{char}'")
        self.at = units.end()
        try:
            return bytes.fromhex(units.group().replace("\\u", "")).decode("utf-16-be")
        except UnicodeDecodeError:
            self.fail(at, "half of a surrogate pair is no character")

    def word_or_number(self) -> object:
        at = self.at
        if number := _NUMBER.match(self.text, at):
            self.at = number.end()
            if re.match(r"[\w.]", self.text[self.at : self.at + 1]):
                self.fail(at, "this is not a number as JSON writes it")
            return self.number(at, number.group(), real=bool(number["real"]))
        word = _WORD.match(self.text, at)
        if not word:
            self.fail(at, "expected a value")
        if word.group() in _CONSTANTS:
            self.at = word.end()
            return _CONSTANTS[word.group()]
        if word.group().lstrip("-") in ("NaN", "Infinity"):
            self.fail(at, f"{word.group()} is not JSON")
        return self.fail(at, f"expected a value, got {word.group()[:40]!r}; texts stand in quotes")

    def number(self, at: int, text: str, *, real: bool) -> float:
        value = float(text)
        if not math.isfinite(value):
            self.fail(at, f"number out of range: {text[:20]}{'…' if len(text) > 20 else ''}")
        return value if real else int(text)
