"""Checks of options that several strategies share; each raises TypeError or ValueError with the option's name."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sqlsel.errors import unknown_option


def check_arguments(
    kind: str,
    signature: inspect.Signature,
    values: Sequence[Any],
    options: Mapping[str, Any],
    *,
    unit_distance: bool = False,
) -> None:
    """TypeError for an unknown option, too many arguments, a repeated one, and a missing one.

    Python's own message would name ``__init__``, which users do not call. ``kind``: the strategy's name;
    ``unit_distance``: as of the strategy, for the hint.
    """
    parameters = signature.parameters
    if any(one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD) for one in parameters.values()):
        return  # a strategy from outside that takes any arguments
    for name, value in options.items():
        if name not in parameters:
            known = [one for one in parameters if one != "input"]
            raise TypeError(unknown_option(kind, name, value, known, unit_distance=unit_distance))
    by_place = [name for name, one in parameters.items() if one.kind is one.POSITIONAL_OR_KEYWORD]
    listed = ", ".join(name for name in parameters if name != "input") or "none"
    if len(values) > len(by_place):
        first = "one input, and " if by_place else ""
        raise TypeError(f"{kind} takes {first}its options by name; options: {listed}")
    present = [*by_place[: len(values)], *options]
    for name, one in parameters.items():
        if present.count(name) > 1:
            raise TypeError(f"{kind} was given {name} twice; options: {listed}")
        if one.default is one.empty and name not in present:
            what = "an input" if name == "input" else name
            raise TypeError(f"{kind} needs {what}; options: {listed}")


def number(name: str, value: Any) -> float:
    """``value`` as a finite float; bool, text and NaN are refused."""
    scalar = getattr(value, "shape", None) == () and value.dtype.kind in "iuf"
    if isinstance(value, bool) or not (isinstance(value, (int, float)) or scalar):
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        result = float(value)
    except OverflowError:  # an integer beyond float64
        result = math.inf
    if not math.isfinite(result):
        raise ValueError(f"{name} must be a finite number, got {value!r}")
    return result


def whole(name: str, value: Any, least: int) -> None:
    """An integer of at least ``least``."""
    if isinstance(value, (bool, np.bool_)) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be an integer of at least {least}, got {value!r}")
    if value.__index__() < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")


def at_least_zero(name: str, value: Any) -> None:
    """None, or a finite number of at least 0."""
    if value is not None and number(name, value) < 0:
        raise ValueError(f"{name} must be at least 0, got {value!r}")


def above_zero(name: str, value: Any) -> None:
    """A finite number above 0."""
    if number(name, value) <= 0:
        raise ValueError(f"{name} must be above 0, got {value!r}")


def check_strength(strength: Any) -> None:
    """−1e9 … 1e9; a negative strength turns the objective round."""
    if abs(number("strength", strength)) > 1e9:
        raise ValueError(f"strength must lie between -1e9 and 1e9, got {strength!r}")


def flattened(rows: int, dimension: int, *, normalize: bool) -> tuple[str, ...]:
    """A note where vectors of one dimension are normalised: they are all 1 or −1 then; else no note."""
    if not normalize or dimension != 1 or rows < 2:
        return ()
    return ("vectors of one dimension are all 1 or -1 at unit length; set normalize to false",)


def named(source: Any, otherwise: str) -> str:
    """The name of an input in messages: its SQL expression where it is a text, else ``otherwise``."""
    return source if isinstance(source, str) and source else otherwise


def check_flag(name: str, value: Any) -> None:
    """TypeError for anything but True and False, also NumPy's."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be true or false, got {value!r}")
