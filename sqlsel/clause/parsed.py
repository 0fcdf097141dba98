"""A clause as it was read: calls, thresholds, options and limits, each as a place in the text."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlsel.clause.scanner import Token


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
    """A clause: its strategies, its thresholds, its options, and how many rows."""

    calls: list[Call] = field(default_factory=list)
    thresholds: list[Expression] = field(default_factory=list)
    options: dict[str, Expression] = field(default_factory=dict)
    limit: Expression | None = None
    percent: bool = False
    offset: Expression | None = None
    end: int = 0  # first character after the clause
