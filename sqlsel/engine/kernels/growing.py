"""Σ ½ d² to the nearest other point, of a set of points after each point that is added."""

from __future__ import annotations

import numpy as np

from sqlsel.engine.kernels.exact import Vector
from sqlsel.engine.kernels.nearest import Points


def totals_of_growing_set(points: Points, last: int) -> Vector:
    """The ``last`` totals, before each of the last points: Σ ½ d² to the nearest other one of the first n points."""
    # Points arrive in blocks of 256. Of each block all distances to the points before and in it are computed at
    # once; a running minimum over the arrivals then gives each point's nearest one after every arrival.
    count = len(points)
    nearest, totals = np.full(count, np.inf), np.zeros(count + 1)
    for at in range(0, count, 256):
        new = slice(at, min(at + 256, count))
        seen = points.geometry.centred(points.vectors[: new.stop])
        half = 0.5 * (
            seen @ points.scaled[new].T + points.norms[: new.stop, None] + points.norms[None, new]
        )
        np.maximum(half, 0, out=half)
        wide = half.astype(np.float64)
        own = np.arange(new.start, new.stop)
        wide[own, own - at] = np.inf
        arrivals = np.tril(np.ones((len(own), len(own)), np.bool_), -1).T  # [i, t]: i came before t
        among = wide[new.start :]
        # A new point first has its nearest one among those that came before it.
        first = np.minimum(
            wide[: new.start].min(axis=0, initial=np.inf),
            np.where(arrivals, among, np.inf).min(axis=0),
        )
        among[~arrivals & ~np.eye(len(own), dtype=np.bool_)] = np.inf
        among[own - at, own - at] = first
        wide[: new.start] = np.minimum(wide[: new.start], nearest[: new.start, None])
        running = np.minimum.accumulate(wide, axis=1)
        running[new.start :][np.tril(np.ones_like(arrivals), -1)] = 0.0  # not there yet
        nearest[: new.stop] = running[:, -1]
        totals[new.start + 1 : new.stop + 1] = np.where(np.isinf(running), 0.0, running).sum(axis=0)
    return totals[count - last : count]
