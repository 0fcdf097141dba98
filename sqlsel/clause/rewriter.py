"""A statement with clauses as one SQL statement that DuckDB runs.

Everything outside the clauses stays as the user wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlsel.clause.find import Clause, clauses_among, find_clauses
from sqlsel.clause.narrow import Places, no_places, relation_of
from sqlsel.clause.replacement import Replacement
from sqlsel.clause.scanner import Token
from sqlsel.clause.signatures import Signatures
from sqlsel.clause.text import Segment, Text, chained
from sqlsel.sqltext.column_labels import value_names


@dataclass(frozen=True)
class Rewritten:
    """The statement for DuckDB, and where its verbatim pieces come from."""

    sql: str
    original: str
    clauses: int
    segments: tuple[Segment, ...] = ()
    read: tuple[Clause, ...] = ()  # the clauses of the user's text
    numbered: str = ""  # that text with its ``?`` numbered
    of_numbered: tuple[Clause, ...] = ()  # the clauses of that

    def original_position(self, position: int) -> int | None:
        """The place in the user's text of a place in ``sql``; None for generated text."""
        for segment in self.segments:
            if segment.start <= position < segment.start + segment.length:
                return segment.original + position - segment.start
        return None

    def original_end_before(self, position: int) -> int | None:
        """Where in the user's text the last piece ends that stands before a place in generated text."""
        ends = [s.original + s.length for s in self.segments if s.start + s.length <= position]
        return ends[-1] if ends else None


def rewrite(
    sql: str, signatures: Signatures, run: str = "", places: Places = no_places
) -> Rewritten:
    """``sql`` without clauses, ready for DuckDB; the same text where it has none.

    ``signatures``: the strategies that there are.
    ``run`` is a name by which the caller finds the facts of the run; ``places`` knows of a relation
    how its rows can be looked up again. Raises ClauseError.
    """
    clauses = read = find_clauses(sql, signatures)
    if not clauses:
        return Rewritten(sql, sql, 0, (Segment(0, 0, len(sql)),))
    current, count = sql, len(clauses)
    origin: tuple[Segment, ...] = (Segment(0, 0, len(sql)),)
    if "?" in sql:
        numbered, tokens = with_numbered_parameters(sql, read[0].tokens)
        current, origin = str(numbered), numbered.segments()
        clauses = clauses_among(current, tokens, signatures)
    text_numbered, of_numbered = current, tuple(clauses)
    for number in range(count):
        # From the last to the first, so that nothing earlier moves.
        last = clauses[count - 1 - number]
        relation = relation_of(current, last)
        found = () if relation is None else places(relation)
        names = value_names([signatures[call.name].label for call in last.parsed.calls])
        text = _replaced(current, last, (run, sql), number, found, names)
        origin = chained(text.segments(), origin)
        current = str(text)
        if number + 1 < count:
            clauses = find_clauses(current, signatures)
    return Rewritten(current, sql, count, origin, tuple(read), text_numbered, of_numbered)


def with_numbered_parameters(sql: str, tokens: Sequence[Token]) -> tuple[Text, list[Token]]:
    """Each ``?`` as the number after the highest before it, as DuckDB counts; inputs move in the text.

    ``tokens`` are those of ``sql``; gives the text and its tokens.
    """
    text, at, count, moved = Text(sql), 0, 0, 0
    result = []
    for token in tokens:
        new = token.text
        if token.kind == "parameter" and token.text[1:].isdigit():
            count = max(count, int(token.text[1:]))
        elif token.kind == "parameter" and token.text == "?":
            count += 1
            new = f"${count}"
            text.own(at, token.start).new(new)
            at = token.end
        result.append(replace(token, start=token.start + moved, text=new))
        moved += len(new) - len(token.text)
    return text.own(at, len(sql)), result


def _replaced(
    sql: str,
    clause: Clause,
    run: tuple[str, str],
    number: int,
    places: Sequence[str],
    value_names: Sequence[str],
) -> Text:
    """The text with one clause turned into a query of its own."""
    names = f"__sqlsel_{number}" if number else "__sqlsel"
    body = Replacement(sql, clause, names, run, places, value_names).text()
    return Text(sql).own(0, clause.block.start).add(body).own(clause.parsed.end, len(sql))
