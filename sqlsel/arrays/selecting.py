"""Selection from NumPy arrays, without a table: ``select(X, n=500, strategies=[diversity(X)])``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sqlsel.arrays.arguments import groups_of, ids_of, mask_of
from sqlsel.arrays.array_selection import ArraySelection, result_of
from sqlsel.arrays.arrow_columns import read_arrow
from sqlsel.arrays.frame_columns import as_column, names_of, present_in
from sqlsel.arrays.lengths import common_length
from sqlsel.engine.choosing import N_COUNTS, ON_INVALID, choose, input_warnings, passing, start_of
from sqlsel.engine.inputs import InputColumn, Rows
from sqlsel.engine.kernels.class_input import as_classes
from sqlsel.engine.objective import Strategy
from sqlsel.engine.optimizer.budget import check_budget, share_of
from sqlsel.engine.optimizer.selection import Selection
from sqlsel.engine.strategies.diversity import Diversity
from sqlsel.errors import InvalidInput, warn

Progress = Callable[[int, int], None]


def select(  # noqa: PLR0913 - each is one thing that the caller may say
    X: ArrayLike | None = None,  # noqa: N803 - the name that scikit-learn's users expect
    n: int | None = None,
    *,
    proportion: float | None = None,
    strategies: Sequence[Strategy] | None = None,
    candidates: ArrayLike | None = None,
    preselected: ArrayLike | None = None,
    ids: ArrayLike | None = None,
    by: ArrayLike | None = None,
    n_counts: Literal["new", "total"] = "new",
    seed: int = 0,
    on_invalid: Literal["error", "skip"] = "error",
    progress: Progress | None = None,
) -> ArraySelection:
    """Pick ``n`` rows (or a ``proportion``) by ``strategies``; default: diversity of vectors ``X``.

    Vectors are one per row, or a list of vectors per row: the objects of a sample.
    ``candidates``, ``preselected``: a mask or row numbers. ``ids``: integers or text that break
    ties and feed RANDOM (default: the row's number). ``by``: one selection for each of its values;
    ``n`` and shares then hold per group. ``n_counts='total'`` counts preselected rows
    too. A proportion is of all rows, before candidates and thresholds. ``on_invalid``: what becomes of a row with NaN,
    infinity or, where vectors are normalised, a zero vector: 'error' raises InvalidInput, 'skip' never picks it,
    without counting it in ``skipped``. ``seed``: an integer for RANDOM without a seed of its own; other strategies do
    not use it. ``progress(picks so far, all picks)`` is called after each pick. Fewer picks than asked: all feasible
    ones, with a ShortSelection warning, unless the proportion is 1. Raises ValueError or TypeError for bad arguments,
    InvalidInput for bad data.

    >>> import numpy as np
    >>> select(np.array([[0.0, 1], [0, 2], [1, 0], [1, 1]]), n=2).indices.tolist()
    [0, 2]
    """
    check_budget(n, proportion)
    check_choices(n_counts, on_invalid)
    check_seed(seed)
    all_strategies = [_with_query(s) for s in _strategies_or_diversity(strategies, X)]
    count = common_length(X, all_strategies, ids)
    columns = [_column_of(s, count, skip=on_invalid == "skip") for s in all_strategies]
    order, names = ids_of(ids, count)
    chosen = mask_of(preselected, count, "preselected", default=False)
    waiting = mask_of(candidates, count, "candidates", default=True) & ~chosen
    mask, others = passing(all_strategies, columns, count)
    rows = Rows(order, names, waiting & mask, chosen, seed, on_invalid)
    _check_start(rows, all_strategies)
    work = _Work([all_strategies[i] for i in others], [columns[i] for i in others])
    parts = [np.arange(count)] if by is None else groups_of(by, count)
    budgets = []
    for part in parts:
        budget = int(n) if n is not None else share_of(len(part), proportion or 0)
        taken = int(chosen[part].sum()) if n_counts == "total" else 0
        budgets.append(max(0, budget - taken))
    n_picks = [min(budget, len(part)) for part, budget in zip(parts, budgets, strict=True)]
    selections = []
    for number, part in enumerate(parts):
        report = _reporter(progress, sum(n_picks[:number]), sum(n_picks))
        selections.append(work.choose(rows, None if by is None else part, budgets[number], report))
    _warn_of(work.input_warnings)
    result = result_of(parts, selections, budgets, len(work.strategies), quiet=proportion == 1)
    return replace(result, skipped=_skipped(work))


def _with_query(strategy: Any) -> Any:
    """The strategy, with the query vectors of a column of any library as an array or lists."""
    query = getattr(strategy, "query", None)
    if query is None or isinstance(query, np.ndarray):
        return strategy
    column = read_arrow(query, "vectors", "query")
    if column is None or not column.present.all():
        return replace(strategy, query=as_column(query))
    return replace(strategy, query=column.values)


def _column_of(strategy: Any, rows: int, *, skip: bool) -> InputColumn:
    """The column of a strategy; a frame gives masses of classes, which are its columns' names."""
    source, takes = getattr(strategy, "input", None), getattr(strategy, "takes", "")
    name = "embedding" if takes == "vectors" else strategy.kind
    column = read_arrow(source, takes, name, skip=skip)
    if column is not None:
        return column
    values = as_column(source)
    if takes != "classes":
        return InputColumn(values, present_in(source, rows))
    if names_of(source) and np.ndim(values) == 2:
        values = as_classes(values, names_of(source))
    elif isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.kind == "f":
        there = present_in(source, rows) & ~(np.isnan(values) & skip)
        if not there.all():
            values = values.astype(object)
            values[~there] = None
    return InputColumn(
        values, np.ones(rows, np.bool_)
    )  # a row without a class is one to balance with


@dataclass
class _Work:
    """The strategies with their columns."""

    strategies: list[Any]
    columns: list[InputColumn]
    input_warnings: list[list[str]] = field(default_factory=list)  # of each group

    def choose(
        self, rows: Rows, part: NDArray[np.int64] | None, budget: int, report: Progress | None
    ) -> Selection:
        """The picks among all rows, or among those of one group."""
        columns, among = self.columns, rows
        if part is not None:
            columns, among = [column.part(part) for column in columns], rows.part(part)
        try:
            selection, prepared = choose(self.strategies, columns, among, budget, report)
        except InvalidInput as error:
            if part is None or error.row is None:
                raise
            raise InvalidInput(error.template, int(part[error.row])) from None
        self.input_warnings.append(
            list(input_warnings([s.kind for s in self.strategies], prepared))
        )
        return selection


def _warn_of(input_warnings: Sequence[Sequence[str]]) -> None:
    """Give the warnings that every group has; a class of the target may be absent from a single one."""
    for warning in input_warnings[0] if input_warnings else ():
        if all(warning in others for others in input_warnings):
            warn(warning)


def _skipped(work: _Work) -> dict[str, int]:
    """Strategy kind → number of rows without input, for strategies with such rows."""
    counts: dict[str, int] = {}
    for strategy, column in zip(work.strategies, work.columns, strict=True):
        missing = int((~column.present).sum())
        if missing:
            counts[strategy.kind] = max(missing, counts.get(strategy.kind, 0))
    return counts


def _reporter(progress: Progress | None, before: int, total: int) -> Progress | None:
    """The progress callback of one group, which counts the picks of all groups; ``before``: those of earlier ones."""
    if progress is None:
        return None
    return lambda done, _: progress(before + done, total)


def check_choices(n_counts: Any, on_invalid: Any) -> None:
    """ValueError for a value of ``n_counts`` or ``on_invalid`` that is not one of its two."""
    for name, value, choices in (
        ("n_counts", n_counts, N_COUNTS),
        ("on_invalid", on_invalid, ON_INVALID),
    ):
        if value not in choices:
            raise ValueError(f"{name} must be {choices[0]!r} or {choices[1]!r}, got {value!r}")


def check_seed(seed: Any) -> None:
    """TypeError for what is no integer."""
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        raise TypeError(f"seed must be an integer, got {seed!r}")


def _strategies_or_diversity(strategies: Sequence[Any] | None, vectors: Any) -> Sequence[Any]:
    if strategies is None:
        if vectors is None:
            raise ValueError("give vectors X, or strategies")
        return [Diversity(vectors)]
    if not isinstance(strategies, (list, tuple)):
        shown = repr(strategies) if isinstance(strategies, str) else type(strategies).__name__
        raise TypeError(f"strategies must be a list, got {shown}")
    if not strategies:
        raise ValueError("strategies is empty; leave it out for diversity of X")
    return strategies


def _check_start(rows: Rows, strategies: Sequence[Any]) -> None:
    start = start_of(strategies)
    if start is not None and len(rows) and rows.row_of(start) is None:
        raise InvalidInput(f"start {start!r} is not the id of any row")
