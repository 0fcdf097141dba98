"""Finds the clauses in a text, and the parts (FROM, WHERE …) of the SELECT block that each of them ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from sqlsel.clause.clause_error import ClauseError
from sqlsel.clause.cursor import SET_OPERATIONS
from sqlsel.clause.parsed import Parsed
from sqlsel.clause.parser import ORDER_BY, ClauseParser
from sqlsel.clause.scanner import Token, scan
from sqlsel.clause.signatures import Signatures

_PARTS = ("FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "QUALIFY")
_NO_BLOCK = {"UPDATE", "DELETE", "MERGE", "PIVOT", "UNPIVOT", "TABLE", "VALUES"}
# What follows a table or a column of the name strategy, and begins no item of a clause.
_NO_ITEM = frozenset(
    """
    AND ANTI AS ASOF BETWEEN COLLATE CROSS FULL GROUP ILIKE IN INNER IS JOIN LEFT LIKE NATURAL NOT ON
    OR ORDER POSITIONAL RETURNING RIGHT SEMI SET USING WHEN WHERE
    """.split()  # noqa: SIM905 - two lines are read sooner than thirty
)


@dataclass(frozen=True)
class Block:
    """The SELECT that a clause ends, as numbers of tokens; absent parts are not in ``parts``."""

    start: int  # first character
    first_list: int  # token numbers of the select list (empty for FROM-first without SELECT)
    end_list: int
    parts: dict[str, int]  # FROM, WHERE, GROUP … SAMPLE → token number of its first word
    end: int  # number of the token USING of the clause
    from_first: bool


@dataclass(frozen=True)
class Clause:
    """One ``USING STRATEGY`` clause of a statement and the block it belongs to."""

    tokens: Sequence[Token]
    using: int  # number of the token USING
    parsed: Parsed
    block: Block

    @property
    def start(self) -> int:
        return self.tokens[self.using].start


def find_clauses(sql: str, signatures: Signatures) -> list[Clause]:
    """All clauses of ``sql`` in the order of the text; ClauseError for the first mistake.

    ``signatures``: of the strategies that exist.
    """
    # Most statements have no clause: the plain search spares them the scanner.
    return clauses_among(sql, scan(sql), signatures) if "strategy" in sql.lower() else []


def clauses_among(sql: str, tokens: Sequence[Token], signatures: Signatures) -> list[Clause]:
    """The same for a text whose tokens exist already."""
    places = [i for i in range(len(tokens) - 2) if _is_clause(tokens, i, signatures)]
    return [_clause(sql, tokens, i, signatures) for i in places]


def _is_clause(tokens: Sequence[Token], i: int, signatures: Signatures) -> bool:
    """Whether a clause begins at token ``i``, not a table or column of the name strategy."""
    if tokens[i].word != "USING" or tokens[i + 1].word != "STRATEGY":
        return False
    if tokens[i + 2].kind not in ("word", "quoted") or (i and tokens[i - 1].text == "."):
        return False
    if tokens[i + 2].word in _NO_ITEM:
        return False
    if _verb(tokens, i) in ("DELETE", "MERGE", "ALTER"):  # a table of that name
        called = i + 3 < len(tokens) and tokens[i + 3].text == "("
        return called and tokens[i + 2].word in signatures
    return True


def _verb(tokens: Sequence[Token], i: int) -> str:
    """The last word before token ``i``, at its depth, that begins a statement or a block."""
    for token in reversed(tokens[:i]):
        if token.depth < tokens[i].depth or (token.depth == tokens[i].depth and token.text == ";"):
            break
        if token.depth == tokens[i].depth and token.word in ("SELECT", *_NO_BLOCK, "ALTER"):
            return token.word
    return ""


def _clause(sql: str, tokens: Sequence[Token], using: int, signatures: Signatures) -> Clause:
    block = _block(sql, tokens, using)
    parsed = ClauseParser(sql, tokens, using + 2, signatures).parse()
    return Clause(tokens, using, parsed, block)


def _block(sql: str, tokens: Sequence[Token], using: int) -> Block:
    """The block that ends at token ``using``; ClauseError where it is no SELECT, or ends otherwise."""
    depth = tokens[using].depth
    begin = using
    while begin > 0 and not _before_block(tokens, begin - 1, depth):
        begin -= 1
    here = [i for i in range(begin, using) if tokens[i].depth == depth]
    first = next((i for i in here if tokens[i].word in ("SELECT", "FROM")), None)
    if first is None or _begins_otherwise(tokens, here, first):
        _refuse(sql, tokens[using], "USING STRATEGY must follow a SELECT", tokens[using + 1])
    here = [i for i in here if i >= first]
    _refuse_words(sql, tokens, here)
    return _parts(tokens, here, first, using)


def _begins_otherwise(tokens: Sequence[Token], here: Sequence[int], first: int) -> bool:
    """Whether an UPDATE, PIVOT … begins before the SELECT at ``first``, as CTEs may."""
    for i in (i for i in here if i < first):
        begins = i == here[0] or tokens[i - 1].text == ")"
        if begins and tokens[i].word in _NO_BLOCK:
            return True
    return False


def _before_block(tokens: Sequence[Token], i: int, depth: int) -> bool:
    """Whether token ``i`` is outside of the block: an outer bracket, a semicolon, a set operation."""
    token = tokens[i]
    if token.depth != depth:
        return token.depth < depth
    is_type = i > 0 and tokens[i - 1].kind == "cast"  # x::UNION(a INTEGER)
    return token.text == ";" or (token.word in SET_OPERATIONS and not is_type)


def _parts(tokens: Sequence[Token], here: Sequence[int], first: int, using: int) -> Block:
    """The block of the tokens numbered ``here``, which are those at its own depth."""
    from_first = tokens[first].word == "FROM"
    select = next((i for i in here if tokens[i].word == "SELECT"), None)
    parts: dict[str, int] = {"FROM": first} if from_first else {}
    for i in here:
        word = tokens[i].word
        if word == "USING" and i + 1 < len(tokens) and tokens[i + 1].word == "SAMPLE":
            parts["SAMPLE"] = i
        elif (
            word in _PARTS
            and word not in parts
            and i != select
            and not _part_of_expression(tokens, i)
        ):
            parts[word] = i
    start_list = using if select is None else select + 1
    after = [i for i in parts.values() if select is not None and i > select]
    end_list = min([*after, using]) if select is not None else using
    return Block(tokens[first].start, start_list, end_list, parts, using, from_first)


def _part_of_expression(tokens: Sequence[Token], i: int) -> bool:
    """Whether the word begins no part: ``IS DISTINCT FROM``, ``a.where``, ``x AS group``."""
    before = tokens[i - 1] if i else None
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    if before is not None and (
        before.text == "."
        or before.word == "AS"
        or (before.word == "DISTINCT" and tokens[i].word == "FROM")
    ):
        return True
    if tokens[i].word == "GROUP":
        return after is None or after.word != "BY"
    return False


def _refuse_words(sql: str, tokens: Sequence[Token], here: Sequence[int]) -> None:
    """ClauseError for DISTINCT, ORDER BY, LIMIT, OFFSET and FETCH in the block itself."""
    for i in here:
        word, before = tokens[i].word, tokens[i - 1] if i else None
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        if before is not None and before.text == ".":
            continue
        if word == "SELECT" and after is not None and after.word == "DISTINCT":
            _refuse(
                sql,
                after,
                "DISTINCT with USING STRATEGY is ambiguous; put the DISTINCT in a subquery",
            )
        if word == "ORDER" and after is not None and after.word == "BY":
            _refuse(sql, tokens[i], ORDER_BY)
        if word in ("LIMIT", "OFFSET") and (before is None or before.word != "AS"):
            _refuse(
                sql, tokens[i], f"{word} before USING STRATEGY; {word} comes after the strategies"
            )
        if word == "FETCH" and after is not None and after.word in ("FIRST", "NEXT"):
            _refuse(sql, tokens[i], "FETCH before USING STRATEGY; use LIMIT after the strategies")


def _refuse(sql: str, token: Token, message: str, until: Token | None = None) -> NoReturn:
    end = until.end if until is not None else token.end
    raise ClauseError(message, sql, token.start, end - token.start)
