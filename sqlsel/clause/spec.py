"""A clause's options as JSON that DuckDB builds, so that each may be any constant expression."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlsel.clause.fed_inputs import PER_ROW, Inputs
from sqlsel.clause.parsed import Call, Expression, Parsed
from sqlsel.clause.scanner import Token
from sqlsel.clause.text import Text
from sqlsel.sqltext.quoting import literal

_LONGEST = 2000  # characters of a statement that the log of runs stores


class Origin(NamedTuple):
    """The name of the clause's run, the statement as the user wrote it, and the clause's number in it, from 0."""

    run: str
    statement: str
    clause: int


def spec(sql: str, parsed: Parsed, inputs: Inputs, origin: Origin) -> Text:
    """The SQL expression of the JSON."""
    text = Text(sql).new("to_json(struct_pack(strategies := [")
    for i, (call, slot) in enumerate(zip(parsed.calls, inputs.slots, strict=True)):
        text.new(", " if i else "").add(_call(sql, call, slot))
    text.new("]" if parsed.calls else "]::JSON[]")
    for name, expression in parsed.options.items():
        if name not in PER_ROW:
            text.new(f", {name} := to_json(").expression(expression).new(")")
    present = ", ".join(f"{name} := {literal(name in parsed.options)}" for name in PER_ROW)
    statement = literal(origin.statement.replace("\0", "")[:_LONGEST])
    text.new(f", {present}, run := {literal(origin.run)}, statement := {statement}")
    text.new(f", clause := {origin.clause}")
    return text.new(', connection := current_connection_id(), "query" := current_query_id()))')


def _call(sql: str, call: Call, slot: int | None) -> Text:
    """One strategy as to_json(…); an option ``query`` that is a subquery is left out: its rows are fed."""
    place = -1 if slot is None else slot
    input_text = literal("" if call.input is None else call.input.text.replace("\0", ""))
    fields = f'"type" := {literal(call.name)}, slot := {place}, input := {input_text}'
    text = Text(sql).new(f"to_json(struct_pack({fields}")
    for name, expression in call.options.items():
        if expression is not call.subquery:
            text.new(f", {name} := to_json(").add(_option(sql, name, expression)).new(")")
    return text.new("))")


def _option(sql: str, name: str, expression: Expression) -> Text:
    """The option as written; keys of ``target := {0: .2, true: .3}`` in quotes, since fields of a STRUCT are names."""
    text, at = Text(sql), expression.start
    if name == "target" and expression.tokens[0].text == "{":
        for first, last in _bare_keys(expression.tokens):
            text.own(at, first.start).new("'").own(first.start, last.end).new("'")
            at = last.end
    return text.own(at, expression.start + len(expression.text))


def _bare_keys(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    """The first and the last token of each key that is a number, true or false."""
    inside = tokens[0].depth + 1
    for before, key, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if key.depth != inside or after.text != ":":
            continue
        if before.text in ("{", ",") and (key.kind == "number" or key.word in ("TRUE", "FALSE")):
            yield key, key
        elif before.text == "-" and key.kind == "number":
            yield before, key
