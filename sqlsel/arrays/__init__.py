"""Selection from arrays, without a table."""

from sqlsel.arrays.result import ArraySelection
from sqlsel.arrays.selecting import select

__all__ = ["ArraySelection", "select"]
