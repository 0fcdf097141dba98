"""The input columns of a clause: what is computed for each row of the block."""

from __future__ import annotations

from dataclasses import dataclass

from sqlsel.clause.parsed import Expression, Parsed
from sqlsel.clause.words import refuse_stars

# Options that are columns too, not constants, and the letters by which they are fed.
PER_ROW = {"key": "k", "preselected": "p", "by": "g"}


@dataclass(frozen=True)
class Inputs:
    """The expressions to feed, and for each call the number of its own; None where it has none."""

    expressions: tuple[Expression, ...]
    slots: tuple[int | None, ...]


def find_inputs(sql: str, parsed: Parsed) -> Inputs:
    """The inputs of all calls; equal expressions are fed once. ClauseError for several values."""
    by_text: dict[str, Expression] = {}
    for call in parsed.calls:
        if call.input is not None:
            by_text.setdefault(call.input.text, call.input)
    texts = list(by_text)
    slots = [None if call.input is None else texts.index(call.input.text) for call in parsed.calls]
    named = [e for name, e in parsed.options.items() if name in PER_ROW]
    refuse_stars(sql, [*by_text.values(), *named, *parsed.thresholds])
    return Inputs(tuple(by_text.values()), tuple(slots))
