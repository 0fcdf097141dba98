"""Selection from arrays, without a table."""

from sqlsel.arrays.selecting import ArraySelection, select

__all__ = ["ArraySelection", "select"]
