"""Which columns of its result a statement names itself, rather than with a star."""

from __future__ import annotations

from collections.abc import Sequence

from sqlsel.clause.scanner import Token, scan

_ENDS = (
    "FROM",
    "USING",
    "WHERE",
    "GROUP",
    "ORDER",
    "LIMIT",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "WINDOW",
)


def named_columns(sql: str, columns: Sequence[str]) -> set[str]:
    """Those of ``columns`` that the SELECT list of the last statement names; all, where it has no star."""
    listed = _select_list(scan(sql))
    if not listed:
        return set()
    if not any(_is_star(listed, place) for place in range(len(listed))):
        return set(columns)
    names = {_name(token).casefold() for token in listed}
    return {column for column in columns if column.casefold() in names}


def _select_list(tokens: list[Token]) -> list[Token]:
    """The tokens from SELECT to before FROM, of the outermost SELECT of the last statement."""
    ends = [place for place, token in enumerate(tokens[:-1]) if token.text == ";"]
    last = tokens[ends[-1] + 1 :] if ends else tokens
    depth = min((token.depth for token in last if token.word in ("SELECT", "FROM")), default=0)
    starts = [i for i, token in enumerate(last) if (token.word, token.depth) == ("SELECT", depth)]
    if not starts:
        return []
    listed = last[starts[0] :]
    stop = next(
        (i for i, token in enumerate(listed) if token.word in _ENDS and token.depth <= depth),
        len(listed),
    )
    return listed[:stop]


def _is_star(listed: list[Token], place: int) -> bool:
    token, before = listed[place], listed[place - 1]
    if token.word == "COLUMNS":
        return True
    return token.text == "*" and (
        before.text in (",", ".") or before.word in ("SELECT", "DISTINCT", "ALL")
    )


def _name(token: Token) -> str:
    return token.text[1:-1].replace('""', '"') if token.kind == "quoted" else token.text
