"""Selection from NumPy arrays, without a table: ``select(X, n=500, strategies=[diversity(X)])``."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sqlsel.errors import InvalidInput, ShortSelection
from sqlsel.kernels.classes import as_classes
from sqlsel.objective import Prepared
from sqlsel.optimizer.budget import check_budget, share_of
from sqlsel.optimizer.run import Problem, Selection, run
from sqlsel.strategies.balance import Balance
from sqlsel.strategies.diversity import Diversity
from sqlsel.strategies.lottery import Random, hashed
from sqlsel.strategies.typicality import Typicality


@dataclass(frozen=True)
class ArraySelection:
    """The picks in order: row ``indices[i]`` has rank ``rank[i]`` = i + 1 and gain ``gain[i]``.

    ``values`` has one row per pick and one column per strategy: distance to the nearest earlier
    pick (NaN for the first), weight, cross-entropy reached, similarity, typicality. ``stopped_by``
    is 'budget', 'max_sum' or 'nobody feasible'.
    """

    indices: NDArray[np.int64]
    rank: NDArray[np.int64]
    gain: NDArray[np.float64]
    values: NDArray[np.float64]
    n_candidates: int
    stopped_by: str
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.indices)


def select(  # noqa: PLR0913 - each is one thing that the caller may say
    X: ArrayLike | None = None,  # noqa: N803 - the name that scikit-learn's users expect
    n: int | None = None,
    *,
    proportion: float | None = None,
    strategies: Sequence[Any] | None = None,
    candidates: ArrayLike | None = None,
    preselected: ArrayLike | None = None,
    ids: ArrayLike | None = None,
    n_counts: str = "new",
    seed: int = 0,
    on_invalid: str = "error",
    progress: Callable[[int, int], None] | None = None,
) -> ArraySelection:
    """Pick ``n`` rows (or a ``proportion``) by ``strategies``; default: diversity of vectors ``X``.

    Vectors are one per row, or a list of vectors per row: the objects of a sample.
    ``candidates``, ``preselected``: a mask or row numbers. ``ids``: integers or text that break
    ties and feed RANDOM (default: the row's number). ``n_counts='total'`` counts preselected rows
    too. Fewer picks than asked: all feasible ones, with a ShortSelection warning. Raises ValueError
    or TypeError for bad arguments, InvalidInput for bad data.

    >>> import numpy as np
    >>> select(np.array([[0.0, 1], [0, 2], [1, 0], [1, 1]]), n=2).indices.tolist()
    [0, 2]
    """
    check_budget(n, proportion)
    strategies = _given_or_diversity(strategies, X)
    rows = _common_length(X, strategies)
    order, names = _order(ids, rows)
    chosen = _mask(preselected, rows, "preselected", default=False)
    waiting = _mask(candidates, rows, "candidates", default=True) & ~chosen
    budget = int(n) if n is not None else share_of(rows, proportion or 0)
    if n_counts not in ("new", "total"):
        raise ValueError(f"n_counts must be 'new' or 'total', got {n_counts!r}")
    if n_counts == "total":
        budget = max(0, budget - int(chosen.sum()))
    if rows == 0:
        return _nothing(len(strategies), budget)
    pool = _Pool(chosen | waiting, order, names, seed, on_invalid)
    prepared = [_prepare(s, pool) for s in strategies]
    start = _start(strategies, names)
    found = run(
        Problem(prepared, order, waiting, chosen, min(budget, rows), start=start, progress=progress)
    )
    return _told(found, budget)


def _given_or_diversity(strategies: Sequence[Any] | None, vectors: Any) -> Sequence[Any]:
    if strategies is None:
        if vectors is None:
            raise ValueError("give vectors X, or strategies")
        return [Diversity(vectors)]
    if not strategies:
        raise ValueError("strategies is empty; leave it out for diversity of X")
    return strategies


def _told(found: Selection, budget: int) -> ArraySelection:
    """The result, and a warning where it is short for want of candidates."""
    reached = found.stopped_by == "max_sum"
    if len(found.rows) < budget and not reached:
        warnings.warn(
            f"{len(found.rows)} samples selected of {budget} asked: no feasible candidate left",
            ShortSelection,
            stacklevel=3,
        )
    ranks = np.arange(1, len(found.rows) + 1)
    values = np.where(np.isfinite(found.values), found.values, np.nan)
    short = "max_sum" if reached else "nobody feasible"
    stopped = "budget" if len(found.rows) == budget else short
    return ArraySelection(
        found.rows, ranks, found.gain, values, found.n_candidates, stopped, found.notes
    )


def _nothing(strategies: int, budget: int) -> ArraySelection:
    if budget:
        warnings.warn(
            f"0 samples selected of {budget} asked: the input is empty",
            ShortSelection,
            stacklevel=3,
        )
    nothing = np.empty(0, np.int64)
    values = np.empty((0, strategies))
    return ArraySelection(nothing, nothing, np.empty(0), values, 0, "nobody feasible", ())


def _common_length(vectors: Any, strategies: Sequence[Any]) -> int:
    lengths = []
    for strategy in strategies:
        if isinstance(strategy, type) or not hasattr(strategy, "kind"):
            raise TypeError(
                f"{strategy!r} is no strategy; write sqlsel.diversity(X), sqlsel.weights(w) …"
            )
        if not isinstance(strategy, Random):
            lengths.append((strategy.kind, len(strategy.input)))
    if vectors is not None:
        lengths.append(("X", len(vectors)))
    if not lengths:
        raise ValueError("no strategy has data; give X")
    if len({count for _, count in lengths}) > 1:
        listed = ", ".join(f"{name} {count}" for name, count in lengths)
        raise InvalidInput(f"inputs of different lengths: {listed}")
    return lengths[0][1]


def _order(ids: Any, rows: int) -> tuple[NDArray[np.int64], Any]:
    if ids is None:
        return np.arange(rows), range(rows)
    array = np.asarray(ids)
    if array.shape != (rows,):
        raise InvalidInput(f"ids: needs one per row ({rows}), got shape {array.shape}")
    if array.dtype.kind not in "iuUSO":
        raise InvalidInput(f"ids must be integers or text, got {array.dtype}")
    listed = array.tolist()
    if array.dtype.kind not in "iu":
        listed = [str(i) for i in listed]
    by_id = sorted(range(rows), key=listed.__getitem__)
    for a, b in pairwise(by_id):
        if listed[a] == listed[b]:
            raise InvalidInput(f"id {listed[a]!r} occurs more than once; ids must be unique")
    order = np.empty(rows, np.int64)
    order[by_id] = np.arange(rows)
    return order, listed


def _mask(given: Any, rows: int, name: str, *, default: bool) -> NDArray[np.bool_]:
    if given is None:
        return np.full(rows, default)
    array = np.asarray(given)
    if array.dtype == np.bool_:
        if array.shape != (rows,):
            raise InvalidInput(f"{name}: the mask has shape {array.shape}, there are {rows} rows")
        return array.copy()
    if array.size == 0:
        return np.zeros(rows, np.bool_)
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise InvalidInput(f"{name} must be a mask or row numbers, got {array.dtype}")
    if array.min() < 0 or array.max() >= rows:
        raise InvalidInput(f"{name}: row numbers must lie between 0 and {rows - 1}")
    mask = np.zeros(rows, np.bool_)
    mask[array] = True
    return mask


@dataclass(frozen=True)
class _Pool:
    """What the strategies must know of the rows: which take part, and their ids."""

    rows: NDArray[np.bool_]
    order: NDArray[np.int64]
    names: Any
    seed: int
    on_invalid: str


def _prepare(strategy: Any, pool: _Pool) -> Prepared:
    if pool.on_invalid not in ("error", "skip"):
        raise ValueError(f"on_invalid must be 'error' or 'skip', got {pool.on_invalid!r}")
    if isinstance(strategy, Random):
        seed = strategy.seed if strategy.seed is not None else pool.seed
        return strategy.prepared(hashed(pool.names, seed))
    values = (
        as_classes(strategy.input, strategy.classes)
        if isinstance(strategy, Balance)
        else strategy.input
    )
    by_id = {"order": pool.order} if isinstance(strategy, Typicality) else {}
    every = np.ones(len(pool.rows), np.bool_)
    prepared: Prepared = strategy.prepare(values, every, pool.rows, pool.on_invalid, **by_id)
    return prepared


def _start(strategies: Sequence[Any], names: Any) -> int | None:
    start = next(
        (s.start for s in strategies if isinstance(s, Diversity) and s.start is not None), None
    )
    if start is None:
        return None
    listed = list(names)
    if start not in listed:
        raise InvalidInput(f"start {start!r} is not the id of any row")
    return listed.index(start)
