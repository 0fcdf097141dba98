"""``selection_rank()``, ``selection_gain()``, ``selection_values()`` in a select list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlsel.clause.clause_error import ClauseError
from sqlsel.clause.scanner import Token

PSEUDO = {
    "SELECTION_RANK": "p.rank",
    "SELECTION_GAIN": "p.gain",
    "SELECTION_VALUES": "p.vals",
}


@dataclass(frozen=True)
class Pseudo:
    """One pseudo-column: its place in the text, the column of the picks that it shows, and its name."""

    start: int
    end: int
    source: str
    alias: str


def find_pseudo(sql: str, tokens: Sequence[Token], first: int, end: int) -> list[Pseudo]:
    """The pseudo-columns among the tokens ``first`` … ``end`` of a select list."""
    return [
        _pseudo(sql, tokens, i, first, end)
        for i in range(first, end - 1)
        if tokens[i].word in PSEUDO and tokens[i + 1].text == "("
    ]


def _pseudo(sql: str, tokens: Sequence[Token], i: int, first: int, end: int) -> Pseudo:
    """The pseudo-column at token ``i``; ClauseError where it is not a whole item of the list."""
    name = tokens[i]
    depth = tokens[first].depth if first < end else 0
    starts = i == first or (tokens[i - 1].text == "," and tokens[i - 1].depth == depth)
    at = i + 3  # name ( )
    alias = name.text.lower()
    ok = starts and at <= end and tokens[i + 2].text == ")"
    if ok and at < end and tokens[at].word == "AS":
        at += 1
        ok = at < end
    if ok and at < end and tokens[at].kind in ("word", "quoted"):
        alias = tokens[at].text
        at += 1
    if not ok or (at < end and tokens[at].text != ","):
        message = f"{name.text.lower()}() " + (
            "takes no argument"
            if tokens[i + 2].text != ")"
            else "must be a column of its own; compute with it in an outer SELECT"
        )
        raise ClauseError(message, sql, name.start, len(name.text))
    return Pseudo(name.start, tokens[at - 1].end, PSEUDO[name.word], alias)
