"""Errors and warnings of a selection inside of an expression.

The texts of warnings are constant, so that Python shows each once and not once per group.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from sqlsel.engine.choosing import infeasible_reason
from sqlsel.engine.objective import Prepared
from sqlsel.engine.optimizer.selection import Selection
from sqlsel.errors import InvalidInput, SelectionWarning, ShortSelection
from sqlsel.errors import warn as warn_user


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
        text = f"fewer samples selected than n: {_why_fewer(strategies, selection)}"
        warnings.warn(text, ShortSelection, stacklevel=1)


def _why_fewer(strategies: Sequence[Any], selection: Selection) -> str:
    """Why a selection is short, in the words of SQL."""
    if selection.n_candidates == 0:
        return "no row is a candidate; look at the conditions, thresholds, nulls and what is preselected"
    if len(selection.rows) == selection.n_candidates:
        return "all candidates are selected"
    return infeasible_reason(strategies)


def warn_of_no_rows() -> None:
    """Warn of a frame without rows, from which n were asked."""
    warn_user("fewer samples selected than n: the input is empty", ShortSelection)


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
