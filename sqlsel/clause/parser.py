"""The items of one clause, checked against the signatures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlsel.clause.clause_error import ClauseError
from sqlsel.clause.cursor import Cursor
from sqlsel.clause.parsed import Call, Expression, Parsed
from sqlsel.clause.scanner import Token
from sqlsel.clause.signatures import CLAUSE_OPTIONS, Signature, Signatures
from sqlsel.errors import suggestion, unknown_option

ORDER_BY = (
    "ORDER BY with USING STRATEGY; the strategy is the order: put ORDER BY outside, "
    "SELECT * FROM (...) ORDER BY ..."
)

Arguments = list[tuple[Token | None, Expression]]  # (name of the option or None, expression)


class ClauseParser:
    """Reads the tokens after ``USING STRATEGY``."""

    def __init__(
        self, sql: str, tokens: Sequence[Token], first: int, signatures: Signatures
    ) -> None:
        self._signatures = signatures
        self._cursor = Cursor(sql, tokens, first, signatures)
        start, end = tokens[first - 2].start, tokens[first - 1].end
        self._clause = Expression(sql[start:end], start)  # the words USING STRATEGY
        self._error = self._cursor.error
        self._parsed = Parsed()

    def parse(self) -> Parsed:
        """The whole clause up to its end."""
        self._items()
        self._limits()
        token = self._cursor.peek()
        if token is not None and not self._cursor.at_end():
            raise self._wrong_follower(token)
        self._parsed.end = self._cursor.last().end
        if not self._parsed.calls and not self._parsed.thresholds:
            raise self._error("USING STRATEGY needs at least one strategy", self._clause)
        return self._parsed

    def _items(self) -> None:
        self._item()
        while self._cursor.accept(","):
            if self._cursor.at_end():
                return  # a trailing comma is legal, as in DuckDB's own lists
            self._item()

    def _item(self) -> None:
        token = self._cursor.peek()
        if token is None or token.kind not in ("word", "quoted"):
            raise self._error("expected a strategy or an option", token)
        if self._cursor.read_label() is not None:
            value = self._cursor.option(token)
            own = Signature(CLAUSE_OPTIONS)
            self._name(token, value, self._parsed.options, "USING STRATEGY", own)
            return
        self._cursor.advance()
        opening = self._cursor.peek()
        if opening is None or opening.text != "(":
            expected = ":=" if token.text.lower() in CLAUSE_OPTIONS else "("
            raise self._error(f"expected {expected} after {token.text}", token)
        self._call(token, opening)

    def _call(self, name: Token, opening: Token) -> None:
        signature = self._signatures.get(name.word)
        bare = name.text.strip('"').upper()
        if signature is None and bare in self._signatures:
            raise self._error(f"names of strategies have no quotes: {bare}", name)
        if signature is None:
            meant = (
                _meant(name.text, self._signatures)
                or f"; strategies: {', '.join(self._signatures)}"
            )
            raise self._error(f'unknown strategy "{name.text}"{meant}', name)
        self._cursor.advance()
        arguments = self._arguments(name, opening)
        if signature.condition:
            self._parsed.thresholds.append(self._condition(name, arguments))
        else:
            self._parsed.calls.append(self._bound(name, signature, arguments))

    def _arguments(self, name: Token, opening: Token) -> Arguments:
        """All arguments; reads past the closing bracket."""
        arguments: Arguments = []
        if self._cursor.accept(")"):
            return arguments
        while True:
            label = self._cursor.read_label()
            arguments.append((label, self._cursor.argument(opening, name)))
            if self._cursor.accept(")"):
                return arguments
            if not self._cursor.accept(","):
                raise self._error(f"missing ) for {name.text}(", name)

    def _bound(self, name: Token, signature: Signature, arguments: Arguments) -> Call:
        """The call, its arguments bound to the input and the options as in a Python call."""
        options: dict[str, Expression] = {}
        plain: list[Expression] = []
        for label, expression in arguments:
            if label is not None:
                self._name(label, expression, options, name.word, signature)
                continue
            plain.append(expression)
            if len(plain) == 1 and signature.input:
                continue
            if len(plain) > 2 or not signature.second or signature.second in options:
                raise self._error(_too_many(name.word, signature, options, len(plain)), expression)
            options[signature.second] = expression
        if signature.input and not plain:
            raise self._error(f"{name.word} needs an input expression", name)
        for needed in signature.required:
            if needed not in options:
                raise self._error(
                    f"{name.word} needs {needed}, such as {needed} := {signature.example}", name
                )
        return Call(name.word, name.start, plain[0] if plain else None, options)

    def _condition(self, name: Token, arguments: Arguments) -> Expression:
        """The only argument of THRESHOLD; ClauseError for any others."""
        if len(arguments) != 1 or arguments[0][0] is not None:
            word = name.word
            message = f"{word} takes exactly one condition, such as {word}(sharpness > 20)"
            raise self._error(message, name)
        return arguments[0][1]

    def _name(
        self,
        label: Token,
        expression: Expression,
        options: dict[str, Expression],
        owner: str,
        signature: Signature,
    ) -> None:
        """Set ``options[label]``; ClauseError for a name that ``signature`` lacks, or is set already."""
        name = label.text.lower()
        if name not in signature.options:
            wrong = unknown_option(
                owner,
                label.text,
                expression.text,
                signature.options,
                unit_distance=signature.unit_distance,
                assign=":=",
            )
            raise self._error(wrong, label)
        if name in options:
            raise self._error(f"{name} is given twice", label)
        options[name] = expression

    def _limits(self) -> None:
        """Read LIMIT and OFFSET, in either order and each at most once."""
        seen: set[str] = set()
        while (token := self._cursor.peek()) is not None and token.depth == self._cursor.depth:
            if token.word not in ("LIMIT", "OFFSET"):
                return
            if token.word in seen:
                raise self._error(f"{token.word} is given twice", token)
            seen.add(token.word)
            self._cursor.advance()
            if token.word == "LIMIT":
                self._limit(token)
            else:
                self._parsed.offset = self._cursor.option(token)

    def _limit(self, word: Token) -> None:
        tokens = self._cursor.until_end(word)
        if tokens[-1].text == "%" or (tokens[-1].word == "PERCENT" and len(tokens) > 1):
            self._parsed.percent = True
            tokens = tokens[:-1]
        if not tokens:
            raise self._error("LIMIT needs a number", word)
        everything = len(tokens) == 1 and tokens[0].word == "ALL"
        self._parsed.limit = None if everything else self._cursor.as_expression(tokens)

    def _wrong_follower(self, token: Token) -> ClauseError:
        """The error for a token that cannot follow the items and limits of a clause."""
        if token.word == "ORDER":
            return self._error(ORDER_BY, token)
        if token.word == "USING":
            message = (
                "separate strategies by commas, after one USING STRATEGY; SAMPLE comes before it"
            )
            return self._error(message, token)
        if token.word in ("WHERE", "GROUP", "HAVING", "QUALIFY", "WINDOW"):
            word = "GROUP BY" if token.word == "GROUP" else token.word
            return self._error(f"{word} comes before USING STRATEGY", token)
        if token.word == "FETCH":
            return self._error("use LIMIT instead of FETCH", token)
        if token.text in ")]}":
            return self._error(f"this {token.text} closes nothing", token)
        return self._error("expected a comma, LIMIT, OFFSET or the end of the query", token)


def _too_many(name: str, signature: Signature, options: Mapping[str, Any], count: int) -> str:
    """The message for one unnamed argument too many; ``count``: how many there are."""
    if signature.second in options and count == 2:
        what = f"was given {signature.second} twice"
    elif signature.input:
        what = "takes one input, and its options by name"
    else:
        what = "takes its options by name"
    return f"{name} {what}; options: {', '.join(signature.options) or 'none'}"


def _meant(name: str, names: Iterable[str]) -> str:
    """``; did you mean x?`` for the closest of ``names``, or an empty text."""
    close = suggestion(name, names)
    return f"; did you mean {close.split(chr(39))[1]}?" if close else ""
