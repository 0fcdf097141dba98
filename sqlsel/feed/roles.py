"""The role of each fed column: its name in messages, and the cast that they recommend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from sqlsel.columns.remedies import cast
from sqlsel.columns.storage import of_type
from sqlsel.engine.strategies import STRATEGIES
from sqlsel.errors import InvalidInput
from sqlsel.sqltext.values import UNLIKE_ARROW

_TYPES = {"vectors": "FLOAT[]", "numbers": "DOUBLE", "classes": "VARCHAR"}

_REFUSED = {
    ("k", "TIME WITH TIME ZONE"): (
        "key is TIME WITH TIME ZONE; ids must be integers or text: cast it, as in key := …::VARCHAR"
    ),
    ("g", "INTERVAL"): (
        "by is INTERVAL, of which a month and 30 days are one value and two texts; "
        "give a number, as in by := epoch(…), or by := …::VARCHAR"
    ),
}


class Role(NamedTuple):
    """The name of a fed column in messages, and the cast that they recommend."""

    name: str
    cast: str


def roles(calls: Sequence[dict[str, Any]]) -> dict[str, Role]:
    """Fed name (k, p, i0, i1 …) → role; the cast of an input is the one for the first strategy that reads it."""
    roles = {"k": Role("key", "key := …::VARCHAR"), "p": Role("preselected", "…::BOOLEAN")}
    for call in calls:
        if call["slot"] >= 0:
            remedy = cast(call["input"], _TYPES[STRATEGIES[call["type"]].takes])
            roles.setdefault(f"i{call['slot']}", Role(call["input"], remedy))
    return roles


def query_role(row: pa.StructType) -> Role:
    """The role of the query vectors; ``row``: the type of a row of the subquery."""
    return Role("query", f"SELECT {row.field(0).name}::FLOAT[]")


def in_duckdbs_types(parts: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Fed columns with the types that they have in DuckDB, by the type numbers fed beside them (type_number.sql).

    InvalidInput for types that cannot be a key or a group.
    """
    typed = {}
    for name, array in parts.items():
        number = parts[f"{name}t"][0].as_py() if f"{name}t" in parts else 0
        kind = UNLIKE_ARROW[number - 1] if number else ""
        if (name, kind) in _REFUSED:
            raise InvalidInput(_REFUSED[name, kind])
        typed[name] = of_type(array, kind)
    return typed
