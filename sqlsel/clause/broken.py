"""Expressions that cannot be complete: they break off, or their brackets do not match."""

from __future__ import annotations

from collections.abc import Sequence

from sqlsel.clause.scanner import Token

_CLOSING = {"(": ")", "[": "]", "{": "}"}
# Operators that need something behind them; ! may end an expression, and so may the star of t.*
_OPERATORS = frozenset("+-/%^|&<>=~.:")
_WORDS = frozenset(
    "AND OR NOT IN IS LIKE ILIKE BETWEEN CASE WHEN THEN ELSE ESCAPE COLLATE".split()  # noqa: SIM905
)


def broken(tokens: Sequence[Token]) -> tuple[str, Token | None] | None:
    """(message, token) of an incomplete expression, the token None for its end; None if it may be complete."""
    open_brackets: list[Token] = []
    for token in tokens:
        if token.kind != "other":
            continue
        if token.text in _CLOSING:
            open_brackets.append(token)
        elif token.text in _CLOSING.values():
            opening = open_brackets.pop() if open_brackets else None
            if opening is not None and _CLOSING[opening.text] != token.text:
                closing = _CLOSING[opening.text]
                return f"expected {closing} for {opening.text} before this {token.text}", token
    if tokens and _is_incomplete_after(tokens):
        return f"the expression breaks off after {tokens[-1].text}", None
    return None


def _is_incomplete_after(tokens: Sequence[Token]) -> bool:
    """Whether the last token is an operator or keyword that needs an operand behind it."""
    last, before = tokens[-1], tokens[-2] if len(tokens) > 1 else None
    if last.text == "*":
        return before is not None and before.text != "."
    if last.kind == "word":
        return before is not None and before.text != "." and last.word in _WORDS
    return last.kind == "cast" or (last.kind == "other" and last.text in _OPERATORS)
