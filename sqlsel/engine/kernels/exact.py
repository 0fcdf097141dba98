"""Float64 arithmetic whose bits do not depend on block size, library, processor or order of the rows."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.threads import over_rows

Matrix = NDArray[np.float32]
Vector = NDArray[np.float64]
Index = NDArray[np.int64]

_ONE = 1 << 1074  # every float64 is a whole multiple of 1 / _ONE
_FACTORIALS = tuple(1 / math.factorial(i) for i in range(14))
_BLOCK = 256  # rows whose float64 copy stays in the second-level cache


def tree_sum(squares: Vector) -> Vector:
    """The sum over the last axis by a fixed binary tree; ``squares`` is overwritten."""
    width = squares.shape[-1]
    if width == 0:
        return np.zeros(squares.shape[:-1])
    while width > 1:
        half = width // 2
        left = squares[..., :half]
        np.add(left, squares[..., half : 2 * half], out=left)
        if width % 2:
            squares[..., 0] += squares[..., width - 1]
        width = half
    return squares[..., 0].copy()


def half_squared(a: Matrix, b: Matrix) -> Vector:
    """½ ‖a − b‖² of float32 rows (broadcast), in float64."""
    # In float64 from the start: the difference of two float32 numbers is exact there, or nearly so.
    difference = np.subtract(a, b, dtype=np.float64)
    np.multiply(difference, difference, out=difference)
    return 0.5 * tree_sum(difference)


def squared_norms(rows: NDArray[Any]) -> Vector:
    """‖x‖² of each row, in float64."""
    result = np.empty(len(rows))

    def work(start: int, stop: int) -> None:
        wide = np.empty((_BLOCK, rows.shape[1]))
        for at in range(start, stop, _BLOCK):
            end = min(at + _BLOCK, stop)
            part = wide[: end - at]
            part[...] = rows[at:end]
            np.multiply(part, part, out=part)
            result[at:end] = tree_sum(part)

    over_rows(work, len(rows))
    return result


def unit_rows(rows: NDArray[Any], squares: Vector, out: Matrix) -> None:
    """Write each row at unit length into ``out`` (may be ``rows``), rounded once; ``squares`` are their ‖x‖².

    Rows that are at unit length already (to the precision of float32) stay as they are, so doing it twice changes
    nothing. Rows whose norm is zero or not finite become zeros: the caller decides what they mean.
    """
    usable = (squares > 0) & np.isfinite(squares)
    length = np.where(is_unit(squares), 1.0, np.sqrt(np.where(usable, squares, 1.0)))

    def work(start: int, stop: int) -> None:
        wide = np.empty((_BLOCK, rows.shape[1]))
        for at in range(start, stop, _BLOCK):
            end = min(at + _BLOCK, stop)
            part = wide[: end - at]
            part[...] = rows[at:end]
            part /= length[at:end, None]
            out[at:end] = part

    with np.errstate(invalid="ignore", over="ignore"):
        over_rows(work, len(rows))
    if not usable.all():
        out[~usable] = 0.0


def is_unit(squares: Vector) -> NDArray[np.bool_]:
    """Mask of the ‖x‖² that are 1 to the precision of float32."""
    result: NDArray[np.bool_] = np.abs(squares - 1.0) <= 2.0**-22
    return result


def exp_portable(x: Vector) -> Vector:
    """e^x for x ≤ 0 within 2.3e-16 of the true value; the same bits on every processor (0 below −700)."""
    # e^x = 2^n e^r with |r| ≤ ln 2 / 2; ln 2 in two parts, so that r keeps its digits; then a Taylor polynomial.
    # Only additions, products and a power of 2: libraries differ in the last bit of their exp.
    clipped = np.maximum(x, -700.0)
    n = np.rint(clipped * 1.4426950408889634)
    r = (clipped - n * 0.6931471803691238) - n * 1.9082149292705877e-10
    p = np.full_like(r, _FACTORIALS[13])
    for c in _FACTORIALS[12::-1]:
        p *= r
        p += c
    result: Vector = np.where(x < -700.0, 0.0, np.ldexp(p, n.astype(np.int32)))
    return result


def exact_total(values: Iterable[float]) -> float:
    """The correctly rounded sum, independent of the order of the values."""
    return math.fsum(values)


class ExactSum:
    """A running sum without rounding: adding and taking away in any order gives the same value."""

    def __init__(self) -> None:
        self._steps = 0

    def add(self, value: float) -> None:
        """Count ``value`` in."""
        numerator, denominator = value.as_integer_ratio()
        self._steps += numerator * (_ONE // denominator)

    def replace(self, old: float, new: float) -> None:
        """Count ``new`` in and ``old`` out."""
        self.add(new)
        self.add(-old)

    @property
    def value(self) -> float:
        """The sum, correctly rounded."""
        try:
            return self._steps / _ONE
        except OverflowError:
            return sys.float_info.max if self._steps > 0 else -sys.float_info.max
