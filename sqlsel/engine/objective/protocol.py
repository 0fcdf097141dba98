"""The protocols between objectives and the optimizer: Objective, Field, Members.

A *strategy* (strategy.py) opens an *objective*, which holds the total of the selection, U without a candidate.
A *field* holds one optimistic value (a bound) per row of a partition; *members* hold the exact values of the rows of a
shortlist. The optimizer uses nothing else of a strategy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index, Vector
from sqlsel.engine.objective.fulfilment import Fulfilment

Mask = NDArray[np.bool_]
Values = NDArray[Any]

Poll = Callable[[], None]  # called often; raises to stop the run

FLOOR = 1e-8  # the least U: ln 0 would exclude a row whatever the other objectives say


def no_poll() -> None:
    """A poll that does nothing."""


class Span(NamedTuple):
    """The minimum and maximum of the values of some rows, elementwise for class rows."""

    least: Values
    most: Values


@dataclass(frozen=True)
class Unlisted:
    """Bounds of the candidates that are not on the shortlist: one entry per cell of rows with similar values.

    ``kinds``: the kind of each class group, −1 without such candidates; if set, ``groups`` are kinds of groups.
    """

    best: Vector  # bound of the score in the cell, without the terms that depend on the class group only
    lowest: Index  # lowest order number in the cell
    groups: Index
    spans: Sequence[Span]  # per scored objective, one entry per cell
    kinds: Index | None = None

    def __len__(self) -> int:
        return len(self.best)

    def highest(self, terms: Vector) -> Vector:
        """The highest of the groups' ``terms`` in each cell."""
        if self.kinds is None:
            return terms[self.groups]
        present = np.flatnonzero(self.kinds >= 0)
        of_kind = np.full(int(self.groups.max(initial=-1)) + 1, -np.inf)
        np.maximum.at(of_kind, self.kinds[present], terms[present])
        return of_kind[self.groups]

    def group_of(self, cell: int, terms: Vector, slack: float) -> int | None:
        """The class group of a cell's highest term; None where a lower one of the cell is within ``slack`` of it."""
        if self.kinds is None:
            return int(self.groups[cell])
        groups = np.flatnonzero(self.kinds == self.groups[cell])
        near = terms[groups]
        top = near.max()
        others = (near < top) & (near >= top - slack)
        return None if others.any() else int(groups[near.argmax()])


class Field(Protocol):
    """One objective's optimistic value of every row of a partition."""

    values: Values
    quick_bounds: bool  # it bounds all terms at once (``quick``, ``bound``, ``close``)

    def add_picks(self, picks: Any) -> None:
        """Store new picks, without changing the values: stale values are still bounds."""
        ...

    def refresh(self, rows: Index | slice, since: int) -> None:
        """Update the values of ``rows`` by all picks from number ``since`` on."""
        ...

    def infeasible(self, rows: Index | slice) -> Mask | None:
        """Mask of the rows that certainly cannot be picked any more; None for no row."""
        ...

    def spans(self, rows: Index, starts: Index) -> Span:
        """Minimum and maximum of the values: one entry per run of ``rows``; runs begin at ``starts``."""
        ...

    def take(self, rows: Index | slice) -> Values:
        """The rows' part of the column, as ``Objective.members`` takes it."""
        ...


class Members(Protocol):
    """One objective's exact value of every row of the shortlist."""

    values: Values

    def update(self, member: int, waiting: Mask) -> None:
        """Update the values of the ``waiting`` rows, now that row ``member`` was picked."""
        ...

    def feasible(self) -> Mask | None:
        """Which rows may be picked; None where all may."""
        ...


class Constraint(Protocol):
    """Excludes candidates at a given total of the selection, or ends the run."""

    reopens: bool  # a pick may make excluded candidates feasible again

    def infeasible(self, column: Any, total: Any) -> Mask:
        """Which rows may not be picked now; ``column`` is the objective's."""
        ...

    def ended(self) -> str | None:
        """The reason to end the run, for ``stopped_by``; None to continue."""
        ...


class Objective(Protocol):
    """One strategy during one run. ``add`` is called for every pick; fields and members hold the rows' values.

    A partition may hold a copy of the objective that is never told of a pick (it may stand in another process), so
    ``exact_bounds`` and ``upper_bounds`` depend on their arguments only, and ``total`` says all of the selection that
    they need, also whether it is empty.
    """

    strength: float
    alone: bool  # no other objective: scores are compared without the logarithm
    stale_is_bound: bool  # a value computed before later picks is still optimistic
    needs_refresh: bool  # after each pick rows off the shortlist have no bound any more
    constraint: Constraint | None  # excludes candidates, or ends the run
    by_form: (
        bool  # it can tell which class groups have equal terms by their form (``form``, ``marks``)
    )
    short_lists: bool  # a refresh of all rows is cheap, so a shortlist need not be long

    @property
    def total(self) -> Any:
        """The state of the selection that U depends on; ``add`` replaces it, and never changes it in place."""
        ...

    def exact_bounds(self, total: Any) -> bool:
        """Whether the optimistic values are the exact ones, at this total."""
        ...

    def field(self, column: Any) -> Field:
        """The optimistic values of a partition, while nothing is selected."""
        ...

    def members(self, column: Any, bounds: Values) -> Members:
        """The exact values of the rows of a shortlist after all picks so far; ``bounds``: their optimistic values."""
        ...

    def terms(self, values: Values, total: Any) -> Vector:
        """strength · ln U of each row, were the selection worth ``total``; alone: anything that orders as U does."""
        ...

    def group_values(self, table: Any) -> Values:
        """The value of each class group; ``table``: one class row per group."""
        ...

    def upper_bounds(self, values: Values, total: Any) -> Vector:
        """An upper bound of ``terms`` from optimistic values."""
        ...

    def max_increases(self, span: Span, then: Any) -> Vector:
        """The largest increase of a term in each span since the total was ``then``."""
        ...

    def tie_mark(self, value: Any) -> Any:
        """A key that is equal for values with equal terms whatever the total."""
        ...

    def tie_key(self, value: Any) -> Any:
        """The term of one row in Decimal, for scores that float64 cannot tell apart."""
        ...

    def slack(self, term: float) -> float:
        """The rounding error of a term of this size: closer ones float64 cannot tell apart; 0 for exact terms."""
        ...

    def add(self, column: Any, value: Any) -> None:
        """Add one pick to the total: its row of the column and its exact value."""
        ...

    def add_all(self, column: Any) -> None:
        """Add the preselected samples to the total."""
        ...

    def result_values(self, values: Sequence[Any], totals: Sequence[Any]) -> Vector:
        """The number of each pick in the result column: its distance, its weight, the entropy reached."""
        ...

    def gains(self, values: Sequence[Any], totals: Sequence[Any]) -> Vector:
        """strength · (ln U after − ln U before) of each pick; a total of 0 counts as ln U = 0."""
        ...

    def picks_since(self, since: int) -> Any:
        """The picks from number ``since`` on, as fields take them; None where fields need none."""
        ...

    def fulfilment(self, review: Any) -> list[Fulfilment]:
        """How far the objective was reached by a selection of some rows (a Review, fulfilment.py)."""
        ...

    def limit_lines(self, review: Any) -> list[Fulfilment]:
        """How the selection fits the limits of the objective, if it has any; also where nothing was picked."""
        ...
