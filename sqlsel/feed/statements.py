"""Clauses, read with the strategies that there are: ``clause/`` itself knows none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlsel import clause
from sqlsel.clause import Clause, Rewritten
from sqlsel.clause import printer as clause_printer
from sqlsel.clause.narrow import Places, no_places
from sqlsel.clause.signatures import Signature
from sqlsel.engine.strategies import STRATEGIES


def signatures() -> dict[str, Signature]:
    """What each strategy takes in a clause, by its name in capitals; THRESHOLD is the last."""
    found = {
        name: Signature(
            kind.options(),
            kind.takes != "nothing",
            kind.second,
            kind.required(),
            kind.example,
            kind.label or kind.kind,
        )
        for name, kind in STRATEGIES.items()
    }
    return {**found, "THRESHOLD": Signature((), condition=True)}


def find_clauses(sql: str) -> list[Clause]:
    """All clauses of ``sql`` in the order of the text; ClauseError for the first mistake."""
    return clause.find_clauses(sql, signatures())


def rewrite(sql: str, run: str = "", places: Places = no_places) -> Rewritten:
    """``sql`` without clauses, ready for DuckDB; arguments as of ``sqlsel.clause.rewrite``."""
    return clause.rewrite(sql, signatures(), run, places)


def printed(
    source: str,
    strategies: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    options: Mapping[str, Any],
) -> str:
    """A statement with a clause, from data; arguments as of ``sqlsel.clause.printer.printed``."""
    return clause_printer.printed(source, strategies, options, signatures())
