"""The methods of ``.sel`` on expressions: one for each strategy that reads a column, made from its class.

``make generate`` writes their signatures into ``columnwise.pyi``, for type checkers and editors.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature, signature
from typing import Any, TypeVar

import polars as pl

from sqlsel.engine.objective import Strategy
from sqlsel.engine.strategies import STRATEGIES
from sqlsel.errors import unknown_option
from sqlsel.polars.expressions import select

Kind = type[Strategy]
Made = TypeVar("Made")

_OF_SELECT = [
    one for one in signature(select).parameters.values() if one.kind is Parameter.KEYWORD_ONLY
]


class StrategyMethods:
    """One strategy over an expression, by its kind; also of those that are registered later."""

    def __init__(self, expr: pl.Expr) -> None:
        self._expr = expr

    def __getattr__(self, name: str) -> Any:
        """The method of a strategy, by its kind."""
        kinds = _of_columns()
        if name not in kinds:
            raise AttributeError(f"the namespace sel has no strategy {name!r}")
        return method_of(kinds[name], type(self)).__get__(self)

    def __dir__(self) -> list[str]:
        """All methods, also those of strategies that were registered later."""
        return sorted({*super().__dir__(), *_of_columns()})


def with_methods(owner: type[Made]) -> type[Made]:
    """The class with a method for each strategy that there is."""
    for name, kind in _of_columns().items():
        setattr(owner, name, method_of(kind, owner))
    return owner


def method_of(kind: Kind, owner: type[Any]) -> Callable[..., pl.Expr]:
    """A strategy as a method of ``owner``: its options and the keywords of ``select``, as written there."""

    def method(self: Any, *values: Any, **options: Any) -> pl.Expr:
        for name, value in options.items():
            if name not in option_names:
                wrong = unknown_option(
                    kind.kind, name, value, option_names, unit_distance=kind.unit_distance
                )
                raise TypeError(wrong)
        if len(values) > n_by_place:
            listed = ", ".join(option_names)
            raise TypeError(f"{kind.kind} takes its options by name, as n=10; options: {listed}")
        of_strategy = {name: options.pop(name) for name in kind.options() if name in options}
        return select(kind(self._expr, *values, **of_strategy), **options)

    parameters = _parameters(kind)
    option_names = [one.name for one in parameters]
    n_by_place = sum(one.kind is Parameter.POSITIONAL_OR_KEYWORD for one in parameters)
    first = Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)
    method.__signature__ = Signature(  # type: ignore[attr-defined]
        [first, *parameters], return_annotation="pl.Expr"
    )
    method.__name__, method.__module__ = kind.kind, owner.__module__
    method.__qualname__ = f"{owner.__qualname__}.{kind.kind}"
    method.__doc__ = f"Whether a row is selected: {kind.selects or kind.purpose()}"
    return method


def _of_columns() -> dict[str, Kind]:
    """The strategies that read a column, by their kind."""
    return {kind.kind: kind for kind in STRATEGIES.values() if kind.takes != "nothing"}


def _parameters(kind: Kind) -> list[Parameter]:
    """The options of a strategy, and the keywords of ``select`` of which it has none of the same name."""
    own = [one for name, one in signature(kind).parameters.items() if name != "input"]
    names = {one.name for one in own}
    return [*own, *(one for one in _OF_SELECT if one.name not in names)]
