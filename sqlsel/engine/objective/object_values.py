"""Values of samples as means over their objects: bounds for a partition, exact values for a shortlist."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlsel.engine.kernels.exact import Index, Vector
from sqlsel.engine.kernels.nearest import Single
from sqlsel.engine.kernels.object_lists import WITHOUT, Objects, mean, means
from sqlsel.engine.objective.distances import DistanceField, DistanceMembers
from sqlsel.engine.objective.protocol import Mask, Span, Values
from sqlsel.engine.objective.sums import NumberField, spans_of


class ObjectField:
    """A bound of the mean of ½ d² over each sample's objects, d to the nearest object of the selection."""

    quick_bounds = False

    def __init__(
        self, column: Objects, objects: DistanceField, lowest: float, *, from_above: bool
    ) -> None:
        self._column, self._objects = column, objects
        self._lowest, self._from_above = lowest, from_above
        self.values: Single = np.where(column.counts > 0, np.inf, WITHOUT).astype(np.float32)

    def add_picks(self, picks: Any) -> None:
        self._objects.add_picks(picks)

    def refresh(self, rows: Index | slice, since: int) -> None:
        numbers: Index | slice = self._column.numbers(rows)
        if isinstance(rows, slice):
            start, stop, _ = rows.indices(len(self._column))
            numbers = slice(int(self._column.offsets[start]), int(self._column.offsets[stop]))
        self._objects.refresh(numbers, since)
        counts = self._column.counts[rows]
        some = np.flatnonzero(counts)
        if not len(some):
            return
        wide = self._objects.values[numbers].astype(np.float64)
        folded = np.add.reduceat(wide, (np.cumsum(counts) - counts)[some]) / counts[some]
        outward = np.float32(np.inf if self._from_above else -np.inf)
        values = self.values[rows]
        values[some] = np.maximum(np.nextafter(folded.astype(np.float32), outward), 0)
        self.values[rows] = values

    def infeasible(self, rows: Index | slice) -> Mask | None:
        """None where values are lower bounds, which prove nothing; the shortlist checks the distance exactly."""
        if self._lowest == 0 or not self._from_above:
            return None
        values = self.values[rows]
        infeasible: Mask = values < self._lowest
        return infeasible

    def spans(self, rows: Index, starts: Index) -> Span:
        return spans_of(self.values[rows], starts)

    def take(self, rows: Index | slice) -> Values:
        return self._column.as_object_array(rows)


class ObjectMembers:
    """The mean of ½ d² over each sample's objects, exact, for the samples of a shortlist."""

    def __init__(self, column: Objects, objects: DistanceMembers, lowest: float) -> None:
        self._objects, self._lowest = objects, lowest
        self._offsets, self._owners = column.offsets.tolist(), column.owners()
        self.values = means(objects.values, column.offsets)

    def update(self, member: int, waiting: Mask) -> None:
        before = self._objects.values.copy()
        among = waiting[self._owners]
        for number in range(self._offsets[member], self._offsets[member + 1]):
            self._objects.update(number, among)
        changed = self._owners[np.flatnonzero(self._objects.values != before)]
        for sample in np.unique(changed).tolist():
            own = slice(self._offsets[sample], self._offsets[sample + 1])
            self.values[sample] = mean(self._objects.values[own].tolist())

    def feasible(self) -> Mask | None:
        """A sample without objects, whose value is below 0, passes no minimum distance."""
        return None if self._lowest == 0 else self.values >= self._lowest


class PairField(NumberField):
    """A column of pairs: the number of a candidate, and the one that a pick adds to the total."""

    def __init__(self, column: Vector) -> None:
        super().__init__(np.ascontiguousarray(column[:, 0]))
        self._column = column

    def take(self, rows: Index | slice) -> Vector:
        return self._column[rows]


def as_worth(values: Values, *, alone: bool) -> Values:
    """The values; −inf for samples without objects, so that U is at its floor. Unchanged where ``alone``."""
    return values if alone else np.where(values < 0, -np.inf, values)


def true_span(span: Span) -> Span:
    """The span with its ends raised to 0: without the samples that have no objects."""
    return Span(np.maximum(span.least, 0), np.maximum(span.most, 0))


def with_unmoved(max_increases: Vector, span: Span) -> Vector:
    """The increases, at least 0 in a span with samples without objects, whose terms are constant."""
    risen = np.where(span.least < 0, np.maximum(max_increases, 0), max_increases)
    return np.where(span.most < 0, 0.0, risen)
