"""Class rows with mass in one class each: the cross-entropies of all of them in time linear in the classes.

The shares after a row of mass r in class k differ from those of the selection, over the same total, in class k only.
"""

from __future__ import annotations

import numpy as np

from sqlsel.kernels.exact import Index, Vector, tree_sum
from sqlsel.objective.protocol import Values

SHARE_FLOOR = 1e-10
_MOST_MASSES = 8  # different masses, for each of which the classes are gone through once


class SingleMasses:
    """``places[i]`` is the class of row i, and ``masses[i]`` its mass there."""

    def __init__(self, places: Index, masses: Vector) -> None:
        self._places = places
        self._different, self._number = np.unique(masses, return_inverse=True)

    @classmethod
    def of(cls, table: Values) -> SingleMasses | None:
        """The rows of ``table``; None where one has mass in several classes, or the masses are too many."""
        if not table.size or (np.count_nonzero(table, axis=1) > 1).any():
            return None
        places = np.argmax(table != 0, axis=1)
        masses = table[np.arange(len(table)), places]
        return cls(places, masses) if len(np.unique(masses)) <= _MOST_MASSES else None

    def cross_entropies(self, total: Vector, target: Vector) -> Vector:
        """H(target, shares) of ``total`` together with each row."""
        before = float(tree_sum(np.array(total, np.float64)[None])[0])
        result = np.empty(len(self._places))
        for number, mass in enumerate(self._different.tolist()):
            rows = np.flatnonzero(self._number == number)
            places = self._places[rows]
            everything = before + mass or 1.0
            logs = np.log(np.maximum(total / everything, SHARE_FLOOR))
            raised = np.log(np.maximum((total[places] + mass) / everything, SHARE_FLOOR))
            entropy = -float(tree_sum((logs * target)[None])[0])
            result[rows] = entropy - target[places] * (raised - logs[places])
        return result

    def marks(self, rows: Index, total: Vector, target: Vector) -> Index:
        """One number for each of ``rows``, equal for those whose entropies are equal by their form."""
        places, masses = self._places[rows], self._different[self._number[rows]]
        parts = np.column_stack([target[places], total[places], masses])
        found: Index = np.unique(parts, axis=0, return_inverse=True)[1].reshape(-1)
        return found
