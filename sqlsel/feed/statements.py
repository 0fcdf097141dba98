"""Clauses and configurations, read with the strategies that there are, of which `clause/` and `config/` know none."""

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
    """What each strategy takes in a clause, by its name in capitals; THRESHOLD is the last."""
    found = {
        name: Signature(
            kind.options(),
            kind.takes != "nothing",
            kind.second,
            kind.required(),
            kind.example,
            kind.label or kind.kind,
            purpose=kind.purpose(),
        )
        for name, kind in STRATEGIES.items()
    }
    return {**found, "THRESHOLD": Signature((), condition=True)}


def others() -> dict[str, Declared]:
    """The strategies of a configuration beside Lightly's, by type."""
    known = [(name, kind) for name, kind in STRATEGIES.items() if kind.in_json]
    return {
        name: Declared(kind.takes, _option_schemas(kind), partial(_fault, kind), kind.required())
        for name, kind in known
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
    """What a strategy has to say of its options; empty if nothing."""
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
    """``sql`` without clauses, ready for DuckDB; arguments as of ``sqlsel.clause.rewrite``."""
    return clause.rewrite(sql, signatures(), run, places)


def printed(
    source: str,
    strategies: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    options: Mapping[str, Any],
) -> str:
    """A statement with a clause, from data; arguments as of ``sqlsel.clause.printer.printed``."""
    return clause_printer.printed(source, strategies, options, signatures())
