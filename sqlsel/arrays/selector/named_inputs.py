"""Columns of X by the names that a selector's strategies use, for every type of X."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.arrays.frame_columns import as_column, names_of
from sqlsel.engine.kernels.number_input import numbers_among
from sqlsel.engine.strategies.diversity import Diversity
from sqlsel.errors import InvalidInput, suggestion, unknown


@dataclass(frozen=True)
class Inputs:
    """The columns that strategies may name."""

    X: Any
    y: Any
    keywords: Mapping[str, Any]

    def named(self, name: str) -> Any:
        """One entry per row; InvalidInput where nothing has the name."""
        if name == "X":
            return _matrix(self.X)
        if name == "y":
            if self.y is None:
                raise InvalidInput(
                    "requires y to be passed, but the target y is None. Give fit(X, y)"
                )
            return _labels(self.y)
        if self.keywords.get(name) is not None:
            return self.keywords[name]
        columns = names_of(self.X)
        if name not in columns:
            names = {"X", "y", *self.keywords, *columns}
            raise InvalidInput(f"{unknown('input', name, names)} Give fit(X, {name}=…)")
        return self.X[name]


def _labels(y: Any) -> Any:
    """One label per row: of a column vector, or a frame of one column; a column as it is, gaps included."""
    if not hasattr(y, "__len__"):
        return as_column(y)
    if len(getattr(y, "shape", ())) != 2 or y.shape[1] != 1:
        return y
    return y.iloc[:, 0] if hasattr(y, "iloc") else as_column(y).reshape(-1)


def _listed(strategies: Any) -> list[Any]:
    if strategies is None:
        return [Diversity("X")]
    return list(strategies) if isinstance(strategies, (list, tuple)) else [strategies]


def _name(strategy: Any) -> str | None:
    """The name of the strategy's input; None if it is an array, or the strategy has none."""
    source = getattr(strategy, "input", None)
    return source if isinstance(source, str) else None


def names_in(strategies: Any) -> set[str]:
    """The names that strategies call their inputs."""
    return {name for strategy in _listed(strategies) if (name := _name(strategy)) is not None}


def bound(strategies: Any, inputs: Inputs) -> list[Any]:
    """The strategies with arrays in the place of names."""
    bound = _listed(strategies)
    for i, strategy in enumerate(bound):
        name = _name(strategy)
        if name is not None:
            try:
                bound[i] = replace(strategy, input=inputs.named(name))
            except InvalidInput as error:
                raise InvalidInput(f"strategies[{i}] ({strategy.kind}): {error}") from error
    names = names_in(strategies)
    for name, column in inputs.keywords.items():
        if column is not None and name not in names:
            raise TypeError(
                f"fit: no strategy takes {name!r}.{suggestion(name, names)} "
                f"Let one name it, as in sqlsel.weights({name!r})"
            )
    return bound


def read(data: Any) -> Any:
    """X with lists of equally long rows, and what is merely convertible, as arrays."""
    if isinstance(data, (list, tuple)):
        try:
            return np.asarray(data)
        except ValueError:  # another number of vectors in each row
            return data
    return np.asarray(data) if hasattr(data, "__array__") and not hasattr(data, "shape") else data


def n_rows(data: Any) -> int:
    """How many rows there are; TypeError for what has none."""
    shape = getattr(data, "shape", None)
    if shape:
        return int(shape[0])
    if shape is None and hasattr(data, "__len__") and not isinstance(data, (str, bytes, Mapping)):
        return len(data)
    lazy = " Collect it first." if hasattr(data, "collect") else ""
    raise TypeError(
        f"X: needs a matrix, a frame or a list with one row per sample, got {type(data).__name__}.{lazy}"
    )


def _matrix(data: Any) -> Any:
    """The input "X": a frame as a matrix of numbers, anything else unchanged; InvalidInput for sparse data."""
    if hasattr(data, "tocsr"):
        raise InvalidInput(
            "X is sparse, and strategies take dense data. Reduce it first, as with TruncatedSVD, or give X.toarray()"
        )
    columns = names_of(data)
    odd = [c for c in columns if (v := np.asarray(data[c])).ndim != 1 or v.dtype.kind not in "fiub"]
    if odd:
        raise InvalidInput(
            f"X is a frame whose columns are not all numbers, such as {odd[0]!r}. "
            f"Name the column that is meant, as in sqlsel.diversity({odd[0]!r})"
        )
    matrix = np.asarray(data) if hasattr(data, "__array__") else data
    if isinstance(matrix, np.ndarray) and matrix.dtype == object and matrix.ndim == 2:
        try:
            return numbers_among(matrix).astype(np.float64)
        except (TypeError, ValueError) as error:
            raise type(error)(f"X: {error}") from error
    return matrix


def taken(data: Any, rows: NDArray[np.int64]) -> Any:
    """These rows of data of any type, in this order."""
    if hasattr(data, "iloc"):
        return data.iloc[rows]
    if hasattr(data, "tocsr"):
        return data.tocsr()[rows].asformat(data.format)
    if hasattr(data, "column_names"):
        return data.take(rows)
    if isinstance(data, Sequence):
        return [data[row] for row in rows.tolist()]
    return data[rows]
