"""How many rows there are: all inputs must agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlsel.engine.objective import Strategy
from sqlsel.errors import InvalidInput


def common_length(vectors: Any, strategies: Sequence[Any], ids: Any) -> int:
    """The number of rows; InvalidInput where the inputs differ, TypeError for what is no array or no strategy."""
    lengths = [(s.kind, _length(s)) for s in map(_checked, strategies) if s.takes != "nothing"]
    if vectors is not None:
        lengths.append(("X", _rows_of(vectors, "X")))
    if not lengths and ids is not None:
        return _rows_of(ids, "ids")
    if not lengths:
        raise ValueError("no strategy has data; give X")
    if len({count for _, count in lengths}) > 1:
        listed = ", ".join(f"{name} {count}" for name, count in lengths)
        raise InvalidInput(f"inputs of different lengths: {listed}")
    return lengths[0][1]


def _rows_of(given: Any, what: str) -> int:
    try:
        return len(given)
    except TypeError:  # a single number, or a sparse matrix
        found = f"{what}: the input is {_shown(given)}"
        raise TypeError(f"{found}; give an array with a row for each sample") from None


def _checked(strategy: Any) -> Strategy:
    if not isinstance(strategy, Strategy):
        raise TypeError(
            f"{strategy!r} is no strategy; write sqlsel.diversity(X), sqlsel.weights(w) …"
        )
    return strategy


def _length(strategy: Strategy) -> int:
    given: Any = getattr(strategy, "input", None)
    if isinstance(given, str) or not hasattr(given, "__len__"):
        raise TypeError(_no_array(strategy.kind, given))
    return _rows_of(given, strategy.kind)


def _shown(given: Any) -> str:
    shape = getattr(given, "shape", None)
    return type(given).__name__ + (f" of shape {shape}" if shape is not None else "")


def _no_array(kind: str, given: Any) -> str:
    """Why the input of a strategy is no array."""
    if type(given).__module__.startswith("polars"):
        return f"{kind}: the input is a Polars {type(given).__name__}; use sqlsel.polars"
    what = f"the text {given!r}" if isinstance(given, str) else type(given).__name__
    return f"{kind}: the input is {what}; give the array itself"
