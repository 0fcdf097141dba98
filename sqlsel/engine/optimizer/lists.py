"""The rows of a partition by list: one list per class group, or per kind of class groups."""

from __future__ import annotations

import numpy as np

from sqlsel.engine.kernels.exact import Index, Vector
from sqlsel.engine.kernels.top import best_rows
from sqlsel.engine.optimizer.rows import Listing


class Lists:
    """The rows of each list. Lists by class group are made once; kinds change from refresh to refresh."""

    def __init__(self, groups: Index, order: Index) -> None:
        self._groups, self._order = groups, order
        self._members: list[Index] | None = None
        self._apart: list[Index] | None = None

    def arrange(self, listing: Listing) -> None:
        """Make the lists that ``listing`` asks for."""
        if listing.kinds is not None:
            self._members = _members(listing.kinds[self._groups].astype(np.uint8))
            return
        if self._apart is None:
            self._apart = _members(self._groups)
        self._members = self._apart

    def waiting(self, scores: Vector) -> list[Index]:
        """Per list its rows that may be picked, those with a score above −inf."""
        members = self._members or []
        if len(members) == 1:
            return [np.flatnonzero(scores > -np.inf)]
        return [rows[scores[rows] > -np.inf] for rows in members]

    def best_of_each_group(self, rows: Index, scores: Vector, size: int) -> Index:
        """Indices into ``rows``: the best row of each class group, of the ``size`` groups with the best such rows."""
        if not len(rows):
            return np.empty(0, np.int64)
        groups, order = self._groups[rows], self._order[rows]
        by_rank = np.lexsort((order, -scores[rows], groups))
        first = by_rank[np.flatnonzero(np.diff(groups[by_rank], prepend=-1))]
        places: Index = first[best_rows(scores[rows[first]], order[first], size)]
        return places


def _members(numbers: Index) -> list[Index]:
    """The row indices of each distinct number, ascending by number."""
    by_number = np.argsort(numbers, kind="stable")
    starts = np.flatnonzero(np.diff(numbers[by_number].astype(np.int64), prepend=-1))
    return list(np.split(by_number, starts[1:])) if len(numbers) else []
