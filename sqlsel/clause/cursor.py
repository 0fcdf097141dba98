"""A cursor over the tokens of a clause: reads forward, and cuts expressions out of the text."""

from __future__ import annotations

from collections.abc import Sequence

from sqlsel.clause.broken import broken
from sqlsel.clause.clause_error import ClauseError
from sqlsel.clause.parsed import Expression
from sqlsel.clause.scanner import Token, scan
from sqlsel.clause.signatures import Signatures

SET_OPERATIONS = ("UNION", "INTERSECT", "EXCEPT")
_ENDS = ("LIMIT", "OFFSET", "RETURNING", "ON", *SET_OPERATIONS)
_FOREIGN = ("ORDER", "FETCH", "WHERE", "GROUP", "HAVING", "QUALIFY", "WINDOW", "USING")
# Words after which an expression continues: NAME(…) of a strategy's name behind them is a function call.
_GO_ON = (
    "AND", "OR", "NOT", "IN", "IS", "LIKE", "ILIKE", "BETWEEN", "CASE", "WHEN", "THEN", "ELSE",
    "LIMIT", "OFFSET", "FROM",
)  # fmt: skip

_TEXTS = ("string", "escaped", "quoted", "dollar")


class Cursor:
    """Reads from token ``first`` on; ``depth``: how many brackets stand around the clause."""

    def __init__(
        self, sql: str, tokens: Sequence[Token], first: int, signatures: Signatures
    ) -> None:
        self._sql, self._tokens, self._at = sql, tokens, first
        self._signatures = signatures
        self.depth = tokens[first - 1].depth

    def peek(self) -> Token | None:
        """The token to be read; None at the end of the text."""
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def last(self) -> Token:
        """The token that was read last."""
        return self._tokens[self._at - 1]

    def advance(self) -> None:
        """Read one token."""
        self._at += 1

    def accept(self, text: str) -> bool:
        """Whether the next token is ``text``, which is then read."""
        token = self.peek()
        if token is not None and token.text == text:
            self._at += 1
            return True
        return False

    def read_label(self) -> Token | None:
        """The token ``name`` of ``name :=``, both read; None, with nothing read, for anything else."""
        token, at = self.peek(), self._at + 1
        if token is None or at >= len(self._tokens) or self._tokens[at].kind != "assign":
            return None
        self._at += 2
        return token

    def at_end(self) -> bool:
        """Whether the list of strategies and options ends before the next token."""
        token = self.peek()
        return token is None or token.depth < self.depth or token.text == ";" or token.word in _ENDS

    def option(self, owner: Token) -> Expression:
        """An expression of the clause itself, up to a comma or the word that ends it."""
        return self.as_expression(self.until_end(owner))

    def argument(self, opening: Token, owner: Token) -> Expression:
        """An expression in the brackets that ``opening`` opens, up to a comma or their end."""
        depth, first = opening.depth + 1, self._at
        while (token := self.peek()) is not None:
            if token.depth < depth or (token.depth == depth and token.text in {",", ";"}):
                return self.as_expression(self._read_from(first, owner))
            # An unclosed text runs to the end of the statement, and would swallow a bracket behind it.
            if token.kind in _TEXTS and len(scan(f"{token.text}\n)")) == 1:
                raise self.error("this text is not closed", token)
            self._at += 1
        raise self.error(f"missing ) for {owner.text}(", owner)

    def until_end(self, owner: Token) -> list[Token]:
        """The tokens up to the comma, bracket or word that ends an expression of the clause."""
        first = self._at
        while (token := self.peek()) is not None:
            if token.depth < self.depth or (
                token.depth == self.depth and self._ends_expression(token)
            ):
                break
            self._at += 1
        return self._read_from(first, owner)

    def _read_from(self, first: int, owner: Token) -> list[Token]:
        """The tokens from ``first`` to the cursor; ClauseError, naming what precedes, for none."""
        if self._at == first:
            before = self._tokens[first - 1]
            after = f"{owner.text}" if before is owner else before.text
            if before.kind == "assign" and first > 1:
                after = f"{self._tokens[first - 2].text} {before.text}"
            elif before.text == ",":
                after = "the comma"
            elif before.text == "(":
                after = f"{owner.text}("
            raise self.error(f"expected an expression after {after}", self.peek() or before)
        return list(self._tokens[first : self._at])

    def _ends_expression(self, token: Token) -> bool:
        return (
            token.text in {",", ";"}
            or token.word in _ENDS
            or token.word in _FOREIGN
            or self._starts_item(token)
        )

    def _starts_item(self, token: Token) -> bool:
        """Whether a call of a strategy follows a complete expression: the comma between them is missing."""
        at = self._at
        following = self._tokens[at + 1] if at + 1 < len(self._tokens) else None
        before = self._tokens[at - 1]
        called = token.word in self._signatures and following is not None and following.text == "("
        if before.word in _GO_ON:
            return False
        return called and (
            before.kind in ("number", "string", "word", "quoted") or before.text in ")]}"
        )

    def as_expression(self, tokens: Sequence[Token]) -> Expression:
        """These tokens as an expression; ClauseError where it cannot be complete."""
        wrong = broken(tokens)
        if wrong is not None:
            message, place = wrong
            raise self.error(message, place or self._after(tokens[-1]))
        start, end = tokens[0].start, tokens[-1].end
        return Expression(self._sql[start:end], start, tuple(tokens))

    def _after(self, last: Token) -> Token | None:
        """The token behind ``last``; None at the end of the text."""
        return next((token for token in self._tokens if token.start >= last.end), None)

    def error(self, message: str, place: Token | Expression | None) -> ClauseError:
        """A ClauseError at a token or an expression; None: at the end of the text."""
        if place is None:
            return ClauseError(message, self._sql, len(self._sql.rstrip()), 1)
        return ClauseError(message, self._sql, place.start, len(place.text))
