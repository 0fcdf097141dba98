"""½ d² of each row to its nearest pick: float32 bounds for a partition, exact float64 for a shortlist."""

from __future__ import annotations

import numpy as np

from sqlsel.engine.kernels.exact import Index, Matrix, Vector, half_squared
from sqlsel.engine.kernels.nearest import Geometry, Points, Single, lower_to_points
from sqlsel.engine.objective.protocol import Mask, Span
from sqlsel.engine.objective.sums import spans_of

_GATHERED = 4096  # rows that are copied together for one product
_FEW = 16  # picks of a shortlist up to which each makes its own product
_LITTLE = 2048  # numbers in a shortlist up to which float64 compares all rows, without a filter
_SHORT = 4096  # rows of a shortlist up to which the products of all pairs are made at once


class DistanceField:
    """A bound of ½ d² to the nearest pick for every row of a partition: from above, or from below."""

    quick_bounds = False

    def __init__(
        self, column: Matrix, geometry: Geometry, lowest: float, *, from_above: bool
    ) -> None:
        self.values: Single = np.full(len(column), np.inf, np.float32)
        self._column, self._geometry, self._lowest, self._from_above = (
            column,
            geometry,
            lowest,
            from_above,
        )
        self._norms = geometry.norms(column)
        self._buffer: Matrix | None = None
        self._picks = np.empty((0, geometry.dimension), np.float32)

    def add_picks(self, picks: Matrix) -> None:
        self._picks = np.concatenate([self._picks, picks])

    def refresh(self, rows: Index | slice, since: int) -> None:
        points = Points(self._picks[since:], self._geometry)
        above = self._from_above
        if isinstance(rows, slice):
            lower_to_points(
                self.values[rows], self._column[rows], self._norms[rows], points, from_above=above
            )
            return
        for at in range(0, len(rows), _GATHERED):
            part = rows[at : at + _GATHERED]
            values = self.values[part]
            vectors = self._gather(part)
            lower_to_points(values, vectors, self._norms[part], points, from_above=above)
            self.values[part] = values

    def _gather(self, rows: Index) -> Matrix:
        """A contiguous copy of some rows, in a buffer that is reused."""
        if self._buffer is None:
            self._buffer = np.empty((_GATHERED, self._column.shape[1]), np.float32)
        return np.take(self._column, rows, axis=0, out=self._buffer[: len(rows)], mode="clip")

    def infeasible(self, rows: Index | slice) -> Mask | None:
        if self._lowest == 0:
            return None
        upper = self.values[rows].astype(np.float64)
        if not self._from_above:
            reach = (
                np.sqrt(self._norms[rows].max(initial=0.0))
                + Points(self._picks, self._geometry).reach
            )
            upper += self._geometry.relative_error * reach * reach * 1.01
        infeasible: Mask = upper < self._lowest
        return infeasible

    def spans(self, rows: Index, starts: Index) -> Span:
        return spans_of(self.values[rows], starts)

    def take(self, rows: Index | slice) -> Matrix:
        return self._column[rows]


class DistanceMembers:
    """½ d² to the nearest pick, exact, for the rows of a shortlist."""

    def __init__(self, column: Matrix, values: Vector, geometry: Geometry, lowest: float) -> None:
        self.values = values
        self._column, self._lowest = column, lowest
        self._seen = geometry.centred(column)
        self._norms = np.einsum("ij,ij->i", self._seen, self._seen)
        reach = np.sqrt(self._norms.max(initial=0.0))
        self._offset = geometry.relative_error * (np.sqrt(self._norms) + reach) ** 2 - self._norms
        self._limits = self._limits_of(slice(None))
        self._products: Single | None = None
        self._met = 0

    def _limits_of(self, rows: Index | slice) -> Single:
        """Per row x: a pick z can only be nearer than ``values`` if ‖z‖² − 2 x·z in float32 is below this."""
        wide = 2 * self.values[rows] + self._offset[rows]
        limits: Single = np.nextafter(wide.astype(np.float32), np.float32(np.inf))
        return limits

    def update(self, member: int, waiting: Mask) -> None:
        if self._column.size <= _LITTLE:
            exact = half_squared(self._column, self._column[member])
            np.minimum(self.values, exact, out=self.values)
            return
        # ‖z‖² − 2 x·z < limit, solved for x·z: rows that the pick cannot bring nearer are not computed.
        half = 0.5 * (self._norms[member] - self._limits)
        near = np.flatnonzero((self._products_with(member) > half) & waiting & (self.values > 0))
        if len(near):
            exact = half_squared(self._column[near], self._column[member])
            self.values[near] = np.minimum(self.values[near], exact)
            self._limits[near] = self._limits_of(near)

    def _products_with(self, member: int) -> Single:
        """x·z of all rows x with row z; after 16 calls those of all pairs are computed at once, and kept."""
        self._met += 1
        if self._products is None and (self._met < _FEW or len(self._seen) > _SHORT):
            product: Single = self._seen @ self._seen[member]
            return product
        if self._products is None:
            self._products = self._seen @ self._seen.T
        row: Single = self._products[member]
        return row

    def feasible(self) -> Mask | None:
        return None if self._lowest == 0 else self.values >= self._lowest
