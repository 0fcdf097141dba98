"""Configuration text to plain Python values: JSON, and the Python dicts that Lightly's pages print.

Beyond JSON it reads ``#`` and ``//`` comments, trailing commas, texts in single quotes and True,
False, None. Nothing is evaluated, and what ``json`` lets through in silence is an error here:
keys given twice, NaN, numbers out of range.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import NoReturn

from sqlsel.errors import ConfigError

DEEPEST = 32
LARGEST = 16 * 2**20
LONGEST_KEY = 256

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*|//[^\n]*)*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<real>(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
_WORD = re.compile(r"-?[A-Za-z_][A-Za-z0-9_]*")
_PLAIN = re.compile(r"""[^"'\\\x00-\x1f]+""")
_ESCAPED = {
    '"': '"',
    "'": "'",
    "\\": "\\",
    "/": "/",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}
_UNITS = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONSTANTS = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "null": None,
    "None": None,
}


def loads(text: str, name: str) -> object:
    """The value that ``text`` holds; a ConfigError gives ``name``, line and column of the fault.

    >>> loads("{'n_samples': 100,}  # an absolute number", "selection.json")
    {'n_samples': 100}
    """
    text = text.removeprefix("\ufeff")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LARGEST:
        raise ConfigError(
            f"{name}: a configuration may hold at most 16 MiB, this one holds {size:,} bytes"
        )
    reader = _Reader(text, name)
    if lone := _SURROGATE.search(text):
        reader.fail(lone.start(), "half of a surrogate pair is no character")
    return reader.document()


class _Reader:
    """Reads one text from left to right; ``at`` is the place reached."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.at = 0

    def fail(self, at: int, message: str) -> NoReturn:
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        raise ConfigError(f"{self.name}:{line}:{column}: {message}")

    def next(self) -> str:
        """The next character that is neither blank nor comment; empty at the end."""
        blank = _BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at
        return self.text[self.at : self.at + 1]

    def document(self) -> object:
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
        found: dict[str, object] = {}

        def pair() -> None:
            at = self.at
            key = self.key()
            if key in found:
                self.fail(at, f"key {key!r} appears twice")
            if self.next() != ":":
                self.fail(self.at, "expected ':'")
            self.at += 1
            found[key] = self.value(depth)

        self.separated("}", pair)
        return found

    def sequence(self, depth: int) -> list[object]:
        found: list[object] = []
        self.separated("]", lambda: found.append(self.value(depth)))
        return found

    def separated(self, closing: str, member: Callable[[], None]) -> None:
        """Members between the bracket reached and ``closing``, a comma after each."""
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
        """Characters without a special meaning; the other kind of quote is one of them."""
        run = _PLAIN.match(self.text, self.at)
        piece = run.group() if run else self.text[self.at]
        if not run and piece < " ":
            self.fail(self.at, f"a control character is written \\u{ord(piece):04x}")
        self.at += len(piece)
        return piece

    def escape(self) -> str:
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
