"""Errors and warnings of a selection inside of an expression.

The texts of warnings are constant, so that Python shows each once and not once per group.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from sqlsel.engine.objective import Prepared
from sqlsel.engine.optimizer.selection import Selection
from sqlsel.errors import InvalidInput, SelectionWarning, ShortSelection


def with_row(error: InvalidInput, names: Sequence[Any] | None) -> InvalidInput:
    """The error with its row counted from 0, as Polars does, and the row's id."""
    row = error.row
    if row is None or error.template.startswith(("query:", "query ")):
        return error
    return error.naming_row(row if names is None else f"{row} (id {names[row]!r})")


def warn(
    strategies: Sequence[Any], prepared: Sequence[Prepared], selection: Selection, budget: int
) -> None:
    """Warn of a short selection, of approximate results, and of input that is probably not as intended."""
    for strategy, one in zip(strategies, prepared, strict=False):
        for note in one.notes if not one.exact else one.input_warnings:
            warnings.warn(f"{strategy.kind}: {note}", SelectionWarning, stacklevel=1)
    if len(selection.rows) < budget and selection.stopped_by != "max_sum":
        text = "fewer samples selected than n: no feasible candidate left"
        warnings.warn(text, ShortSelection, stacklevel=1)


def warn_of_nan() -> None:
    """Warn of NaN in a column of a condition that is met."""
    text = (
        "a condition is met by rows in which one of its columns is NaN, as NaN > 20 is true in Polars; "
        "write sel.threshold(column, operation, bound), which NaN never passes"
    )
    warnings.warn(text, SelectionWarning, stacklevel=1)


def warn_of_start(start: Any) -> None:
    """Warn of a first pick that no row has as its id."""
    text = (
        f"start {start!r} is not the id of any row here; the first pick is that with the lowest id"
    )
    warnings.warn(text, SelectionWarning, stacklevel=1)


def warn_of_key(name: str, key: str) -> None:
    """Warn of a key that no JSON text has a value at, which may be misspelt."""
    text = f"no row here has a value at {key!r} in the JSON of {name!r}"
    warnings.warn(text, SelectionWarning, stacklevel=1)
