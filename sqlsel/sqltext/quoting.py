"""Quotes names and values for SQL: the only ways by which either enters a generated statement."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlsel.errors import InvalidInput


def identifier(name: str) -> str:
    """``name`` as a quoted SQL identifier; a NUL character is refused with ValueError."""
    if "\0" in name:
        raise ValueError(f"a name may not hold a NUL character: {name!r}")
    return '"' + name.replace('"', '""') + '"'


def path(names: list[str]) -> str:
    """A column and the struct fields below it, each quoted: ``"weather"."temperature"``."""
    return ".".join(identifier(name) for name in names)


def literal(value: str | float | bool | None) -> str:  # noqa: FBT001 - a value, not a switch
    """``value`` as a SQL literal; a number that is not finite is refused with ValueError."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError(f"a text may not hold a NUL character: {value!r}")
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    return repr(value)


def percentage(proportion: float) -> str:
    """A proportion as a percentage, in decimal: in binary 0.145 * 100 is 14.499999999999998."""
    return f"{(Decimal(repr(proportion)) * 100).normalize():f}%"


def constant(value: Any) -> str:
    """A scalar, list or mapping as a SQL constant; InvalidInput for a number that is not finite.

    A mapping becomes a MAP, since names of STRUCT fields are compared without case.
    """
    if isinstance(value, Mapping):
        fields = (f"{literal(str(k))}: {constant(v)}" for k, v in value.items())
        return f"MAP {{{', '.join(fields)}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(constant, value))}]"
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidInput(f"{value} is not a finite number")
    return literal(value)
