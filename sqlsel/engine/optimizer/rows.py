"""The messages between driver and partitions: plain arrays, so that a partition may be in another process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index, Vector
from sqlsel.engine.objective import Span, Unlisted


@dataclass(frozen=True)
class Batch:
    """The news of one refresh: per objective the new picks as its fields take them, and the partition's closed rows."""

    picks: tuple[Any, ...]
    closed: Index


@dataclass(frozen=True)
class Listing:
    """A request: the ``size`` best rows of each class group; or, with ``kinds``, about ``size`` over all lists."""

    size: int
    kinds: Index | None = None  # of each class group; see Plan.kinds

    def of(self, groups: Index) -> Index:
        """The number of the list of each of these class groups."""
        return groups if self.kinds is None else self.kinds[groups]

    def only(self, groups: Index) -> Index | None:
        """The kind of each class group, −1 for those that are not in ``groups``."""
        if self.kinds is None:
            return None
        present = np.zeros(len(self.kinds), np.bool_)
        present[groups] = True
        return np.where(present, self.kinds, -1)

    @property
    def each(self) -> int:
        """How many rows each list has."""
        if self.kinds is None:
            return self.size
        return max(4, self.size // (int(self.kinds.max(initial=0)) + 1))


@dataclass(frozen=True)
class Bounds:
    """A partition's answer: its best rows by optimistic score, and bounds of its other rows."""

    numbers: Index  # rows of the partition
    scores: Vector
    order: Index
    groups: Index
    spans: Sequence[Span]  # these rows as one cell
    unlisted: Unlisted


@dataclass(frozen=True)
class Listed:
    """The rows of a shortlist, by ascending order number, with the columns for exact values."""

    order: Index  # rank of the sample id: identity and tie-breaker
    groups: Index
    columns: list[Any]
    bounds: list[NDArray[Any]]
    partition: Index
    number: Index

    def __len__(self) -> int:
        return len(self.order)


def join_unlisted(unlisted: Sequence[Unlisted]) -> Unlisted:
    """The cells of all of them, concatenated."""
    used = [r for r in unlisted if len(r)]
    if not used:
        nothing = np.empty(0, np.int64)
        return Unlisted(np.empty(0), nothing, nothing, [])
    spans = [
        Span(np.concatenate([s.least for s in same]), np.concatenate([s.most for s in same]))
        for same in zip(*(r.spans for r in used), strict=True)
    ]
    best, lowest, groups = (
        np.concatenate([getattr(r, n) for r in used]) for n in ("best", "lowest", "groups")
    )
    kinds = [r.kinds for r in used if r.kinds is not None]
    return Unlisted(best, lowest, groups, spans, np.max(kinds, axis=0) if kinds else None)
