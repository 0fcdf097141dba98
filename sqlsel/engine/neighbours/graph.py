"""A neighbour graph (HNSW by hnswlib; Malkov and Yashunin 2018, arXiv 1603.09320).

hnswlib computes in float32; its distances only find rows, and every reported distance is computed anew in float64.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sqlsel.engine.kernels.exact import Index, Matrix, Vector, half_squared
from sqlsel.engine.neighbours.copies import Poll

LINKS, BUILD_WIDTH, SEED = 16, 200, 100  # hnswlib's M, ef_construction and random_seed
_SEARCH_WIDTH = 128  # its ef, at least
_INSERTED = 256  # rows inserted between two polls
_AT_ONCE = 4096  # neighbours per query block


class Graph:
    """A graph whose node i is row i of ``rows``; built twice on one kind of processor it is the same."""

    def __init__(self, index: Any, rows: Matrix) -> None:
        self._index, self.rows = index, rows

    @property
    def relative_error(self) -> float:
        """A bound of the relative error of hnswlib's d², four times the usual one."""
        return float(self.rows.shape[1] + 8) * 2.0**-22

    @classmethod
    def build(cls, rows: Matrix, poll: Poll) -> Graph:
        """The graph of finite float32 rows; ``poll`` may raise to stop it."""
        if not np.isfinite(rows).all():  # hnswlib would accept NaN silently
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
        """The graph of these rows from a trusted file; None if hnswlib cannot read it, or it has other rows."""
        index = _empty(rows.shape[1])
        try:
            index.load_index(str(path))
        except (RuntimeError, MemoryError):
            return None
        return cls(index, rows) if index.element_count == len(rows) else None

    def save(self, path: Path) -> None:
        """Write the graph to a file; OSError if it is incomplete, which hnswlib itself does not report."""
        try:
            self._index.save_index(str(path))
        except RuntimeError as error:
            raise OSError(str(error)) from error
        if path.stat().st_size != self._index.index_file_size():
            raise OSError("the file of the graph is not whole")

    def nearest(self, queries: Matrix, count: int, poll: Poll) -> tuple[Vector, Index] | None:
        """(½ d², row numbers) of ``count`` near rows per query, sorted by (d, number); None if fewer are found."""
        self._index.set_ef(max(_SEARCH_WIDTH, 4 * count))
        halves, numbers = np.empty((len(queries), count)), np.empty((len(queries), count), np.int64)
        size = max(1, _AT_ONCE // count)
        for at in range(0, len(queries), size):
            poll()
            part = queries[at : at + size]
            try:
                found_labels, _ = self._index.knn_query(part, k=count, num_threads=1)
            except (
                RuntimeError
            ):  # the graph is not connected: a search reaches fewer than ``count`` rows
                return None
            rows = found_labels.astype(np.int64)
            exact = half_squared(part[:, None], self.rows[rows])
            order = np.lexsort((rows, exact), axis=1)
            halves[at : at + size] = np.take_along_axis(exact, order, axis=1)
            numbers[at : at + size] = np.take_along_axis(rows, order, axis=1)
        return halves, numbers

    def nearest_others(self, own: Index, count: int, poll: Poll) -> tuple[Vector, Index] | None:
        """The same of the rows ``own``, each without itself."""
        neighbours = self.nearest(self.rows[own], count + 1, poll)
        if neighbours is None:
            return None
        halves, numbers = neighbours
        own_last = np.argsort(numbers == own[:, None], axis=1, kind="stable")[:, :count]
        return (
            np.take_along_axis(halves, own_last, axis=1),
            np.take_along_axis(numbers, own_last, axis=1),
        )


def _empty(dimension: int) -> Any:
    import hnswlib

    return hnswlib.Index(space="l2", dim=dimension)
