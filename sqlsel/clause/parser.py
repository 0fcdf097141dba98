"""The items of one clause, checked against the signatures: calls with their arguments as places in the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlsel.clause.errors import ClauseError
from sqlsel.clause.scanner import Token
from sqlsel.clause.signatures import CLAUSE_OPTIONS, SIGNATURES, Signature
from sqlsel.errors import suggestion

SET_OPERATIONS = ("UNION", "INTERSECT", "EXCEPT")
_ENDS = ("LIMIT", "OFFSET", "RETURNING", "ON", *SET_OPERATIONS)
_FOREIGN = ("ORDER", "FETCH", "WHERE", "GROUP", "HAVING", "QUALIFY", "WINDOW", "USING")


@dataclass(frozen=True)
class Expression:
    """Text of the user's own, and where it stands."""

    text: str
    start: int
    tokens: tuple[Token, ...] = ()


@dataclass(frozen=True)
class Call:
    """One strategy as written."""

    name: str
    start: int
    input: Expression | None
    options: dict[str, Expression]


@dataclass
class Parsed:
    """A clause: its strategies, its thresholds, its options, and how many rows."""

    calls: list[Call] = field(default_factory=list)
    thresholds: list[Expression] = field(default_factory=list)
    options: dict[str, Expression] = field(default_factory=dict)
    limit: Expression | None = None
    percent: bool = False
    offset: Expression | None = None
    end: int = 0  # first character after the clause
    next: int = 0  # number of the token after the clause


