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
from sqlsel.clause.spec import Origin
from sqlsel.clause.text import Segment, Text, chained
from sqlsel.sqltext.column_labels import value_names


@dataclass(frozen=True)
class Rewritten:
    """The statement for DuckDB, and which of its characters come from which of the user's.

    ``clauses`` have their places in ``original``, ``numbered_clauses`` theirs in ``numbered_sql``.
    """

    sql: str
    original: str
    n_clauses: int
    segments: tuple[Segment, ...] = ()
    clauses: tuple[Clause, ...] = ()
    numbered_sql: str = ""  # ``original`` with its ``?`` as $1, $2 …
    numbered_clauses: tuple[Clause, ...] = ()

    def original_position(self, position: int) -> int | None:
        """The character of ``original`` from which a character of ``sql`` comes; None for generated text."""
        for segment in self.segments:
            if segment.start <= position < segment.start + segment.length:
                return segment.original + position - segment.start
        return None

    def original_end_before(self, position: int) -> int | None:
        """Where in ``original`` the last copied piece before ``position`` of ``sql`` ends; None without one."""
        ends = [s.original + s.length for s in self.segments if s.start + s.length <= position]
        return ends[-1] if ends else None


def rewrite(
    sql: str, signatures: Signatures, run: str = "", places: Places = no_places
) -> Rewritten:
    """``sql`` with each clause replaced by calls of sqlsel's functions; unchanged where it has none.

    ``signatures``: of the strategies that exist. ``run``: the name under which the registry keeps the
    facts of this run. ``places``: gives the columns that identify a row of a relation. Raises ClauseError.
    """
    clauses = parsed_clauses = find_clauses(sql, signatures)
    if not clauses:
        return Rewritten(sql, sql, 0, (Segment(0, 0, len(sql)),))
    current, count = sql, len(clauses)
    origin: tuple[Segment, ...] = (Segment(0, 0, len(sql)),)
    if "?" in sql:
        numbered, tokens = with_numbered_parameters(sql, parsed_clauses[0].tokens)
        current, origin = str(numbered), numbered.segments()
        clauses = clauses_among(current, tokens, signatures)
    numbered_sql, numbered_clauses = current, tuple(clauses)
    for number in range(count):
        # From the last to the first, so that the places of those before it stay as they are.
        last = clauses[count - 1 - number]
        relation = relation_of(current, last)
        columns = () if relation is None else places(relation)
        names = value_names([signatures[call.name].label for call in last.parsed.calls])
        clause = Origin(run, sql, count - 1 - number)
        text = _replaced(current, last, clause, number, columns, names)
        origin = chained(text.segments(), origin)
        current = str(text)
        if number + 1 < count:
            clauses = find_clauses(current, signatures)
    return Rewritten(
        current, sql, count, origin, tuple(parsed_clauses), numbered_sql, numbered_clauses
    )


def with_numbered_parameters(sql: str, tokens: Sequence[Token]) -> tuple[Text, list[Token]]:
    """``sql`` and its ``tokens`` with $1, $2 … for each ``?``: inputs are moved, so their order changes.

    A ``?`` gets the number after the highest before it, as DuckDB counts.
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
    origin: Origin,
    number: int,
    places: Sequence[str],
    value_names: Sequence[str],
) -> Text:
    """The text with one clause replaced."""
    names = f"__sqlsel_{number}" if number else "__sqlsel"
    body = Replacement(sql, clause, names, origin, places, value_names).text()
    return Text(sql).own(0, clause.block.start).add(body).own(clause.parsed.end, len(sql))
