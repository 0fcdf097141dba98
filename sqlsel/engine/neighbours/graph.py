"""A graph of neighbours (hnswlib; Malkov and Yashunin 2018, arXiv 1603.09320) over rows in their order.

Its distances are float32 and only used to find rows; whoever reports a distance computes it again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sqlsel.engine.kernels.exact import Index, Matrix, Vector, half_squared
from sqlsel.engine.neighbours.copies import Poll

LINKS, BUILD_WIDTH, SEED = 16, 200, 100  # hnswlib's M, ef_construction and random_seed
_SEARCH_WIDTH = 128  # its ef, at least
_INSERTED = 256  # rows that go in between two looks at whether to stop
_AT_ONCE = 4096  # neighbours that are gathered at once


class Graph:
    """A graph whose node i is row i of ``rows``; the same whenever it is built on this kind of processor."""

    def __init__(self, index: Any, rows: Matrix) -> None:
        self._index, self.rows = index, rows

    @property
    def relative_error(self) -> float:
        """How wrong the d² may be by which rows are found, with room for other roundings."""
        return float(self.rows.shape[1] + 8) * 2.0**-22

    @classmethod
    def build(cls, rows: Matrix, poll: Poll) -> Graph:
        """The graph of finite float32 rows; ``poll`` may raise to stop it."""
        if not np.isfinite(rows).all():  # hnswlib takes NaN without a word
            raise ValueError("a graph needs finite rows")
        index = _empty(rows.shape[1])
        index.init_index(len(rows), M=LINKS, ef_construction=BUILD_WIDTH, random_seed=SEED)
        for at in range(0, len(rows), _INSERTED):
            poll()
            part = rows[at : at + _INSERTED]
            index.add_items(part, np.arange(at, at + len(part)), num_threads=1)
        return cls(index, rows)

    @classmethod
    def load(cls, path: Path, rows: Matrix) -> Graph | None:
        """The graph of these rows from a file whose content is known to be ours; None if it does not fit."""
        index = _empty(rows.shape[1])
        try:
            index.load_index(str(path))
        except (RuntimeError, MemoryError):
            return None
        return cls(index, rows) if index.element_count == len(rows) else None

    def save(self, path: Path) -> None:
        """Write the graph to a file; OSError where it is not whole, of which hnswlib itself says nothing."""
        try:
            self._index.save_index(str(path))
        except RuntimeError as error:
            raise OSError(str(error)) from error
        if path.stat().st_size != self._index.index_file_size():
            raise OSError("the file of the graph is not whole")

    def nearest(self, queries: Matrix, count: int, poll: Poll) -> tuple[Vector, Index] | None:
        """(½ d², numbers) of the ``count`` nearest rows that are found, by (d, number); None where fewer are."""
        self._index.set_ef(max(_SEARCH_WIDTH, 4 * count))
        halves, numbers = np.empty((len(queries), count)), np.empty((len(queries), count), np.int64)
        size = max(1, _AT_ONCE // count)
        for at in range(0, len(queries), size):
            poll()
            part = queries[at : at + size]
            try:
                labels, _ = self._index.knn_query(part, k=count, num_threads=1)
            except RuntimeError:  # parts of the graph have no link between them
                return None
            found = labels.astype(np.int64)
            exact = half_squared(part[:, None], self.rows[found])
            order = np.lexsort((found, exact), axis=1)
            halves[at : at + size] = np.take_along_axis(exact, order, axis=1)
            numbers[at : at + size] = np.take_along_axis(found, order, axis=1)
        return halves, numbers

    def nearest_others(self, own: Index, count: int, poll: Poll) -> tuple[Vector, Index] | None:
        """The same of the rows ``own``, each without itself."""
        known = self.nearest(self.rows[own], count + 1, poll)
        if known is None:
            return None
        halves, numbers = known
        own_last = np.argsort(numbers == own[:, None], axis=1, kind="stable")[:, :count]
        return (
            np.take_along_axis(halves, own_last, axis=1),
            np.take_along_axis(numbers, own_last, axis=1),
        )


def _empty(dimension: int) -> Any:
    import hnswlib

    return hnswlib.Index(space="l2", dim=dimension)
