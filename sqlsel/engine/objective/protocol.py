"""The protocols between objectives and the optimizer: Objective, Field, Members.

A *strategy* (strategy.py) opens an *objective*, which knows the worth of a selection (its total).
A *field* holds one optimistic value per row of a partition; *members* hold exact values of a shortlist.
The optimizer knows nothing else of a strategy.
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

Poll = Callable[[], None]  # raises where the user wants to stop

FLOOR = 1e-8


def no_poll() -> None:
    """A poll that does nothing."""


class Span(NamedTuple):
    """Between which values some rows lie: two numbers, or two class rows."""

    least: Values
    most: Values


@dataclass(frozen=True)
class Unlisted:
    """What is known of the candidates that are not on the shortlist: one entry per cell of rows with like values.

    ``kinds``: the kind of each class group, −1 for one that has no such candidates; ``groups`` are kinds then.
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
        """Store new picks; values stay upper bounds without them."""
        ...

    def bring_up_to_date(self, rows: Index | slice, since: int) -> None:
        """Let the values of ``rows`` take account of all picks from number ``since`` on."""
        ...

    def infeasible(self, rows: Index | slice) -> Mask | None:
        """Which of the rows surely cannot be picked any more; None where all may."""
        ...

    def spans(self, rows: Index, starts: Index) -> Span:
        """Between which values the rows lie: one entry for each run of ``rows`` that begins at ``starts``."""
        ...

    def take(self, rows: Index | slice) -> Values:
        """The rows' part of the column, as the exact computation needs it."""
        ...


class Members(Protocol):
    """One objective's exact value of every row of the shortlist."""

    values: Values

    def update(self, member: int, waiting: Mask) -> None:
        """Member number ``member`` was picked: bring the values of the ``waiting`` rows up to date."""
        ...

    def feasible(self) -> Mask | None:
        """Which rows may be picked; None where all may."""
        ...


class Constraint(Protocol):
    """What bars candidates while the selection is worth a total, or ends the run."""

    reopens: bool  # a pick may let barred candidates in again

    def infeasible(self, column: Any, total: Any) -> Mask:
        """Which rows may not be picked now; ``column`` is the objective's."""
        ...

    def ended(self) -> str | None:
        """Why nothing more is picked; None while picking goes on."""
        ...


class Objective(Protocol):
    """One strategy during one run. It is told of every pick; rows carry their own values."""

    strength: float
    alone: bool  # no other objective: scores are compared without the logarithm
    stale_is_bound: bool  # a value computed earlier is still optimistic
    needs_refresh: bool  # after a pick nothing is known of rows off the shortlist
    constraint: Constraint | None  # what bars candidates, or ends the run
    by_form: (
        bool  # it can tell which class groups have equal terms by their form (``form``, ``marks``)
    )
    short_lists: bool  # a look at all rows is cheap, so a shortlist need not be long

    @property
    def total(self) -> Any:
        """What the selection is worth; replaced by add, never changed in place."""
        ...

    @property
    def exact_bounds(self) -> bool:
        """Whether the optimistic values are the exact ones."""
        ...

    def field(self, column: Any) -> Field:
        """The optimistic values of a partition, while nothing is selected."""
        ...

    def members(self, column: Any, bounds: Values) -> Members:
        """The exact values of listed rows, all picks so far considered."""
        ...

    def terms(self, values: Values, total: Any) -> Vector:
        """strength · ln U of each row, were the selection worth ``total``; alone: anything that orders as U does."""
        ...

    def tell_by_group(self, table: Any) -> Values:
        """``table`` has one class row per class group; gives the values of the groups."""
        ...

    def upper_bounds(self, values: Values, total: Any) -> Vector:
        """An upper bound of ``terms`` from optimistic values."""
        ...

    def max_increases(self, span: Span, then: Any) -> Vector:
        """The most that a term in each span can have risen since the total was ``then``."""
        ...

    def tie_mark(self, value: Any) -> Any:
        """Equal for values that give equal terms whatever the total."""
        ...

    def tie_key(self, value: Any) -> Any:
        """The term of one row in Decimal, for scores that float64 cannot tell apart."""
        ...

    def slack(self, term: float) -> float:
        """How far apart two terms near this one must be for float64 to tell them apart; 0: it always can."""
        ...

    def add(self, column: Any, value: Any) -> None:
        """Count one pick (its row of the column and its exact value) into the total."""
        ...

    def add_all(self, column: Any) -> None:
        """Count the preselected samples into the total."""
        ...

    def readable(self, values: Sequence[Any], totals: Sequence[Any]) -> Vector:
        """What a person would ask of each pick: its distance, its weight, the entropy reached."""
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
