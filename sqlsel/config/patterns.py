"""``lightly_path_regex``: the named groups of an expression over file names, as DuckDB counts them."""

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
    """An expression in the spelling of DuckDB, and the number of each of its named groups."""

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
    found = _parsed(text)
    if isinstance(found, str):
        fields.problem(found, key)
        return None
    return found


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
    spelt = _spelt(text)
    if fault := _fault(spelt):
        return f"is no regular expression of DuckDB: {fault}"
    if not groups:
        return "needs a named group, e.g. '^(?P<camera>[^/]+)/'"
    return PathPattern(spelt, tuple(groups.items()))


def _spelt(text: str) -> str:
    """Groups as ``(?P<name>…)``: DuckDB does not know ``(?<name>…)``, which JavaScript writes."""

    def piece(found: re.Match[str]) -> str:
        return f"(?P<{found['name']}>" if found["name"] else found.group()

    return _PIECE.sub(piece, text)


def _fault(text: str) -> str:
    """What DuckDB says of an expression; empty if it can read it."""
    import duckdb

    with duckdb.connect() as con:
        try:
            con.execute("SELECT regexp_matches('', ?)", [text]).fetchall()
        except duckdb.Error as error:
            return str(error).splitlines()[0].partition(": ")[2]
    return ""
