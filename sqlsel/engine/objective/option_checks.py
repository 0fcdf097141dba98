"""The checks that several strategies make of their options."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

from sqlsel.errors import cosine_hint, suggestion

_Options = ParamSpec("_Options")
_Made = TypeVar("_Made")


def asks_for_distance(function: Callable[_Options, _Made]) -> Callable[_Options, _Made]:
    """``function`` with a TypeError that says how a cosine becomes a distance, for an option that names a cosine."""
    known = inspect.signature(function).parameters

    @functools.wraps(function)
    def checked(*values: _Options.args, **options: _Options.kwargs) -> _Made:
        for name, value in options.items():
            hint = "" if name in known else cosine_hint(name, value, known)
            if hint:
                raise TypeError(f"{function.__name__} has no option {name}{hint}")
        return function(*values, **options)

    return checked


def check_arguments(
    kind: str, signature: inspect.Signature, values: Sequence[Any], options: Mapping[str, Any]
) -> None:
    """TypeError for an option that there is not, one argument too many, one given twice, and one that is missing."""
    known = signature.parameters
    if any(one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD) for one in known.values()):
        return  # it takes what it likes
    for name, value in options.items():
        if name not in known:
            raise TypeError(unknown_option(kind, name, value, known))
    by_place = [name for name, one in known.items() if one.kind is one.POSITIONAL_OR_KEYWORD]
    listed = ", ".join(name for name in known if name != "input") or "none"
    if len(values) > len(by_place):
        first = "one input, and " if by_place else ""
        raise TypeError(f"{kind} takes {first}its options by name; options: {listed}")
    present = [*by_place[: len(values)], *options]
    for name, one in known.items():
        if present.count(name) > 1:
            raise TypeError(f"{kind} was given {name} twice; options: {listed}")
        if one.default is one.empty and name not in present:
            what = "an input" if name == "input" else name
            raise TypeError(f"{kind} needs {what}; options: {listed}")


def unknown_option(kind: str, name: str, value: Any, known: Iterable[str]) -> str:
    """What to say of an option that ``kind`` has not: the one that may be meant, and those that there are."""
    options = [one for one in known if one != "input"]
    hint = cosine_hint(name, value, options)
    if hint:
        return f"{kind} has no option {name}{hint}"
    listed = ", ".join(options) or "none"
    meant = suggestion(name, options).strip().replace("'", "")
    if meant:
        return f"{kind} has no option {name}. {meant} Options: {listed}"
    return f"{kind} has no option {name}; options: {listed}"


def number(name: str, value: Any) -> float:
    """``value`` as a finite float; bool, text and NaN are refused."""
    scalar = getattr(value, "shape", None) == () and value.dtype.kind in "iuf"
    if isinstance(value, bool) or not (isinstance(value, (int, float)) or scalar):
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        found = float(value)
    except OverflowError:  # an integer beyond float64
        found = math.inf
    if not math.isfinite(found):
        raise ValueError(f"{name} must be a finite number, got {value!r}")
    return found


def whole(name: str, value: Any, least: int) -> None:
    """An integer of at least ``least``."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
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
    """What is to be said of vectors that differ in their length only, where unit length is asked for."""
    if not normalize or dimension != 1 or rows < 2:
        return ()
    return ("vectors of one dimension are all 1 or -1 at unit length; set normalize to false",)


def named(given: Any, otherwise: str) -> str:
    """What messages call an input: its expression in SQL, else a plain word."""
    return given if isinstance(given, str) and given else otherwise


def check_flag(name: str, value: Any) -> None:
    """True or false, nothing that merely looks like it."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be true or false, got {value!r}")
