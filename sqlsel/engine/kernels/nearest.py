"""Distances to the nearest of many points: float32 products find the few pairs that float64 then decides.

For any order of summation |d̂² − d²| ≤ (dimension + 8) · 2⁻²⁴ · (‖x‖ + ‖z‖)², norms taken after centring
(the standard bound of floating-point inner products, Higham 2002, section 3.1). ``Geometry`` holds that bound.
All values are halves of squared distances.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Matrix, Vector, half_squared

Single = NDArray[np.float32]

_TILE = 1 << 19  # products per block: 2 MB, so that the passes after the product stay in the cache
_POINTS = 256
_PAIRS = 4096


@dataclass(frozen=True)
class Geometry:
    """The centre that is subtracted from points before products (None: 0), and the error bound of a product."""

    dimension: int
    centre: Single | None = None

    @property
    def relative_error(self) -> float:
        """The bound of the error of d², per (‖x‖ + ‖z‖)²; 1 % above the proved one for its own rounding."""
        return (self.dimension + 8) * 2.0**-24 * 1.01

    def centred(self, rows: Matrix) -> Matrix:
        """The rows minus the centre."""
        return rows if self.centre is None else rows - self.centre

    def norms(self, rows: Matrix) -> Single:
        """‖x − centre‖² of each row, in float32."""
        seen = self.centred(rows)
        result: Single = np.einsum("ij,ij->i", seen, seen)
        return result


def choose_geometry(rows: Matrix, used: NDArray[np.int64] | None = None) -> Geometry:
    """Centre points that lie far from the origin: where that makes the error bound at least four times tighter.

    ``used``: the numbers of the rows that count (None: all); up to 2048 of them are sampled.
    """
    dimension = rows.shape[1]
    sample = rows if used is None else rows[used]
    if len(sample) == 0:
        return Geometry(dimension)
    sample = sample[:: max(1, len(sample) // 1024)]
    mean = sample.mean(axis=0, dtype=np.float64)
    around = float(np.square(sample - mean).sum(axis=1).mean())
    return (
        Geometry(dimension, mean.astype(np.float32))
        if mean @ mean > 3 * around
        else Geometry(dimension)
    )


@dataclass(frozen=True)
class Points:
    """Vectors prepared as one side of many products.

    ``scaled``: −2 × the centred vectors; ``norms``: their ‖z‖²; ``reach``: the largest ‖z‖.
    """

    vectors: Matrix
    geometry: Geometry
    scaled: Matrix = field(init=False, repr=False)
    norms: Single = field(init=False, repr=False)
    reach: float = field(init=False)

    def __post_init__(self) -> None:
        seen = self.geometry.centred(self.vectors)
        object.__setattr__(self, "scaled", seen * np.float32(-2))
        object.__setattr__(self, "norms", np.einsum("ij,ij->i", seen, seen))
        object.__setattr__(self, "reach", float(np.sqrt(self.norms.max(initial=0.0))))

    def __len__(self) -> int:
        return len(self.vectors)


def lower_to_points(
    values: Single, rows: Matrix, norms: Single, points: Points, *, from_above: bool
) -> None:
    """Lower ``values`` to a bound of ½ d² to the nearest point, in place; an upper or a lower bound.

    ``norms``: ‖x‖² of the centred ``rows``. The bound is ½ (d̂² ± error), rounded outward and at least 0.
    """
    if len(points) == 0 or len(rows) == 0:
        return
    per_block = max(64, _TILE // min(len(points), _POINTS))
    scratch = np.empty(per_block * min(len(points), _POINTS), np.float32)
    error = points.geometry.relative_error * (np.sqrt(norms) + points.reach) ** 2
    outward = np.float32(np.inf if from_above else -np.inf)
    for at in range(0, len(rows), per_block):
        block = slice(at, at + per_block)
        seen = points.geometry.centred(rows[block])
        # d² = ‖x‖² + (‖z‖² − 2 x·z): the first summand is the same for all points z.
        nearest = norms[block] + _lowest_products(seen, points, scratch, from_above=from_above)
        bound = np.nextafter(nearest + (error[block] if from_above else -error[block]), outward)
        np.maximum(bound, 0, out=bound)
        bound *= np.float32(0.5)
        np.minimum(values[block], bound, out=values[block])


def _lowest_products(seen: Matrix, points: Points, scratch: Single, *, from_above: bool) -> Single:
    """The minimum over the points of ‖z‖² − 2 x·z, for each row x."""
    lowest = np.full(len(seen), np.inf, np.float32)
    for at in range(0, len(points), _POINTS):
        scaled, norms = points.scaled[at : at + _POINTS], points.norms[at : at + _POINTS]
        product = scratch[: len(scaled) * len(seen)].reshape(len(scaled), len(seen))
        np.matmul(scaled, seen.T, out=product)
        low, high = norms.min(), norms.max()
        # Points of one norm, as unit vectors are: adding it after the minimum saves a pass over the products.
        if high - low <= points.geometry.relative_error * high:
            np.minimum(lowest, product.min(axis=0) + (high if from_above else low), out=lowest)
        else:
            product += norms[:, None]
            np.minimum(lowest, product.min(axis=0), out=lowest)
    return lowest


def exact_nearest(
    rows: Matrix, points: Points, upper: Vector | None = None, *, others: bool = False
) -> Vector:
    """½ d² from each row to its nearest point, exact in float64 (inf without points).

    ``upper`` may hold values that are known not to be exceeded. With ``others`` the rows are the points
    themselves, and each is compared with the others only.
    """
    result = np.full(len(rows), np.inf)
    width = max(1, min(len(points), 1 << 16))
    per_block = max(16, (1 << 22) // max(width, 1))
    for at in range(0, len(rows), per_block):
        block = slice(at, at + per_block)
        bounds = np.full(len(rows[block]), np.inf) if upper is None else upper[block]
        for start in range(0, len(points), width):
            own = at - start if others else None
            _decide(result[block], rows[block], bounds, points, slice(start, start + width), own)
    return result


def _decide(
    result: Vector, rows: Matrix, upper: Vector, points: Points, part: slice, own: int | None
) -> None:
    """Lower ``result`` by the exact ½ d² of all pairs (row, point of ``part``) that may be the nearest.

    ``own``: column of the first row's own point, which is left out; None where rows are no points.
    """
    norms = points.geometry.norms(rows)
    distance = points.geometry.centred(rows) @ points.scaled[part].T
    distance += points.norms[part]
    distance += norms[:, None]
    if own is not None:
        for i in range(max(0, -own), min(len(rows), distance.shape[1] - own)):
            distance[i, i + own] = np.inf
    error = points.geometry.relative_error * (np.sqrt(norms, dtype=np.float64) + points.reach) ** 2
    # The true least d² is at most ``least``; a point whose d̂² exceeds it by more than the error is farther.
    least = np.minimum(distance.min(axis=1, initial=np.inf) + error, 2 * np.minimum(upper, result))
    limit = np.nextafter((least + error).astype(np.float32), np.float32(np.inf))
    row, point = np.nonzero(distance <= np.minimum(limit, np.finfo(np.float32).max)[:, None])
    vectors = points.vectors[part]
    for at in range(0, len(row), _PAIRS):
        r, p = row[at : at + _PAIRS], point[at : at + _PAIRS]
        np.minimum.at(result, r, half_squared(rows[r], vectors[p]))
