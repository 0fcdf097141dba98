"""Blocks that read one table or file, whose picked rows are read again by rowid at the end.

Only the identifying columns and the inputs of a row are then held in memory, not all that the user selects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlsel.clause.find import Block, Clause
from sqlsel.clause.scanner import Token
from sqlsel.clause.words import is_plain_list

Places = Callable[[str], Sequence[str]]
"""From a relation as written to the columns that identify its rows; empty where none do."""


def no_places(relation: str) -> Sequence[str]:
    """No columns: the rows of no relation are read again."""
    return ()


def relation_of(sql: str, clause: Clause) -> str | None:
    """The one table or file that a block reads, as written; None where it reads or computes anything else."""
    block, tokens = clause.block, clause.tokens
    if not set(block.parts) <= {"FROM", "WHERE"} or "FROM" not in block.parts:
        return None
    if _is_stored(tokens, block) or not is_plain_list(tokens[block.first_list : block.end_list]):
        return None
    named = _from_tokens(clause)
    length = _relation_length(named)
    if not length or not _is_alias(named[length:]):
        return None
    relation = sql[named[0].start : named[length - 1].end]
    return None if _is_cte(tokens[: clause.using], named[:length]) else relation


def without_where(clause: Clause) -> Clause:
    """The same block with all rows."""
    block = clause.block
    where = block.parts.get("WHERE")
    if where is None:
        return clause
    parts = {name: at for name, at in block.parts.items() if name != "WHERE"}
    empty = block.first_list == block.end_list  # FROM first, without SELECT
    first = where if empty else block.first_list
    end = where if empty else block.end_list
    return replace(
        clause, block=replace(block, parts=parts, end=where, first_list=first, end_list=end)
    )


def _is_stored(tokens: Sequence[Token], block: Block) -> bool:
    """Whether the statement is stored, and may run on another table: a view, a macro, a prepared statement."""
    before = [t for t in tokens if t.start < block.start]
    last = max((i for i, t in enumerate(before) if t.text == ";"), default=-1)
    return any(t.word in ("VIEW", "MACRO", "FUNCTION", "PREPARE") for t in before[last + 1 :])


def _from_tokens(clause: Clause) -> Sequence[Token]:
    """The tokens of the FROM of a block, without that word."""
    block = clause.block
    start = block.parts["FROM"] + 1
    later = [at for name, at in block.parts.items() if at >= start]
    if block.from_first and block.first_list > start and block.first_list < block.end:
        later.append(block.first_list - 1)
    return clause.tokens[start : min([*later, block.end])]


def _relation_length(tokens: Sequence[Token]) -> int:
    """How many tokens name the relation: a.b.c, 'file', read_parquet('file'); 0 for anything else."""
    if not tokens:
        return 0
    if tokens[0].kind == "string":
        return 1
    if tokens[0].word in ("READ_PARQUET", "PARQUET_SCAN"):
        call = [t.kind if t.kind == "string" else t.text for t in tokens[1:4]]
        return 4 if call == ["(", "string", ")"] else 0
    length = 0
    while length < len(tokens) and tokens[length].kind in ("word", "quoted"):
        length += 1
        if length == len(tokens) or tokens[length].text != ".":
            return length
        length += 1
    return 0


def _is_alias(rest: Sequence[Token]) -> bool:
    """Whether nothing but an alias follows the relation."""
    if rest and rest[0].word == "AS":
        rest = rest[1:]
    return not rest or (len(rest) == 1 and rest[0].kind in ("word", "quoted"))


def _is_cte(before: Sequence[Token], relation: Sequence[Token]) -> bool:
    """Whether a CTE of this name may be defined before: ``name AS``, ``name USING KEY``, ``name(``."""
    if len(relation) != 1:
        return False
    name = _plain(relation[0])
    at = [i for i, t in enumerate(before) if _plain(t) == name and t.kind in ("word", "quoted")]
    return any(
        after.text == "(" or after.word in ("AS", "USING")
        for i in at
        for after in before[i + 1 : i + 2]
        if before[i].start < relation[0].start
    )


def _plain(token: Token) -> str:
    return token.text.strip('"').lower()
