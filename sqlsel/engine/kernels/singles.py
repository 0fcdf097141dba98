"""Class rows with mass in at most one class each, as categories are: a class number and a mass instead of a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index, Vector, exact_total

MAX_MASSES = 8  # different masses, for each of which the classes are gone through once


@dataclass(frozen=True)
class Singles:
    """Row i has the mass ``masses[i]`` in class ``places[i]``; −1: it has no mass. ``width``: how many classes."""

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
        """The mass of each class where row i counts ``times[i]`` times, whatever the order."""
        sums = np.zeros(self.width)
        used = np.flatnonzero((self.places >= 0) & (times != 0))
        by_class = used[np.argsort(self.places[used], kind="stable")]
        parts = (self.masses * times)[by_class].tolist()
        found, starts = np.unique(self.places[by_class], return_index=True)
        ends = np.append(starts, len(by_class))[1:]
        for place, start, end in zip(found.tolist(), starts.tolist(), ends.tolist(), strict=True):
            sums[place] = parts[start] if end - start == 1 else exact_total(parts[start:end])
        return sums


def singles(table: NDArray[np.float64]) -> Singles | None:
    """The rows of ``table``; None where one has mass in several classes, or the masses are too many."""
    if not table.size or (np.count_nonzero(table, axis=1) > 1).any():
        return None
    places = np.argmax(table != 0, axis=1)
    masses = table[np.arange(len(table)), places]
    if len(np.unique(masses)) > MAX_MASSES:
        return None
    return Singles(np.where(masses > 0, places, -1).astype(np.int64), masses, table.shape[1])
