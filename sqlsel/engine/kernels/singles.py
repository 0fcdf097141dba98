"""Class rows with mass in at most one class each (one-hot), as a class number and a mass per row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index, Vector, exact_total

MAX_MASSES = 8  # distinct masses: each pick takes time in their number times that of the classes


@dataclass(frozen=True)
class Singles:
    """Row i has the mass ``masses[i]`` in class ``places[i]``, −1 for no mass; ``width``: number of classes."""

    places: Index
    masses: Vector
    width: int

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, rows: Any) -> Singles:
        return Singles(self.places[rows], self.masses[rows], self.width)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and classes, as of the dense table."""
        return len(self.places), self.width

    def sums(self, times: NDArray[Any]) -> Vector:
        """The exact mass of each class, row i counting ``times[i]`` times, independent of the order of the rows."""
        sums = np.zeros(self.width)
        used = np.flatnonzero((self.places >= 0) & (times != 0))
        by_class = used[np.argsort(self.places[used], kind="stable")]
        parts = (self.masses * times)[by_class].tolist()
        classes, starts = np.unique(self.places[by_class], return_index=True)
        ends = np.append(starts, len(by_class))[1:]
        for place, start, end in zip(classes.tolist(), starts.tolist(), ends.tolist(), strict=True):
            sums[place] = parts[start] if end - start == 1 else exact_total(parts[start:end])
        return sums


def singles(table: NDArray[np.float64]) -> Singles | None:
    """The rows of a dense ``table``; None where a row has several classes, or there are too many distinct masses."""
    if not table.size or (np.count_nonzero(table, axis=1) > 1).any():
        return None
    places = np.argmax(table != 0, axis=1)
    masses = table[np.arange(len(table)), places]
    if len(np.unique(masses)) > MAX_MASSES:
        return None
    return Singles(np.where(masses > 0, places, -1).astype(np.int64), masses, table.shape[1])
