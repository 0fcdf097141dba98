"""Reads a column of classes: a category per sample, or a mass per class and sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.codes import Codes, counts, look_up, occurring
from sqlsel.engine.kernels.exact import Vector
from sqlsel.engine.kernels.missing import is_missing
from sqlsel.engine.kernels.object_lists import packed
from sqlsel.engine.kernels.singles import Singles, singles
from sqlsel.errors import InvalidInput

Mask = NDArray[np.bool_]
MAX_GROUPS = 1024
MAX_GROUPS_IN_COMPANY = 128  # beside other strategies, where each group has a shortlist of its own
_MOST_MASS = 1e300  # of all rows together, so that no sum overflows
_MOST_CELLS = 1 << 17  # entries of a table of class rows that is worked through at every pick


@dataclass(frozen=True)
class Classes:
    """Class masses of samples: ``table[index]`` where samples share few rows, else one row of ``table`` each.

    Rows with mass in one class each are Singles, never a table of classes × classes.
    """

    names: tuple[str, ...]
    table: NDArray[np.float64] | Singles  # one row per group, or per sample when index is None
    index: Codes | None = None
    closed: bool = False  # the names are a schema: other names are mistakes
    single: bool = False  # read from a category per sample

    def __len__(self) -> int:
        return len(self.table if self.index is None else self.index)

    def occur(self, rows: Mask) -> Mask:
        """Mask of the rows of ``table`` that the samples ``rows`` have."""
        if self.index is None:
            return rows
        return occurring(self.index if rows.all() else self.index[rows], len(self.table))

    def masses(self, rows: Mask) -> Vector:
        """The exact mass of each class over the samples ``rows``, independent of their order."""
        if self.index is None:
            times = rows.astype(np.float64)
        else:
            used = self.index if rows.all() else self.index[rows]
            times = counts(used, len(self.table)).astype(np.float64)
        if isinstance(self.table, Singles):
            return self.table.sums(times)
        if self.index is None:
            return _column_sums(self.table[rows])
        return _column_sums(self.table * times[:, None])


def _column_sums(table: NDArray[np.float64]) -> Vector:
    from sqlsel.engine.kernels.exact import exact_total

    return np.array([exact_total(column.tolist()) for column in table.T])


def as_classes(values: Any, names: Sequence[str] | None = None) -> Classes:
    """Classes from categories (one per sample), lists of categories, mappings class → mass, or a matrix of masses.

    ``names``: of the columns of a matrix. InvalidInput for anything else.
    """
    if isinstance(values, Classes):
        return values
    if isinstance(values, np.ndarray) and (values.dtype != object or values.ndim != 1):
        return _from_matrix(values, names) if values.ndim == 2 else _from_categories(values)
    listed = [None if is_missing(v) else v for v in values]
    some = [v for v in listed if v is not None]
    if all(isinstance(v, Mapping) for v in some):
        return _from_mappings(listed)
    if all(_is_list_of_text(v) for v in some):
        return _from_mappings([_counted(v or ()) for v in listed])
    if all(_is_list_of_numbers(v) for v in some):
        nothing = np.zeros(len(some[0]))
        rows = [nothing if v is None else v for v in listed]
        if len({len(row) for row in rows}) > 1:
            raise InvalidInput("BALANCE: class rows of different lengths")
        return _from_matrix(np.asarray(rows), names)
    nested = any(isinstance(v, (list, tuple, np.ndarray, Mapping)) for v in some)
    plain = len(some) == len(listed) and not nested
    return _from_categories(np.asarray(values) if plain else packed(listed))


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(x, str) for x in value)


def _counted(classes: Sequence[str]) -> dict[str, int]:
    return {name: classes.count(name) for name in classes}


def _is_list_of_numbers(value: Any) -> bool:
    if not isinstance(value, (list, tuple, np.ndarray)):
        return False
    return all(isinstance(x, (int, float, np.number)) for x in value)


def category(value: Any) -> str | None:
    """A category as text: ``true``/``false`` for booleans, None for a missing one; InvalidInput for fractions."""
    if is_missing(value):
        return None
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        if float(value).is_integer():
            return str(int(value))
        raise InvalidInput(f"BALANCE: {value!r} is no category; bin numbers or cast them to text")
    if isinstance(value, (list, tuple, np.ndarray, Mapping)):
        raise InvalidInput(f"BALANCE: {value!r} is no category, nor are all rows lists like it")
    return str(value)


def _from_categories(array: NDArray[Any]) -> Classes:
    if array.dtype.kind == "f":
        array = _as_whole(array)
    if array.dtype.kind in "biuUS":
        distinct, codes = np.unique(array, return_inverse=True)
        names = tuple(str(category(x)) for x in distinct.tolist())
        return one_hot(names, codes.reshape(-1))
    texts = [category(x) for x in array.tolist()]
    names = tuple(sorted({t for t in texts if t is not None}))
    place = {name: i for i, name in enumerate(names)}
    return one_hot(names, np.array([-1 if t is None else place[t] for t in texts], np.int64))


def _as_whole(numbers: NDArray[Any]) -> NDArray[Any]:
    """Floating-point numbers that are whole, as integers; InvalidInput for fractions, NaN and infinity."""
    whole = (np.floor(numbers) == numbers) & (np.abs(numbers) < 2.0**63)
    if not whole.all():
        row = int(np.flatnonzero(~whole)[0])
        raise InvalidInput(
            f"BALANCE: {numbers[row]} at row {{row}} is no category; bin numbers or cast them to text",
            row,
        )
    return numbers.astype(np.int64)


def one_hot(names: tuple[str, ...], codes: Codes) -> Classes:
    """Categories by number; −1 is a sample without one: a row of zeros."""
    count = len(names)
    places, masses = np.arange(count), np.ones(count)
    missing = codes < 0
    if missing.any():
        codes = np.where(missing, codes.dtype.type(count), codes)
        places, masses = np.append(places, -1), np.append(masses, 0.0)
    return Classes(names, Singles(places, masses, count), codes, single=True)


def _from_mappings(values: Sequence[Mapping[str, float] | None]) -> Classes:
    names = tuple(sorted({str(k) for v in values if v for k in v}))
    place = {name: i for i, name in enumerate(names)}
    matrix = np.zeros((len(values), len(names)))
    for row, value in enumerate(values):
        for name, mass in (value or {}).items():
            matrix[row, place[str(name)]] = _mass(mass, name, row)
    return replace(_from_matrix(matrix, names), closed=False)


def _mass(mass: Any, name: str, row: int) -> float:
    """The mass of a class as a float, 0 for a missing one; InvalidInput for anything but a number."""
    if isinstance(mass, (int, float, Decimal, np.number, np.bool_)):
        return float(mass)
    if is_missing(mass):
        return 0.0
    message = f"BALANCE: the mass of {name!r} in row {{row}} is {mass!r}; it must be a number"
    raise InvalidInput(message, row)


def _from_matrix(matrix: NDArray[Any], names: Sequence[str] | None) -> Classes:
    if matrix.dtype.kind not in "fiub":
        raise InvalidInput(f"BALANCE: needs class masses as numbers, got {matrix.dtype}")
    if names is not None and len(names) != matrix.shape[1]:
        raise InvalidInput(
            f"BALANCE: {len(names)} class names for rows of {matrix.shape[1]} masses"
        )
    wide = np.ascontiguousarray(matrix, np.float64)
    bad = ~np.isfinite(wide) | (wide < 0)
    if bad.any():
        row = int(np.flatnonzero(bad.any(axis=1))[0])
        count = int(bad.any(axis=1).sum())
        message = (
            f"BALANCE: {count} rows have a negative, infinite or NaN mass; the first is row {{row}}"
        )
        raise InvalidInput(message, row)
    with np.errstate(over="ignore"):
        if wide.sum() > _MOST_MASS:
            raise InvalidInput(
                "BALANCE: the class masses are too large to be summed; divide them all"
            )
    labels = tuple(names) if names is not None else tuple(str(i) for i in range(wide.shape[1]))
    return shared(Classes(labels, wide, closed=True))


def shared(classes: Classes) -> Classes:
    """``classes`` with equal rows stored once, if few are distinct or each has one class; else unchanged."""
    table = classes.table
    if len(table) == 0:
        return classes
    if isinstance(table, Singles):
        return _shared_singles(classes, table)
    as_singles = singles(table)
    if as_singles is not None:
        return _shared_singles(classes, as_singles)
    most = min(MAX_GROUPS, _MOST_CELLS // max(1, table.shape[1]))
    if classes.index is None:
        return _shared_rows(classes, table, most)
    if len(table) <= most:
        return classes
    return Classes(classes.names, table[classes.index], None, classes.closed)


def _shared_singles(classes: Classes, table: Singles) -> Classes:
    pairs = np.column_stack([table.places, table.masses])
    _, first, index = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
    index = index.reshape(-1).astype(np.int32)
    if classes.index is not None:
        if len(first) == len(table):  # no two rows are equal
            return replace(classes, table=table)
        index = look_up(index, classes.index)
    return replace(classes, table=table[first], index=index)


def _shared_rows(classes: Classes, table: NDArray[np.float64], most: int) -> Classes:
    weights = np.sqrt(np.arange(2.0, table.shape[1] + 2.0))
    marks = table[:4096] @ weights
    if len(np.unique(marks)) > most:
        return classes
    _, first, index = np.unique(
        np.einsum("ij,j->i", table, weights), return_index=True, return_inverse=True
    )
    index = index.reshape(-1)
    if len(first) > most or not np.array_equal(table[first][index], table):
        return classes
    return replace(classes, table=table[first], index=index)
