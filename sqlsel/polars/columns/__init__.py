"""From Polars columns to arrays: the only home of rules about Polars' types."""

from sqlsel.polars.columns.categories import categories
from sqlsel.polars.columns.flags import flags
from sqlsel.polars.columns.ids import ids
from sqlsel.polars.columns.numbers import numbers
from sqlsel.polars.columns.vectors import matrix_of, vectors

__all__ = ["categories", "flags", "ids", "matrix_of", "numbers", "vectors"]
