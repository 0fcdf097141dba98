"""DIVERSITY: samples that differ from each other as much as possible.

Alone it is farthest-first traversal, the greedy algorithm for k-center (Gonzalez 1985).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from sqlsel.engine.kernels.nearest import choose_geometry
from sqlsel.engine.kernels.object_lists import ingest_embeddings
from sqlsel.engine.objective import Prepared
from sqlsel.engine.objective.object_spread import ObjectSpread
from sqlsel.engine.objective.option_checks import (
    at_least_zero,
    check_flag,
    check_strength,
    flattened,
    named,
)
from sqlsel.engine.objective.protocol import Mask
from sqlsel.engine.objective.spread import Spread
from sqlsel.engine.objective.strategy import Pool, Strategy, Takes

_TOO_CLOSE = "every other candidate is closer than min_distance to a pick"


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
    takes: ClassVar[Takes] = "vectors"
    unit_distance: ClassVar[bool] = True
    selects: ClassVar[str] = "rows far from the rows selected already."
    infeasible_reason: ClassVar[str] = _TOO_CLOSE

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

    @classmethod
    def explained(cls, options: Mapping[str, str], graphs: Any) -> Iterator[str]:
        if options.get("strength", "1").lstrip().startswith("-"):
            yield "DIVERSITY: exact, one pass over the data per pick (negative strength)"
        else:
            yield "DIVERSITY: exact, from shortlists (10 to 30 passes over the data)"

    def prepare(self, values: Any, present: Mask, pool: Pool) -> Prepared:
        """The vectors as float32 rows, and the objective over the rows of the pool."""
        embeddings = ingest_embeddings(
            values,
            present,
            pool.rows,
            normalize=self.normalize,
            on_invalid=pool.on_invalid,
            name=named(self.input, "embedding"),
        )
        used_samples = embeddings.present & pool.rows
        used = None if used_samples.all() else embeddings.rows(np.flatnonzero(used_samples))
        geometry = choose_geometry(embeddings.matrix, used)
        lowest = self.min_distance or 0.0
        note = f"min_distance {lowest:g} is above 2, the largest distance of unit vectors: one pick"
        notes = flattened(
            int(used_samples.sum()), embeddings.matrix.shape[1], normalize=self.normalize
        )
        notes = (*notes, note) if self.normalize and lowest > 2 else notes
        kind = Spread if embeddings.objects is None else ObjectSpread
        objective = kind(self.strength, lowest, geometry)
        # A sample without objects has no distance to others, so no minimum distance can be met.
        feasible = (
            embeddings.objects.counts > 0 if embeddings.objects is not None and lowest else None
        )
        return Prepared(embeddings.column, embeddings.present, objective, notes, notes, feasible)


@dataclass(frozen=True, eq=False)
class Deduplicate(Strategy):
    """Leave near-duplicates out: DIVERSITY of which no two picks are closer than ``min_distance``.

    A cosine c is a distance of sqrt(2 - 2c) between unit vectors: 0.95 is 0.3162.
    ``normalize``: bring vectors to unit length first.

    >>> Deduplicate([[0.0, 1], [0, 2]], 0.1).min_distance
    0.1
    """

    kind: ClassVar[str] = "deduplicate"
    label: ClassVar[str] = "diversity"
    in_json: ClassVar[bool] = False  # DIVERSITY with stopping_condition_minimum_distance
    takes: ClassVar[Takes] = "vectors"
    unit_distance: ClassVar[bool] = True
    selects: ClassVar[str] = "rows that are no near-duplicates of those selected already."
    infeasible_reason: ClassVar[str] = _TOO_CLOSE
    second: ClassVar[str | None] = "min_distance"
    example: ClassVar[str] = "0.1"

    input: Any
    min_distance: float
    _: KW_ONLY
    normalize: bool = True

    def __post_init__(self) -> None:
        if self.min_distance is None:
            raise TypeError("min_distance must be a number, got None")
        self._diversity()  # checks the options

    @classmethod
    def explained(cls, options: Mapping[str, str], graphs: Any) -> Iterator[str]:
        yield "DEDUPLICATE: exact, from shortlists (10 to 30 passes over the data)"

    def prepare(self, values: Any, present: Mask, pool: Pool) -> Prepared:
        return self._diversity().prepare(values, present, pool)

    def _diversity(self) -> Diversity:
        return Diversity(self.input, min_distance=self.min_distance, normalize=self.normalize)
