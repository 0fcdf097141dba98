"""The budget: a number, or a proportion of the rows, rounded half up in decimal."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np


def check_budget(n: Any, proportion: Any, names: tuple[str, str] = ("n", "proportion")) -> None:
    """ValueError or TypeError unless exactly one of the two is set, and in range; ``names``: theirs in messages."""
    number, share = names
    if (n is None) == (proportion is None):
        raise ValueError(
            f"give exactly one of {number} and {share}" + (", not both" if n is not None else "")
        )
    if n is not None:
        if isinstance(n, bool) or not hasattr(n, "__index__"):
            shown = repr(n).partition("\n")[0]
            raise TypeError(
                f"{number} must be a positive integer, got {shown} ({type(n).__name__})"
            )
        if n.__index__() < 1:
            raise ValueError(f"{number} must be a positive integer, got {n}")
    elif isinstance(proportion, bool) or not isinstance(
        proportion, (int, float, Decimal, np.number)
    ):
        raise TypeError(f"{share} must be a number above 0 and at most 1, got {proportion!r}")
    elif not 0 < proportion <= 1:
        raise ValueError(f"{share} must be a number above 0 and at most 1, got {proportion}")


def share_of(rows: int, proportion: float | str | Decimal) -> int:
    """``proportion`` of ``rows``, rounded half up, at least 1 where there are rows.

    >>> share_of(50, 0.29), share_of(100, "0.145"), share_of(3, 0.01), share_of(0, 0.5)
    (15, 15, 1, 0)
    """
    if rows == 0:
        return 0
    exact = (Decimal(str(proportion)) * rows).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return min(rows, max(1, int(exact)))
