"""What a fed column is for: its name in messages, and how a user would cast it."""

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
    """A fed column: how messages call it, and the cast that they advise."""

    name: str
    cast: str


def roles(calls: Sequence[dict[str, Any]]) -> dict[str, Role]:
    """The columns by the letters under which they are fed; an input is what its first strategy makes of it."""
    found = {"k": Role("key", "key := …::VARCHAR"), "p": Role("preselected", "…::BOOLEAN")}
    for call in calls:
        if call["slot"] >= 0:
            remedy = cast(call["input"], _TYPES[STRATEGIES[call["type"]].takes])
            found.setdefault(f"i{call['slot']}", Role(call["input"], remedy))
    return found


def query_role(row: pa.StructType) -> Role:
    """The role of a query's vectors, whose row this is."""
    return Role("query", f"SELECT {row.field(0).name}::FLOAT[]")


def in_duckdbs_types(parts: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Fed columns, read by the numbers of their types (sql/clause/type_number.sql) that were fed beside them."""
    found = {}
    for name, array in parts.items():
        number = parts[f"{name}t"][0].as_py() if f"{name}t" in parts else 0
        kind = UNLIKE_ARROW[number - 1] if number else ""
        if (name, kind) in _REFUSED:
            raise InvalidInput(_REFUSED[name, kind])
        found[name] = of_type(array, kind)
    return found
