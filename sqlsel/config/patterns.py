"""``lightly_path_regex``: a regular expression over file names, and the numbers of its named groups in DuckDB."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlsel.config.problems import Fields

LONGEST = 1000
_PIECE = re.compile(
    r"""
    \\(?P<escaped>.)                                # an escape, one character of it is enough
    | \[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*\]    # a class of characters
    | \(\?P?<(?P<name>[A-Za-z_][A-Za-z0-9_]*)>      # a group with a name
    | \(\?(?:[imsU]*(?:-[imsU]+)?[:)])              # a group without number; flags
    | (?P<unknown>\(\?)                             # whatever else begins so
    | (?P<group>\()
    | .
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class PathPattern:
    """A regular expression in DuckDB's syntax (RE2), and the number of each of its named groups."""

    text: str
    groups: tuple[tuple[str, int], ...]

    def number(self, group: str) -> int | None:
        """The number of a group, None if there is none of that name."""
        return dict(self.groups).get(group)


def read_pattern(fields: Fields) -> PathPattern | None:
    """The pattern of a configuration; None if not given or noted as a problem."""
    key = "lightly_path_regex"
    text = fields.text(key)
    if text is None:
        return None
    if len(text) > LONGEST:
        fields.problem(f"may hold at most {LONGEST} characters", key)
        return None
    pattern = _parsed(text)
    if isinstance(pattern, str):
        fields.problem(pattern, key)
        return None
    return pattern


def _parsed(text: str) -> PathPattern | str:
    """The pattern, or what is wrong with it."""
    number, groups = 0, dict[str, int]()
    for piece in _PIECE.finditer(text):
        name, escaped = piece["name"], piece["escaped"]
        if piece["unknown"] or (escaped and escaped in "123456789kQ"):
            return f"{text[piece.start() :][:4]!r} (looking around, back, \\Q) is not supported"
        number += bool(name or piece["group"])
        if name in groups:
            return f"group {name!r} appears twice"
        if name:
            groups[name] = number
    spelling = _duckdb_spelling(text)
    if fault := _fault(spelling):
        return f"is no regular expression of DuckDB: {fault}"
    if not groups:
        return "needs a named group, e.g. '^(?P<camera>[^/]+)/'"
    return PathPattern(spelling, tuple(groups.items()))


def _duckdb_spelling(text: str) -> str:
    """The expression with ``(?P<name>…)`` for JavaScript's ``(?<name>…)``, which DuckDB does not know."""

    def piece(match: re.Match[str]) -> str:
        return f"(?P<{match['name']}>" if match["name"] else match.group()

    return _PIECE.sub(piece, text)


def _fault(text: str) -> str:
    """DuckDB's message where it cannot read the expression; else an empty text."""
    import duckdb

    with duckdb.connect() as con:
        try:
            con.execute("SELECT regexp_matches('', ?)", [text]).fetchall()
        except duckdb.Error as error:
            return str(error).splitlines()[0].partition(": ")[2]
    return ""
