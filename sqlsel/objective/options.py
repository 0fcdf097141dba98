"""The checks that several strategies make of their options."""

from __future__ import annotations

import math
from typing import Any


def number(name: str, value: Any) -> float:
    """``value`` as a finite float; bool, text and NaN are refused."""
    scalar = getattr(value, "shape", None) == () and value.dtype.kind in "iuf"
    if isinstance(value, bool) or not (isinstance(value, (int, float)) or scalar):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not math.isfinite(float(value)):
        raise ValueError(f"{name} must be a finite number, got {value!r}")
    return float(value)


def check_strength(strength: Any) -> None:
    """−1e9 … 1e9; a negative strength turns the objective round."""
    if abs(number("strength", strength)) > 1e9:
        raise ValueError(f"strength must lie between -1e9 and 1e9, got {strength!r}")


def check_min_distance(min_distance: Any) -> None:
    """None, or a finite number of at least 0."""
    if min_distance is not None and number("min_distance", min_distance) < 0:
        raise ValueError(f"min_distance must be at least 0, got {min_distance!r}")


def named(given: Any, otherwise: str) -> str:
    """What messages call an input: its expression in SQL, else a plain word."""
    return given if isinstance(given, str) and given else otherwise


def check_flag(name: str, value: Any) -> None:
    """True or false, nothing that merely looks like it."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be true or false, got {value!r}")
