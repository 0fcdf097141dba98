"""DIVERSITY: samples that differ from each other as much as possible.

Alone it is farthest-first traversal, the greedy algorithm for k-center (Gonzalez 1985).
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from sqlsel.engine.kernels.nearest import choose_geometry
from sqlsel.engine.kernels.objects import ingest_embeddings
from sqlsel.engine.objective import Prepared
from sqlsel.engine.objective.object_spread import ObjectSpread
from sqlsel.engine.objective.options import (
    asks_for_distance,
    at_least_zero,
    check_flag,
    check_strength,
    flattened,
    named,
)
from sqlsel.engine.objective.protocol import Mask, Poll, Strategy, never
from sqlsel.engine.objective.spread import Spread


@dataclass(frozen=True, eq=False)
class Diversity(Strategy):
    """Prefer samples far from those already selected: U = Σ ½ d², d the distance to the nearest other selected sample.

    The input has a vector per sample, or a list of vectors: the sample's objects. Then a candidate counts with the
    mean of ½ d² over its objects, a pick adds all of them, and its distance is the root of their mean square.
    A sample without objects has U = 1e-8.
    ``min_distance``: no two picks closer than this (allowed at exactly this distance).
    ``strength``: exponent of the objective. ``normalize``: bring vectors to unit length first.
    ``start``: the id of the first pick, when nothing is preselected (default: the lowest id).
    """

    kind: ClassVar[str] = "diversity"
    accepts: ClassVar[frozenset[str]] = frozenset({"EMBEDDINGS"})

    input: Any
    _: KW_ONLY
    min_distance: float | None = None
    strength: float = 1.0
    normalize: bool = True
    start: Any = None

    def __post_init__(self) -> None:
        check_strength(self.strength)
        check_flag("normalize", self.normalize)
        at_least_zero("min_distance", self.min_distance)

    def prepare(
        self, values: Any, present: Mask, pool: Mask, on_invalid: str, poll: Poll = never
    ) -> Prepared:
        """The vectors as float32 rows, and the objective over the rows of ``pool``."""
        given = ingest_embeddings(
            values,
            present,
            pool,
            normalize=self.normalize,
            on_invalid=on_invalid,
            name=named(self.input, "embedding"),
        )
        wanted = given.present & pool
        used = None if wanted.all() else given.rows(np.flatnonzero(wanted))
        geometry = choose_geometry(given.matrix, used)
        lowest = self.min_distance or 0.0
        note = f"min_distance {lowest:g} is above 2, the largest distance of unit vectors: one pick"
        notes = flattened(int(wanted.sum()), given.matrix.shape[1], normalize=self.normalize)
        notes = (*notes, note) if self.normalize and lowest > 2 else notes
        kind = Spread if given.objects is None else ObjectSpread
        objective = kind(self.strength, lowest, geometry)
        # A sample without objects is at no distance from the others, so it passes no minimum distance.
        feasible = given.objects.counts > 0 if given.objects is not None and lowest else None
        return Prepared(given.column, given.present, objective, notes, feasible)


@asks_for_distance
def deduplicate(input: Any, min_distance: float, *, normalize: bool = True) -> Diversity:
    """Leave near-duplicates out: DIVERSITY of which no two picks are closer than ``min_distance``.

    A cosine c is a distance of sqrt(2 - 2c) between unit vectors: 0.95 is 0.3162.

    >>> deduplicate([[0.0, 1], [0, 2]], 0.1).min_distance
    0.1
    """
    if min_distance is None:
        raise TypeError("min_distance must be a number, got None")
    return Diversity(input, min_distance=min_distance, normalize=normalize)
