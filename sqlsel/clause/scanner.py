"""SQL text as tokens with their places; every character belongs to exactly one token."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>--[^\r\n]*)
  | (?P<escaped>[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z))
  | (?P<string>(?:[xXbB])?'(?:[^']|'')*(?:'|\Z))
  | (?P<quoted>"(?:[^"]|"")*(?:"|\Z))
  | (?P<dollar>\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z))
  | (?P<parameter>\$[0-9]+|\$[^\W\d]\w*|\?[0-9]*)
  | (?P<number>(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)
  | (?P<word>(?:[^\W\d]|[^\x00-\x7f])(?:[\w$]|[^\x00-\x7f\s])*)
  | (?P<assign>:=|=>)
  | (?P<cast>::)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_ENDS = re.compile(r"/\*|\*/")
_OPEN, _CLOSE = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text; ``depth`` counts the brackets around it."""

    kind: str
    text: str
    start: int
    depth: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def word(self) -> str:
        """The word in capitals; empty for anything but a bare word."""
        return self.text.upper() if self.kind == "word" else ""


def scan(sql: str) -> list[Token]:
    """All tokens of ``sql`` but space and comments."""
    tokens: list[Token] = []
    at, depth = 0, 0
    while match := _TOKEN.match(sql, at):
        if sql.startswith("/*", at):
            at = _comment_end(sql, at)
            continue
        kind, text = str(match.lastgroup), match.group()
        if kind == "tag":
            kind = "dollar"
        if kind == "dollar" and tokens and tokens[-1].end == at and tokens[-1].kind == "word":
            kind = "other"  # a$b$ is a name
        if text in _CLOSE and kind == "other":
            depth = max(depth - 1, 0)
        if kind not in ("space", "comment"):
            tokens.append(Token(kind, text, at, depth))
        if text in _OPEN and kind == "other":
            depth += 1
        at = match.end()
    return tokens


def _comment_end(sql: str, at: int) -> int:
    """Where the comment that begins at ``at`` ends; comments nest."""
    depth = 0
    for mark in _COMMENT_ENDS.finditer(sql, at):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(sql)
