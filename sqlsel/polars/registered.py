"""The methods of ``.sel`` for strategies that are not written out there: one for each that was registered."""

from __future__ import annotations

from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any

import polars as pl

from sqlsel.engine.objective.option_checks import unknown_option
from sqlsel.engine.strategies import STRATEGIES
from sqlsel.polars.expressions import select

_OF_SELECT = [
    name for name, one in signature(select).parameters.items() if one.kind is one.KEYWORD_ONLY
]


class RegisteredStrategies:
    """One strategy over an expression, by its kind."""

    def __init__(self, expr: pl.Expr) -> None:
        self._expr = expr

    if not TYPE_CHECKING:  # type checkers know the methods below only

        def __getattr__(self, name: str) -> Any:
            """The method of a strategy that was registered, by its kind."""
            kind = STRATEGIES.get(name.upper()) if name.islower() else None
            if kind is None or kind.takes == "nothing":
                raise AttributeError(f"the namespace sel has no strategy {name!r}")
            return partial(self._of_kind, kind)

        def __dir__(self) -> list[str]:
            """The methods below, and those of strategies that were registered."""
            made = (kind.kind for kind in STRATEGIES.values() if kind.takes != "nothing")
            return sorted({*super().__dir__(), *made})

    def _of_kind(self, kind: type[Any], *values: Any, **options: Any) -> pl.Expr:
        """A strategy over this expression; the keywords that are no options of its are those of ``select``."""
        own = {name: options.pop(name) for name in kind.options() if name in options}
        strange = [name for name in options if name not in _OF_SELECT]
        if strange:
            known = [*kind.options(), *_OF_SELECT]
            raise TypeError(unknown_option(kind.kind, strange[0], options[strange[0]], known))
        return select(kind(self._expr, *values, **own), **options)
