"""The number of rows, in which all inputs must agree."""

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


def _rows_of(values: Any, what: str) -> int:
    try:
        return len(values)
    except TypeError:  # a single number, or a sparse matrix
        problem = f"{what}: the input is {_type_and_shape(values)}"
        raise TypeError(f"{problem}; give an array with a row for each sample") from None


def _checked(strategy: Any) -> Strategy:
    if not isinstance(strategy, Strategy):
        raise TypeError(
            f"{strategy!r} is no strategy; write sqlsel.diversity(X), sqlsel.weights(w) …"
        )
    return strategy


def _length(strategy: Strategy) -> int:
    values: Any = getattr(strategy, "input", None)
    if isinstance(values, str) or not hasattr(values, "__len__"):
        raise TypeError(_no_array(strategy.kind, values))
    return _rows_of(values, strategy.kind)


def _type_and_shape(values: Any) -> str:
    shape = getattr(values, "shape", None)
    return type(values).__name__ + (f" of shape {shape}" if shape is not None else "")


def _no_array(kind: str, values: Any) -> str:
    """Why the input of a strategy is no array."""
    if type(values).__module__.startswith("polars"):
        return f"{kind}: the input is a Polars {type(values).__name__}; use sqlsel.polars"
    what = f"the text {values!r}" if isinstance(values, str) else type(values).__name__
    return f"{kind}: the input is {what}; give the array itself"
