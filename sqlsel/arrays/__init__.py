"""Selection from arrays, without a table."""

from sqlsel.arrays.array_selection import ArraySelection
from sqlsel.arrays.selecting import select

__all__ = ["ArraySelection", "select"]
