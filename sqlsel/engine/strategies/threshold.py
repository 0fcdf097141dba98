"""THRESHOLD: only samples whose number meets a condition may be picked."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from sqlsel.engine.kernels.number_input import as_numbers
from sqlsel.engine.objective.option_checks import named, number
from sqlsel.engine.objective.protocol import Mask
from sqlsel.engine.objective.strategy import Strategy, Takes
from sqlsel.errors import suggestion

Operation = Literal["<", "<=", ">", ">=", "==", "!="]

_OPERATIONS: dict[str, Callable[[Any, float], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, eq=False)
class Threshold(Strategy):
    """Only samples with ``input`` ``operation`` ``bound`` are candidates, as in ``threshold(sharpness, ">", 20)``.

    NaN and missing values never pass, whatever the operation. Preselected samples need not pass.
    ``operation``: '<', '<=', '>', '>=', '==' or '!='.
    """

    kind: ClassVar[str] = "threshold"
    takes: ClassVar[Takes] = "numbers"
    filters: ClassVar[bool] = True

    input: Any
    operation: Operation
    bound: float

    def __post_init__(self) -> None:
        if self.operation not in _OPERATIONS:
            listed = ", ".join(repr(sign) for sign in _OPERATIONS)
            meant = suggestion(str(self.operation), _OPERATIONS)
            raise ValueError(f"operation must be one of {listed}, got {self.operation!r}.{meant}")
        number("bound", self.bound)

    def passes(self, values: Any, present: Mask) -> Mask:
        """The mask of rows whose value is present, is not NaN and meets the condition."""
        array = as_numbers(values, named(self.input, "threshold"))
        if array.dtype == np.float16:
            array = array.astype(np.float32)
        with np.errstate(over="ignore"):  # a bound beyond float32
            met = _OPERATIONS[self.operation](array, _plain(self.bound, array.dtype.kind))
        not_nan = ~np.isnan(array) if array.dtype.kind == "f" else np.ones(len(array), np.bool_)
        passing: Mask = np.asarray(met, np.bool_) & not_nan & present
        return passing


def _plain(bound: Any, kind: str) -> int | float:
    """The bound as a Python number, so that NumPy compares in the column's type; an int for integer columns."""
    plain: int | float = bound.item() if hasattr(bound, "item") else bound
    return int(plain) if kind in "iu" and float(plain).is_integer() else plain
