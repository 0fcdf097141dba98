"""The readers of a clause's columns, and what they give: the strategies' input, errors in the words of SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from sqlsel.columns.buffers import Column, Numbers
from sqlsel.columns.class_column import ClassColumn
from sqlsel.columns.memory import MemoryBudget
from sqlsel.columns.vector_column import Vectors
from sqlsel.engine.strategies import STRATEGIES
from sqlsel.errors import InvalidInput

READERS: dict[str, Any] = {"vectors": Vectors, "numbers": Numbers, "classes": ClassColumn}


def readers_of(
    calls: Iterable[Mapping[str, Any]], budget: MemoryBudget, *, skip: bool
) -> dict[tuple[int, Any], Column]:
    """(slot, class of reader) → an empty reader, for each input of the strategies; ``skip``: leave invalid rows out."""
    readers: dict[tuple[int, Any], Column] = {}
    for call in calls:
        reader = READERS.get(STRATEGIES[call["type"]].takes)
        if reader is None:
            continue
        options: dict[str, Any] = {} if reader is Numbers else {"skip": skip}
        if reader is Vectors:
            options["objects"] = True
        readers.setdefault((call["slot"], reader), reader(call["input"], budget, **options))
    return readers


def only_column(row: pa.StructArray) -> pa.Array:
    """The only column of a query's rows; InvalidInput for several."""
    columns = row.flatten()
    if len(columns) != 1:
        raise InvalidInput(
            f"query: the subquery gives {len(columns)} columns; it must give one, the vectors"
        )
    return columns[0]
