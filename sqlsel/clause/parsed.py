"""A parsed clause: calls, thresholds, options and limits, each with its place in the text."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlsel.clause.scanner import Token


@dataclass(frozen=True)
class Expression:
    """An expression as the user wrote it; ``start``: its first character in the statement."""

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

    @property
    def subquery(self) -> Expression | None:
        """The option ``query`` where it is a query in brackets rather than a vector."""
        expression = self.options.get("query")
        if expression is None or len(expression.tokens) < 3 or expression.tokens[0].text != "(":
            return None
        first = next((t for t in expression.tokens if t.text != "("), None)
        begins = ("SELECT", "FROM", "WITH", "VALUES", "TABLE")
        return expression if first is not None and first.word in begins else None


@dataclass
class Parsed:
    """The items of a clause; ``percent``: the limit is a percentage."""

    calls: list[Call] = field(default_factory=list)
    thresholds: list[Expression] = field(default_factory=list)
    options: dict[str, Expression] = field(default_factory=dict)
    limit: Expression | None = None
    percent: bool = False
    offset: Expression | None = None
    end: int = 0  # first character after the clause
