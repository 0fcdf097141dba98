"""Builds the expression of a selection from its arguments: the input expressions, and the function over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import polars as pl
import polars.selectors as cs

from sqlsel.arrays.selecting import check_choices, check_seed
from sqlsel.engine.objective import Strategy
from sqlsel.engine.optimizer.budget import check_budget
from sqlsel.polars.call import Call, StrategyInputs
from sqlsel.polars.column_keys import Key, column_of
from sqlsel.polars.context import Slot
from sqlsel.polars.result_shapes import Shape

Count: TypeAlias = int | pl.Expr


class Built(NamedTuple):
    """A selection as a function, and the expressions of its inputs."""

    call: Call
    inputs: list[pl.Expr]

    def expr(self) -> pl.Expr:
        """The selection as an expression."""
        shape = self.call.shape
        expr = pl.map_batches(
            self.inputs, self.call, return_dtype=shape.dtype, is_elementwise=False
        )
        return expr.alias(shape.name)


def built(
    shape: Shape,
    strategies: Sequence[Strategy | pl.Expr],
    *,
    n: Count | None,
    proportion: float | None,
    id: Any,
    preselected: Any,
    n_counts: str,
    seed: int,
    on_invalid: str,
    progress: Callable[[int, int], None] | None = None,
) -> Built:
    """The selection and its inputs; ValueError or TypeError for invalid arguments."""
    check_budget(1 if isinstance(n, pl.Expr) else n, proportion)
    check_choices(n_counts, on_invalid)
    check_seed(seed)
    inputs = _Inputs()
    conditions, strategy_inputs = inputs.of_strategies(strategies)
    call = Call(
        shape,
        tuple(strategy_inputs),
        conditions=tuple(inputs.add(one, "condition") for one in conditions),
        saw_nan=inputs.nan_in(conditions),
        n=inputs.add(n, "n") if isinstance(n, pl.Expr) else n,
        proportion=proportion,
        id=None if id is None else inputs.add(id, "id"),
        preselected=None if preselected is None else inputs.add(preselected, "preselected"),
        n_counts=n_counts,
        seed=seed,
        on_invalid=on_invalid,
        progress=progress,
    )
    return Built(call, inputs.exprs)


class _Inputs:
    """The input expressions of the function, equal ones once; the first is the number of rows."""

    def __init__(self) -> None:
        self.exprs: list[pl.Expr] = [pl.len()]

    def add(self, column: Any, what: str) -> Slot:
        """The slot of a column, a name or an expression, which is added if it is new; ``what``: for messages."""
        expr, key = column_of(column, what)
        for place, existing in enumerate(self.exprs):
            if existing.meta.eq(expr):
                return Slot(place, key)
        self.exprs.append(expr)
        return Slot(len(self.exprs) - 1, key)

    def of_strategies(
        self, strategies: Sequence[Strategy | pl.Expr]
    ) -> tuple[list[pl.Expr], list[StrategyInputs]]:
        """(conditions, each strategy with the slots of its inputs); ValueError without any."""
        if not strategies:
            raise ValueError("give at least one strategy, such as sel.diversity('embedding')")
        conditions = [one for one in strategies if isinstance(one, pl.Expr)]
        return conditions, [self._inputs_of(s) for s in strategies if not isinstance(s, pl.Expr)]

    def _inputs_of(self, strategy: Any) -> StrategyInputs:
        if not isinstance(strategy, Strategy):
            raise TypeError(
                f"{_named(strategy)} is no strategy; write sel.diversity('embedding'), "
                "sel.weights('score') … or a condition such as pl.col('sharpness') > 20"
            )
        if strategy.takes == "nothing":
            return StrategyInputs(strategy, None)
        slot = self.add(getattr(strategy, "input", None), strategy.kind)
        changed: dict[str, Any] = {"input": slot.key.name}
        query, vectors = None, getattr(strategy, "query", None)
        if isinstance(vectors, pl.Expr):
            query = self.add(vectors, "query")
            changed["query"] = ()
        elif isinstance(vectors, (pl.DataFrame, pl.LazyFrame)):
            kind = type(vectors).__name__
            raise TypeError(f"query must be a Series, an array or an expression, got {kind}")
        elif isinstance(vectors, pl.Series):
            changed["query"] = _queries(vectors)
        return StrategyInputs(_with(strategy, **changed), slot, query)

    def nan_in(self, conditions: Sequence[pl.Expr]) -> Slot | None:
        """The slot of a boolean input: whether a column of a condition is NaN; None for conditions without columns."""
        unaware = [one for one in conditions if "nan()" not in str(one)]
        roots = sorted({name for one in unaware for name in one.meta.root_names()})
        if not roots:
            return None
        floats = cs.by_name(*roots, require_all=False) & cs.float()
        self.exprs.append(pl.any_horizontal(floats.is_nan()))
        return Slot(len(self.exprs) - 1, Key("is NaN"))


def _with(strategy: Any, **changed: Any) -> Any:
    """The strategy with other options."""
    return replace(strategy, **changed)


def _named(value: Any) -> str:
    """The repr of a value, or its type if that is long; for messages."""
    text = repr(value)
    return text if len(text) < 80 and "\n" not in text else f"a {type(value).__name__}"


def _queries(series: pl.Series) -> np.ndarray[Any, Any]:
    """Query vectors that a Series holds."""
    from sqlsel.polars.context import Context

    context = Context([pl.Series([len(series)]), series])
    return np.asarray(context.queries(Slot(1, Key(series.name or "query"))))