class ClauseParser:
    """Reads the tokens after ``USING STRATEGY``."""

    def __init__(self, sql: str, tokens: Sequence[Token], first: int) -> None:
        self._sql, self._tokens, self._at = sql, tokens, first
        self._depth = tokens[first - 1].depth
        self._parsed = Parsed()
        self._limited = False

    def parse(self) -> Parsed:
        """The whole clause up to its end."""
        while True:
            self._item()
            if not self._takes(","):
                break
            if self._ended():
                break  # a trailing comma is legal, as in DuckDB's own lists
        self._limits()
        token = self._now()
        if token is not None and not self._ended():
            raise self._wrong_follower(token)
        self._parsed.end = self._tokens[self._at - 1].end
        self._parsed.next = self._at
        if not self._parsed.calls and not self._parsed.thresholds:
            raise self._error(
                "USING STRATEGY needs at least one strategy", self._tokens[self._at - 1]
            )
        return self._parsed

    # ---- items

    def _item(self) -> None:
        token = self._now()
        if token is None or token.kind not in ("word", "quoted"):
            raise self._error("expected a strategy or an option", token)
        self._at += 1
        following = self._now()
        if following is not None and following.kind == "assign":
            self._at += 1
            self._option(token, self._parsed.options, CLAUSE_OPTIONS, "USING STRATEGY")
        elif following is not None and following.text == "(":
            self._call(token)
        else:
            raise self._error(f"expected ( after {token.text}", token)

    def _call(self, name: Token) -> None:
        signature = SIGNATURES.get(name.word)
        if signature is None:
            meant = suggestion(name.text, SIGNATURES)
            hint = (
                f"; did you mean {meant[len(' Did you mean ') : -1].strip(chr(39))}?"
                if meant
                else ""
            )
            raise self._error(f'unknown strategy "{name.text}"{hint}' or "", name)
        opening = self._tokens[self._at]
        self._at += 1
        arguments = self._arguments(name, opening)
        if name.word == "THRESHOLD":
            self._parsed.thresholds.append(self._condition(name, arguments))
            return
        self._parsed.calls.append(self._bind(name, signature, arguments))

    def _arguments(self, name: Token, opening: Token) -> list[tuple[Token | None, Expression]]:
        """(option name or None, expression) of each argument; reads past the closing bracket."""
        found: list[tuple[Token | None, Expression]] = []
        if self._takes(")"):
            return found
        while True:
            label = None
            if self._peek_kind(1) == "assign" and self._now() is not None:
                label = self._now()
                self._at += 2
            found.append((label, self._expression(opening.depth + 1, opening, name)))
            if self._takes(")"):
                return found
            if not self._takes(","):
                raise self._error(f"missing ) for {name.text}(", name)

    def _bind(
        self, name: Token, signature: Signature, arguments: list[tuple[Token | None, Expression]]
    ) -> Call:
        given, options = None, {}
        plain = 0
        for label, expression in arguments:
            if label is not None:
                self._name_option(label, expression, options, signature.options, name.word)
                continue
            plain += 1
            if plain == 1 and signature.input:
                given = expression
            elif plain == 2 and signature.second and signature.second not in options:
                options[signature.second] = expression
            else:
                raise self._surplus(name, signature, expression)
        if signature.input and given is None:
            raise self._error(f"{name.word} needs an input expression", name)
        for needed in signature.required:
            if needed not in options:
                raise self._error(f"{name.word} needs {needed} := …", name)
        return Call(name.word, name.start, given, options)

    def _surplus(self, name: Token, signature: Signature, expression: Expression) -> ClauseError:
        listed = ", ".join(signature.options) or "none"
        message = f"{name.word} takes its options by name; options: {listed}"
        return ClauseError(message, self._sql, expression.start, len(expression.text))

    def _condition(
        self, name: Token, arguments: list[tuple[Token | None, Expression]]
    ) -> Expression:
        if len(arguments) != 1 or arguments[0][0] is not None:
            raise self._error(
                "THRESHOLD takes exactly one condition, such as THRESHOLD(sharpness > 20)", name
            )
        return arguments[0][1]

    def _option(
        self, label: Token, options: dict[str, Expression], known: tuple[str, ...], owner: str
    ) -> None:
        self._name_option(label, self._expression(self._depth, None, label), options, known, owner)

    def _name_option(
        self,
        label: Token,
        expression: Expression,
        options: dict[str, Expression],
        known: tuple[str, ...],
        owner: str,
    ) -> None:
        name = label.text.lower()
        if name not in known:
            listed = f"; options: {', '.join(known)}" if known else ""
            raise self._error(
                f"{owner} has no option {label.text}{_meant(name, known) or listed}", label
            )
        if name in options:
            raise self._error(f"{name} is given twice", label)
        options[name] = expression

    # ---- limits

    def _limits(self) -> None:
        while (token := self._now()) is not None and token.depth == self._depth:
            if token.word == "LIMIT":
                if self._limited:
                    raise self._error("LIMIT is given twice", token)
                self._at += 1
                self._limit(token)
            elif token.word == "OFFSET":
                if self._parsed.offset is not None:
                    raise self._error("OFFSET is given twice", token)
                self._at += 1
                self._parsed.offset = self._expression(self._depth, None, token)
            else:
                return

    def _limit(self, word: Token) -> None:
        tokens = self._until_end(self._depth, word)
        if tokens[-1].text == "%" or (tokens[-1].word == "PERCENT" and len(tokens) > 1):
            self._parsed.percent = True
            tokens = tokens[:-1]
        if not tokens:
            raise self._error("LIMIT needs a number", word)
        everything = len(tokens) == 1 and tokens[0].word == "ALL"
        self._limited = True
        self._parsed.limit = None if everything else self._cut(tokens)

    # ---- expressions

    def _expression(self, depth: int, opening: Token | None, owner: Token) -> Expression:
        return self._cut(self._until_end(depth, owner, opening))

    def _until_end(self, depth: int, owner: Token, opening: Token | None = None) -> list[Token]:
        """The tokens up to the comma, bracket or word that ends an expression of this depth."""
        first = self._at
        while (token := self._now()) is not None:
            if token.depth < depth or (
                token.depth == depth and self._stops(token, inside=opening is not None)
            ):
                break
            if token.text in ")]}" and token.kind == "other" and token.depth < depth:
                break
            self._at += 1
        if opening is not None and token is None:
            raise self._error(f"missing ) for {owner.text}(", owner)
        if self._at == first:
            shown = f" after {owner.text}" if owner is not None else ""
            raise self._error(f"expected an expression{shown}", token or owner)
        return list(self._tokens[first : self._at])

    def _stops(self, token: Token, *, inside: bool) -> bool:
        if token.text == "," or token.text == ";":
            return True
        if inside:
            return False
        return token.word in _ENDS or token.word in _FOREIGN or self._starts_item(token)

    def _starts_item(self, token: Token) -> bool:
        """A known strategy or option where an expression could not go on: the comma before it is missing."""
        at = self._at
        following = self._tokens[at + 1] if at + 1 < len(self._tokens) else None
        before = self._tokens[at - 1]
        called = token.word in SIGNATURES and following is not None and following.text == "("
        return called and (
            before.kind in ("number", "string", "word", "quoted") or before.text in ")]}"
        )

    def _cut(self, tokens: list[Token]) -> Expression:
        start, end = tokens[0].start, tokens[-1].end
        return Expression(self._sql[start:end], start, tuple(tokens))

    # ---- tokens

    def _now(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _peek_kind(self, ahead: int) -> str:
        at = self._at + ahead
        return self._tokens[at].kind if at < len(self._tokens) else ""

    def _takes(self, text: str) -> bool:
        token = self._now()
        if token is not None and token.text == text:
            self._at += 1
            return True
        return False

    def _ended(self) -> bool:
        token = self._now()
        return (
            token is None or token.depth < self._depth or token.text == ";" or token.word in _ENDS
        )

    def _wrong_follower(self, token: Token) -> ClauseError:
        if token.word == "ORDER":
            return self._error(
                "ORDER BY with USING STRATEGY; the strategy is the order: put ORDER BY outside, "
                "SELECT * FROM (...) ORDER BY ...",
                token,
            )
        if token.word == "FETCH":
            return self._error("use LIMIT instead of FETCH", token)
        return self._error("expected a comma, LIMIT, OFFSET or the end of the query", token)

    def _error(self, message: str, token: Token | None) -> ClauseError:
        if token is None:
            return ClauseError(message, self._sql, len(self._sql.rstrip()), 1)
        return ClauseError(message, self._sql, token.start, len(token.text))


def _meant(name: str, known: tuple[str, ...]) -> str:
    close = suggestion(name, known)
    return f"; did you mean {close.split(chr(39))[1]}?" if close and len(known) > 4 else ""
