"""Reads LIMIT and OFFSET, which arrive as text: any constant expression, cast to VARCHAR."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from sqlsel.engine.optimizer.budget import share_of
from sqlsel.errors import InvalidInput


def budget_of(limit: str | None, *, percent: bool, rows: int) -> int | None:
    """The number of picks of a LIMIT, or of a percentage of ``rows``; None without LIMIT."""
    if limit is None:
        return None
    if not percent:
        return whole_number("LIMIT", limit)
    try:
        value = float(limit)
    except ValueError:
        wrong = f"LIMIT {limit!r}%: a percentage is a number from 0 to 100"
        raise InvalidInput(wrong, option="LIMIT") from None
    if not 0 <= value <= 100:
        wrong = f"LIMIT {limit}%: a percentage lies between 0 and 100"
        raise InvalidInput(wrong, option="LIMIT")
    return share_of(rows, Decimal(limit) / 100) if value else 0


def whole_number(word: str, text: str | None) -> int | None:
    """A LIMIT or OFFSET (``word``) as an integer of at least 0; None for NULL."""
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        message = f"{word} must be a whole number of at least 0, got {text!r}"
        raise InvalidInput(message, option=word) from None
    if not math.isfinite(value) or value != int(value) or value < 0:
        wrong = f"{word} must be a whole number of at least 0, got {text}"
        raise InvalidInput(wrong, option=word)
    return int(value)


def in_sql(value: Any) -> str:
    """The value of an option for messages: NULL as SQL writes it, anything else as Python does."""
    return "NULL" if value is None else repr(value)
