"""``select``, ``rank`` and ``trace``: selections as Polars expressions."""

from __future__ import annotations

from typing import Literal, TypeAlias

import polars as pl

from sqlsel.engine.objective import Strategy
from sqlsel.polars.building import Count, built
from sqlsel.polars.column_keys import Column
from sqlsel.polars.result_shapes import Mask, Rank, Trace

NCounts: TypeAlias = Literal["new", "total"]
OnInvalid: TypeAlias = Literal["error", "skip"]


def select(
    *strategies: Strategy | pl.Expr,
    n: Count | None = None,
    proportion: float | None = None,
    id: Column | None = None,
    preselected: Column | None = None,
    n_counts: NCounts = "new",
    seed: int = 0,
    on_invalid: OnInvalid = "error",
) -> pl.Expr:
    """Whether a row is selected: a Boolean expression, never null, named "selected".

    Give strategies (``sel.diversity("embedding")``, …), thresholds, and conditions, which are Boolean expressions
    that say who is a candidate: ``df.filter(sel.select(pl.col("sharpness") > 20, sel.diversity("embedding"), n=100))``.
    All strategies act together, in any order. Among the rows of its context (the frame, or a group in ``over`` and
    ``agg``) it selects

    * ``n`` rows, or fewer where there are not as many candidates (a ShortSelection warning): an integer of at least 1,
      or an expression with one integer per context, ``n=pl.col("quota").first()``. For one budget spread over all
      groups use ``sel.balance("group", "uniform")`` and not ``over``;
    * or a ``proportion`` of all rows, before conditions, rounded half up and at least 1; 1 means all that can be
      selected, and does not warn.

    ``id``: a column of unique ids, which settles ties and feeds ``random``; without it, row numbers do, and the
    selection is reproducible only where the order of rows is. ``preselected``: rows that are selected already; they
    shape the selection, are not in the result, and count towards ``n`` with ``n_counts="total"`` only.
    ``on_invalid="skip"`` passes over NaN, infinite and zero vectors and numbers; null always is passed over.

    Raises ValueError or TypeError for bad arguments; in a query InvalidInput for bad data.
    """
    return built(
        Mask(),
        strategies,
        n=n,
        proportion=proportion,
        id=id,
        preselected=preselected,
        n_counts=n_counts,
        seed=seed,
        on_invalid=on_invalid,
    ).expr()


def rank(
    *strategies: Strategy | pl.Expr,
    n: Count | None = None,
    proportion: float | None = None,
    id: Column | None = None,
    preselected: Column | None = None,
    n_counts: NCounts = "new",
    seed: int = 0,
    on_invalid: OnInvalid = "error",
) -> pl.Expr:
    """The place of a row in the order of picking: Int64 from 1, null where not picked, named "rank".

    Arguments as of ``select``. ``rank <= 50`` of a selection of 200 is the selection of 50.
    """
    return built(
        Rank(),
        strategies,
        n=n,
        proportion=proportion,
        id=id,
        preselected=preselected,
        n_counts=n_counts,
        seed=seed,
        on_invalid=on_invalid,
    ).expr()


def trace(
    *strategies: Strategy | pl.Expr,
    n: Count | None = None,
    proportion: float | None = None,
    id: Column | None = None,
    preselected: Column | None = None,
    n_counts: NCounts = "new",
    seed: int = 0,
    on_invalid: OnInvalid = "error",
) -> pl.Expr:
    """All that is known of a pick: a Struct named "selection", to be unnested.

    Its fields: ``selected`` (Boolean), ``rank`` (Int64), ``gain`` (Float64) and a Float64 per strategy, such as
    ``diversity``, ``weights``, ``weights_2``: distance to the nearest earlier pick (0 to 2 between unit vectors),
    weight, cross-entropy reached, similarity, typicality; null where not picked. Arguments as of ``select``.
    """
    return built(
        Trace(tuple(_names(strategies))),
        strategies,
        n=n,
        proportion=proportion,
        id=id,
        preselected=preselected,
        n_counts=n_counts,
        seed=seed,
        on_invalid=on_invalid,
    ).expr()


def _names(strategies: tuple[Strategy | pl.Expr, ...]) -> list[str]:
    from sqlsel.sqltext.column_labels import value_names

    picking = [one for one in strategies if isinstance(one, Strategy) and not one.filters]
    return value_names([one.label or one.kind for one in picking])
