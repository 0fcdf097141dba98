"""Checks a JSON value key by key; a Fault gives the path and what is there instead."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from typing import Any, NoReturn

from sqlsel.config.problems import is_number
from sqlsel.readers.strict import Fault

_LONGEST = 42


def shown(value: object) -> str:
    """The value as JSON for a message, at most 42 characters; objects and lists by their type."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, ensure_ascii=False)
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 2]}…"
    return f"{text} (text)" if isinstance(value, str) else text


def refuse(path: str, what: str, value: object) -> NoReturn:
    """Raise a Fault: at ``path`` must be ``what``, and is ``value``."""
    raise Fault(f"{path}: must be {what}, got {shown(value)}")


def mapping(value: object, path: str) -> dict[str, Any]:
    """``value`` if it is an object, else a Fault."""
    return value if isinstance(value, dict) else refuse(path, "an object", value)


def sequence(value: object, path: str) -> list[Any]:
    """``value`` if it is a list, else a Fault."""
    return value if isinstance(value, list) else refuse(path, "a list", value)


def member(value: dict[str, Any], key: str, path: str) -> Any:
    """The value of ``key``; a Fault where it is missing."""
    if key not in value:
        raise Fault(f"{path}.{key} is missing" if path else f"{key} is missing")
    return value[key]


def text(value: object, path: str) -> str:
    """``value`` if it is a text that is not empty, else a Fault."""
    return value if isinstance(value, str) and value else refuse(path, "a text", value)


def number(value: object, path: str, low: float = -math.inf, high: float = math.inf) -> float:
    """``value`` as a float if it is a number from ``low`` to ``high``, else a Fault."""
    if not is_number(value):
        return refuse(path, "a number", value)
    converted = float(value)
    if low <= converted <= high:
        return converted
    between = f"between {low:g} and {high:g}" if high < math.inf else f"at least {low:g}"
    raise Fault(f"{path}: must be {between}, got {shown(value)}")


def integer(value: object, path: str, low: int = 0, high: int = 2**31 - 1) -> int:
    """``value`` if it is an integer from ``low`` to ``high``, else a Fault."""
    if type(value) is int and low <= value <= high:
        return value
    return refuse(path, f"an integer of at least {low}", value)


def one_of(value: object, path: str, allowed: Collection[object]) -> object:
    """``value`` if it is one of those allowed, else a Fault."""
    if value in allowed:
        return value
    return refuse(path, f"one of {', '.join(map(str, allowed))}", value)
