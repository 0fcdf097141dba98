"""Passes the table of strategies to `clause/` and `config/`, which import no strategy themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlsel import clause
from sqlsel.clause import Clause, Rewritten
from sqlsel.clause import printer as clause_printer
from sqlsel.clause.narrow import Places, no_places
from sqlsel.clause.signatures import Signature
from sqlsel.config.option_schema import Schema, option_schema
from sqlsel.config.others import Declared
from sqlsel.config.vocabulary import STRATEGIES as LIGHTLYS
from sqlsel.engine.objective import Strategy
from sqlsel.engine.strategies import STRATEGIES


def signatures() -> dict[str, Signature]:
    """SQL name → signature of each strategy, THRESHOLD last."""
    table = {
        name: Signature(
            kind.options(),
            kind.takes != "nothing",
            kind.second,
            kind.required(),
            kind.example,
            kind.label or kind.kind,
            unit_distance=kind.unit_distance,
            purpose=kind.purpose(),
        )
        for name, kind in STRATEGIES.items()
    }
    return {**table, "THRESHOLD": Signature((), condition=True)}


def others() -> dict[str, Declared]:
    """``type`` in JSON → declaration, for the strategies beside Lightly's."""
    in_json = [(name, kind) for name, kind in STRATEGIES.items() if kind.in_json]
    return {
        name: Declared(
            kind.takes,
            _option_schemas(kind),
            partial(_fault, kind),
            kind.required(),
            kind.unit_distance,
        )
        for name, kind in in_json
        if name not in LIGHTLYS
    }


def _option_schemas(kind: type[Strategy]) -> dict[str, Schema]:
    """What JSON each option may be, by the types, defaults and docstring of the class."""
    described, defaults = kind.described(), kind.defaults()
    return {
        name: option_schema(type_, defaults.get(name), described.get(name, f"of {kind.kind}"))
        for name, type_ in kind.option_types().items()
    }


def _fault(kind: type[Strategy], options: Mapping[str, object]) -> str:
    """The message of a strategy about wrong options; an empty text if they are right."""
    source = () if kind.takes == "nothing" else ("",)
    missing = [name for name in kind.required() if name not in options]
    if missing:
        return f"needs {missing[0]!r}"
    try:
        kind(*source, **options)
    except (TypeError, ValueError) as error:
        return str(error)
    return ""


def find_clauses(sql: str) -> list[Clause]:
    """All clauses of ``sql`` in the order of the text; ClauseError for the first mistake."""
    return clause.find_clauses(sql, signatures())


def rewrite(sql: str, run: str = "", places: Places = no_places) -> Rewritten:
    """As ``sqlsel.clause.rewrite``, with the strategies that exist."""
    return clause.rewrite(sql, signatures(), run, places)


def printed(
    source: str,
    strategies: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    options: Mapping[str, Any],
) -> str:
    """As ``sqlsel.clause.printer.printed``, with the strategies that exist."""
    return clause_printer.printed(source, strategies, options, signatures())
