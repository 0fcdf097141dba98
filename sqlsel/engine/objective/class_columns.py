"""The columns of BALANCE: one per class of the target, and one for the mass of all other classes.

A row without class mass (no value, an empty list, zeros only) counts as one average row of the other column, with the
mean mass of the pool's rows that have any. As a row of zeros it would leave the shares as they are, and so be picked
before all others as soon as the target is met.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.class_input import Classes
from sqlsel.engine.kernels.codes import counts, look_up
from sqlsel.engine.kernels.exact import Vector
from sqlsel.engine.kernels.singles import Singles
from sqlsel.engine.objective.protocol import Mask


@dataclass(frozen=True)
class Mass:
    """Which rows have no class mass, and the ``average`` mass that each of them has in the other column instead."""

    empty: Mask  # one per row of the table of classes
    average: float
    n_empty: int  # rows of the pool without class mass

    def of_rows(self, classes: Classes) -> Mask:
        """Mask of the samples without class mass."""
        return self.empty if classes.index is None else look_up(self.empty, classes.index)


def mass_of(classes: Classes, pool: Mask, named: Sequence[int] | None = None) -> Mass:
    """The mass over the rows of ``pool``; with ``named`` only that of the classes of these numbers counts."""
    table = classes.table
    if isinstance(table, Singles):
        empty = table.places < 0 if named is None else ~np.isin(table.places, named)
    else:
        table = table if named is None else table[:, named]
        empty = np.logical_not((table > 0).any(axis=1))
    mass = Mass(empty, 1.0, 0)
    without = mass.of_rows(classes)
    n_empty = int((without & pool).sum())
    if not n_empty:
        return mass  # the average is not needed
    return Mass(empty, _average(classes, table, pool & ~without), n_empty)


def _average(classes: Classes, table: NDArray[np.float64] | Singles, rows: Mask) -> float:
    """The mean mass of ``rows``, the exact sum divided and rounded once; 1 where there are none."""
    count = int(rows.sum())
    if not count:
        return 1.0
    values = table.masses[:, None] if isinstance(table, Singles) else table
    if classes.index is not None:
        times = counts(classes.index[rows], len(values)).tolist()
        total = sum(
            (
                n * Fraction(m)
                for n, row in zip(times, values.tolist(), strict=True)
                for m in row
                if m and n
            ),
            Fraction(0),
        )
        return float(total / count)
    entries = values[rows].ravel().tolist()
    rounded = math.fsum(entries)
    remainder = math.fsum(chain(entries, (-rounded,)))  # what the rounding left out
    return float((Fraction(rounded) + Fraction(remainder)) / count)


def in_columns(
    classes: Classes, target: Mapping[str, float], pool: Mask, *, unnamed: bool = True
) -> tuple[Classes, Mass, bool]:
    """(columns of the classes of ``target``, rows without mass, whether the last column is all other mass).

    ``unnamed``: whether classes outside the target count; else a row with such classes only is one without mass.
    There is no other column if each row of ``pool`` has mass, and in classes of the target only.
    """
    place = {name: i for i, name in enumerate(classes.names)}
    named = [place[name] for name in target if name in place]
    names = [classes.names[i] for i in named]
    names += [name for name in target if name not in place]
    mass = mass_of(classes, pool, None if unnamed else named)
    columns = _single_columns if isinstance(classes.table, Singles) else _mixed_columns
    table, other = columns(classes.table, named, len(names), mass, unnamed=unnamed)
    has_other = bool(other[classes.occur(pool)].any())
    if has_other:
        table = _with_other(table, other)
        names.append(_name_of_other(classes.names, target))
    return Classes(tuple(names), table, classes.index), mass, has_other


def _mixed_columns(
    table: Any, named: Sequence[int], count: int, mass: Mass, *, unnamed: bool
) -> tuple[Any, Vector]:
    """(``count`` columns, the first of them the named classes; per row the mass in the other column)."""
    rest = np.ones(table.shape[1], np.bool_)
    rest[named] = False
    remaining = table[:, rest].sum(axis=1) if unnamed else np.zeros(len(table))
    absent = np.zeros((len(table), count - len(named)))
    columns = np.ascontiguousarray(np.column_stack([table[:, named], absent]))
    return columns, np.where(mass.empty, mass.average, remaining)


def _single_columns(
    table: Any, named: Sequence[int], count: int, mass: Mass, *, unnamed: bool
) -> tuple[Any, Vector]:
    """The same for rows with one class each."""
    column = np.full(table.width + 1, -1)  # −1 looks up the last entry
    column[named] = np.arange(len(named))
    places = column[table.places]
    remaining = np.where((places < 0) & unnamed, table.masses, 0.0)
    named_masses = Singles(places, np.where(places < 0, 0.0, table.masses), count)
    return named_masses, np.where(mass.empty, mass.average, remaining)


def _with_other(table: Any, other: Vector) -> NDArray[np.float64] | Singles:
    """``table`` and one more column, of the ``other`` mass."""
    if not isinstance(table, Singles):
        return np.ascontiguousarray(np.column_stack([table, other]))
    outside = other > 0
    places = np.where(outside, table.width, table.places)
    return Singles(places, np.where(outside, other, table.masses), table.width + 1)


def _name_of_other(names: Sequence[str], target: Mapping[str, float]) -> str:
    """'other', or 'all other' … where a class has that name itself."""
    name = "other"
    while name in names or name in target:
        name = f"all {name}"
    return name
